"""A push to every device that somebody registered: browsers over Web Push, apps over the gateway of PUSH_URL.

What is pushed is the same for everybody: it says that there is something, never what or for whom.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from uuid import UUID

import apprise
from django.conf import settings
from django.utils.module_loading import import_string

from notifications import outbound, states, webpush
from notifications.channels.base import LostLease, TransportError
from notifications.models import Delivery
from notifications.render import FALLBACK

GONE = (404, 410)
LATER = (429, 500, 502, 503, 504)
HOURS_24 = 24 * 3600
NEWS = {
    "nl": "Er is iets dat bij jou past.",
    "fr": "Il y a quelque chose qui te convient.",
    "en": "There is something that suits you.",
    "ar": "هناك شيء يناسبك.",
    "tr": "Sana uyan bir şey var.",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A device: `token` is what its platform gave it, for a browser the subscription as JSON."""

    id: UUID
    platform: str
    token: str


class Gone(Exception):
    """The device will never be there again."""


class Refused(Exception):
    """This message will never be taken; the device stays."""


class Later(Exception):
    """Not now; after so many seconds perhaps."""

    def __init__(self, seconds: int) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


def deliver(delivery: Delivery, hand_over: Callable[[], bool]) -> str:
    """To all devices of the person; one that took it is enough. A device that is gone is forgotten.

    With none left the next channel takes over. Nobody answered after everything was sent: unknown.
    """
    targets: Iterable[Target] = import_string(settings.NOTIFICATION_DEVICES)(UUID(delivery.address))
    words = json.dumps({"body": NEWS.get(delivery.language, NEWS[FALLBACK]), "url": f"{settings.PUBLIC_URL}/ik/"})
    if not hand_over():
        raise LostLease
    results = [_push(one, words, delivery) for one in targets]
    if states.SENT in results:
        return states.SENT
    if states.UNKNOWN in results:
        return states.UNKNOWN
    later = [one for one in results if isinstance(one, int)]
    if later:
        raise TransportError("push service says later", permanent=False, after_seconds=min(later))
    raise TransportError("no device", permanent=True)


def _push(target: Target, words: str, delivery: Delivery) -> str | int | None:
    """SENT, UNKNOWN, seconds to wait, or None when this device will never take it."""
    try:
        _to_browser(target, words, delivery) if target.platform == "web" else _to_app(target, words)
    except Gone:
        import_string(settings.NOTIFICATION_DEVICE_GONE)(target.id)
        return None
    except Refused:
        return None
    except Later as later:
        return later.seconds
    except outbound.NotThere:
        return 2**delivery.attempts
    except outbound.Silent:
        return states.UNKNOWN
    return states.SENT


def _to_browser(target: Target, words: str, delivery: Delivery) -> None:
    if not settings.VAPID_PRIVATE_KEY:
        raise Refused
    try:
        subscription: Mapping[str, dict[str, str]] = json.loads(target.token)
        endpoint = str(subscription["endpoint"])
        body = webpush.encrypt(words.encode(), subscription["keys"]["p256dh"], subscription["keys"]["auth"])
        key = webpush.private_key(settings.VAPID_PRIVATE_KEY)
        answer = outbound.post(
            endpoint,
            body,
            {
                "Authorization": webpush.who_pushes(endpoint, key, settings.VAPID_SUBJECT),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(HOURS_24),
                "Topic": delivery.pk.hex,  # the same message again replaces itself on the device
            },
        )
    except (ValueError, KeyError, TypeError):  # no subscription, or an address that is not public
        raise Gone from None
    if answer.status in GONE:
        raise Gone
    if answer.status in LATER:
        raise Later(_seconds(answer.headers.get("retry-after", ""), delivery.attempts))
    if not 200 <= answer.status < 300:
        raise Refused


def _to_app(target: Target, words: str) -> None:
    if not settings.PUSH_URL:
        raise Refused
    gateway = apprise.Apprise()
    if not gateway.add(settings.PUSH_URL.replace("{token}", target.token)):
        raise Refused
    if not gateway.notify(body=json.loads(words)["body"]):
        raise Later(60)


def _seconds(told: str, attempts: int) -> int:
    """Retry-After as seconds or as a date; else a pause that doubles. At most an hour."""
    if told.isdigit():
        return min(3600, int(told))
    try:
        left = (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return min(3600, int(2**attempts))
    return int(max(1.0, min(3600.0, left)))
