"""Which group a kind of message belongs to, and the address of the button "unsubscribe" in a mail program."""

from uuid import UUID

from django.conf import settings
from django.core import signing

from backend.talent.models import CHECK_INS, CRISIS, MUTABLE, PROPOSALS, REMINDERS, THANKS, Volunteer
from notifications.models import Delivery

# Appointments and answers are no group: whoever has an appointment hears when it changes.
GROUP_OF = {
    "proposal_made": PROPOSALS,
    "invitation": PROPOSALS,
    "referral_made": PROPOSALS,
    "place_free": PROPOSALS,
    "proposal_reminder": REMINDERS,
    "thanks_given": THANKS,
    "thanks_campaign": THANKS,
    "what_it_meant": THANKS,
    "check_in": CHECK_INS,
    "are_you_there": CHECK_INS,
    "crisis_call": CRISIS,
}
GROUPS = frozenset(GROUP_OF.values())
SALT = "unsubscribe"


def is_muted(kind: str, recipient: UUID) -> bool:
    """Does somebody not want to hear this kind?"""
    group = GROUP_OF.get(kind)
    return group in MUTABLE and Volunteer.objects.filter(pk=recipient, muted__contains=[group]).exists()


def unsubscribe_address(delivery: Delivery) -> str:
    """Nothing for kinds that everybody hears (settings.NOTIFICATION_UNSUBSCRIBE). The token opens this one thing."""
    group = GROUP_OF.get(delivery.kind)
    if group is None:
        return ""
    return f"{settings.PUBLIC_URL}/uit/{signing.dumps([str(delivery.recipient), group], salt=SALT)}/"


def behind(token: str) -> tuple[UUID, str] | None:
    """Who does not want which group any more; None for a token that is none."""
    try:
        who, group = signing.loads(token, salt=SALT)
        return (UUID(who), group) if group in GROUPS else None
    except (signing.BadSignature, ValueError, TypeError):
        return None
