"""Runs a process of the installation with one guard taken out: `python -m tests.faults.sabotaged NAME celery …`.

Every fault is also played against a build that lacks the guard which should survive it. That play must fail: else the
test has no teeth.
"""

import runpy
import sys
import time
from datetime import timedelta
from functools import wraps


def no_reaping():
    """A delivery whose worker died stays claimed for ever."""
    from notifications import actions

    actions.reap_lost_leases = lambda: None


def no_hand_over():
    """Nothing is written down before the words leave: after a crash the message is simply sent again."""
    from notifications import actions, states

    actions.hand_over = lambda delivery: True
    states.STEPS[states.CLAIMED].add(states.SENT)


def hint_once():
    """As if Redis were the truth: what was hinted once is never hinted again."""
    from django.db.models.functions import Now

    from backend.outbox import queries as outbox
    from backend.outbox.models import Event
    from notifications import queries as deliveries
    from notifications.models import Delivery

    def once(claim, table, column):
        @wraps(claim)
        def claimed(*arguments, **named):
            rows = claim(*arguments, **named)
            table.objects.filter(pk__in=[one.pk for one in rows]).update(**{column: Now() + timedelta(days=1)})
            return rows

        return claimed

    outbox.claim_due = once(outbox.claim_due, Event, "next_at")
    deliveries.claim_due = once(deliveries.claim_due, Delivery, "due_at")


def slow_hints_once():
    """The same, and slow enough that a killed relay had hints in its hands."""
    from backend.relay import Broker

    hint_once()
    publish = Broker.publish

    def slow(self, *arguments):
        time.sleep(0.05)
        publish(self, *arguments)

    Broker.publish = slow


def publish_in_request():
    """The request itself speaks to the broker, as `.delay()` in a view does."""
    from django.db import transaction

    from backend.celery import app
    from backend.outbox import actions

    create = actions.Event.objects.create

    def created(**fields):
        event = create(**fields)
        transaction.on_commit(
            lambda: app.send_task("notifications.settle", kwargs={}, queue="steps", retry=False, ignore_result=True)
        )
        return event

    actions.Event.objects.create = created


def acknowledge_anyway():
    """The page says yes although the database said no."""
    from django.db import Error
    from rest_framework.response import Response

    from backend.placements.api import LinkAnswerView

    post = LinkAnswerView.post

    def anyway(self, request, *arguments, **named):
        try:
            return post(self, request, *arguments, **named)
        except Error:
            return Response({})

    anyway.needs_key = True
    LinkAnswerView.post = anyway


def always_our_fault():
    """A database that is away is a fault like every other: 500, and no word about coming back."""
    from django.http import HttpResponse

    from backend.ui import pages

    pages.our_fault = lambda request: HttpResponse("", status=500)


def no_fence():
    """Whoever gets a hint delivers, whatever was done before."""
    from notifications import actions, states
    from notifications.models import Delivery

    def claim(delivery_id):
        Delivery.objects.filter(pk=delivery_id).update(state=states.CLAIMED)
        return Delivery.objects.get(pk=delivery_id)

    actions.claim = claim


def host_clock():
    """What is due is asked of the clock of this computer instead of the database's."""
    from django.utils import timezone

    from notifications import actions

    class HostClock:
        def __format__(self, _how):
            return f"'{timezone.now().isoformat()}'::timestamptz"

    actions.NOW = HostClock()


def tell_every_time():
    """Each look tells again: the occasion has no name of its own."""
    from uuid import uuid4

    from notifications import actions

    promise = actions._promise

    def again(delivery, routes):
        delivery.occasion = f"{delivery.occasion}:{uuid4()}"[:120]
        promise(delivery, routes)

    actions._promise = again


def crashes_do_not_count():
    """A message that kills its worker goes on killing."""
    from notifications import actions

    actions.CRASHES_MAX = 1000


def one_queue():
    """Codes to sign in wait behind bulk mail."""
    from backend import relay

    relay._queue_of = lambda delivery: "email"


def silence_after_a_no():
    """A mail server that says never: nobody else takes over."""
    from notifications import actions

    def failed(delivery, result):
        actions.finish(delivery, "failed", result)

    actions.go_on_over_the_next_route = failed


def keep_dead_subscriptions():
    """A push service that says "gone" is asked again and again."""
    from notifications.channels import push

    push.GONE = ()


def no_timeouts():
    """Whoever waits for a network that swallows everything waits for ever."""
    from django.conf import settings
    from redis import Redis

    from backend.celery import app

    from_url = Redis.from_url
    Redis.from_url = lambda url, **options: from_url(
        url, **{key: value for key, value in options.items() if "timeout" not in key}
    )
    app.conf.broker_transport_options = {"visibility_timeout": 180}
    settings.CACHES["default"]["OPTIONS"] = {}
    settings.DATABASES["default"]["OPTIONS"].pop("tcp_user_timeout")
    settings.EMAIL_TIMEOUT = None


def read_then_write():
    """Look whether a place is free, then take it."""
    from backend.opportunities.models import Opportunity
    from backend.placements import actions

    def take(opportunity_id, *, is_guided):
        one = Opportunity.objects.get(pk=opportunity_id)
        if one.free_open <= 0:
            return None
        time.sleep(0.01)
        Opportunity.objects.filter(pk=opportunity_id).update(taken_open=one.taken_open + 1)
        return "open"

    actions.take_place = take


def no_lock():
    """Two clicks read the same proposal, and both answer it; the key protects nothing."""
    from backend.common import idempotency
    from backend.placements import actions
    from backend.placements.models import Proposal

    def unlocked(proposal_id):
        found = Proposal.objects.select_related("opportunity__organisation", "volunteer__user").get(pk=proposal_id)
        time.sleep(0.05)
        return found

    actions.locked = unlocked
    idempotency._begin = lambda scope, key, fingerprint: (None, idempotency.uuid4())


def keep_the_place():
    """Somebody who cannot come after all keeps the place."""
    from backend.placements import actions

    actions.give_back_place = lambda opportunity_id, kind: None


def answer_by_looking():
    """Opening the link says yes, as links in many mails do."""
    from django.utils import timezone

    from backend.placements import actions, shown

    look = shown.proposal

    def answered(proposal, now):
        actions.answer_proposal(proposal.pk, "yes", source="link", now=timezone.now())
        return look(proposal, now)

    shown.proposal = answered


def tick_before_work():
    """The event is done before the work is: a worker that dies takes the work with it."""
    from contextlib import contextmanager

    from django.db import transaction
    from django.db.models.functions import Now

    from backend.outbox import actions
    from backend.outbox.models import Event
    from backend.placements import tasks

    @contextmanager
    def once(event_id):
        if not Event.objects.filter(pk=event_id, done_at=None).update(done_at=Now()):
            yield None
            return
        with transaction.atomic():
            yield Event.objects.get(pk=event_id)

    actions.once = tasks.once = once


def no_freeze():
    """After a restore everything that waited then is sent, whether it was sent meanwhile or not."""
    from backend.operations import backup

    backup.freeze = lambda: None


def impatient_migration():
    """The change of a table waits in front of everybody, for as long as it takes."""
    from backend.operations import migration

    migration.OPTIONS = ""


if __name__ == "__main__":
    import django

    name, *command = sys.argv[1:]
    django.setup()
    globals()[name]()
    if command[0] == "backend":
        sys.argv = ["python -m backend", *command[1:]]
        runpy.run_module("backend", run_name="__main__")
    else:
        sys.argv = command
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
