"""For whoever keeps it running: is it alive, what waits, how to copy it and bring it back."""
