"""What is in order at an organisation: its policy as it says itself, its reception as the volunteer point saw it."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext_lazy as _

from backend.organisations.models import POLICY, POLICY_ITEMS, RECEPTION, RECEPTION_ITEMS, Checklist, Organisation

ITEMS = {POLICY: POLICY_ITEMS, RECEPTION: RECEPTION_ITEMS}
# Everybody reads these on the card.
POLICY_WORDS = {
    "insured": _("Vrijwilligers zijn verzekerd."), "welcome": _("Iemand verwelkomt wie nieuw is."),
    "mentor": _("Iedereen heeft een vaste begeleider."), "costs": _("Je krijgt je kosten terug."),
    "voice": _("Vrijwilligers beslissen mee."), "learning": _("Je kan iets leren."),
}  # fmt: skip


def fill_in(organisation: Organisation, kind: str, met: Collection[str], *, today: date) -> Checklist:
    """What is in order today; the last time counts. Raises ValueError naming an item that is not on that list."""
    if unknown := sorted(set(met) - set(ITEMS[kind])):
        raise ValueError(f"met: {', '.join(unknown)}")
    told = {"met": [one for one in ITEMS[kind] if one in met], "done_on": today}
    return Checklist.objects.update_or_create(organisation=organisation, kind=kind, defaults=told)[0]


def last(organisation: Organisation, kind: str) -> Checklist | None:
    """As it was filled in last; None when nobody ever did."""
    return Checklist.objects.filter(organisation=organisation, kind=kind).first()
