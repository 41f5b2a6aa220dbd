"""Rows become the one value the engine takes: one person, and the opportunities that may be proposed now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backend.opportunities.models import Opportunity
from backend.placements.queries import Around
from backend.talent.case import facts_of as profile_facts
from backend.talent.models import Volunteer
from matching import engine
from matching.catalogue import load_catalogue
from matching.policy import Policy
from matching.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Scene:
    """One person before some opportunities with a free place, by the key matching knows them by."""

    volunteer: Volunteer
    opportunities: Mapping[str, Opportunity]
    prepared: Mapping[str, Prepared]
    around: Around
    policy: Policy

    def rank(self, today: date) -> engine.Round:
        """The plain engine over all of it."""
        profile = profile_facts(self.volunteer, today)
        return engine.rank_prepared(
            [profile],
            self.prepared,
            catalogue=load_catalogue(),
            policy=self.policy,
            guided=frozenset({profile.id} if self.volunteer.is_guided else ()),
            free_places={
                key: engine.FreePlaces(one.free_open, one.free_reserved) for key, one in self.opportunities.items()
            },
            settled={profile.id: self.around.settled},
            demand=self.around.demand,
        )
