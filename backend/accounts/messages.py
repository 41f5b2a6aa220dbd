"""What is told about signing in: a code, or that nobody is known here. Kept apart from everything else."""

from uuid import UUID, uuid4

from backend.city.load import default_city
from notifications import actions as notifications
from notifications.message import EMAIL, SMS, Message, Route

CODE, UNKNOWN, EMAIL_CHANGED = "sign_in_code", "sign_in_unknown", "email_changed"
NOBODY = UUID(int=0)


def tell_about_sign_in(kind: str, *, address: str, language: str, recipient: UUID | None, code: str = "") -> None:
    """Promise a short-lived message to one address: no quiet hours, no other channel, and never on the call sheet."""
    place = default_city()
    channel = EMAIL if "@" in address else SMS
    message = Message(
        kind=kind,
        occasion=f"{kind}:{uuid4()}",
        recipient=recipient or NOBODY,
        language=language,
        routes=(Route(channel, address),),
        values={"code": code, "phone": place.phone},
    )
    notifications.send_at_once(message, time_zone=place.quiet_hours.time_zone)
