"""How well an eligible pair fits: each factor in integer points, parts kept (matching rules 5)."""

from matching import geo, languages, skills, threshold
from matching.catalogue import Catalogue
from matching.policy import Policy
from matching.prepared import Prepared
from matching.types import Fit, Part, TalentProfile


def score(profile: TalentProfile, asked: Prepared, km: float, catalogue: Catalogue, policy: Policy) -> Fit:
    """The fit of an eligible pair. `km` is `geo.distance_km`; the ride rule never changes the score."""
    opportunity = asked.opportunity
    parts = [_talent(code, profile, asked, catalogue, policy) for code in skills.matched_talents(profile, opportunity)]
    parts += [
        Part("theme", 1, policy.theme, policy.theme, code) for code in sorted(opportunity.themes & profile.themes)
    ]
    parts.append(Part("distance", km, -policy.distance_per_km, -round(km * policy.distance_per_km)))
    if geo.is_own_wijk(profile, opportunity):
        parts.append(Part("own_wijk", 1, policy.own_wijk, policy.own_wijk))
    welcome = languages.spoken(profile, opportunity.languages_welcome)
    if welcome:
        parts.append(Part("language_welcome", 1, policy.language_welcome, policy.language_welcome, welcome[0]))
    parts += [Part("wish", 1, policy.wish, policy.wish, code) for code in sorted(asked.fulfils & profile.wishes)]
    tenths = threshold.personal_tenths(profile, opportunity, asked.levels, km, catalogue, policy)
    ease = policy.ease_per_threshold_point
    parts.append(Part("ease", tenths / 10, -ease, -(tenths * ease // 10)))
    return Fit(tuple(parts), km)


def _talent(code: str, profile: TalentProfile, asked: Prepared, catalogue: Catalogue, policy: Policy) -> Part:
    level = profile.talents[code]
    learned = policy.talent_learn_taught if skills.is_taught(asked.opportunity) else policy.talent_learn_alone
    weight = {1: learned, 2: policy.talent_can, 3: policy.talent_good}[level]
    if catalogue.talents[code].group in policy.half_groups:
        weight //= 2
    return Part("talent", level, weight, weight, code)
