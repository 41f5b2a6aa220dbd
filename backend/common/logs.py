"""Keeps one-purpose tokens out of the logs."""

import logging
import re

TOKEN = re.compile(r"(/(?:v|o|binnen)/)[A-Za-z0-9_/-]+")


class HideTokens(logging.Filter):
    """Replaces what follows /v/, /o/ and /binnen/ in every log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if TOKEN.search(message):
            record.msg, record.args = hide(message), None
        return True


def hide(text: str) -> str:
    return TOKEN.sub(r"\1…", text)
