"""Day-parts and hours (matching rules 3.1 and 3.7)."""

from decimal import Decimal

from matching.types import SLOTS, Opportunity, TalentProfile


def shared_slots(profile: TalentProfile, opportunity: Opportunity) -> tuple[str, ...]:
    """The slots that suit both, in the order of the week."""
    wanted = profile.available.intersection(opportunity.slots)
    return tuple(slot for slot in SLOTS if slot in wanted)


def is_free(profile: TalentProfile, opportunity: Opportunity) -> bool:
    """`all`: free at every slot; `one_or_more`: at one. Nobody without availability is ever guessed to be free."""
    if opportunity.choose == "all":
        return profile.available.issuperset(opportunity.slots)
    return not profile.available.isdisjoint(opportunity.slots)


def hours_per_week(opportunity: Opportunity) -> Decimal:
    """What one person gives in a week with it, whatever the frequency."""
    times = len(opportunity.slots) if opportunity.choose == "all" else 1
    return opportunity.hours_per_time * times
