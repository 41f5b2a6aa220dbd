"""What a page for everybody shows of an opportunity: words for codes, in the language of the page."""

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django.utils.safestring import SafeString
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from backend.opportunities.filters import STAIRS
from backend.opportunities.models import LABELS, Opportunity
from backend.ui.pictures import Picture, pictures
from backend.ui.spoken import spoken_language
from matching import words
from matching.catalogue import load_catalogue
from matching.types import DAY_PARTS, DAYS, Line

SLOTS_SAID = 2  # more do not fit on a card
EASIEST = LABELS[0]
YOUNGEST = 15  # whom the law lets volunteer at all
FREQUENCY_WORDS = {
    "weekly": _("Elke week"), "every_two_weeks": _("Om de 2 weken"), "monthly": _("Elke maand"),
    "once": _("Eén keer"), "flexible": _("Zo vaak je wil"),
}  # fmt: skip
DUTCH_NEEDED = {
    "A0": _("Je hoeft geen Nederlands te kennen."),
    "A1": _("Een beetje Nederlands is genoeg."),
    "A2": _("Je kan gewone dingen zeggen in het Nederlands."),
    "B1": _("Je kan een gewoon gesprek voeren in het Nederlands."),
    "B2": _("Je spreekt vlot Nederlands."),
}
MONEY_WORDS = {
    "advance": _("Je betaalt eerst zelf. Je krijgt het terug."), "own": _("Je betaalt zelf iets."),
    "travel": _("Je vervoer wordt betaald."), "mileage": _("Je kilometers worden betaald."),
    "meal": _("Je krijgt een maaltijd."), "flat_rate": _("Je krijgt een vast bedrag per dag."),
    "real_costs": _("Je krijgt je kosten terug."),
}  # fmt: skip
WHEELCHAIR_WORDS = {
    "yes": _("Je kan binnen met een rolstoel."), "partly": _("Met een rolstoel kan je niet overal komen."),
    "no": _("Je kan niet binnen met een rolstoel."),
}  # fmt: skip
INSIDE_A_SCRIPT = {ord(one): f"\\u{ord(one):04x}" for one in "<>&"}


def card(opportunity: Opportunity) -> dict[str, Any]:
    """For a list: what it is, where, when, and whether it is easy to begin."""
    return {
        "opportunity": opportunity,
        "picture": picture(opportunity),
        "frequency": FREQUENCY_WORDS[opportunity.frequency],
        "slots": [words.slot_words(one, spoken_language()) for one in opportunity.slots]
        if len(opportunity.slots) <= SLOTS_SAID
        else [],
        "is_easy": opportunity.threshold == EASIEST,
    }


def whole(opportunity: Opportunity) -> dict[str, Any]:
    """For a page of its own: everything somebody wants to know before saying that they want this."""
    catalogue, language = load_catalogue(), spoken_language()
    return {
        **card(opportunity),
        "times": times(opportunity.slots),
        "themes": [catalogue.label_in(language, "themes", code, catalogue.themes[code]) for code in opportunity.themes],
        "talents": [
            catalogue.label_in(language, "talents", code, catalogue.talents[code].label)
            for code in (*opportunity.talents_any_of, *opportunity.talents_welcome)
        ],
        "dutch": DUTCH_NEEDED.get(opportunity.dutch_min, DUTCH_NEEDED["B2"]),
        "languages": [catalogue.own_names[code] for code in opportunity.languages_any_of],
        "minimum_age": opportunity.min_age if opportunity.min_age > YOUNGEST else None,
        "money": [MONEY_WORDS[code] for code in (opportunity.costs, *opportunity.expenses) if code in MONEY_WORDS],
        "wheelchair": "" if opportunity.at_home else WHEELCHAIR_WORDS[opportunity.wheelchair],
        "has_stairs": STAIRS in opportunity.features,
        "easy": [
            words.say(Line("support", (("support", code),)), catalogue, words.VOLUNTEER, language)
            for code in opportunity.support
        ],
    }


def picture(opportunity: Opportunity) -> Picture | None:
    """The drawing of the first talent that has one."""
    talents = (*opportunity.talents_any_of, *opportunity.talents_welcome)
    return next((pictures()[code] for code in talents if code in pictures()), None)


def times(slots: Sequence[str]) -> list[str]:
    """ "maandag: voormiddag, namiddag" for each day with a time."""
    known, language = words.small_words(), spoken_language()
    found = []
    for day in DAYS:
        parts = [known[language, part] for part in DAY_PARTS if f"{day}-{part}" in slots]
        if parts:
            found.append(f"{known[language, day]}: {', '.join(parts)}")
    return found


def as_job_posting(opportunity: Opportunity, url: str, city_name: str) -> SafeString:
    """As search engines read it (schema.org JobPosting), safe inside a script element."""
    until = opportunity.period_until
    posting = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": opportunity.title,
        "description": opportunity.text,
        "identifier": str(opportunity.pk),
        "datePosted": opportunity.published_at and opportunity.published_at.date().isoformat(),
        "validThrough": until and make_aware(datetime.combine(until, time.max)).isoformat(timespec="seconds"),
        "employmentType": "VOLUNTEER",
        "directApply": True,
        "url": url,
        "inLanguage": opportunity.language,
        "hiringOrganization": {"@type": "Organization", "name": opportunity.organisation.name},
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "postalCode": opportunity.postcode,
                "addressLocality": city_name,
                "addressCountry": "BE",
            },
        },
    }
    known = {name: value for name, value in posting.items() if value is not None}
    return SafeString(json.dumps(known, ensure_ascii=False).translate(INSIDE_A_SCRIPT))
