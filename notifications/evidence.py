"""What our own mail server wrote down: which of our mails it took in, by Message-ID."""

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings

READ_AT_MOST = 64 * 2**20  # bytes, from the end
# Postfix: "4bXy: message-id=<…>" when it reads a mail, "4bXy: from=<…>, … (queue active)" when it has taken it in.
LINE = re.compile(rb"\b([0-9A-Za-z]{5,}): (?:message-id=<([0-9a-f-]{36})@|from=<[^>]*>, .*queue active)")


def read_log() -> frozenset[UUID] | None:
    """The deliveries whose mail was taken in, as far back as the file reaches; None without a file that can be read."""
    if not settings.MAIL_LOG:
        return None
    try:
        with Path(settings.MAIL_LOG).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - READ_AT_MOST))
            text = file.read(READ_AT_MOST)
    except OSError:
        return None
    reading: dict[bytes, bytes] = {}  # names of the queue are used again after a while: the last one counts
    taken = set()
    for queue, name in LINE.findall(text):
        if name:
            reading[queue] = name
        elif queue in reading:
            taken.add(UUID(reading.pop(queue).decode()))
    return frozenset(taken)
