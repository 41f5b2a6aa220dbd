"""What happened is a row, written in the same transaction as the change."""
