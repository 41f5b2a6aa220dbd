"""What fits somebody who has no profile yet: the same rules as every proposal, and nothing is stored."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from backend.city.load import CityFile
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.case import facts_of, key_of
from backend.opportunities.models import Opportunity
from backend.placements import actions, queries, states
from backend.placements.models import Proposal
from backend.talent.models import Volunteer
from matching import engine
from matching.catalogue import load_catalogue
from matching.citysample import to_profile
from matching.prepared import prepare
from matching.types import Line

LOOKED_AT = 200  # the nearest that ask for a talent this person has, or for none


def settled_for(volunteer: Volunteer) -> frozenset[str]:
    """What was proposed to somebody before: nobody is asked twice."""
    proposals = Proposal.objects.filter(volunteer=volunteer).exclude(state=states.HELD).select_related("opportunity")
    return frozenset(key_of(one.opportunity) for one in proposals)


@dataclass(frozen=True, slots=True)
class Fitting:
    """An opportunity, how far it is, and why it fits."""

    opportunity: Opportunity
    distance_km: float
    reasons: tuple[Line, ...]


def fitting(
    record: dict[str, Any], place: CityFile, *, now: datetime, most: int, settled: frozenset[str] = frozenset()
) -> list[Fitting]:
    """What may be proposed to whoever filled in this clean volunteer record, best first, each with enough reasons.

    `settled` are the keys of what was proposed to them before, whatever came of it.
    """
    policy, today, profile = place.matching.policy, place.local(now).date(), to_profile(record)
    online = opportunity_queries.with_a_free_place(opportunity_queries.published(place.slug, today))
    asked = opportunity_queries.open_to(online, list(profile.talents), near=profile.point)
    tasks = {key_of(one): one for one in asked[:LOOKED_AT]}
    around = queries.around(None, tasks.values(), policy, actions.month_began_at(place, now))
    result = engine.rank_prepared(
        [profile],
        {key: prepare(facts_of(one), load_catalogue(), policy) for key, one in tasks.items()},
        catalogue=load_catalogue(),
        policy=policy,
        free_places={key: engine.FreePlaces(one.free_open, one.free_reserved) for key, one in tasks.items()},
        settled={profile.id: settled},
        demand=around.demand,
    )
    pairs = engine.hand_out(
        result, wanted={profile.id: most}, room=around.room, organisation_room=around.organisation_room
    )
    fits = result.rankings[profile.id].fits
    return [
        Fitting(tasks[key], fits[key].distance_km, result.explain(person, key).reasons)
        for person, key in islice((pair for pair in pairs if result.has_enough_reasons(*pair)), most)
    ]
