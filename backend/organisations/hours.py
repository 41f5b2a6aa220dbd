"""When an organisation is open for whoever walks in: in words, and whether it is open now."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.ui.spoken import spoken_language
from matching import words
from matching.citysample import WEEKDAYS
from matching.types import DAYS

BY_DAY = re.compile(r"(-1|[1-5])?([A-Z]{2})")
DAY_OF = dict(zip(WEEKDAYS, DAYS, strict=True))
NTH_WORDS = {
    1: _("Eerste {day} van de maand"), 2: _("Tweede {day} van de maand"), 3: _("Derde {day} van de maand"),
    4: _("Vierde {day} van de maand"), 5: _("Vijfde {day} van de maand"), -1: _("Laatste {day} van de maand"),
}  # fmt: skip
DAYS_OF_A_WEEK = 7


def hours_in_words(walk_in: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """(days, "09:00 – 12:00") for each line, in the language of the page."""
    known, language = words.small_words(), spoken_language()
    found = []
    for line in walk_in:
        days = []
        for nth, day in _by_day(line):
            name = known[language, DAY_OF[day]]
            days.append(str(NTH_WORDS[nth]).format(day=name) if nth else name)
        found.append((", ".join(days), f"{line['opens_at']} – {line['closes_at']}"))
    return found


def is_open(walk_in: list[dict[str, Any]], now: datetime) -> bool:
    """`now` is on the clocks of the city. Holidays are not known: an organisation says those itself."""
    today, clock = WEEKDAYS[now.weekday()], now.strftime("%H:%M")
    nth, is_last = (now.day - 1) // DAYS_OF_A_WEEK + 1, _is_last_of_its_kind(now)
    for line in walk_in:
        is_today = any(day == today and (not at or at == nth or (at < 0 and is_last)) for at, day in _by_day(line))
        if is_today and line["opens_at"] <= clock < line["closes_at"]:
            return True
    return False


def _by_day(line: dict[str, Any]) -> list[tuple[int, str]]:
    """ "1TU,-1FR" as [(1, "TU"), (-1, "FR")]; 0 is every week."""
    found = [BY_DAY.fullmatch(one) for one in line["byday"].split(",")]
    return [(int(one[1] or 0), one[2]) for one in found if one]


def _is_last_of_its_kind(now: datetime) -> bool:
    """Whether a week later is another month."""
    return (now + timedelta(days=DAYS_OF_A_WEEK)).month != now.month
