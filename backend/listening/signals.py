"""Signals for policy: left by anybody, bundled by the volunteer point, closed only with an answer (R028, R060)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.city.load import CityFile, city
from backend.listening import messages, states
from backend.listening.models import BY_SMS, LONGEST, TITLE_LONGEST, Signal, SignalGroup
from backend.placements.actions import tell
from backend.talent import codes

SMS_WORDS = ("signaal", "signal", "sinyal", "إشارة")  # how a text message begins that is one


def leave(place: CityFile, theme: str, text: str, *, source: str, language: str, contact: str, code: str) -> Signal:
    """The same code twice is one signal: a second tap changes nothing."""
    told = {"city": place.slug, "theme": theme, "text": text, "source": source}
    told |= {"language": language, "contact": contact}
    made, _is_new = Signal.objects.get_or_create(code_hash=codes.hash_of(code), defaults=told)
    return made


def leave_by_sms(place: CityFile, phone: str, text: str, *, number: str) -> Signal | None:
    """ "SIGNAAL de bus rijdt niet op zondag", from any phone: it hears the answer. None for another text message.

    `number` is what the gateway calls the message: one that it brings twice is one.
    """
    word, _space, said = text.strip().partition(" ")
    said = said.strip()[:LONGEST]
    if word.casefold().strip(":,.") not in SMS_WORDS or not said:
        return None
    return leave(
        place, "other", said, source=BY_SMS, language=place.language, contact=phone, code=f"sms {phone} {number}"
    )


@transaction.atomic
def bundle(signal_id: UUID, title: str) -> SignalGroup:
    """Put a signal with others under a title; a group that is decided takes no more. Raises ValueError for no title,
    a long one, or that of a group that is decided.
    """
    signal = Signal.objects.select_for_update().get(pk=signal_id)
    if not 0 < len(title) <= TITLE_LONGEST:
        raise ValueError("title: 1 to 120 signs")
    group, _is_new = SignalGroup.objects.select_for_update().get_or_create(city=signal.city, title=title)
    if group.state == states.DECIDED:
        raise ValueError("title: this group is decided; take another one")
    signal.group = group
    signal.save(update_fields=["group", "updated_at"])
    return group


@transaction.atomic
def move(group_id: UUID, state: str, answer: str, *, now: datetime) -> SignalGroup:
    """Taken to policy, or decided with an answer in plain words: then everybody who left a contact hears it, once, and
    the contacts go. The first decision stands. Raises ValueError for a step back, or for no words or too many.
    """
    group = SignalGroup.objects.select_for_update().get(pk=group_id)
    if group.state == states.DECIDED:
        return group
    if state not in (states.WITH_POLICY, states.DECIDED):
        raise ValueError(f"state: {state!r} is no next step")
    if state == states.DECIDED:
        if not 0 < len(answer) <= LONGEST:
            raise ValueError(f"answer: 1 to {LONGEST} signs")
        group.answer, group.decided_at = answer, now
    group.state = state
    group.save(update_fields=["state", "answer", "decided_at", "updated_at"])
    if state == states.DECIDED:
        for signal in group.signals.exclude(contact="").select_related("group").order_by("created_at", "pk"):
            message = messages.about_decision(signal)
            if message:
                tell(message, city(group.city), now=now)
        group.signals.update(contact="")
    return group
