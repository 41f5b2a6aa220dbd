"""What a round could not solve: for whom and for what nothing fits, why, what would help, and talents nobody asks."""

from typing import Any
from uuid import UUID

import numpy as np

from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.models import Opportunity
from backend.placements.resident import Resident
from backend.talent import queries as talent_queries
from backend.talent.case import facts_of as profile_facts
from backend.talent.case import standing_of
from matching import whatif
from matching.catalogue import load_catalogue
from matching.columns import Column, expand_words
from matching.index import Index, most_blocking_first
from matching.packing import number_of

MOST_KEPT = 100  # of each: a worklist, not an archive
FACTORS_SHOWN, CHANGES_FOR_ORGANISATION, CHANGES_FOR_PERSON = 3, 3, 2
SUPPLY_FROM = 3  # people with the same talent in one neighbourhood

Gaps = dict[str, list[dict[str, Any]]]


def gaps_of(resident: Resident, index: Index, person: Column, opportunity: Column) -> Gaps:
    """Ids, codes and counts only: names are added where somebody may see them. The rows are those with a pair."""
    return {
        "opportunities": _without_people(resident, index, _missing(opportunity, index.opportunities.count)),
        "people": _without_opportunities(resident, index, _missing(person, index.people.count)),
        "supply": supply_without_demand(resident, index),
    }


def _missing(rows: Column, count: int) -> Column:
    return np.flatnonzero(np.bincount(rows, minlength=count) == 0)


def _without_people(resident: Resident, index: Index, rows: Any) -> list[dict[str, Any]]:
    """Opportunities that fit nobody at all, with what stands in the way and what would help (rules 9)."""
    alone = [row for row in rows if not len(index.eligible_people(int(row)))][:MOST_KEPT]
    ids = {UUID(bytes=index.opportunities.who[row]): int(row) for row in alone}
    found = []
    for one in Opportunity.objects.filter(pk__in=ids).select_related("organisation").order_by("title", "pk"):
        changes = whatif.for_opportunity(
            opportunity_facts(one), index.people, resident.layout, load_catalogue(), resident.policy
        )
        found.append(
            {
                "id": str(one.pk),
                "factors": _factors(index.blocking(ids[one.pk])),
                "changes": _told(changes[:CHANGES_FOR_ORGANISATION]),
            }
        )
    return found


def _without_opportunities(resident: Resident, index: Index, rows: Any) -> list[dict[str, Any]]:
    """People for whom nothing fits, with at most two things they could widen if they wish."""
    alone = [row for row in rows if not len(index.eligible_opportunities(int(row)))][:MOST_KEPT]
    ids = {UUID(bytes=bytes(index.people.who[row])): int(row) for row in alone}
    found = []
    people = talent_queries.active(resident.slug, resident.today).filter(pk__in=ids)
    for one in people.order_by("created_at", "pk"):
        changes = whatif.for_person(
            profile_facts(one, resident.today),
            standing_of(one, is_active=True),
            index.opportunities,
            resident.layout,
            resident.policy,
        )
        found.append(
            {
                "id": str(one.pk),
                "factors": _factors(index.blocking_person(ids[one.pk])),
                "changes": _told(changes[:CHANGES_FOR_PERSON]),
            }
        )
    return found


def _factors(blocking: dict[str, tuple[int, int]]) -> list[list[Any]]:
    return [list(one) for one in most_blocking_first(blocking)[:FACTORS_SHOWN]]


def _told(changes: list[whatif.Change]) -> list[list[Any]]:
    return [[one.code, one.value, one.more] for one in changes]


def supply_without_demand(resident: Resident, index: Index) -> list[dict[str, Any]]:
    """Talents that at least three people of a neighbourhood can do and that no opportunity there asks or welcomes."""
    people, tasks, talents = index.people, index.opportunities, list(resident.layout.talents)
    able = expand_words(people.talents[:, 1], len(talents))
    found: list[dict[str, Any]] = []
    for name in sorted(resident.neighbourhoods):
        number = number_of(name)
        held = able[(people.neighbourhood == number)[people.group]].sum(axis=0)
        asked = expand_words(tasks.asked[tasks.neighbourhood == number], len(talents)).any(axis=0)
        found += [
            {"neighbourhood": name, "talent": talents[place], "people": int(held[place])}
            for place in np.flatnonzero((held >= SUPPLY_FROM) & ~asked)
        ]
    return sorted(found, key=lambda one: (-one["people"], one["neighbourhood"], one["talent"]))[:MOST_KEPT]
