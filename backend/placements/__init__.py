"""From proposal to placement."""
