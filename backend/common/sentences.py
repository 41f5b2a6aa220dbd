"""What problems say, in the five languages in which people write to us. Clients act on codes, people read these."""

import csv
from pathlib import Path

from django.utils import translation

LANGUAGES = ("nl", "fr", "en", "ar", "tr")
SAME_AS = {"null": "required", "blank": "required", "empty": "required", "min_length": "required"}


def _read(name: str) -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


TITLES = _read("problems.csv")
FIELDS = _read("fields.csv")  # what the checks of single fields say


def status_of(code: str) -> int:
    return int(TITLES[code]["status"])


def title_of(code: str) -> str:
    """The title in the language of this request."""
    return TITLES[code][_language()]


def field_sentence(code: str) -> str | None:
    """What is wrong with one field, in the language of this request; None for a code of somebody else's."""
    found = FIELDS.get(SAME_AS.get(code, code))
    return found[_language()] if found else None


def _language() -> str:
    language = (translation.get_language() or LANGUAGES[0]).partition("-")[0]
    return language if language in LANGUAGES else LANGUAGES[0]
