"""Count and tell (R084): the report of a period, by neighbourhood, each number with the statement that makes it."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from backend.city.load import CityFile
from backend.common.small import hide_small
from backend.coordination.queries import SMALL

FILE = Path(__file__).parent / "report.toml"
COUNT, PLACES, SHARE, DAYS = "count", "places", "share", "days"
LEAST_TO_COMPARE = 10  # a share or a number of days of fewer people says something about one of them (R087)
FIGURE_WORDS = {
    "proposals": _("Voorstellen gedaan"),
    "yes": _("Mensen die ja zeiden"),
    "starts": _("Mensen die startten"),
    "stayed": _("Na 3 maanden nog bezig"),
    "waited": _("Dagen van inschrijven tot de eerste start (de middelste)"),
    "reserved": _("Voorbehouden plaatsen online"),
    "reserved_used": _("Voorbehouden plaatsen die ingenomen zijn"),
    "organisations": _("Organisaties waar iemand startte"),
    "support": _("Steunvragen die gelukt zijn"),
    "stayed_with_buddy": _("Na 3 maanden nog bezig, met een buddy"),
    "stayed_without_buddy": _("Na 3 maanden nog bezig, zonder buddy"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One definition."""

    code: str
    unit: str
    sql: str


@dataclass(frozen=True, slots=True)
class Told:
    """One number as it is shown: for the whole city, and by neighbourhood; None is hidden because it is about few."""

    figure: Figure
    whole: float | None
    of: int | None  # how many people a share or a number of days is about
    cells: dict[str, float | None]
    most: int  # of all neighbourhoods, for bars; 0 for shares and days


@cache
def figures() -> tuple[Figure, ...]:
    """In the order of the file."""
    return tuple(Figure(**one) for one in tomllib.loads(FILE.read_text(encoding="utf-8"))["figure"])


def report_of(place: CityFile, first: date, last: date, now: datetime) -> list[Told]:
    """Every figure of the days from `first` up to and including `last`, on the clocks of the city."""
    zone = ZoneInfo(place.quiet_hours.time_zone)
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    values: dict[str, Any] = {"city": place.slug, "begins": begins, "ends": ends, "now": now}
    with connection.cursor() as cursor:
        found = []
        for figure in figures():
            cursor.execute(figure.sql, values)
            found.append(_told(figure, cursor.fetchall()))
    return found


def _told(figure: Figure, rows: list[tuple[Any, ...]]) -> Told:
    many = {name: int(row[0] or 0) for name, *row in rows}
    whole = many.pop(None, 0)
    if figure.unit in (SHARE, DAYS):
        values = {name: None if row[1] is None else float(row[1]) for name, *row in rows}
        shown = {name: values[name] if many[name] >= LEAST_TO_COMPARE else None for name in sorted(many)}
        is_told = whole >= LEAST_TO_COMPARE
        return Told(figure, values.get(None) if is_told else None, whole if is_told else None, shown, 0)
    cells: dict[str, float | None] = {name: many[name] for name in sorted(many)}
    if figure.unit == COUNT:
        total, hidden = hide_small(many, SMALL)
        cells = {name: None if total is None else hidden[name] for name in sorted(many)}
        whole_shown = whole if whole >= SMALL or not whole else None
    else:
        whole_shown = whole
    most = int(max((value for value in cells.values() if value), default=0))
    return Told(figure, whole_shown, None, cells, most)
