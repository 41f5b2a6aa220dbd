"""What people write back to a text message. STOP always works; JA and NEE count when there is exactly one question."""

import hashlib
from datetime import datetime
from uuid import UUID

from backend.accounts.models import User
from backend.city.load import city
from backend.placements import actions, states
from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link
from backend.talent.actions import stop_everything
from backend.talent.models import Volunteer
from notifications import actions as notifications
from notifications.message import SMS, Message, Route
from notifications.queries import was_told

# In the languages that people may read us in; without case and without what stands around it.
STOP = {"stop", "stopp", "stoppen", "arret", "arrêt", "dur", "ستوب", "توقف"}
YES = {"ja", "oui", "yes", "evet", "نعم"}
NO = {"nee", "neen", "non", "no", "hayır", "hayir", "لا"}
STOPPED, UNDERSTOOD, NOT_UNDERSTOOD = "sms_stopped", "sms_understood", "sms_not_understood"


def take_reply(phone: str, text: str, *, number: str, now: datetime) -> str | None:
    """Do what was written and answer in one message; which kind of answer, None for a phone that nobody showed.

    `number` is what the gateway calls the message: one that it brings twice is one.
    """
    user = User.objects.filter(phone=phone, phone_verified=True).first()
    volunteer = Volunteer.objects.filter(user=user).select_related("user").first() if user else None
    if volunteer is None:
        return None
    occasion = _occasion(phone, number)
    if was_told(occasion):
        return None
    word = text.strip(" .!?\n\t\"'").casefold()
    if word in STOP:
        stop_everything(volunteer.pk, now=now)
        return _answer(STOPPED, volunteer, occasion, None)
    may_answer = Proposal.objects.filter(volunteer=volunteer, state__in=states.ANSWERABLE, answer_until__gt=now)
    waiting = list(may_answer.select_related("opportunity").order_by("-made_at", "pk")[:2])
    if len(waiting) == 1 and word in YES | NO:
        given = actions.YES if word in YES else actions.NO
        try:
            actions.answer_proposal(waiting[0].pk, given, source="sms", now=now)
            return _answer(UNDERSTOOD, volunteer, occasion, waiting[0])
        except (actions.TooLate, actions.StepNotAllowed):
            pass  # the link shows what became of it
    return _answer(NOT_UNDERSTOOD, volunteer, occasion, waiting[0] if waiting else None)


def _occasion(phone: str, number: str) -> str:
    return f"sms_reply:{hashlib.sha256(f'{phone} {number}'.encode()).hexdigest()[:40]}"


def _answer(kind: str, volunteer: Volunteer, occasion: str, proposal: Proposal | None) -> str:
    link: UUID | None = None
    values = {"phone": city(volunteer.city).phone, "title": ""}
    if proposal:
        until = proposal.answer_until + WORKS_AFTER_DEADLINE
        link = make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=until).pk
        values["title"] = " ".join(proposal.opportunity.title.split())
    phone = volunteer.user.phone if volunteer.user else ""
    message = Message(kind, occasion, volunteer.pk, volunteer.language, (Route(SMS, phone or ""),), values, link)
    place = city(volunteer.city)
    notifications.send_at_once(message, time_zone=place.quiet_hours.time_zone, helps_for=notifications.FLEETING)
    return kind
