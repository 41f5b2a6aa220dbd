"""One line of JSON for each thing that is logged, without one-purpose tokens and without what people told us."""

import logging
import re
from typing import Any

import structlog

DETAIL = re.compile(r"\\?n?DETAIL: .*?(?='\)|\n|$)")
TOKEN = re.compile(r"(/(?:v|o|t|n|k|uit|links|binnen|berichten/sms)/)[A-Za-z0-9_/-]+")


class HideTokens(logging.Filter):
    """Replaces what follows these paths in every log line: it is a token, or a secret."""

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


def json_lines() -> logging.Formatter:
    """Every line as one object, with the ids of the request, the event and the delivery that it belongs to."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _told_without_details,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def _told_without_details(_logger: Any, _name: str, told: Any) -> Any:
    plain = WithoutDetails()
    if error := told.pop("exc_info", None):
        told["error"] = plain.formatException(error)
    told["event"] = DETAIL.sub("", str(told["event"]))
    return told
