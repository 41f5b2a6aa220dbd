"""Profiles and opportunities as packed records: what matching may know, in a fixed number of bytes, without a name."""

import dataclasses
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np

from matching.catalogue import Catalogue, CatalogueError, load_catalogue
from matching.eligibility import COMMITMENT_ORDER
from matching.languages import RANK, SPOKEN_FROM, dutch_slack
from matching.policy import Policy
from matching.prepared import prepare
from matching.skills import is_taught
from matching.threshold import ALWAYS_AT_HALF_WEIGHT
from matching.types import LOCAL_LANGUAGE, SLOTS, Opportunity, TalentProfile

VERSION = 1  # another number makes every record be written again
WORD = 64
ID_BYTES = 16
KEY_BYTES = 40
COMMITMENTS = tuple(COMMITMENT_ORDER)
SLOT_PLACES = {slot: place for place, slot in enumerate(SLOTS)}
LICENCE, OWN_CAR, GUIDED, ACTIVE, SURPRISE = (1 << place for place in range(5))
HERE, RIDE, ALL_SLOTS, TAUGHT, ASKS_LICENCE, ASKS_OWN_CAR = (1 << place for place in range(6))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_END = 0

Records = np.ndarray[Any, np.dtype[np.void]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands beside a profile: whether the person is looked at, never how high anything ranks.

    `who` is an id of 16 bytes; `age_from` was told on `age_asked_on`; None means: no end.
    """

    who: bytes
    age_from: int
    age_asked_on: date
    is_guided: bool = False
    is_active: bool = True
    paused_until: date | None = None
    consent_until: datetime | None = None
    wants_surprise: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Which bit stands for which code, and the two record types.

    Records written under another `fingerprint` mean something else: they are written again, never read.
    """

    talents: Mapping[str, int]
    themes: Mapping[str, int]
    languages: Mapping[str, int]
    boundaries: Mapping[str, int]
    wishes: Mapping[str, int]
    words: int
    profile: np.dtype[np.void]
    opportunity: np.dtype[np.void]
    fingerprint: str


def layout_of(catalogue: Catalogue, policy: Policy) -> Layout:
    """The layout for a catalogue and for what a policy puts into the record of an opportunity.

    Raises CatalogueError for a list that has outgrown the record.
    """
    words = -(-len(catalogue.talents) // WORD)
    profile, opportunity = _profile_type(words), _opportunity_type(words, len(catalogue.thresholds))
    meaning = (VERSION, str(profile), str(opportunity), catalogue, policy.hard_to_reach_postcodes)
    return Layout(
        talents={code: place for place, code in enumerate(catalogue.talents)},
        themes=_places("themes", catalogue.themes, 32),
        languages=_places("languages", catalogue.languages, WORD),
        boundaries=_places("boundaries", catalogue.boundaries, 32),
        wishes=_places("wishes", catalogue.wishes, 32),
        words=words,
        profile=profile,
        opportunity=opportunity,
        fingerprint=_digest(repr(_in_order(meaning))).hex(),
    )


@cache
def layout_for(policy: Policy) -> Layout:
    """The layout of the product's own catalogues."""
    return layout_of(load_catalogue(), policy)


def read(records: Iterable[bytes], kind: np.dtype[np.void]) -> Records:
    """Packed records as one array. Raises ValueError when one has another length."""
    return np.frombuffer(b"".join(records), kind)


def pack_profile(profile: TalentProfile, standing: Standing, layout: Layout) -> bytes:
    """One volunteer. Raises CatalogueError for a code that the catalogue does not know."""
    spoken = [code for code, level in profile.languages.items() if RANK[level] >= SPOKEN_FROM]
    record = np.zeros((), layout.profile)
    record["who"] = np.void(standing.who)
    record["lot"] = lot_of(profile.id)
    record["lat"], record["lon"], record["max_km"] = profile.point.lat, profile.point.lon, profile.max_km
    record["neighbourhood"] = number_of(profile.neighbourhood)
    record["place"] = number_of(repr((profile.point.lat, profile.point.lon, profile.neighbourhood)))
    record["age_from"], record["age_asked_on"] = standing.age_from, standing.age_asked_on.toordinal()
    record["hours"] = _thousandths(profile.max_hours_per_week)
    record["commitment"] = COMMITMENTS.index(profile.max_commitment)
    record["dutch"] = RANK[profile.languages.get(LOCAL_LANGUAGE, "A0")]
    record["slots"] = _bits(profile.available, SLOT_PLACES)
    record["spoken"] = _bits(spoken, layout.languages)
    record["themes"] = _bits(profile.themes, layout.themes)
    record["themes_excluded"] = _bits(profile.themes_excluded, layout.themes)
    record["boundaries"] = _bits(profile.boundaries, layout.boundaries)
    record["wishes"] = _bits(profile.wishes, layout.wishes)
    for least in (1, 2, 3):
        held = [code for code, level in profile.talents.items() if level >= least]
        record["talents"][least - 1] = _wide_bits(held, layout)
    record["flags"] = (
        LICENCE * profile.driving_licence_b
        | OWN_CAR * profile.own_car
        | GUIDED * standing.is_guided
        | ACTIVE * standing.is_active
        | SURPRISE * standing.wants_surprise
    )
    record["paused_until"] = standing.paused_until.toordinal() if standing.paused_until else NO_END
    if standing.consent_until:
        record["consent_until"] = int((standing.consent_until - EPOCH).total_seconds())
    return record.tobytes()


def pack_opportunity(
    opportunity: Opportunity, who: bytes, layout: Layout, catalogue: Catalogue, policy: Policy
) -> bytes:
    """One opportunity with its catalogue consequences. Raises CatalogueError for an unknown code or too long an id."""
    asked = prepare(opportunity, catalogue, policy)
    key = opportunity.id.encode()
    if len(key) > KEY_BYTES:
        raise CatalogueError(f"the id of an opportunity has at most {KEY_BYTES} bytes, not {opportunity.id!r}")
    record = np.zeros((), layout.opportunity)
    record["who"], record["key"] = np.void(who), key
    record["organisation"] = number_of(opportunity.organisation)
    record["lat"], record["lon"] = opportunity.point.lat, opportunity.point.lon
    record["neighbourhood"] = number_of(opportunity.neighbourhood)
    record["slots"] = _bits(opportunity.slots, SLOT_PLACES)
    record["dutch"] = max(0, RANK[opportunity.dutch_min] - dutch_slack(opportunity))
    record["languages_any_of"] = _bits(opportunity.languages_any_of, layout.languages)
    record["languages_welcome"] = _bits(opportunity.languages_welcome, layout.languages)
    record["min_age"] = asked.minimum_age
    record["clashes"] = _bits(asked.clashes, layout.boundaries)
    record["needed"] = _wide_bits(opportunity.talents_any_of, layout)
    record["asked"] = _wide_bits(opportunity.talents_any_of | opportunity.talents_welcome, layout)
    record["commitment"] = COMMITMENT_ORDER[opportunity.commitment]
    record["hours"] = _thousandths(asked.hours_per_week)
    record["themes"] = _bits(opportunity.themes, layout.themes)
    record["fulfils"] = _bits(asked.fulfils, layout.wishes)
    record["tenths"] = [
        level * catalogue.thresholds[factor].weight_tenths // (2 if factor in ALWAYS_AT_HALF_WEIGHT else 1)
        for factor, level in asked.levels.items()
    ]
    record["period_until"] = opportunity.period_until.toordinal() if opportunity.period_until else NO_END
    record["flags"] = (
        HERE * (opportunity.at_home or opportunity.own_neighbourhood)
        | RIDE * ("vervoer" in opportunity.support)
        | ALL_SLOTS * (opportunity.choose == "all")
        | TAUGHT * is_taught(opportunity)
        | ASKS_LICENCE * opportunity.driving_licence_b
        | ASKS_OWN_CAR * asked.needs_own_car
    )
    return record.tobytes()


def lot_of(volunteer_id: str) -> int:
    """The last tie among people: as fixed as the id, and no alphabet puts the same person first every time."""
    return number_of(f"lot:{volunteer_id}")


def _profile_type(words: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("who", f"V{ID_BYTES}"), ("lot", "<u8"), ("lat", "<f8"), ("lon", "<f8"), ("max_km", "<f8"),
            ("neighbourhood", "<u8"), ("place", "<u8"), ("spoken", "<u8"), ("talents", "<u8", (3, words)),
            ("consent_until", "<i8"), ("slots", "<u4"), ("themes", "<u4"), ("themes_excluded", "<u4"),
            ("boundaries", "<u4"), ("wishes", "<u4"), ("hours", "<u4"), ("age_asked_on", "<i4"),
            ("paused_until", "<i4"), ("age_from", "u1"), ("commitment", "u1"), ("dutch", "u1"), ("flags", "u1"),
        ]
    )  # fmt: skip


def _opportunity_type(words: int, factors: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("who", f"V{ID_BYTES}"), ("key", f"S{KEY_BYTES}"), ("organisation", "<u8"), ("lat", "<f8"), ("lon", "<f8"),
            ("neighbourhood", "<u8"), ("languages_any_of", "<u8"), ("languages_welcome", "<u8"),
            ("needed", "<u8", (words,)), ("asked", "<u8", (words,)), ("slots", "<u4"), ("clashes", "<u4"),
            ("themes", "<u4"), ("fulfils", "<u4"), ("hours", "<u4"), ("period_until", "<i4"), ("min_age", "u1"),
            ("dutch", "u1"), ("commitment", "u1"), ("flags", "u1"), ("tenths", "u1", (factors,)),
        ]
    )  # fmt: skip


def _places(name: str, codes: Iterable[str], most: int) -> dict[str, int]:
    places = {code: place for place, code in enumerate(codes)}
    if len(places) > most:
        raise CatalogueError(f"{name}: a record holds at most {most} codes, not {len(places)}")
    return places


def _bits(codes: Iterable[str], places: Mapping[str, int]) -> int:
    total = 0
    for code in codes:
        if code not in places:
            raise CatalogueError(f"{code!r} does not exist in the catalogue")
        total |= 1 << places[code]
    return total


def _wide_bits(codes: Iterable[str], layout: Layout) -> list[int]:
    total = _bits(codes, layout.talents)
    return [(total >> (WORD * word)) & (2**WORD - 1) for word in range(layout.words)]


def _thousandths(hours: Decimal) -> int:
    if hours * 1000 % 1:
        raise CatalogueError(f"hours have at most three decimals, not {hours}")
    return int(hours * 1000)


def number_of(text: str) -> int:
    """A text as a number of 64 bits: the same everywhere, and as good as never the same for two."""
    return int.from_bytes(_digest(text), "little")


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()


def _in_order(value: Any) -> Any:
    """The same value always reads the same, whatever order a set happens to have."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, _in_order(getattr(value, field.name))) for field in dataclasses.fields(value)]
    if isinstance(value, Mapping):
        return [(key, _in_order(held)) for key, held in value.items()]
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, (list, tuple)):
        return [_in_order(held) for held in value]
    return value
