"""Everything about one opportunity that is the same for everybody, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from matching import availability, boundaries, threshold, wishes
from matching.catalogue import Catalogue
from matching.policy import Policy
from matching.types import Opportunity

ADULT = 18
ALCOHOL_FROM = 16
BAR_WORK = "toog"
ADULT_FEATURES = frozenset({"avond_laat", "eigen_auto", "alleen"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """One opportunity with its catalogue consequences: limits, wishes it fulfils, threshold levels after support."""

    opportunity: Opportunity
    clashes: frozenset[str]
    softened: frozenset[str]
    fulfils: frozenset[str]
    levels: Mapping[str, int]
    minimum_age: int
    hours_per_week: Decimal
    needs_own_car: bool


def prepare(opportunity: Opportunity, catalogue: Catalogue, policy: Policy) -> Prepared:
    return Prepared(
        opportunity=opportunity,
        clashes=boundaries.clashing(opportunity, catalogue),
        softened=boundaries.softened(opportunity, catalogue),
        fulfils=wishes.fulfilled(opportunity, catalogue),
        levels=threshold.thresholds(opportunity, catalogue, policy).after,
        minimum_age=effective_minimum_age(opportunity),
        hours_per_week=availability.hours_per_week(opportunity),
        needs_own_car="eigen_auto" in opportunity.features,
    )


def effective_minimum_age(opportunity: Opportunity) -> int:
    """Bar work, late evenings, own car, working alone and driving are for adults; alcohol from 16 (rules 3.6)."""
    is_bar_work = BAR_WORK in opportunity.talents_any_of or BAR_WORK in opportunity.talents_welcome
    is_for_adults = is_bar_work or opportunity.driving_licence_b
    ages = [opportunity.min_age]
    if is_for_adults or not ADULT_FEATURES.isdisjoint(opportunity.features):
        ages.append(ADULT)
    if "alcohol" in opportunity.features:
        ages.append(ALCOHOL_FROM)
    return max(ages)
