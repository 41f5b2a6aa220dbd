"""What a later version brings: one more column in a table that everybody uses."""
