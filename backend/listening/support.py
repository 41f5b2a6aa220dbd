"""Support that organisations ask of each other and of the volunteer point (R026, R027)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from backend.city.load import city
from backend.listening import messages, states
from backend.listening.models import LONGEST, SUPPORT_KINDS, SupportOffer, SupportRequest
from backend.organisations.models import Organisation
from backend.placements.actions import tell


class StepNotAllowed(Exception):
    """The state of the request does not allow this step."""


def ask(organisation: Organisation, kind: str, text: str, needed_on: date | None) -> SupportRequest:
    """Raises ValueError for another kind, or for no words or too many."""
    if kind not in SUPPORT_KINDS:
        raise ValueError(f"kind: {kind!r} is not one of {', '.join(SUPPORT_KINDS)}")
    _expect_words(text)
    return SupportRequest.objects.create(organisation=organisation, kind=kind, text=text, needed_on=needed_on)


@transaction.atomic
def offer(request_id: UUID, organisation: Organisation | None, text: str, *, now: datetime) -> SupportOffer:
    """ "We can help": by an organisation, or by the volunteer point without one. Twice is once; who asked hears it.

    Raises ValueError for no words or too many, StepNotAllowed for what is not open or one's own.
    """
    _expect_words(text)
    found = _locked(request_id)
    if found.state != states.OPEN or found.organisation == organisation:
        raise StepNotAllowed(found.state)
    made, is_new = SupportOffer.objects.get_or_create(request=found, organisation=organisation, defaults={"text": text})
    if is_new:
        tell(messages.about_offer(made), city(found.organisation.city), now=now)
    return made


@transaction.atomic
def agree(request_id: UUID, offer_id: UUID, *, now: datetime) -> SupportRequest:
    """By who asked: this offer is welcome; who offered hears it. Twice is once. Raises StepNotAllowed."""
    found = _locked(request_id)
    if found.state == states.AGREED and found.agreed_with_id == offer_id:
        return found
    taken = found.offers.filter(pk=offer_id).select_related("organisation").first()
    if taken is None:
        raise StepNotAllowed(found.state)
    _step(found, states.AGREED, taken)
    message = messages.about_agreement(found, taken)
    if message:
        tell(message, city(found.organisation.city), now=now)
    return found


@transaction.atomic
def close(request_id: UUID, state: str) -> SupportRequest:
    """By who asked: done, withdrawn, or open again because it fell through. Twice is once. Raises StepNotAllowed."""
    found = _locked(request_id)
    if found.state != state:
        _step(found, state, found.agreed_with if state == states.DONE else None)
    return found


def _step(found: SupportRequest, state: str, with_: SupportOffer | None) -> None:
    if not states.may_step(found.state, state):
        raise StepNotAllowed(f"{found.state} -> {state}")
    found.state, found.agreed_with = state, with_
    found.save(update_fields=["state", "agreed_with", "updated_at"])


def _locked(request_id: UUID) -> SupportRequest:
    return SupportRequest.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=request_id)


def _expect_words(text: str) -> None:
    if not 0 < len(text) <= LONGEST:
        raise ValueError(f"text: 1 to {LONGEST} signs")
