"""What would fit if one thing changed: counted with the same index. Nobody is asked to give up a boundary (rules 9)."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from matching.catalogue import Catalogue
from matching.columns import Opportunities, People
from matching.index import Index
from matching.languages import RANK, dutch_slack
from matching.packing import COMMITMENTS, Layout, Standing, pack_opportunity, pack_profile, read
from matching.policy import Policy
from matching.threshold import thresholds
from matching.types import DAY_PARTS, DAYS, LEVELS, Opportunity, TalentProfile

KM_MORE, HOURS_MORE = 3.0, Decimal(2)
KM_MOST, HOURS_MOST = 50.0, Decimal(40)
HELPING_SUPPORT = ("taalbuddy", "vervoer", "taken_aanpassen", "pictos", "kinderen_mee")
WHO = bytes(16)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could be otherwise (a code and a value), and how many more would then fit."""

    code: str
    value: str
    more: int


def for_opportunity(
    opportunity: Opportunity, people: People, layout: Layout, catalogue: Catalogue, policy: Policy
) -> list[Change]:
    """What the organisation could offer or ask less, and how many people more would then be eligible; most first."""
    changed = list(easier(opportunity))
    records = [opportunity, *(one for _code, _value, one in changed)]
    packed = [
        pack_opportunity(_numbered(one, place), WHO, layout, catalogue, policy) for place, one in enumerate(records)
    ]
    index = Index(people, Opportunities(read(packed, layout.opportunity), layout, catalogue, policy), policy)
    now = index.eligible_people(0)
    counts = [len(np.setdiff1d(index.eligible_people(place), now)) for place in range(1, len(records))]
    return _most_first(changed, counts)


def for_person(
    profile: TalentProfile, standing: Standing, opportunities: Opportunities, layout: Layout, policy: Policy
) -> list[Change]:
    """What the person could widen if they wish, and how many opportunities more would then fit; most first."""
    changed = list(_wider(profile))
    index_of = []
    for one in (profile, *(wider for _code, _value, wider in changed)):
        record = read([pack_profile(one, standing, layout)], layout.profile)
        people = People(record, layout, policy, today=standing.age_asked_on)
        index_of.append(
            Index(people, opportunities, policy).eligible_opportunities(0) if people.count else np.zeros(0, int)
        )
    counts = [len(np.setdiff1d(fitting, index_of[0])) for fitting in index_of[1:]]
    return _most_first(changed, counts)


def easier(opportunity: Opportunity) -> Iterator[tuple[str, str, Opportunity]]:
    """The opportunity with one demand less, or one kind of help more."""
    one, change = opportunity, dataclasses.replace
    if RANK[one.dutch_min]:
        lower = LEVELS[RANK[one.dutch_min] - 1]
        yield "dutch", lower, change(one, dutch_min=lower)
    for support in HELPING_SUPPORT:
        if support not in one.support and not (support == "taalbuddy" and dutch_slack(one)):
            yield "support", support, change(one, support=one.support | {support})
    if one.choose == "all" and len(one.slots) > 1:
        yield "one_slot", "", change(one, choose="one_or_more")
    if one.talents_any_of:
        welcome = one.talents_any_of | one.talents_welcome
        yield "talent_welcome", "", change(one, talents_any_of=frozenset(), talents_welcome=welcome)
    if one.languages_any_of:
        yield "language_welcome", "", change(one, languages_any_of=frozenset())
    if one.driving_licence_b:
        yield "licence", "", change(one, driving_licence_b=False, features=one.features - {"eigen_auto"})
    if one.commitment == "fixed":
        yield "commitment", "flexible", change(one, commitment="flexible")
    if one.costs != "none":
        yield "costs", "none", change(one, costs="none")
    if one.wheelchair == "no" and not one.at_home:
        yield "wheelchair", "yes", change(one, wheelchair="yes")


def _wider(profile: TalentProfile) -> Iterator[tuple[str, str, TalentProfile]]:
    """The profile with a little more time or reach; boundaries and excluded themes stay as the person said."""
    one, change = profile, dataclasses.replace
    for day in DAYS:
        whole = frozenset(f"{day}-{part}" for part in DAY_PARTS)
        if not whole <= one.available:
            yield "day", day, change(one, available=one.available | whole)
    if one.max_km < KM_MOST:
        farther = min(KM_MOST, one.max_km + KM_MORE)
        yield "km", f"{farther:g}", change(one, max_km=farther)
    if one.max_hours_per_week < HOURS_MOST:
        longer = min(HOURS_MOST, one.max_hours_per_week + HOURS_MORE)
        yield "hours", f"{longer:f}".rstrip("0").rstrip("."), change(one, max_hours_per_week=longer)
    heaviest = COMMITMENTS[-1]
    if one.max_commitment != heaviest:
        yield "commitment", heaviest, change(one, max_commitment=heaviest)


def _numbered(opportunity: Opportunity, place: int) -> Opportunity:
    """Opportunities stand in the order of their ids; so do the changed ones."""
    return dataclasses.replace(opportunity, id=f"{place:04d}")


def _most_first(changed: Iterable[tuple[str, str, object]], counts: list[int]) -> list[Change]:
    found = [Change(code, value, more) for (code, value, _one), more in zip(changed, counts, strict=True) if more]
    return sorted(found, key=lambda one: (-one.more, one.code, one.value))


def easier_starts(opportunity: Opportunity, catalogue: Catalogue, policy: Policy) -> dict[str, Any]:
    """The label, every factor that is not low, and for each kind of support what it would lower."""
    now = thresholds(opportunity, catalogue, policy)
    hints = []
    for code, support in catalogue.support.items():
        if code not in opportunity.support:
            then = thresholds(dataclasses.replace(opportunity, support=opportunity.support | {code}), catalogue, policy)
            if then.sum_tenths < now.sum_tenths:
                hints.append({"support": code, "label": support.label, "threshold": then.label,
                              "lowers": [one for one in now.after if then.after[one] < now.after[one]]})  # fmt: skip
    return {
        "threshold": now.label,
        "factors": [
            {"code": code, "label": catalogue.thresholds[code].label, "level": level}
            for code, level in now.after.items()
            if level
        ],
        "hints": sorted(hints, key=lambda hint: (-len(hint["lowers"]), hint["support"])),
    }
