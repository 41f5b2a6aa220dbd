"""Deliver one message over its channel."""

import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from structlog.contextvars import bound_contextvars

from notifications import actions
from notifications.channels import callsheet, digest, email, push, sms
from notifications.channels.base import Channel, LostLease, TransportError
from notifications.message import CALLSHEET, DIGEST, EMAIL, PUSH, SMS
from notifications.models import Delivery
from notifications.states import LISTED

logger = logging.getLogger(__name__)
TOGETHER_SECONDS = 20  # far enough from Celery's time limit, however slow the mail server is

CHANNELS: dict[str, Channel] = {
    EMAIL: email.deliver,
    SMS: sms.deliver,
    PUSH: push.deliver,
    DIGEST: digest.deliver,
    CALLSHEET: callsheet.deliver,
}


@shared_task(name="notifications.deliver")
def deliver(*, delivery_id: str, others: Sequence[str] = (), **_later: Any) -> None:
    """Claim, deliver, and write down how it ended; a second hint finds nothing to claim.

    `others` follow while there is time; whatever is left the relay hints again. One that fails does not stop the rest.
    """
    end = time.monotonic() + TOGETHER_SECONDS
    for one in (delivery_id, *others):
        with bound_contextvars(delivery_id=one):
            try:
                _claim_and_deliver(UUID(one))
            except SoftTimeLimitExceeded:
                raise
            except Exception:
                logger.exception("not delivered")  # its lease runs out, and it is tried again or parked
        if time.monotonic() > end:
            return


def _claim_and_deliver(delivery_id: UUID) -> None:
    delivery = actions.claim(delivery_id)
    if delivery:
        _deliver(delivery)
        logger.info("%s over %s: %s", delivery.kind, delivery.channel, delivery.state)


@shared_task(name="notifications.settle")
def settle(**_later: Any) -> None:
    """Beat: look what became of mails of which nobody knew; whoever may have missed one is asked."""
    actions.settle_unknown()
    actions.ask_about_unknown()


def _deliver(delivery: Delivery) -> None:
    if settings.SANDBOX and delivery.channel not in (CALLSHEET, DIGEST):
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
            actions.try_later(delivery, error.result, error.after_seconds)
    else:
        actions.finish(delivery, state)
