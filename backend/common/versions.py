"""What is edited by several people carries a version; who changes it says which one they read."""


class ChangedMeanwhile(Exception):
    """Somebody else changed it since it was read; `version` is the one that is stored. The API answers 412."""

    def __init__(self, version: int) -> None:
        super().__init__(str(version))
        self.version = version


def expect(stored: int, read: int) -> None:
    """Raises ChangedMeanwhile."""
    if stored != read:
        raise ChangedMeanwhile(stored)
