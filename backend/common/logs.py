"""Keeps one-purpose tokens, and what people told us, out of the logs."""

import logging
import re
from typing import Any

DETAIL = re.compile(r"\\?n?DETAIL: .*?(?='\)|\n|$)")
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


class WithoutDetails(logging.Formatter):
    """Leaves out the lines in which a database error repeats the values of a row."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's own name
        lines = super().formatException(ei).splitlines()
        return hide("\n".join(line for line in lines if not line.lstrip().startswith(("DETAIL:", "CONTEXT:"))))

    def format(self, record: logging.LogRecord) -> str:
        return DETAIL.sub("", super().format(record))
