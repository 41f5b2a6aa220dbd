"""What other ways of ranking would have proposed: nobody is judged by our score, only by facts anyone can check.

Every way ranks the same people and opportunities twice: as it is, and behind our hard limits, so that limits and
ranking are judged apart. Formulas of peers are written anew from their description.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from matching import eligibility, geo
from matching.catalogue import load_catalogue
from matching.engine import best_first
from matching.policy import Policy
from matching.prepared import Prepared
from matching.scoring import score
from matching.spread import gini
from matching.types import TalentProfile

TOP = 3
WEIGHTS = {"domain": 1.5, "activity": 1.5, "rhythm": 1.2, "motivation": 1.0}
NEAR_KM = 20.0
Ranks = Callable[[TalentProfile, list[Prepared]], list[Prepared]]


def ours(policy: Policy) -> Ranks:
    def rank(person: TalentProfile, asked: list[Prepared]) -> list[Prepared]:
        by_id = {one.opportunity.id: one for one in asked}
        fits = {
            one.opportunity.id: score(person, one, geo.distance_km(person, one.opportunity), load_catalogue(), policy)
            for one in asked
        }
        return [by_id[key] for key in best_first(fits)]

    return rank


def newest(_person: TalentProfile, asked: list[Prepared]) -> list[Prepared]:
    return sorted(asked, key=lambda one: one.opportunity.id, reverse=True)


def by_chance(person: TalentProfile, asked: list[Prepared]) -> list[Prepared]:
    shuffled = sorted(asked, key=lambda one: one.opportunity.id)
    random.Random(person.id).shuffle(shuffled)
    return shuffled


def same_activity_near(person: TalentProfile, asked: list[Prepared]) -> list[Prepared]:
    """A talent group in common and at most 20 km away; then by id."""
    talents = load_catalogue().talents
    groups = {talents[code].group for code in person.talents}

    def is_kept(one: Prepared) -> bool:
        what = one.opportunity
        shared = groups & {talents[code].group for code in what.talents_any_of | what.talents_welcome}
        return bool(shared) and geo.distance_km(person, what) <= NEAR_KM

    return sorted(filter(is_kept, asked), key=lambda one: one.opportunity.id)


def api_engagement(person: TalentProfile, asked: list[Prepared]) -> list[Prepared]:
    """Weighed shares of what both name, mixed with the distance (version m4)."""
    answers = {
        "domain": person.themes, "activity": frozenset(person.talents),
        "rhythm": frozenset({person.max_commitment}), "motivation": person.wishes,
    }  # fmt: skip
    total = sum(WEIGHTS[name] for name, values in answers.items() if values)

    def worth(one: Prepared) -> float:
        what = one.opportunity
        values = {
            "domain": dict.fromkeys(what.themes, 1.0),
            "activity": {**dict.fromkeys(what.talents_welcome, 0.85), **dict.fromkeys(what.talents_any_of, 1.0)},
            "rhythm": {what.commitment: 1.0}, "motivation": dict.fromkeys(one.fulfils, 1.0),
        }  # fmt: skip
        found = 0.0
        for name, mine in answers.items():
            shared = sum(values[name].get(code, 0.0) for code in mine)
            if shared:
                found += WEIGHTS[name] * (0.5 + 0.5 * min(1.0, shared / len(mine)))
        near = 0.9 if what.at_home else max(0.0, 1 - geo.great_circle_km(person.point, what.point) / person.max_km)
        return (0.3 * (found / total if total else 0) + 0.3 * near) / 0.6

    return sorted(asked, key=lambda one: (-worth(one), one.opportunity.id))


def bluebottle(person: TalentProfile, asked: list[Prepared]) -> list[Prepared]:
    """One skill, one theme, near or at home."""

    def worth(one: Prepared) -> float:
        what = one.opportunity
        skill = min(what.talents_any_of or what.talents_welcome, default="")
        km = geo.distance_km(person, what)
        return (
            1.0 * (skill in person.talents) + 1.5 * (min(what.themes) in person.themes) + 0.001 * (km <= person.max_km)
        )

    return sorted(asked, key=lambda one: (-worth(one), one.opportunity.id))


def race(people: list[TalentProfile], asked: list[Prepared], policy: Policy) -> dict[str, dict[str, float]]:
    """Per way of ranking: what its first three proposals are worth to people and organisations."""
    ways: dict[str, Ranks] = {
        "ours": ours(policy), "newest": newest, "random": by_chance, "same activity within 20 km": same_activity_near,
        "api-engagement's formula": api_engagement, "bluebottle's formula": bluebottle,
    }  # fmt: skip
    allowed = {person.id: [one for one in asked if not _blocks(person, one, policy)] for person in people}
    found = {}
    for name, rank in ways.items():
        raw = allowed if name == "ours" else dict.fromkeys(allowed, asked)
        found[name] = {
            **_figures(people, {one.id: rank(one, raw[one.id])[:TOP] for one in people}, asked, allowed),
            **{
                f"{key} behind our limits": value
                for key, value in _figures(
                    people, {one.id: rank(one, allowed[one.id])[:TOP] for one in people}, asked, allowed
                ).items()
            },
        }
    return found


def _blocks(person: TalentProfile, one: Prepared, policy: Policy) -> tuple[str, ...]:
    return eligibility.blocks(person, one, geo.distance_km(person, one.opportunity), policy)


def _figures(
    people: list[TalentProfile], lists: dict[str, list[Prepared]], asked: list[Prepared], allowed: dict[str, Any]
) -> dict[str, float]:
    """Forbidden proposals, first opportunities that share a talent and a theme, organisations reached, Gini."""
    proposals = [(person, one) for person in people for one in lists[person.id]]
    fine = {person: {one.opportunity.id for one in some} for person, some in allowed.items()}
    first = Counter(some[0].opportunity.id for some in lists.values() if some)
    organisations = {one.opportunity.organisation for one in asked}
    reached = {one.opportunity.organisation for _person, one in proposals}
    count = max(1, len(proposals))
    return {
        "forbidden": sum(one.opportunity.id not in fine[person.id] for person, one in proposals) / count,
        "shares a talent": sum(_shares(person, one) for person, one in proposals) / count,
        "shares a theme": sum(not person.themes.isdisjoint(one.opportunity.themes) for person, one in proposals)
        / count,
        "km": sum(geo.distance_km(person, one.opportunity) for person, one in proposals) / count,
        "organisations reached": len(reached) / len(organisations),
        "gini of first choices": gini([first[one.opportunity.id] for one in asked]),
    }


def _shares(person: TalentProfile, one: Prepared) -> bool:
    what = one.opportunity
    return not (what.talents_any_of | what.talents_welcome).isdisjoint(person.talents)
