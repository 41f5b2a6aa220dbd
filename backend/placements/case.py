"""Rows become the one value the engine takes: a city at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from backend.city.load import CityFile, city
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.placements import queries
from backend.talent import queries as talent_queries
from backend.talent.case import facts_of as profile_facts
from backend.talent.case import key_of as volunteer_key
from backend.talent.models import Volunteer
from matching import engine
from matching.catalogue import Catalogue, load_catalogue
from matching.spread import Demand


@dataclass(frozen=True, slots=True)
class Scene:
    """Who and what count in one city at one moment, by the key matching knows them by."""

    place: CityFile
    catalogue: Catalogue
    today: date
    volunteers: dict[str, Volunteer]
    opportunities: dict[str, Opportunity]
    settled: dict[str, frozenset[str]]

    def rank(self, *, demand: Demand | None = None) -> engine.Round:
        """Everybody against everything, as matching sees it; `demand` as in `engine.rank`."""
        return engine.rank(
            [profile_facts(volunteer, self.today) for volunteer in self.volunteers.values()],
            [opportunity_facts(opportunity) for opportunity in self.opportunities.values()],
            catalogue=self.catalogue,
            policy=self.place.matching.policy,
            today=self.today,
            guided=frozenset(key for key, volunteer in self.volunteers.items() if volunteer.is_guided),
            free_places={
                key: engine.FreePlaces(opportunity.free_open, opportunity.free_reserved)
                for key, opportunity in self.opportunities.items()
            },
            settled=self.settled,
            demand=demand,
        )


def scene_of(
    city_slug: str,
    now: datetime,
    volunteers: QuerySet[Volunteer] | None = None,
    opportunities: Iterable[UUID] | None = None,
) -> Scene:
    """The active volunteers of a city and what is online with a free place, or those among both that are named."""
    place = city(city_slug)
    today = place.local(now).date()
    active = talent_queries.active(city_slug, today)
    if volunteers is not None:
        active = active.filter(pk__in=volunteers.values("pk"))
    people = {volunteer_key(one): one for one in active}
    online = opportunity_queries.with_a_free_place(opportunity_queries.published(city_slug, today))
    if opportunities is not None:
        online = online.filter(pk__in=opportunities)
    asked = {opportunity_key(one): one for one in online}
    return Scene(
        place=place,
        catalogue=load_catalogue(),
        today=today,
        volunteers=people,
        opportunities=asked,
        settled=queries.settled_pairs(people.values(), asked.values()),
    )
