"""What somebody did as a volunteer, on paper: only when they ask for it, and without a word about a status (R041)."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import typst
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from backend.city.load import city
from backend.engagements.models import BY_ORGANISATION, DAYS_NEEDED
from backend.placements.models import Placement
from matching.catalogue import load_catalogue
from notifications.letters import FONTS

LANGUAGES = ("nl", "en")  # who reads it: an employer, a school, an office here or elsewhere
PAGE = """
#let told = json(bytes(sys.inputs.told))
#set document(title: told.title)
#set page(paper: "a4", margin: 25mm)
#set text(size: 12pt, font: told.fonts, lang: told.language)
#set par(leading: 0.8em, spacing: 1.2em)
#let blank = line(length: 100%, stroke: 0.5pt)
= #told.title
#v(1em)
#text(size: 20pt, weight: "bold", told.name)
#v(0.5em)
#for line in told.lines [#line

]
#if told.talents.len() > 0 [
  == #told.talents_title
  #for one in told.talents [- #one.label#if one.esco != "" [ #text(size: 9pt, [(ESCO: #one.esco)])]
  ]
]
#if told.learned.len() > 0 [
  == #told.learned_title
  #for one in told.learned [- #one
  ]
]
#v(3em)
#grid(columns: (1fr, 1fr), gutter: 2em, [#told.signed_on #v(2em) #blank], [#told.signed #v(2em) #blank])
#v(1fr)
#text(size: 9pt, told.foot)
"""


@dataclass(frozen=True, slots=True)
class Helped:
    """The facts of a certificate. `talents` are those that the task uses and this person showed; hidden ones never."""

    name: str
    organisation: str
    task: str
    first: date
    last: date
    times: int
    hours: Decimal
    talents: tuple[str, ...]
    learned: tuple[str, ...]  # in the words of the person; the organisation says that they can (R013)


def helped(placement: Placement) -> Helped | None:
    """None before the third day that the organisation confirmed: what only the person said is not for us to sign."""
    confirmed = [one for one in placement.engagements.all() if one.confirmed_by == BY_ORGANISATION]
    days = sorted(confirmed, key=lambda one: one.day)
    if len(days) < DAYS_NEEDED:
        return None
    proposal = placement.proposal
    opportunity, profile = proposal.opportunity, proposal.volunteer.profile
    known = load_catalogue().talents
    used = {*opportunity.talents_any_of, *opportunity.talents_welcome}
    shown = sorted(one.talent for one in profile.talents.all() if one.talent in used and not one.point_only)
    return Helped(
        name=proposal.volunteer.first_name,
        organisation=opportunity.organisation.name,
        task=opportunity.title,
        first=days[0].day,
        last=days[-1].day,
        times=len(days),
        hours=sum((one.hours for one in days), Decimal(0)),
        talents=tuple(code for code in shown if not known[code].is_sensitive),
        learned=tuple(sorted(one.text for one in placement.learning_goals.all() if one.learned_on)),
    )


def certificate_of(placement: Placement, told: Helped, language: str, today: date) -> bytes:
    """A PDF of one page of A4, in one of LANGUAGES."""
    with translation.override(language):
        facts = facts_of(placement, told, language, today)
        return typst.compile(PAGE.encode(), sys_inputs={"told": json.dumps(facts)})


def facts_of(placement: Placement, told: Helped, language: str, today: date) -> dict[str, object]:
    """Everything that stands on the page, in the language that is active now."""
    place = city(placement.proposal.volunteer.city)
    catalogue, first, last = load_catalogue(), _day(told.first), _day(told.last)
    return {
        "title": gettext("Attest van vrijwilligerswerk"),
        "fonts": FONTS,
        "language": language,
        "name": f"{told.name} ........................................",
        "lines": [
            gettext("hielp als vrijwilliger bij {name}.").format(name=told.organisation),
            gettext("Wat: {task}.").format(task=told.task),
            gettext("Van {first} tot {last}: {times} keer, {hours} uur.").format(
                first=first, last=last, times=told.times, hours=number_format(told.hours.normalize(), use_l10n=True)
            ),
        ],
        "talents_title": gettext("Talenten in deze taak"),
        "talents": [
            {
                "label": catalogue.label_in(language, "talents", one, catalogue.talents[one].label),
                "esco": catalogue.talents[one].esco_title,
            }
            for one in told.talents
        ],
        "learned_title": gettext("Geleerd in deze taak"),
        "learned": told.learned,
        "signed_on": gettext("Datum:"),
        "signed": gettext("Voor de organisatie:"),
        "foot": gettext("Gemaakt op {day}, op vraag van de vrijwilliger, door {point}.").format(
            day=_day(today), point=f"Helpende handen {place.matching.name}"
        ),
    }


def _day(day: date) -> str:
    return date_format(day, "j F Y")
