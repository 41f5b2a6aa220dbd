"""The report of a city: on a page, and as a table to take along (R084)."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backend.accounts.access import FIGURES, cities_behind
from backend.city.load import CityFile, city
from backend.common import sheets
from backend.coordination.forms import PeriodForm
from backend.coordination.telling import FIGURE_WORDS, report_of
from backend.listening.access import public_stories
from backend.ui.spoken import spoken_at_work

STORIES_SHOWN, YEAR = 5, timedelta(days=365)


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
        "name": place.matching.name, "kinds": sheets.KINDS, "form": form, "first": first, "last": last, "rows": rows,
        "stories": public_stories().filter(volunteer__city=place.slug)[:STORIES_SHOWN],
    }  # fmt: skip
    return render(request, "coordination/report.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_safe
def as_table(request: HttpRequest, kind: str) -> HttpResponse:
    """The same numbers as a table (CSV or XLSX), with the same ones hidden."""
    if kind not in sheets.KINDS:
        raise Http404
    place, _form, first, last = _asked(request)
    head = ["figure", "words", "unit", "neighbourhood", "value", "of"]
    rows: list[list[Any]] = []
    for one in report_of(place, first, last, timezone.now()):
        start = [one.figure.code, str(FIGURE_WORDS[one.figure.code]), one.figure.unit]
        rows.append([*start, "", one.whole, one.of])
        rows += [[*start, name, value, ""] for name, value in one.cells.items()]
    return sheets.download(kind, f"verslag-{place.slug}-{first}-{last}", head, rows)
