"""Language levels (matching rules 3.3 and 3.4): speaking only, A0 < A1 < ... < C2, what is missing is A0."""

from collections.abc import Iterable

from matching.types import LEVELS, LOCAL_LANGUAGE, Opportunity, TalentProfile

RANK = {level: rank for rank, level in enumerate(LEVELS)}
SPOKEN_FROM = RANK["B1"]
SLACK_SUPPORT = frozenset({"taalbuddy", "collega_zelfde_taal"})


def rank(profile: TalentProfile, language: str) -> int:
    return RANK[profile.languages.get(language, "A0")]


def dutch_slack(opportunity: Opportunity) -> int:
    """One level when somebody helps with Dutch; two kinds of help are still one level."""
    return 0 if SLACK_SUPPORT.isdisjoint(opportunity.support) else 1


def is_dutch_enough(profile: TalentProfile, opportunity: Opportunity) -> bool:
    return rank(profile, LOCAL_LANGUAGE) + dutch_slack(opportunity) >= RANK[opportunity.dutch_min]


def needs_dutch_slack(profile: TalentProfile, opportunity: Opportunity) -> bool:
    return rank(profile, LOCAL_LANGUAGE) < RANK[opportunity.dutch_min]


def spoken(profile: TalentProfile, languages: Iterable[str]) -> tuple[str, ...]:
    """Those of `languages` that the person speaks at B1 or more, by code."""
    return tuple(sorted(language for language in languages if rank(profile, language) >= SPOKEN_FROM))
