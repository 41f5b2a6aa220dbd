"""What commands of the volunteer point show while they work."""

import time
from typing import Any

EVERY_SECONDS = 1.0
OUTCOME_WORDS = {
    "": "online",
    "hold": "draft, something is missing",
    "review": "waits for the volunteer point",
    "refuse": "refused",
    "refuse_and_refer": "refused and referred",
    "block_and_report": "blocked and reported",
}


class ProgressLine:
    """One line a second for what takes longer; nothing at all for what is quick."""

    def __init__(self, out: Any) -> None:
        self._out, self._last = out, time.monotonic()

    def __call__(self, what: str, done: int, all_: int) -> None:
        if time.monotonic() - self._last >= EVERY_SECONDS:
            self._last = time.monotonic()
            self._out.write(f"{what}: {done} of {all_}")
