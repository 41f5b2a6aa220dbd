"""Which event starts which task, and the loop that walks what is due. It only gives hints: rows are the truth.

A hint that gets lost is given again after REHINT_SECONDS; a hint that comes twice finds nothing left to do.
"""

import logging
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis
from redis.exceptions import RedisError

from backend.celery import CALLSHEET, EMAIL, MATCHING, PUSH, QUEUES, SMS, STEPS, URGENT, app
from backend.common.packed import batched
from backend.outbox import queries as outbox
from backend.outbox.models import Event
from notifications import actions as notifications
from notifications import queries as deliveries
from notifications.models import Delivery

logger = logging.getLogger(__name__)

# What follows from what happened: event -> (task, queue). docs/flow.md tells it in words, and a test compares them.
FOLLOWS = {
    "opportunity.published": ("placements.propose_for_opportunity", MATCHING),
    "opportunity.reviewed": ("placements.tell_about_review", STEPS),
    "profile.confirmed": ("placements.propose_for_volunteer", MATCHING),
    "city.changed": ("placements.run_round", MATCHING),
    "round.part_due": ("placements.rank_part", MATCHING),
    "round.ranked": ("placements.finish_round", MATCHING),
    "planned_round.asked": ("placements.plan_round", MATCHING),
    "proposal.made": ("placements.tell_about_proposal", STEPS),
    "proposal.invited": ("placements.tell_about_invitation", STEPS),
    "proposal.turned_down": ("placements.tell_about_turned_down", STEPS),
    "referral.accepted": ("placements.thank_referrer", STEPS),
    "proposal.accepted": ("placements.tell_about_candidate", STEPS),
    "proposal.place_taken": ("placements.tell_about_taken_place", STEPS),
    "proposal.stopped": ("placements.tell_about_stopped_candidate", STEPS),
    "proposal.declined": ("placements.propose_another", MATCHING),
    "trial_visit.booked": ("placements.tell_about_trial_visit", STEPS),
    "trial_visit.cancelled": ("placements.tell_about_cancelled_visit", STEPS),
    "question.asked": ("placements.tell_about_question", STEPS),
    "question.answered": ("placements.tell_about_answer", STEPS),
    "thanks.given": ("placements.tell_about_thanks", STEPS),
    "campaign.started": ("placements.run_campaign", STEPS),
    "placement.confirmed": ("placements.tell_about_placement", STEPS),
    "case.closed": ("placements.tell_about_case", STEPS),
    "pair.made": ("placements.tell_about_pair", STEPS),
    "report.unsafe": ("placements.alert_about_report", STEPS),
    "buddy.chosen": ("placements.tell_about_buddy", STEPS),
    "buddy.stopped": ("placements.tell_about_lost_buddy", STEPS),
    "shift.cancelled": ("engagements.tell_about_cancelled_shift", STEPS),
    "expenses.confirmed": ("engagements.tell_about_expenses", STEPS),
}
QUEUE_OF_CHANNEL = {"email": EMAIL, "sms": SMS, "push": PUSH, "digest": CALLSHEET, "callsheet": CALLSHEET}
BATCH = 200
PAUSE_SECONDS = 0.25
FULL = 50  # with so many hints waiting in a queue, more of them would only be doubles
TOGETHER = 10  # deliveries of one hint, at most: a hint costs a worker as much as half a mail

Hint = tuple[str, dict[str, Any], str]
Publish = Callable[[str, dict[str, Any], str], None]


class Broker:
    """A connection of the relay's own, thrown away after any trouble; Celery's shared pool would stay broken."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._redis = Redis.from_url(f"{settings.REDIS_URL}/0", socket_timeout=5, socket_connect_timeout=2)

    def publish(self, task: str, ids: dict[str, Any], queue: str) -> None:
        """One hint: ids, and nothing that people told us."""
        self._connection = self._connection or app.connection_for_write()
        app.send_task(task, kwargs=ids, queue=queue, connection=self._connection, ignore_result=True, retry=False)

    def full(self) -> frozenset[str]:
        """The queues that have enough for now: a slow mail server holds nobody up but bulk mail."""
        return frozenset(queue for queue in QUEUES if int(self._redis.llen(queue)) >= FULL)

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.release()
            self._connection = None


def tick(publish: Publish, full: frozenset[str] = frozenset()) -> int:
    """Walk once: take back lost leases, hint what is due, except to queues that are full. Returns how many hints were
    given.
    """
    notifications.reap_lost_leases()
    waiting = [name for name, (_task, queue) in FOLLOWS.items() if queue in full]
    hints = [hint_of_event(event) for event in outbox.claim_due(BATCH, without=waiting)]
    due = [] if URGENT in full else deliveries.claim_urgent(BATCH)
    due += deliveries.claim_due(BATCH, without=[one for one, queue in QUEUE_OF_CHANNEL.items() if queue in full])
    given = [hint for hint in hints if hint] + list(hints_of_deliveries(due))
    for task, ids, queue in given:
        publish(task, ids, queue)
    return len(given)


def hints_of_deliveries(due: Sequence[Delivery]) -> Iterator[Hint]:
    """When few are due each has a hint of its own, so that all workers share them; many go some at a time.

    Codes to sign in never wait for each other. `others` is a word of its own: a version that does not know it takes the
    first, and the rest is hinted again.
    """
    by_queue: dict[str, list[str]] = {}
    for one in due:
        by_queue.setdefault(_queue_of(one), []).append(str(one.pk))
    for queue, ids in by_queue.items():
        together = 1 if queue == URGENT else min(TOGETHER, -(-len(ids) // TOGETHER))
        for first, *others in batched(ids, together):
            yield "notifications.deliver", {"delivery_id": first, "others": others}, queue


def _queue_of(delivery: Delivery) -> str:
    """A code to sign in does not wait behind a thousand proposals."""
    return URGENT if delivery.expires_at else QUEUE_OF_CHANNEL[delivery.channel]


def hint_of_event(event: Event) -> Hint | None:
    """None for an event that only a newer version knows: it waits until that version runs here too."""
    if event.name not in FOLLOWS:
        logger.warning("nothing follows from %s yet: event %s waits", event.name, event.pk)
        return None
    task, queue = FOLLOWS[event.name]
    return task, {"event_id": event.pk, **event.payload}, queue


def run() -> None:
    """Until SIGTERM or SIGINT. A broker or database that is away costs a pause, never the process."""
    is_asked_to_stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda got, _frame: is_asked_to_stop.append(got))
    broker = Broker()
    while not is_asked_to_stop:
        try:
            given = tick(broker.publish, broker.full())
        except (OSError, RedisError, BrokerError, DatabaseError) as error:
            logger.warning("relay waits: %s", type(error).__name__)
            broker.drop()
            connection.close()
            given = 0
        if given < BATCH:  # little is due: what comes meanwhile shares a hint
            time.sleep(PAUSE_SECONDS)
