"""Yes or no before any score, with every reason for a no (matching rules 3). No score can buy off a no."""

from matching import availability, geo, languages, skills
from matching.policy import Policy
from matching.prepared import Prepared
from matching.types import TalentProfile

BOUNDARY = "boundary"
COMMITMENT_ORDER = {"once": 0, "short": 1, "flexible": 1, "fixed": 2}


def blocks(profile: TalentProfile, asked: Prepared, km: float, policy: Policy) -> tuple[str, ...]:
    """All blocking codes of a pair, in the order of the rules; empty means eligible. None hides another.

    `km` is `geo.distance_km` of the pair.
    """
    opportunity = asked.opportunity
    found = []
    if not availability.is_free(profile, opportunity):
        found.append("time")
    if geo.limited_km(km, opportunity, policy) > profile.max_km:
        found.append("distance")
    if not languages.is_dutch_enough(profile, opportunity):
        found.append("dutch")
    if opportunity.languages_any_of and not languages.spoken(profile, opportunity.languages_any_of):
        found.append("language")
    if profile.age < asked.minimum_age:
        found.append("age")
    if not asked.clashes.isdisjoint(profile.boundaries):
        found += [f"{BOUNDARY}:{code}" for code in sorted(asked.clashes & profile.boundaries)]
    if not skills.has_needed_talent(profile, opportunity):
        found.append("talent")
    if opportunity.driving_licence_b and not profile.driving_licence_b:
        found.append("licence")
    if asked.needs_own_car and not profile.own_car:
        found.append("own_car")
    if COMMITMENT_ORDER[opportunity.commitment] > COMMITMENT_ORDER[profile.max_commitment]:
        found.append("commitment")
    if asked.hours_per_week > profile.max_hours_per_week:
        found.append("hours")
    if not opportunity.themes.isdisjoint(profile.themes_excluded):
        found.append("theme_excluded")
    return tuple(found)


def factors(codes: tuple[str, ...]) -> frozenset[str]:
    """Blocking codes as they are counted: boundaries together (rules 9)."""
    return frozenset(code.partition(":")[0] for code in codes)
