"""How easy a start is: 15 factors, what support lowers, the label, and the reading for one person (rules 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from matching import languages
from matching.catalogue import Catalogue
from matching.policy import Policy
from matching.skills import has_experience
from matching.types import LOCAL_LANGUAGE, Opportunity, TalentProfile

LOW, MIDDLE, HIGH = "laag", "midden", "hoog"
PERSONAL_MATTER = "toegankelijk"  # a level 2 left here does not take the label `laag` away
HIGH_WHEN_LEFT = ("taal", "duur", "attest", "alleen")
ALWAYS_AT_HALF_WEIGHT = frozenset({"verantwoordelijkheid", "aanmelden"})
PHYSICAL = frozenset({"niet_tillen", "niet_lang_staan", "niet_bukken", "rolstoel", "geen_trappen"})
SHORT_WISHES = frozenset({"korte_inzet", "eenmalig", "proefmoment"})
COMPANY_WISHES = frozenset({"buddy", "groep", "begeleider"})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Levels 0-2 per factor, before and after support, and what they come to."""

    before: Mapping[str, int]
    after: Mapping[str, int]
    sum_tenths: int
    label: str


def thresholds(opportunity: Opportunity, catalogue: Catalogue, policy: Policy) -> Thresholds:
    """The 15 levels of one opportunity, their weighted sum in tenths, and the label laag, midden or hoog."""
    before = levels_before_support(opportunity, policy)
    after = dict(before)
    for code in opportunity.support:
        support = catalogue.support[code]
        for factor in support.lowers:
            after[factor] = max(0, after[factor] + support.effect)
    if opportunity.talents_any_of:
        after["ervaring"] = max(1, after["ervaring"])
    total = sum(level * catalogue.thresholds[factor].weight_tenths for factor, level in after.items())
    return Thresholds(before, after, total, _label(after, total))


def levels_before_support(opportunity: Opportunity, policy: Policy) -> dict[str, int]:
    """The table of rules 8.1, in its order."""
    asks = opportunity.features
    return {
        "taal": _level(two=opportunity.dutch_min in ("B2", "C1", "C2"), one=opportunity.dutch_min in ("A2", "B1")),
        "lezen_schrijven": _level(two="schrijven" in asks, one="lezen" in asks),
        "ervaring": _level(two=bool(opportunity.talents_any_of), one="vorming" in opportunity.support),
        "attest": _level(two=opportunity.driving_licence_b),
        "strafregister": _level(two=opportunity.extract_596_2),
        "fysiek": _level(
            two=not asks.isdisjoint({"tillen", "duwen"}),
            one=not asks.isdisjoint({"lang_staan", "bukken", "trappen"}),
        ),
        "digitaal": _level(two="computer" in asks),
        "duur": _level(two=opportunity.commitment == "fixed", one=opportunity.commitment == "short"),
        "vaste_uren": _fixed_hours(opportunity),
        "kost": _costs(opportunity),
        "bereikbaar": _reach(opportunity, policy),
        "toegankelijk": _access(opportunity),
        "alleen": _level(two="alleen" in asks, one=opportunity.company == "pair"),
        "verantwoordelijkheid": _level(
            two="geld" in asks or {"alleen", "huisbezoek"} <= asks or "verkeer" in asks,
            one=not asks.isdisjoint({"kinderen", "zware_verhalen", "huisbezoek", "privacy"}),
        ),
        "aanmelden": 0 if "langskomen" in opportunity.support else _level(two=opportunity.extract_596_2, one=True),
    }


def personal_tenths(
    profile: TalentProfile,
    opportunity: Opportunity,
    levels: Mapping[str, int],
    km: float,
    catalogue: Catalogue,
    policy: Policy,
) -> int:
    """The threshold sum read for one person, in tenths (rules 8.3): only what touches this person counts."""
    total = 0
    for factor, level in levels.items():
        if level and counts_for(factor, profile, opportunity, km, policy):
            weight = catalogue.thresholds[factor].weight_tenths
            total += level * weight // 2 if factor in ALWAYS_AT_HALF_WEIGHT else level * weight
    return total


def counts_for(factor: str, profile: TalentProfile, opportunity: Opportunity, km: float, policy: Policy) -> bool:
    """Does this factor stand between this person and a start? (rules 8.3; `digital` is display only)"""
    dutch = languages.rank(profile, LOCAL_LANGUAGE)
    limits, wishes = profile.boundaries, profile.wishes
    match factor:
        case "taal":
            return dutch < languages.RANK["B2"]
        case "lezen_schrijven":
            return "weinig_lezen" in limits or dutch < languages.RANK["B1"]
        case "ervaring":
            return not has_experience(profile, opportunity)
        case "fysiek":
            return not limits.isdisjoint(PHYSICAL)
        case "digitaal":
            return "geen_computer" in limits
        case "duur":
            return profile.max_commitment in ("once", "short") or not wishes.isdisjoint(SHORT_WISHES)
        case "vaste_uren":
            return len(profile.available) <= policy.few_slots
        case "kost":
            return "geen_kosten" in limits
        case "bereikbaar":
            return km > policy.near_share * profile.max_km
        case "toegankelijk":
            return not limits.isdisjoint({"rolstoel", "geen_trappen"})
        case "alleen":
            return "niet_alleen" in limits or not wishes.isdisjoint(COMPANY_WISHES)
        case "attest":
            return not profile.driving_licence_b
        case _:  # strafregister, verantwoordelijkheid, aanmelden
            return True


def _level(*, two: bool, one: bool = False) -> int:
    return 2 if two else 1 if one else 0


def _fixed_hours(opportunity: Opportunity) -> int:
    if opportunity.frequency in ("flexible", "once") or len(opportunity.slots) >= 7:
        return 0
    chooses = opportunity.choose == "one_or_more" or opportunity.commitment == "flexible"
    return 1 if chooses or opportunity.frequency in ("monthly", "every_two_weeks") else 2


def _costs(opportunity: Opportunity) -> int:
    if opportunity.costs != "none":
        return 2
    return 0 if opportunity.expenses or opportunity.at_home else 1


def _reach(opportunity: Opportunity, policy: Policy) -> int:
    if opportunity.at_home or opportunity.own_neighbourhood:
        return 0
    return 2 if opportunity.postcode in policy.hard_to_reach_postcodes else 1


def _access(opportunity: Opportunity) -> int:
    if opportunity.at_home:
        return 0
    return {"yes": 0, "partly": 1, "no": 2}[opportunity.wheelchair]


def _label(after: Mapping[str, int], sum_tenths: int) -> str:
    if sum_tenths <= 40 and all(level < 2 for factor, level in after.items() if factor != PERSONAL_MATTER):
        return LOW
    if sum_tenths > 80 or (sum_tenths > 60 and any(after[factor] == 2 for factor in HIGH_WHEN_LEFT)):
        return HIGH
    return MIDDLE
