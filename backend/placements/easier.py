"""What makes an opportunity easier to start with: how many more people then fit, and what one tap changes."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from backend.city.load import city
from backend.common import packed
from backend.common.small import PUBLISHED
from backend.opportunities.case import facts_of
from backend.opportunities.models import Opportunity
from backend.talent.models import MatchProfile
from backend.ui.spoken import label_of
from matching import whatif
from matching.catalogue import Catalogue, load_catalogue
from matching.columns import People
from matching.packing import Layout, layout_for
from matching.threshold import HIGH, LOW, MIDDLE, thresholds

HINTS_SHOWN = 3
COUNTED_AGAIN_AFTER = timedelta(minutes=10)
METER = 12  # the weighted sum of the factors from which the meter is empty (design: 12 minus the sum)
LABEL_WORDS = {"laag": _("Makkelijk om te beginnen"), "midden": _("Een stapje meer"), "hoog": _("Vraagt wat meer")}
LEVEL_WORDS = {LOW: _("laag"), MIDDLE: _("midden"), HIGH: _("hoog")}
# What one tap changes: {value} is a level of Dutch or a kind of support.
HINT_WORDS = {
    "dutch": _("Vraag minder Nederlands. Dit is genoeg: {value}."),
    "support": _("Bied aan: “{value}”."),
    "one_slot": _("Laat mensen kiezen: één van de momenten is genoeg."),
    "talent_welcome": _("Vraag geen ervaring: wie het wil leren, is ook welkom."),
    "language_welcome": _("Vraag geen andere taal: wie ze spreekt, is welkom."),
    "licence": _("Vraag geen rijbewijs."),
    "commitment": _("Vraag geen vaste belofte: wie wil, mag stoppen."),
    "costs": _("Laat niemand iets betalen."),
}
DUTCH_WORDS = {
    "A0": _("geen Nederlands"), "A1": _("een beetje"), "A2": _("gewone dingen zeggen"), "B1": _("een gewoon gesprek"),
    "B2": _("vlot spreken"), "C1": _("heel vlot spreken"),
}  # fmt: skip
_known: dict[str, tuple[datetime, People]] = {}


@dataclass(frozen=True, slots=True)
class Hint:
    """One change. `more` is how many people would fit as well, None when that is too few to tell; `lowers` are factors
    with their level before and after, in words.
    """

    code: str
    value: str
    words: str
    more: int | None
    lowers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Start:
    """How easy a start is: the label of the rules, a meter from 0 to 12, the factors that are not low, and hints."""

    label: str
    meter: float
    factors: tuple[tuple[str, str], ...]
    hints: tuple[Hint, ...]


def start_of(opportunity: Opportunity, now: datetime) -> Start:
    """Counts over everybody with a profile in this city, as they were at most ten minutes ago."""
    place, catalogue = city(opportunity.city), load_catalogue()
    policy, facts = place.matching.policy, facts_of(opportunity)
    level = thresholds(facts, catalogue, policy)
    counted = whatif.for_opportunity(facts, _people(place.slug, now), layout_for(policy), catalogue, policy)
    more = {(one.code, one.value): one.more for one in counted}
    changes = {(code, value): changed for code, value, changed in whatif.easier(facts) if code in HINT_WORDS}
    for code in catalogue.support:
        changes.setdefault(("support", code), dataclasses.replace(facts, support=facts.support | {code}))
    hints = []
    for (code, value), changed in changes.items():
        then = thresholds(changed, catalogue, policy)
        lowers = tuple(
            (_factor(one, catalogue), _level(level.after[one]), _level(then.after[one]))
            for one in level.after
            if then.after[one] < level.after[one]
        )
        count = more.get((code, value), 0)
        if lowers or count >= PUBLISHED:
            hints.append((count, level.sum_tenths - then.sum_tenths, _hint(code, value, count, lowers, catalogue)))
    best = sorted(hints, key=lambda one: (-one[0], -one[1], one[2].code, one[2].value))
    return Start(
        level.label,
        max(0.0, METER - level.sum_tenths / 10),
        tuple((_factor(one, catalogue), _level(at)) for one, at in level.after.items() if at),
        tuple(hint for _count, _lower, hint in best[:HINTS_SHOWN]),
    )


def easier(record: dict[str, Any], code: str, value: str) -> dict[str, Any]:
    """A record of the city sample format with one hint taken. Raises KeyError for a hint that does not exist."""
    match code:
        case "dutch":
            return {**record, "dutch_min": value}
        case "support":
            return {**record, "support": [*record["support"], value]}
        case "one_slot":
            return {**record, "times": {**record["times"], "choose": "one_or_more"}}
        case "talent_welcome":
            welcome = [*record["talents_any_of"], *record["talents_welcome"]]
            return {**record, "talents_any_of": [], "talents_welcome": welcome}
        case "language_welcome":
            welcome = [*record["languages_any_of"], *record["languages_welcome"]]
            return {**record, "languages_any_of": [], "languages_welcome": list(dict.fromkeys(welcome))}
        case "licence":
            features = [one for one in record["features"] if one != "eigen_auto"]
            return {**record, "driving_licence_b": False, "features": features}
        case "commitment":
            return {**record, "commitment": {**record["commitment"], "type": value, "min_weeks": 0}}
        case "costs":
            return {**record, "costs": value}
    raise KeyError(code)


def _factor(code: str, catalogue: Catalogue) -> str:
    return label_of("thresholds", code, catalogue.thresholds[code].label)


def _level(height: int) -> str:
    return str(LEVEL_WORDS[(LOW, MIDDLE, HIGH)[height]])


def _hint(code: str, value: str, count: int, lowers: tuple[tuple[str, str, str], ...], catalogue: Catalogue) -> Hint:
    said = str(DUTCH_WORDS.get(value, value))
    if code == "support":
        said = label_of("support_labels", value, catalogue.support[value].label)
    return Hint(code, value, str(HINT_WORDS[code]).format(value=said), count if count >= PUBLISHED else None, lowers)


def _people(slug: str, now: datetime) -> People:
    """Everybody as matching knows them; read again after ten minutes, so that a tap costs no reading of everybody."""
    policy = city(slug).matching.policy
    known = _known.get(slug)
    if known is None or not known[0] <= now < known[0] + COUNTED_AGAIN_AFTER:
        layout: Layout = layout_for(policy)
        records = np.frombuffer(packed.everything(MatchProfile, slug), layout.profile)
        known = _known[slug] = now, People(records, layout, policy, today=city(slug).local(now).date())
    return known[1]


def forget() -> None:
    """The next question reads everybody again."""
    _known.clear()
