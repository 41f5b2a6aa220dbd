"""Two plain values to change one thing at a time: a person without limits and an opportunity that asks nothing."""

import dataclasses
from decimal import Decimal

from matching.types import SLOTS, Opportunity, Point, TalentProfile

HERE = Point(51.2245, 4.4273)


def north_of(point, km):
    return Point(point.lat + km / 111.1949266, point.lon)


PERSON = TalentProfile(
    id="P01",
    age=21,
    neighbourhood="Seefhoek",
    point=HERE,
    languages={"nl": "C2"},
    talents={"naaien": 2},
    talents_point_only=frozenset(),
    themes=frozenset(),
    themes_excluded=frozenset(),
    available=frozenset(SLOTS),
    max_hours_per_week=Decimal(40),
    max_km=10.0,
    max_commitment="fixed",
    boundaries=frozenset(),
    wishes=frozenset(),
    driving_licence_b=False,
    own_car=False,
)

TASK = Opportunity(
    id="T01",
    organisation="O01",
    themes=frozenset({"buurt"}),
    talents_any_of=frozenset(),
    talents_welcome=frozenset(),
    dutch_min="A0",
    languages_any_of=frozenset(),
    languages_welcome=frozenset(),
    slots=("wed-afternoon",),
    choose="one_or_more",
    frequency="weekly",
    commitment="flexible",
    hours_per_time=Decimal(2),
    period_until=None,
    neighbourhood="Kiel",
    postcode="2020",
    point=north_of(HERE, 2.0),
    at_home=False,
    own_neighbourhood=False,
    features=frozenset(),
    wheelchair="yes",
    min_age=16,
    extract_596_2=False,
    driving_licence_b=False,
    costs="none",
    expenses=frozenset({"travel"}),
    support=frozenset({"begeleider"}),
    company="group",
    places=4,
    reserved_places=0,
)


def person(**changes):
    return dataclasses.replace(PERSON, **_frozen(changes))


def task(**changes):
    return dataclasses.replace(TASK, **_frozen(changes))


def _frozen(changes):
    return {name: frozenset(value) if isinstance(value, set) else value for name, value in changes.items()}
