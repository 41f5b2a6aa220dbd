"""What people filter the public list by. Every filter is checked by name; a wrong value is a problem, never ignored."""

import math
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, FloatField, Q, QuerySet, Value
from django.db.models.functions import ACos, Cos, Greatest, Least, Radians, Sin

from backend.city.load import cities
from backend.common.problems import Problem, issue
from backend.opportunities.models import Opportunity
from backend.opportunities.search import matching
from matching.catalogue import load_catalogue
from matching.geo import EARTH_RADIUS_KM
from matching.types import LEVELS, SLOTS

FILTERS = {
    "q": "Plain words; typing errors are forgiven.",
    "neighbourhood": "A code of /neighbourhoods; what can be done everywhere in the city comes along.",
    "postcode": "",
    "near": "`lat,lon`; with `max_km`.",
    "max_km": "Up to so many kilometres from `near`, 0.1 to 100.",
    "bbox": "`south,west,north,east`.",
    "talent": "A code of /talents, needed or welcome.",
    "theme": "A code of /themes.",
    "slot": "Day-parts with a comma between them, for example `sat-morning,sun-morning`: one of them is enough.",
    "dutch_max": "Asks at most this level of Dutch: A0 to C2.",
    "once": "`true`: for one day.",
    "at_home": "`true`: can be done at home.",
    "wheelchair": "`true`: accessible.",
    "stairs": "`false`: nobody has to climb any.",
    "organisation": "The id of an organisation.",
    "label": "`laag`, `midden` or `hoog`: how easy it is to start.",
}
# From home, or in the neighbourhood of whoever helps: for the whole city (R064).
EVERYWHERE = Q(at_home=True) | Q(own_neighbourhood=True)
STAIRS = "trappen"  # a feature of the catalogue
NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,9})?")


class Unfit(ValueError):
    """A value that a filter does not take."""


def filtered(rows: QuerySet[Opportunity], asked: Mapping[str, str]) -> QuerySet[Opportunity]:
    """Raises Problem("invalid") naming every filter whose value cannot be."""
    issues = []
    for name in FILTERS:
        if name in asked and name != "max_km":
            try:
                rows = _by(name, asked[name], rows, asked)
            except Unfit:
                issues.append(issue(name, "invalid", place="query"))
    if "max_km" in asked and "near" not in asked:
        issues.append(issue("near", "required", place="query"))
    if issues:
        raise Problem("invalid", issues=issues)
    return rows


def _by(name: str, value: str, rows: QuerySet[Opportunity], asked: Mapping[str, str]) -> QuerySet[Opportunity]:
    catalogue = load_catalogue()
    if "\x00" in value or len(value) > 200:
        raise Unfit
    match name:
        case "q":
            return matching(rows, value)
        case "neighbourhood":
            known = {code for place in cities().values() for code in place.matching.neighbourhoods}
            return rows.filter(Q(neighbourhood=_one_of(value, known)) | EVERYWHERE)
        case "postcode":
            return rows.filter(postcode=value)
        case "near":
            lat, lon = _numbers(value, 2)
            [km] = _numbers(asked.get("max_km", "5"), 1)
            if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0.1 <= km <= 100):
                raise Unfit
            return _near(rows, lat, lon, km)
        case "bbox":
            south, west, north, east = _numbers(value, 4)
            if not (-90 <= south <= north <= 90 and -180 <= west <= east <= 180):
                raise Unfit
            return rows.filter(lat__range=(south, north), lon__range=(west, east))
        case "talent":
            code = _one_of(value, catalogue.talents)
            return rows.filter(Q(talents_any_of__contains=[code]) | Q(talents_welcome__contains=[code]))
        case "theme":
            return rows.filter(themes__contains=[_one_of(value, catalogue.themes)])
        case "slot":
            return rows.filter(slots__overlap=[_one_of(one, SLOTS) for one in value.split(",")])
        case "dutch_max":
            return rows.filter(dutch_min__in=LEVELS[: LEVELS.index(_one_of(value, LEVELS)) + 1])
        case "once":
            return rows.filter(frequency="once") if _truth(value) else rows.exclude(frequency="once")
        case "at_home":
            return rows.filter(at_home=_truth(value))
        case "wheelchair":
            return rows.filter(wheelchair="yes") if _truth(value) else rows
        case "stairs":
            return rows if _truth(value) else rows.exclude(features__contains=[STAIRS])
        case "organisation":
            try:
                return rows.filter(organisation=UUID(value))
            except ValueError:
                raise Unfit from None
        case _:
            return rows.filter(threshold=_one_of(value, ("laag", "midden", "hoog")))


def _near(rows: QuerySet[Opportunity], lat: float, lon: float, km: float) -> QuerySet[Opportunity]:
    """Within so many kilometres as the crow flies: first a box that an index can use, then the circle."""
    up = math.degrees(km / EARTH_RADIUS_KM)
    aside = up / max(0.01, math.cos(math.radians(lat)))
    inside = Q(lat__range=(lat - up, lat + up), lon__range=(lon - aside, lon + aside))
    here = Radians(Value(lat, FloatField()))
    cosine = Sin(here) * Sin(Radians("lat")) + Cos(here) * Cos(Radians("lat")) * Cos(Radians(F("lon") - lon))
    return (
        rows.filter(inside)
        .alias(angle=ACos(Least(1.0, Greatest(-1.0, cosine))))
        .filter(angle__lte=km / EARTH_RADIUS_KM)
    )


def _one_of(value: str, known: Any) -> str:
    if value not in known:
        raise Unfit
    return value


def _truth(value: str) -> bool:
    return _one_of(value, ("true", "false")) == "true"


def _numbers(value: str, count: int) -> list[float]:
    parts = value.split(",")
    if len(parts) != count or not all(NUMBER.fullmatch(part.strip()) for part in parts):
        raise Unfit
    return [float(part) for part in parts]
