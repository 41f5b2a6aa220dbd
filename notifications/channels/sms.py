"""A text message to a phone, over the gateway that SMS_URL names (any that apprise knows)."""

from collections.abc import Callable

import apprise
from django.conf import settings

from notifications import states
from notifications.channels.base import LostLease, TransportError
from notifications.gsm import as_gsm
from notifications.models import Delivery
from notifications.render import render


def words_of(delivery: Delivery) -> str:
    """What is sent, in signs that fit many into one message."""
    text = render(delivery)
    return as_gsm(text.body.strip(), text.language)


def deliver(delivery: Delivery, hand_over: Callable[[], bool]) -> str:
    """One text. The gateway says yes or no and nothing more: a no is never tried again here, the next channel is."""
    if not settings.SMS_URL:
        raise TransportError("no gateway", permanent=True)
    gateway = apprise.Apprise()
    if not gateway.add(settings.SMS_URL.replace("{phone}", delivery.address)):
        raise TransportError("gateway not understood", permanent=True)
    text = words_of(delivery)
    if not hand_over():
        raise LostLease
    if not gateway.notify(body=text):
        raise TransportError("refused by the gateway", permanent=True)
    return states.SENT
