"""Publication checks: what the law and our own rules want to see before something goes online (docs/privacy.md).

The words, limits and sentences are the city's data; this file only says where to look.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from backend.city.load import FILLED_IN, PublicationRules, ceiling_of
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.ui.spoken import spoken_language
from matching.availability import hours_per_week
from matching.catalogue import CHARACTER_GROUP, load_catalogue
from matching.citysample import PUBLISHED_AGES
from matching.types import Opportunity as Facts

BLOCK, REFER, REFUSE, HOLD, REVIEW = "block_and_report", "refuse_and_refer", "refuse", "hold", "review"
RESTRICTED = "discriminating_condition"  # with a reason it is for the volunteer point to judge (R078)
STRONGEST_FIRST = (BLOCK, REFER, REFUSE, HOLD, REVIEW)
WARNING = ""  # told, but it stops nothing
WEEKS_PER_YEAR = 52
TIMES_PER_YEAR = {"weekly": 52, "every_two_weeks": 26, "monthly": 12, "once": 1}
NEEDS_A_PROFESSIONAL = frozenset({"kinderen", "huisbezoek", "zware_verhalen"})
HELP_ON_HOME_VISITS = frozenset({"vorming", "begeleider", "intervisie"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the check saw: its code, what follows from it, and the words it was seen in.

    `sentence` is in the language of whoever asked; `values` are what was filled in, to say it again in another.
    """

    code: str
    outcome: str
    sentence: str
    words: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "words": self.words,
            "values": self.values,
        }


def said(findings: list[dict[str, Any]], rules: PublicationRules) -> list[dict[str, str]]:
    """Stored findings in the language of this page: `sentence` and `words`. What somebody wrote stays as it is."""
    return [
        {
            "sentence": _sentence(rules, one["code"], one.get("values", {})) or one["sentence"],
            "words": one["words"],
        }
        for one in findings
    ]


def check(
    opportunity: Opportunity, organisation: Organisation, facts: Facts, rules: PublicationRules, today: date
) -> list[Finding]:
    """Everything there is to say about publishing this, strongest first. Stores nothing."""
    seen = [
        *_of_the_organisation(organisation, rules),
        *_of_the_text(opportunity, rules),
        *_of_the_work(opportunity, organisation, facts, rules),
        *_of_the_money(opportunity, rules, today),
    ]
    return sorted(seen, key=lambda finding: _strength(finding.outcome))


def outcome_of(findings: list[Finding]) -> str:
    """The strongest outcome, or "" when nothing stops publication."""
    return min((finding.outcome for finding in findings), key=_strength, default=WARNING)


def _strength(outcome: str) -> int:
    return STRONGEST_FIRST.index(outcome) if outcome else len(STRONGEST_FIRST)


def found(rules: PublicationRules, code: str, outcome: str, words: str = "", **values: str) -> Finding:
    """A finding with its sentence."""
    return Finding(code, outcome, _sentence(rules, code, values), words, values)


def _sentence(rules: PublicationRules, code: str, values: dict[str, str]) -> str:
    """Empty for a code that the city has no sentence for."""
    dutch = rules.sentences.get(code, "")
    sentence = rules.sentences_en.get(code, dutch) if spoken_language() == "en" else dutch
    return sentence.format(**values) if FILLED_IN.search(sentence) is None or values else ""


def _of_the_organisation(organisation: Organisation, rules: PublicationRules) -> Iterator[Finding]:
    if organisation.legal_form == "company":
        yield found(rules, "profit_organisation", REFUSE)
    if organisation.legal_form == "private_person":
        yield found(rules, "private_person", REFER)
    if organisation.verified_at is None:
        yield found(rules, "organisation_not_verified", HOLD)
    if not organisation.liability_insurance:
        yield found(rules, "no_liability_insurance", HOLD)


def _of_the_text(opportunity: Opportunity, rules: PublicationRules) -> Iterator[Finding]:
    sentences = [opportunity.title, *re.split(r"(?<=[.!?])\s+|\n+", opportunity.text)]
    for rule in rules.texts:
        for sentence in sentences:
            hit = next((match for pattern in rule.any if (match := pattern.search(sentence))), None)
            if not hit or any(pattern.search(sentence) for pattern in rule.unless):
                continue
            has_reason = rule.code == RESTRICTED and bool(opportunity.restriction_reason)
            is_softer = has_reason or any(pattern.search(sentence) for pattern in rule.softer_when)
            yield found(rules, rule.code, rule.softer_outcome if is_softer else rule.outcome, hit.group().strip())
            break


def _of_the_work(
    opportunity: Opportunity, organisation: Organisation, facts: Facts, rules: PublicationRules
) -> Iterator[Finding]:
    features, support = facts.features, facts.support
    has_contact = bool(organisation.contact_label)
    if hours_per_week(facts) > rules.hours_per_week:
        yield found(rules, "too_many_hours", REVIEW)
    if not NEEDS_A_PROFESSIONAL.isdisjoint(features) and not has_contact and "begeleider" not in support:
        yield found(rules, "no_professional_behind", REVIEW)
    if opportunity.min_age < PUBLISHED_AGES[0]:
        yield found(rules, "below_minimum_age", REFUSE)
    if opportunity.min_age > PUBLISHED_AGES[-1]:
        yield found(rules, "age_above_21", REVIEW)
    talents = load_catalogue().talents
    if any(talents[code].group == CHARACTER_GROUP for code in opportunity.talents_any_of):
        yield found(rules, "character_needed", HOLD)
    if {"alleen", "huisbezoek"} <= features and HELP_ON_HOME_VISITS.isdisjoint(support):
        yield found(rules, "alone_at_home_visit", REVIEW)
    if not support or not has_contact:
        yield found(rules, "missing_support", HOLD)
    if not organisation.youth_work and not opportunity.extract_596_2:
        if opportunity.structural_contact_with_minors:
            yield found(rules, "extract_needed", WARNING)
        elif "kinderen" in features and opportunity.structural_contact_with_minors is None:
            yield found(rules, "extract_question", WARNING)


def _of_the_money(opportunity: Opportunity, rules: PublicationRules, today: date) -> Iterator[Finding]:
    amount = opportunity.flat_rate_per_day_eur
    if amount is None:
        return
    year = max(today, opportunity.period_from or today).year
    day_ceiling = ceiling_of(year, rules.day_ceilings)
    if day_ceiling is not None and amount > day_ceiling:
        yield found(rules, "above_day_ceiling", HOLD, amount=_euro(amount), ceiling=_euro(day_ceiling))
    year_ceiling = ceiling_of(year, rules.year_ceilings)
    total = amount * days_per_year(opportunity)
    if year_ceiling is not None and total > year_ceiling:
        yield found(rules, "above_year_ceiling", HOLD, amount=_euro(total), ceiling=_euro(year_ceiling))


def days_per_year(opportunity: Opportunity) -> int:
    """The most days one person would come in a year; 0 when nobody can say (flexible)."""
    times = TIMES_PER_YEAR.get(opportunity.frequency, 0)
    days = len({slot.partition("-")[0] for slot in opportunity.slots}) if opportunity.choose == "all" else 1
    if opportunity.period_from and opportunity.period_until:
        weeks = (opportunity.period_until - opportunity.period_from).days // 7 + 1
        times = min(times, -(-times * weeks // WEEKS_PER_YEAR))
    return times * days


def _euro(amount: Decimal) -> str:
    text = f"{amount:.2f}".replace(".", ",")
    return text.removesuffix(",00")
