"""Count and tell (R084): the report of a period, by neighbourhood, each number with the statement that makes it."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.accounts.access import FIGURES, cities_behind
from backend.city.load import CityFile, city
from backend.common.small import hide_small
from backend.coordination.queries import SMALL
from backend.listening.access import public_stories
from backend.ui.spoken import spoken_at_work

FILE = Path(__file__).parent / "report.toml"
COUNT, PLACES, SHARE, DAYS = "count", "places", "share", "days"
LEAST_TO_COMPARE = 10  # a share or a number of days of fewer people says something about one of them (R087)
STORIES_SHOWN, YEAR = 5, timedelta(days=365)
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


class PeriodForm(forms.Form):
    """From which day to which day."""

    first = forms.DateField(error_messages={"invalid": _("Kies een dag.")})
    last = forms.DateField(error_messages={"invalid": _("Kies een dag.")})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("De laatste dag komt na de eerste."))
        return data


def _asked(request: HttpRequest) -> tuple[CityFile, PeriodForm, date, date]:
    """The city, and the period that was asked or the last year."""
    place = city(cities_behind(request, FIGURES)[0])
    today = place.local(timezone.now()).date()
    initial = {"first": today - YEAR, "last": today}
    form = PeriodForm({name: request.GET.get(name, initial[name]) for name in initial})
    told = form.cleaned_data if form.is_valid() else initial
    return place, form, told["first"], told["last"]


@login_required
@spoken_at_work
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The numbers, and what people tell."""
    place, form, first, last = _asked(request)
    rows = [
        {"told": one, "words": FIGURE_WORDS[one.figure.code]} for one in report_of(place, first, last, timezone.now())
    ]
    seen = {
        "name": place.matching.name, "form": form, "first": first, "last": last, "rows": rows,
        "stories": public_stories().filter(volunteer__city=place.slug)[:STORIES_SHOWN],
    }  # fmt: skip
    return render(request, "coordination/report.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The same numbers as a table, with the same ones hidden."""
    place, _form, first, last = _asked(request)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="verslag-{place.slug}-{first}-{last}.csv"'
    answer.write("\ufeff")  # or a spreadsheet reads it as something else
    table = csv.writer(answer)
    table.writerow(["figure", "words", "unit", "neighbourhood", "value", "of"])
    for one in report_of(place, first, last, timezone.now()):
        start = [one.figure.code, FIGURE_WORDS[one.figure.code], one.figure.unit]
        table.writerow([*start, "", one.whole, one.of])
        table.writerows([*start, name, value, ""] for name, value in one.cells.items())
    return answer
