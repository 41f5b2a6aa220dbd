"""The agreement note: two-sided, on paper, for organisations under the Flemish decree of 3 April 2009 (law.md 2).

In the language of the city. It holds a first name and a line to write on; it is made when somebody asks for it and
stored nowhere. What is kept is the day on which both signed.
"""

import json
from datetime import date

import typst
from django.utils import translation
from django.utils.translation import gettext

from backend.placements.messages import place_of
from backend.placements.models import Proposal
from backend.placements.note import FORM_WORDS, note_of
from backend.placements.sheet import TABLES, day_said, when_said
from notifications.letters import FONTS

PAGE = (
    TABLES
    + """
= #told.title
#text(size: 9pt, told.source)
#part(told.who_title, told.who)
#part(told.what_title, told.what)
== #told.promises_title
#for line in told.promises [- #line
]
#v(2em)
#grid(columns: (1fr, 1fr), gutter: 2em, row-gutter: 4em, told.signed_on, [], told.organisation_signs, told.person_signs)
"""
)


def agreement_of(proposal: Proposal, today: date) -> bytes:
    """A PDF of one page of A4, to print twice and sign."""
    place = place_of(proposal)
    with translation.override(place.language):
        told = json.dumps(facts_of(proposal, place.language, today))
        return typst.compile(PAGE.encode(), sys_inputs={"told": told})


def facts_of(proposal: Proposal, language: str, today: date) -> dict[str, object]:
    """Everything that stands on it, in the language that is active now."""
    opportunity, organisation = proposal.opportunity, proposal.opportunity.organisation
    note = note_of(opportunity)
    return {
        "title": gettext("Afsprakennota"),
        "fonts": FONTS,
        "language": language,
        "source": gettext("Decreet van 3 april 2009 over vrijwilligerswerk. Gemaakt op {day}.").format(
            day=day_said(today)
        ),
        "who_title": gettext("Wie"),
        "who": [
            [gettext("Vrijwilliger"), f"{proposal.volunteer.first_name} ..............................."],
            [gettext("Organisatie"), organisation.name],
            [gettext("Soort organisatie"), str(FORM_WORDS.get(organisation.legal_form, ""))],
            [gettext("Wie begeleidt"), organisation.contact_label],
        ],
        "what_title": gettext("Wat"),
        "what": [
            [gettext("Wat de vrijwilliger doet"), f"{opportunity.title}. {opportunity.text}"],
            [gettext("Wanneer"), when_said(opportunity, proposal.volunteer.profile.available, language)],
            [gettext("Vergoeding"), " ".join(note.money)],
            [gettext("Verzekering"), " ".join(note.insured)],
        ],
        "promises_title": gettext("Wij spreken af"),
        "promises": [
            gettext("De vrijwilliger doet dit vrij en gratis. Stoppen kan altijd."),
            gettext("De organisatie begeleidt, en zorgt voor een veilige plek."),
            gettext("Wat de vrijwilliger over mensen hoort, blijft daar."),
            gettext("Loopt het moeilijk? Dan praten we. Het vrijwilligerspunt helpt: {phone}.").format(
                phone=place_of(proposal).phone
            ),
        ],
        "signed_on": gettext("Datum:"),
        "organisation_signs": gettext("Naam en handtekening van de organisatie:"),
        "person_signs": gettext("Naam en handtekening van de vrijwilliger:"),
    }
