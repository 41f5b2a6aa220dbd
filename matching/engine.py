"""The recipe on one screen: which pairs count, gate, score, spread, rank, explain, hand out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from matching import eligibility, geo
from matching.catalogue import Catalogue
from matching.explain import explain
from matching.policy import Policy
from matching.prepared import Prepared, prepare
from matching.scoring import score
from matching.spread import Demand
from matching.types import Explanation, Fit, Opportunity, TalentProfile

NOTHING: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FreePlaces:
    """What is left of an opportunity's places."""

    open: int
    reserved: int

    def has_one_for(self, *, is_guided: bool) -> bool:
        """Guided people fill reserved places first, then open ones; everybody else takes open ones only (6.2)."""
        return self.open > 0 or (is_guided and self.reserved > 0)


@dataclass(slots=True)
class Ranking:
    """One volunteer: eligible opportunities best first, and how often each factor stood in the way."""

    fits: dict[str, Fit] = field(default_factory=dict)
    blocked: Counter[str] = field(default_factory=Counter)

    @property
    def ids(self) -> list[str]:
        return list(self.fits)


@dataclass(slots=True)
class Round:
    """All rankings of one run, by volunteer id, with the pairs looked at and the factors per opportunity."""

    rankings: dict[str, Ranking]
    profiles: Mapping[str, TalentProfile]
    asked: Mapping[str, Prepared]
    catalogue: Catalogue
    policy: Policy
    pairs: int = 0
    blocked: Counter[str] = field(default_factory=Counter)
    _told: dict[tuple[str, str], Explanation] = field(default_factory=dict)

    def explain(self, volunteer: str, opportunity: str) -> Explanation:
        """Why this pair; worked out once. Raises KeyError for a pair that is not eligible."""
        pair = volunteer, opportunity
        if pair not in self._told:
            fit, one, asked = (
                self.rankings[volunteer].fits[opportunity],
                self.profiles[volunteer],
                self.asked[opportunity],
            )
            self._told[pair] = explain(one, asked, fit, self.catalogue, self.policy)
        return self._told[pair]

    def has_enough_reasons(self, volunteer: str, opportunity: str) -> bool:
        """Two true things to say, or it is not sent by itself (matching rules 7.1)."""
        return len(self.explain(volunteer, opportunity).reasons) >= self.policy.reasons_min


def is_running(opportunity: Opportunity, today: date) -> bool:
    """Its period is not over: the last day still counts."""
    return opportunity.period_until is None or opportunity.period_until >= today


def rank(
    profiles: Iterable[TalentProfile],
    opportunities: Iterable[Opportunity],
    *,
    catalogue: Catalogue,
    policy: Policy,
    today: date,
    guided: AbstractSet[str] = NOTHING,
    free_places: Mapping[str, FreePlaces] | None = None,
    settled: Mapping[str, AbstractSet[str]] | None = None,
    spread: bool = True,
    demand: Demand | None = None,
) -> Round:
    """Every active volunteer against every published opportunity (matching rules 2 to 5).

    `guided` are the ids of people who may sit on a reserved place; `free_places` defaults to all places;
    `settled` names per volunteer the opportunities that are not looked at again (open, refused or placed). `demand`
    knows what everybody has already, also who is not looked at now; without it spread counts the first choices of
    this very run.
    The same input gives the same output, whatever its order.
    """
    asked = {one.id: prepare(one, catalogue, policy) for one in opportunities if is_running(one, today)}
    return rank_prepared(
        profiles, asked, catalogue=catalogue, policy=policy, guided=guided, free_places=free_places, settled=settled,
        spread=spread, demand=demand,
    )  # fmt: skip


def rank_prepared(
    profiles: Iterable[TalentProfile],
    asked: Mapping[str, Prepared],
    *,
    catalogue: Catalogue,
    policy: Policy,
    guided: AbstractSet[str] = NOTHING,
    free_places: Mapping[str, FreePlaces] | None = None,
    settled: Mapping[str, AbstractSet[str]] | None = None,
    spread: bool = True,
    demand: Demand | None = None,
) -> Round:
    """The same for opportunities that were prepared before, by id."""
    people = {profile.id: profile for profile in profiles}
    free = free_places or {}
    result = Round({}, people, asked, catalogue, policy)
    for profile in people.values():
        ranking = result.rankings[profile.id] = Ranking()
        not_again = (settled or {}).get(profile.id, NOTHING)
        for opportunity in asked.values():
            if opportunity.opportunity.id in not_again:
                continue
            left = free.get(opportunity.opportunity.id) or all_places(opportunity.opportunity)
            if left.has_one_for(is_guided=profile.id in guided):
                _look_at(profile, opportunity, result, ranking)
    for ranking in result.rankings.values():
        ranking.fits = best_first(ranking.fits)
    if spread:
        _spread_out(result, demand)
    return result


def all_places(opportunity: Opportunity) -> FreePlaces:
    return FreePlaces(opportunity.places - opportunity.reserved_places, opportunity.reserved_places)


def _look_at(profile: TalentProfile, asked: Prepared, result: Round, ranking: Ranking) -> None:
    km = geo.distance_km(profile, asked.opportunity)
    codes = eligibility.blocks(profile, asked, km, result.policy)
    result.pairs += 1
    if codes:
        together = eligibility.factors(codes)
        result.blocked.update(together)
        ranking.blocked.update(together.union(codes))
    else:
        ranking.fits[asked.opportunity.id] = score(profile, asked, km, result.catalogue, result.policy)


def best_first(fits: Mapping[str, Fit]) -> dict[str, Fit]:
    """Ties break by distance, then by id: never by chance, by clock or by the order of the input."""
    return dict(sorted(fits.items(), key=lambda pair: (-pair[1].points, pair[1].distance_km, pair[0])))


def _spread_out(result: Round, known: Demand | None) -> None:
    organisation_of = {key: asked.opportunity.organisation for key, asked in result.asked.items()}
    choices = first_choices(result, result.policy.spread_depth)
    demand = known or Demand(choices, organisation_of, result.policy)
    for volunteer, ranking in result.rankings.items():
        ranking.fits = best_first(
            {
                code: fit.with_part(demand.for_volunteer(volunteer, result.asked[code].opportunity))
                for code, fit in ranking.fits.items()
            }
        )


@dataclass(frozen=True, slots=True)
class BlockingFactor:
    """Why nobody fits: how many people the factor blocks, and for how many it is the only one (rules 9)."""

    code: str
    blocks: int
    alone: int


def blocking_factors(
    opportunity: Opportunity, profiles: Iterable[TalentProfile], *, catalogue: Catalogue, policy: Policy
) -> list[BlockingFactor]:
    """Counted over all active volunteers, in the order in which they are shown."""
    asked = prepare(opportunity, catalogue, policy)
    blocked, alone = Counter[str](), Counter[str]()
    for profile in profiles:
        codes = eligibility.blocks(profile, asked, geo.distance_km(profile, opportunity), policy)
        together = eligibility.factors(codes)
        blocked.update(together)
        if len(together) == 1:
            alone.update(together)
    found = [BlockingFactor(code, count, alone[code]) for code, count in blocked.items()]
    return sorted(found, key=lambda factor: (-factor.alone, -factor.blocks, factor.code))


def hand_out(
    result: Round,
    *,
    wanted: Mapping[str, int],
    room: Mapping[str, int],
    organisation_room: Mapping[str, int],
) -> Iterator[tuple[str, str]]:
    """Who gets which proposal now: (volunteer, opportunity) pairs, never more than anybody can take.

    `wanted` is how many new proposals a volunteer may get, `room` how many an opportunity may send out and
    `organisation_room` how many new people an organisation can welcome. Who has the fewest options chooses first,
    so that nobody is left with nothing because others were quicker. A pair with too few reasons is handed out too,
    for a matchmaker to look at, and takes nothing from anybody's number.
    """
    room, organisation_room = dict(room), dict(organisation_room)
    for volunteer in sorted(wanted, key=lambda one: (len(result.rankings[one].fits), one)):
        left = wanted[volunteer]
        for code in result.rankings[volunteer].fits:
            if left <= 0:
                break
            organisation = result.asked[code].opportunity.organisation
            if room.get(code, 0) > 0 and organisation_room.get(organisation, 1) > 0:
                yield volunteer, code
                if not result.has_enough_reasons(volunteer, code):
                    continue
                room[code] -= 1
                if organisation in organisation_room:
                    organisation_room[organisation] -= 1
                left -= 1


def first_choices(result: Round, depth: int) -> dict[str, Sequence[str]]:
    """The first `depth` of every list."""
    return {volunteer: ranking.ids[:depth] for volunteer, ranking in result.rankings.items()}
