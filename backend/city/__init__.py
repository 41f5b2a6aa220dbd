"""The cities of this installation: all of it data, checked loudly at the start."""
