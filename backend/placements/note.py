"""The information note: what an organisation must tell before somebody starts (law of 3 July 2005, art. 4)."""

import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.opportunities.models import Opportunity
from backend.opportunities.shown import MONEY_WORDS

VERSION_LENGTH = 12
FORM_WORDS = {
    "vzw": _("Een vzw: een vereniging zonder winst."), "de_facto_association": _("Een groep mensen zonder vzw."),
    "public_body": _("Een dienst van de overheid."), "school": _("Een school."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """`version` changes with every fact that is told, whatever the language; `about` is in the organisation's own."""

    version: str
    form: str
    about: str
    insured: tuple[str, ...]
    money: tuple[str, ...]
    contact: str


def note_of(opportunity: Opportunity) -> Note:
    """In the language of the page, from what the organisation and the opportunity say now."""
    organisation = opportunity.organisation
    facts = (
        organisation.name, organisation.legal_form, organisation.description, organisation.liability_insurance,
        organisation.accident_insurance, organisation.contact_label, opportunity.costs, sorted(opportunity.expenses),
    )  # fmt: skip
    insured = [gettext("Maak je iets stuk tijdens het helpen? De verzekering van de organisatie betaalt.")]
    if organisation.accident_insurance:
        insured.append(gettext("Er is ook een verzekering voor ongevallen."))
    else:
        insured.append(gettext("Er is geen verzekering voor ongevallen."))
    codes = (opportunity.costs, *opportunity.expenses)
    money = [str(MONEY_WORDS[code]) for code in codes if code in MONEY_WORDS]
    return Note(
        version=hashlib.sha256(repr(facts).encode()).hexdigest()[:VERSION_LENGTH],
        form=str(FORM_WORDS.get(organisation.legal_form, "")),
        about=organisation.description,
        insured=tuple(insured),
        money=tuple(money) or (gettext("Je krijgt geen geld. Je betaalt ook niets."),),
        contact=organisation.contact_label,
    )
