"""Reasons as codes and values, each from one stored part or limit (matching rules 7). No line without its fact."""

from collections.abc import Iterable

from matching import availability, geo, languages, skills, threshold
from matching.catalogue import Catalogue
from matching.policy import Policy
from matching.prepared import Prepared
from matching.types import LOCAL_LANGUAGE, Explanation, Fit, Line, Part, TalentProfile

TALENT_CODES = ("talent_good", "talent_can", "talent_learn")
# Equal points keep the order of the table in rules 7.1.
ORDER = (
    *TALENT_CODES,
    "theme",
    "at_home",
    "own_wijk",
    "near",
    "time",
    "once",
    "dutch_ok",
    "language_welcome",
    "wish",
    "wanted",
)
TALENTS_SHOWN = 2
# Support that means something to some people only: it goes last for those who did not ask for it.
FOR_SOME = {"kinderen_mee": "kinderen_mee_nodig", "toeleider_mee": "toeleider_mee"}
PHOTO_BOUNDARY = "geen_fotos_van_mij"
PROMISED = ("alcohol_minor", "photos")  # rules 3.6 and 4 promise these lines, so they go first


def explain(profile: TalentProfile, asked: Prepared, fit: Fit, catalogue: Catalogue, policy: Policy) -> Explanation:
    """Every line about an eligible pair. Fewer than `reasons_min` reasons means: not sent automatically."""
    ranked = _ranked(_positive(profile, asked, fit, policy))
    return Explanation(
        reasons=tuple(ranked[: policy.reasons_max]),
        not_perfect=_not_perfect(profile, asked, fit, catalogue, policy),
        easy_start=_easy_start(profile, asked, fit, catalogue, policy),
        for_organisation=_for_organisation(profile, asked, fit, catalogue, policy),
    )


def _positive(profile: TalentProfile, asked: Prepared, fit: Fit, policy: Policy) -> Iterable[tuple[int, Line]]:
    """Everything that is true and kind, with the points it brought."""
    opportunity = asked.opportunity
    for part in fit.of("talent"):
        code = _talent_code(part, asked)
        if code:
            yield part.points, Line(code, (("talent", part.about),))
    for part in fit.of("theme"):
        yield part.points, Line("theme", (("theme", part.about),))
    own_wijk = fit.of("own_wijk")
    if own_wijk:
        yield own_wijk[0].points, Line("at_home" if opportunity.at_home else "own_wijk")
    elif fit.distance_km <= policy.near_share * profile.max_km:
        yield 0, Line("near", (("km", _km(fit.distance_km)),))
    yield 0, Line("time", (("slot", availability.shared_slots(profile, opportunity)[0]),))
    if opportunity.commitment == "once":
        yield 0, Line("once")
    if not languages.needs_dutch_slack(profile, opportunity):
        if languages.rank(profile, LOCAL_LANGUAGE) < languages.RANK["C1"]:
            yield 0, Line("dutch_ok")
    for part in fit.of("language_welcome"):
        yield part.points, Line("language_welcome", (("language", part.about),))
    for part in fit.of("wish"):
        yield part.points, Line(f"wish_{part.about}")
    if any(part.points > 0 for part in fit.of("spread")):
        yield -1, Line("wanted")  # only when nothing better is left


def _talent_code(part: Part, asked: Prepared) -> str | None:
    if part.raw == 1:
        return "talent_learn" if skills.is_taught(asked.opportunity) else None
    return "talent_good" if part.raw == 3 else "talent_can"


def _ranked(found: Iterable[tuple[int, Line]]) -> list[Line]:
    """Highest points first, at most one line per code and two for talents."""
    chosen: list[Line] = []
    talents = 0
    for _points, line in sorted(found, key=lambda pair: (-pair[0], _place(pair[1].code), pair[1].values)):
        if line.code in TALENT_CODES:
            talents += 1
            if talents > TALENTS_SHOWN:
                continue
        elif any(line.code == earlier.code for earlier in chosen):
            continue
        chosen.append(line)
    return chosen


def _place(code: str) -> tuple[int, str]:
    return (ORDER.index("wish"), code) if code.startswith("wish_") else (ORDER.index(code), "")


def _not_perfect(
    profile: TalentProfile, asked: Prepared, fit: Fit, catalogue: Catalogue, policy: Policy
) -> tuple[Line, ...]:
    opportunity, km = asked.opportunity, fit.distance_km
    is_ridden = geo.is_ride_used(km, opportunity, policy)
    open_wishes = [
        code for code, wish in catalogue.wishes.items() if wish.counts and code in profile.wishes - asked.fulfils
    ]
    facts = [
        ("alcohol_minor", profile.age < 18 and "alcohol" in opportunity.features),
        ("photos", PHOTO_BOUNDARY in profile.boundaries and "in_beeld" in opportunity.features),
        ("far", not is_ridden and km > policy.far_share * profile.max_km),
        ("dutch_slack", languages.needs_dutch_slack(profile, opportunity)),
        ("extract", opportunity.extract_596_2),
        ("wheelchair_partly", _is_partly_accessible(profile, asked)),
        ("adapted", not asked.softened.isdisjoint(profile.boundaries)),
        ("ride", is_ridden),
        ("wish_open", bool(open_wishes)),
        ("talent_unused", not fit.of("talent")),
    ]
    values = {"far": (("km", _km(km)),), "wish_open": tuple(("wish", code) for code in open_wishes[:1])}
    lines = [Line(code, values.get(code, ())) for code, is_true in facts if is_true]
    return tuple(lines[: policy.not_perfect_max])


def _is_partly_accessible(profile: TalentProfile, asked: Prepared) -> bool:
    opportunity = asked.opportunity
    return "rolstoel" in profile.boundaries and opportunity.wheelchair == "partly" and not opportunity.at_home


def _easy_start(
    profile: TalentProfile, asked: Prepared, fit: Fit, catalogue: Catalogue, policy: Policy
) -> tuple[Line, ...]:
    """The support that helps most: first what lowers a factor that counts for this person, then the others."""

    def helps(code: str) -> int:
        lowered = catalogue.support[code].lowers
        touched = [
            factor
            for factor in lowered
            if threshold.counts_for(factor, profile, asked.opportunity, fit.distance_km, policy)
        ]
        return len(touched)

    def is_beside_the_point(code: str) -> bool:
        return code in FOR_SOME and FOR_SOME[code] not in profile.boundaries | profile.wishes

    offered = [code for code in catalogue.support if code in asked.opportunity.support]
    best = sorted(offered, key=lambda code: (is_beside_the_point(code), -helps(code)))[: policy.easy_start_max]
    return tuple(Line("support", (("support", code),)) for code in best)


def _for_organisation(
    profile: TalentProfile, asked: Prepared, fit: Fit, catalogue: Catalogue, policy: Policy
) -> tuple[Line, ...]:
    """The same positive facts without anything private (rules 7.4).

    A pair whose needed talent is only for the volunteer point to see says one sentence and nothing else.
    """
    opportunity = asked.opportunity
    hidden = profile.talents_point_only | {code for code, talent in catalogue.talents.items() if talent.is_sensitive}
    needed = skills.needed_talents_held(profile, opportunity)
    if needed and needed <= hidden:
        return (Line("fits_what_you_ask"),)
    shown: list[tuple[int, Line]] = []
    for points, line in _positive(profile, asked, fit, policy):
        about = dict(line.values)
        if line.code.startswith("wish_") or line.code in ("wanted", "dutch_ok", "once", "near"):
            continue
        if line.code in TALENT_CODES and about["talent"] in hidden:
            continue
        shown.append((points, line))
    lines = _ranked(shown)[: policy.reasons_max]
    if not any(line.code in ("at_home", "own_wijk") for line in lines):
        lines.append(Line("distance", (("km", str(max(1, round(fit.distance_km)))),)))
    return tuple(lines)


def _km(km: float) -> str:
    """One decimal; words for "around the corner" belong to `words.py`."""
    return f"{km:.1f}"
