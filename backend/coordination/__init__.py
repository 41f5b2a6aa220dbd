"""The volunteer point: imports, rounds and the call sheet."""
