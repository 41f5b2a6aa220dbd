"""Talents (matching rules 3.5 and 5): what is needed, what is welcome, and what only the volunteer point may see."""

from matching.types import Opportunity, TalentProfile

CAN_DO = 2
TEACHING = frozenset({"vorming", "meelopen"})


def has_needed_talent(profile: TalentProfile, opportunity: Opportunity) -> bool:
    """One of the needed talents at level 2 or 3; no needed talent means open to everybody."""
    return not opportunity.talents_any_of or bool(needed_talents_held(profile, opportunity))


def needed_talents_held(profile: TalentProfile, opportunity: Opportunity) -> frozenset[str]:
    return frozenset(code for code in opportunity.talents_any_of if profile.talents.get(code, 0) >= CAN_DO)


def matched_talents(profile: TalentProfile, opportunity: Opportunity) -> tuple[str, ...]:
    """Needed or welcome talents that the person has at any level, by code."""
    asked = opportunity.talents_any_of | opportunity.talents_welcome
    return tuple(sorted(asked.intersection(profile.talents)))


def has_experience(profile: TalentProfile, opportunity: Opportunity) -> bool:
    asked = opportunity.talents_any_of | opportunity.talents_welcome
    return any(profile.talents.get(code, 0) >= CAN_DO for code in asked)


def is_taught(opportunity: Opportunity) -> bool:
    return not TEACHING.isdisjoint(opportunity.support)
