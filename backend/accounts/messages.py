"""What is told at once to one address: a code, that nobody is known here, a door that opens, a card to take along.

Kept apart from everything else.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings

from backend.accounts.models import User
from backend.city.load import default_city
from notifications import actions as notifications
from notifications.message import EMAIL, SMS, Message, Route

CODE, UNKNOWN = "sign_in_code", "sign_in_unknown"
EMAIL_CHANGED, LET_IN, CARD = "email_changed", "let_in", "card_to_take"
NOBODY = UUID(int=0)
SOME_DAYS = timedelta(days=3)


def tell_about_sign_in(kind: str, *, address: str, language: str, recipient: UUID | None, code: str = "") -> None:
    """Promise a code, or that nobody is known: it helps for as long as a code works."""
    _tell(kind, address, language, recipient or NOBODY, {"code": code}, notifications.FLEETING)


def tell_about_new_address(user: User, *, before: str) -> None:
    """To the address of before: this account uses another one now."""
    _tell(EMAIL_CHANGED, before, user.language, user.pk, {}, SOME_DAYS)


def tell_about_door(user: User, *, where: str) -> None:
    """Somebody may come in somewhere from now on: at an organisation, or at the volunteer point."""
    values = {"where": where, "door": f"{settings.PUBLIC_URL}/binnen/"}
    _tell(LET_IN, user.email or user.phone or "", user.language, user.pk, values, SOME_DAYS)


def tell_where_to_go(phone: str, *, language: str, organisation: UUID, values: dict[str, str]) -> None:
    """The card of an organisation, to the number that somebody in the room says."""
    _tell(CARD, phone, language, organisation, values, SOME_DAYS)


def _tell(
    kind: str, address: str, language: str, recipient: UUID, values: dict[str, str], helps_for: timedelta
) -> None:
    """To one address: no quiet hours, no other channel, and never on the call sheet."""
    place = default_city()
    message = Message(
        kind=kind,
        occasion=f"{kind}:{uuid4()}",
        recipient=recipient,
        language=language,
        routes=(Route(EMAIL if "@" in address else SMS, address),),
        values={**values, "phone": place.phone},
    )
    notifications.send_at_once(message, time_zone=place.quiet_hours.time_zone, helps_for=helps_for)
