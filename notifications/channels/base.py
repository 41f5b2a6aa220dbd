"""The small contract every channel keeps: deliver, or say what kind of failure it was."""

from collections.abc import Callable
from typing import Protocol

from notifications.models import Delivery


class TransportError(Exception):
    """`permanent` means that trying again cannot help: the next channel takes over. `after_seconds`: not sooner."""

    def __init__(self, result: str, *, permanent: bool, after_seconds: int = 0) -> None:
        super().__init__(result)
        self.result, self.permanent, self.after_seconds = result, permanent, after_seconds


class LostLease(Exception):
    """Somebody else has this delivery by now: stop without a word."""


class Channel(Protocol):
    def __call__(self, delivery: Delivery, hand_over: Callable[[], bool], /) -> str:
        """Deliver and return the state it ends in; call `hand_over` right before the point of no return.

        Raises TransportError, or LostLease when `hand_over` says False.
        """
