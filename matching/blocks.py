"""How people are cut into blocks for the compiled loops, and when those are worth their while; loads nothing itself."""

from importlib.util import find_spec

BLOCK, WORDS = 4096, 64  # people in one block; bitmaps are padded to whole blocks
WORTH_COMPILING = 10_000_000  # pairs; compiling takes some seconds when nothing is cached
WORTH_CALLING = 500_000  # pairs, where a round has been before: all bitmaps are there and the loops are compiled
# Whether numba is installed. It is loaded only when a city is large enough: a web process never needs it.
IS_COMPILED = find_spec("numba") is not None
