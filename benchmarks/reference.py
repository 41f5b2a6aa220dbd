"""The judge: plain lists from the product's own tables, and from the plain engine alone. It knows no index."""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks import invented
from matching import engine
from matching.catalogue import load_catalogue
from matching.packing import lot_of

Pair = tuple[str, int]


def facts(people: Iterable[Any] | None, opportunities: Iterable[Any] | None) -> tuple[list[Any], list[Any]]:
    """Volunteers and opportunities as matching values, read from the normal tables. None means all of them."""
    from backend.opportunities.case import facts_of as opportunity_facts
    from backend.opportunities.models import Opportunity
    from backend.talent.case import facts_of as profile_facts
    from backend.talent.models import Volunteer

    rows = Volunteer.objects.select_related("profile").prefetch_related("profile__talents", "profile__languages")
    rows = rows if people is None else rows.filter(pk__in=list(people))
    tasks = (
        Opportunity.objects.all() if opportunities is None else Opportunity.objects.filter(pk__in=list(opportunities))
    )
    return (
        [profile_facts(one, invented.TODAY) for one in rows.iterator(chunk_size=2000)],
        [opportunity_facts(one) for one in tasks],
    )


def lists(profiles: list[Any], opportunities: list[Any], policy: Any, most: int, most_people: int) -> tuple[Any, Any]:
    """{volunteer: [(opportunity, points)]} and {opportunity: [(volunteer, points)]}, ranked pair by pair.

    Two processes share the people; what they find is merged afterwards.
    """
    parts = [profiles[::2], profiles[1::2]]
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(_part, parts, [opportunities] * 2, [policy] * 2, [most] * 2, [most_people] * 2))
    by_person = {**found[0][0], **found[1][0]}
    by_opportunity = {
        key: [(who, -points) for points, _km, _lot, who in sorted(found[0][1][key] + found[1][1][key])[:most_people]]
        for key in found[0][1]
    }
    return by_person, by_opportunity


def _part(profiles: list[Any], opportunities: list[Any], policy: Any, most: int, most_people: int) -> tuple[Any, Any]:
    result = engine.rank(
        profiles, opportunities, catalogue=load_catalogue(), policy=policy, today=invented.TODAY, spread=False
    )
    by_opportunity: dict[str, list[Any]] = {one.id: [] for one in opportunities}
    by_person: dict[str, list[Pair]] = {}
    for person, ranking in result.rankings.items():
        by_person[person] = [(key, fit.points) for key, fit in list(ranking.fits.items())[:most]]
        lot = lot_of(person)
        for key, fit in ranking.fits.items():
            by_opportunity[key].append((-fit.points, fit.distance_km, lot, person))
    return by_person, {key: sorted(found)[:most_people] for key, found in by_opportunity.items()}
