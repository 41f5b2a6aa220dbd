"""Organisations that do the same nearby, and how two of them differ (R055)."""

from datetime import date
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.opportunities import shown
from backend.opportunities.queries import published
from backend.organisations.access import public_organisations
from backend.organisations.hours import hours_in_words
from backend.organisations.models import Organisation
from backend.ui.spoken import label_of
from matching.catalogue import load_catalogue
from matching.geo import great_circle_km
from matching.types import Point

NEAR_KM, MOST = 1.0, 6
ROW_WORDS = {
    "themes": _("Wat ze doen"), "talents": _("Wie ze zoeken"), "easy": _("Makkelijk om te beginnen"),
    "languages": _("Talen"), "wheelchair": _("Rolstoel"), "hours": _("Open"), "free": _("Vrije plaatsen"),
}  # fmt: skip


def around(organisation: Organisation, today: date) -> list[tuple[Organisation, float]]:
    """(organisation, km) of others within a kilometre that look for somebody around the same theme, nearest first."""
    online = published(organisation.city, today)
    rows = online.filter(organisation=organisation).values_list("themes", flat=True)
    themes = {theme for row in rows for theme in row}
    if not themes:
        return []
    same = online.filter(themes__overlap=list(themes)).exclude(organisation=organisation).values("organisation")
    here = Point(organisation.lat, organisation.lon)
    others = public_organisations().filter(pk__in=same)
    found = [(one, great_circle_km(here, Point(one.lat, one.lon))) for one in others]
    return sorted((one for one in found if one[1] <= NEAR_KM), key=lambda one: (one[1], one[0].name))[:MOST]


def differences(one: Organisation, other: Organisation, today: date) -> list[tuple[str, list[str], list[str]]]:
    """(name of the row, lines of the one, lines of the other) of every row in which they differ."""
    left, right = _lines(one, today), _lines(other, today)
    return [(name, left[name], right[name]) for name in ROW_WORDS if left[name] != right[name]]


def _lines(organisation: Organisation, today: date) -> dict[str, list[str]]:
    catalogue = load_catalogue()
    rows = list(published(organisation.city, today).filter(organisation=organisation))
    themes = sorted({code for row in rows for code in row.themes})
    talents = sorted({code for row in rows for code in (*row.talents_any_of, *row.talents_welcome)})
    support = sorted({code for row in rows for code in row.support})
    free = sum(row.places - row.taken_open - row.taken_reserved for row in rows)
    facts: dict[str, Any] = {
        "themes": [label_of("themes", code, catalogue.themes[code]) for code in themes],
        "talents": [label_of("talents", code, catalogue.talents[code].label) for code in talents],
        "easy": [label_of("support_labels", code, catalogue.support[code].label) for code in support],
        "languages": [catalogue.own_names[code] for code in organisation.welcome_languages],
        "wheelchair": [str(shown.WHEELCHAIR_WORDS.get(organisation.wheelchair, ""))],
        "hours": [f"{days}: {times}" for days, times in hours_in_words(organisation.walk_in)],
        "free": [gettext("{many} vrij").format(many=free)],
    }
    return {name: [line for line in lines if line] for name, lines in facts.items()}
