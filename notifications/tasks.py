"""Deliver one message over its channel."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.conf import settings

from notifications import actions
from notifications.channels import callsheet, email, sms
from notifications.channels.base import Channel, LostLease, TransportError
from notifications.message import CALLSHEET, EMAIL, SMS
from notifications.states import LISTED

CHANNELS: dict[str, Channel] = {EMAIL: email.deliver, SMS: sms.deliver, CALLSHEET: callsheet.deliver}


@shared_task(name="notifications.deliver")
def deliver(*, delivery_id: str, **_later: Any) -> None:
    """Claim, deliver, and write down how it ended; a second hint finds nothing to claim."""
    delivery = actions.claim(UUID(delivery_id))
    if delivery is None:
        return
    if settings.SANDBOX and delivery.channel != CALLSHEET:
        actions.finish(delivery, LISTED, "sandbox")  # nothing leaves a place where people try out their client
        return
    try:
        state = CHANNELS[delivery.channel](delivery, lambda: actions.hand_over(delivery))
    except LostLease:
        return
    except TransportError as error:
        if error.permanent:
            actions.go_on_over_the_next_route(delivery, error.result)
        else:
            actions.try_later(delivery, error.result)
    else:
        actions.finish(delivery, state)
