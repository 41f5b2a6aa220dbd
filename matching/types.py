"""The values matching works with. What may never touch a ranking has no field here (matching rules 5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_PARTS = ("morning", "afternoon", "evening")
SLOTS = tuple(f"{day}-{part}" for day in DAYS for part in DAY_PARTS)
LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")
AGES_KEPT = (15, 16, 18, 21)
LOCAL_LANGUAGE = "nl"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth in WGS 84 decimal degrees; for a person the point of the neighbourhood, never of the house."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class TalentProfile:
    """What one volunteer told us, as far as matching may know it.

    `age` is the highest of 15, 16, 18 and 21 that the person has reached, else 0. `max_km` is as the crow flies.
    `talents` maps a talent code to 1 (wants to learn), 2 (can do) or 3 (good at it).
    """

    id: str
    age: int
    neighbourhood: str
    point: Point
    languages: Mapping[str, str]
    talents: Mapping[str, int]
    talents_point_only: frozenset[str]
    themes: frozenset[str]
    themes_excluded: frozenset[str]
    available: frozenset[str]
    max_hours_per_week: Decimal
    max_km: float
    max_commitment: str
    boundaries: frozenset[str]
    wishes: frozenset[str]
    driving_licence_b: bool
    own_car: bool


@dataclass(frozen=True, slots=True)
class Opportunity:
    """What one organisation asks and offers; the code lists are those of the city sample format."""

    id: str
    organisation: str
    themes: frozenset[str]
    talents_any_of: frozenset[str]
    talents_welcome: frozenset[str]
    dutch_min: str
    languages_any_of: frozenset[str]
    languages_welcome: frozenset[str]
    slots: tuple[str, ...]
    choose: str
    frequency: str
    commitment: str
    hours_per_time: Decimal
    period_until: date | None
    neighbourhood: str
    postcode: str
    point: Point
    at_home: bool
    own_neighbourhood: bool
    features: frozenset[str]
    wheelchair: str
    min_age: int
    extract_596_2: bool
    driving_licence_b: bool
    costs: str
    expenses: frozenset[str]
    support: frozenset[str]
    company: str
    places: int
    reserved_places: int


@dataclass(frozen=True, slots=True)
class Part:
    """One stored component of a fit: `points` = what it adds, `raw` = the fact it was computed from."""

    code: str
    raw: float
    weight: int
    points: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """The parts of one eligible pair; their sum is the fit. `distance_km` is the distance before the ride rule."""

    parts: tuple[Part, ...]
    distance_km: float

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    def of(self, code: str) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.code == code)

    def with_part(self, part: Part) -> "Fit":
        return Fit((*self.parts, part), self.distance_km)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say about a pair: a code and its values. The words are made elsewhere (`words.py`)."""

    code: str
    values: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why this pair, for the volunteer (three lists) and for the organisation (one list of harmless lines)."""

    reasons: tuple[Line, ...]
    not_perfect: tuple[Line, ...]
    easy_start: tuple[Line, ...]
    for_organisation: tuple[Line, ...]
