"""The sheet for form C45B: what it asks of the volunteer (part I) and of the organisation (part II), and a letter.

In the language of the city, because its reader is the body that pays the benefit. What we do not keep (address,
national number, which body) has a line to write on. It is made when somebody asks for it and stored nowhere.
"""

import json
from datetime import date

import typst
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from backend.opportunities.models import Opportunity
from backend.opportunities.shown import FREQUENCY_WORDS, MONEY_WORDS
from backend.placements.messages import place_of
from backend.placements.models import Proposal
from backend.placements.note import FORM_WORDS
from matching import words
from notifications.letters import FONTS

SOURCE = "RVA, infoblad E39"
TABLES = """
#let told = json(bytes(sys.inputs.told))
#set document(title: told.title)
#set page(paper: "a4", margin: 20mm)
#set text(size: 11pt, font: told.fonts, lang: told.language)
#set par(leading: 0.7em, spacing: 1em)
#let blank = box(width: 1fr, baseline: -2pt, line(length: 100%, stroke: 0.5pt))
#let part(title, rows) = [
  == #title
  #table(columns: (38%, 62%), stroke: 0.4pt + luma(120), inset: 6pt,
    ..rows.map(row => (text(weight: "bold", row.at(0)), if row.at(1) == "" { blank } else { row.at(1) })).flatten())
]
"""
PAGE = (
    TABLES
    + """
= #told.title
#told.intro

#part(told.person_title, told.person)
#part(told.organisation_title, told.organisation)
#text(size: 9pt, told.source)
#pagebreak()
= #told.letter_title
#for line in told.letter [#line

]
#v(3em)
#grid(columns: (1fr, 1fr), gutter: 2em, told.signed_on, told.signed)
"""
)


def sheet_of(proposal: Proposal, today: date) -> bytes:
    """A PDF of two pages of A4."""
    place = place_of(proposal)
    with translation.override(place.language):
        return typst.compile(PAGE.encode(), sys_inputs={"told": json.dumps(facts_of(proposal, place.language, today))})


def facts_of(proposal: Proposal, language: str, today: date) -> dict[str, object]:
    """Everything that stands on the sheet, in the language that is active now."""
    opportunity, organisation = proposal.opportunity, proposal.opportunity.organisation
    where = f"{opportunity.postcode} {opportunity.neighbourhood}"
    return {
        "title": gettext("Gegevens voor formulier C45B"),
        "intro": gettext("Neem dit over op het formulier. Je vindt het op rva.be of bij je uitbetalingsinstelling."),
        "fonts": FONTS,
        "language": language,
        "person_title": gettext("Deel I: de vrijwilliger"),
        "person": [
            [gettext("Voornaam en naam"), f"{proposal.volunteer.first_name} ..............................."],
            [gettext("Rijksregisternummer"), ""],
            [gettext("Adres"), ""],
            [gettext("Uitbetalingsinstelling"), "□ ABVV   □ ACV   □ ACLVB   □ HVW"],
        ],
        "organisation_title": gettext("Deel II: de organisatie"),
        "organisation": [
            [gettext("Naam"), organisation.name],
            [gettext("Soort organisatie"), str(FORM_WORDS.get(organisation.legal_form, ""))],
            [gettext("Nummer in het Verenigingsregister"), organisation.vcode or ""],
            [gettext("Straat en nummer"), organisation.street],
            [gettext("Gemeente"), f"{organisation.postcode} {organisation.neighbourhood}"],
            [gettext("Wie ondertekent"), organisation.contact_label],
            [gettext("Wat de vrijwilliger doet"), f"{opportunity.title}. {opportunity.text}"],
            [gettext("Waar"), gettext("Bij de vrijwilliger thuis") if opportunity.at_home else where],
            [gettext("Wanneer"), when_said(opportunity, proposal.volunteer.profile.available, language)],
            [gettext("Van wanneer tot wanneer"), _period(opportunity)],
            [gettext("Vergoeding"), _money(opportunity)],
        ],
        "source": gettext("Wat je moet melden: {source}. Gemaakt op {day}.").format(source=SOURCE, day=day_said(today)),
        "letter_title": gettext("Brief bij formulier C45B"),
        "letter": [
            gettext("Aan mijn uitbetalingsinstelling"),
            gettext("Ik meld dat ik vrijwilligerswerk wil doen bij {name} ({where}).").format(
                name=organisation.name, where=f"{organisation.postcode} {organisation.neighbourhood}"
            ),
            gettext("Ik doe dit gratis, volgens de wet van 3 juli 2005. Het formulier zit hierbij."),
            gettext("Wil je mij laten weten dat je dit kreeg? Dank je."),
        ],
        "signed_on": gettext("Datum:"),
        "signed": gettext("Naam en handtekening:"),
    }


def when_said(opportunity: Opportunity, available: list[str], language: str) -> str:
    """How often, on which of the day parts that both have, and how long."""
    shared = [words.slot_words(one, language) for one in opportunity.slots if one in available] or [
        words.slot_words(one, language) for one in opportunity.slots
    ]
    hours = gettext("{hours} uur per keer").format(hours=f"{opportunity.hours_per_time.normalize():f}")
    return f"{FREQUENCY_WORDS[opportunity.frequency]}: {', '.join(shared)}. {hours}."


def _period(opportunity: Opportunity) -> str:
    begins, ends = opportunity.period_from, opportunity.period_until
    if begins is None:
        return gettext("Voor onbepaalde tijd")
    return f"{day_said(begins)} - {day_said(ends)}" if ends else gettext("Vanaf {day}").format(day=day_said(begins))


def _money(opportunity: Opportunity) -> str:
    said = [str(MONEY_WORDS[code]) for code in (opportunity.costs, *opportunity.expenses) if code in MONEY_WORDS]
    amount = opportunity.flat_rate_per_day_eur
    return " ".join([*said, f"{amount} euro." if amount else ""]).strip() or gettext("Geen")


def day_said(day: date) -> str:
    """In the language that is active."""
    return date_format(day, "j F Y")
