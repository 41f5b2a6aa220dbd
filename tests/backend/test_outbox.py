"""The outbox: recorded with the change, followed once, parked when it keeps failing; the relay only hints."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from backend import relay
from backend.outbox import actions, queries
from backend.outbox.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_other_events(db):
    Event.objects.all().delete()


def recorded(name="proposal.made", **ids):
    with transaction.atomic():
        return actions.record(name, **(ids or {"proposal_id": "x"}))


def follow(event):
    with actions.once(event.pk) as taken:
        return taken is not None


@pytest.mark.django_db(transaction=True)
def test_an_event_is_recorded_only_inside_the_transaction_of_its_change():
    with pytest.raises(RuntimeError, match="transaction"):
        actions.record("proposal.made")


def test_an_event_is_followed_once():
    event = recorded()

    assert [follow(event), follow(event)] == [True, False]
    event.refresh_from_db()
    assert event.done_at is not None


def test_while_one_worker_has_it_another_finds_nothing_to_do():
    event = recorded()

    with actions.once(event.pk) as first, actions.once(event.pk) as second:
        assert (first is not None, second) == (True, None)


def test_what_failed_is_undone_and_due_again():
    event = recorded()

    with pytest.raises(ZeroDivisionError), actions.once(event.pk):
        recorded("proposal.declined")
        raise ZeroDivisionError

    event.refresh_from_db()
    assert (event.done_at, event.lease_until, event.attempts) == (None, None, 1)
    assert Event.objects.count() == 1


def test_what_keeps_failing_is_parked_for_a_person():
    event = recorded()
    for _ in range(actions.ATTEMPTS_MAX):
        with pytest.raises(ZeroDivisionError), actions.once(event.pk):
            raise ZeroDivisionError

    assert not follow(event)
    event.refresh_from_db()
    assert event.parked_at is not None
    Event.objects.update(next_at=Now() - timedelta(hours=1))
    assert queries.claim_due(10) == []


def test_a_worker_that_lost_its_lease_undoes_its_work():
    event = recorded()

    with pytest.raises(actions.TakenOver), actions.once(event.pk):
        Event.objects.filter(pk=event.pk).update(lease_token="00000000-0000-0000-0000-000000000000")
        recorded("proposal.declined")

    assert Event.objects.filter(name="proposal.declined").count() == 0


def test_the_lease_of_a_dead_worker_runs_out():
    event = recorded()
    Event.objects.update(lease_until=Now() - timedelta(seconds=1), next_at=Now() - timedelta(seconds=1))

    assert [one.pk for one in queries.claim_due(10)] == [event.pk]
    assert follow(event)


def test_the_relay_hints_at_the_task_of_an_event_with_ids_only():
    event = recorded("opportunity.published", opportunity_id="abc")
    hints = []

    relay.tick(lambda *hint: hints.append(hint))
    relay.tick(lambda *hint: hints.append(hint))

    assert hints == [
        ("placements.propose_for_opportunity", {"event_id": event.pk, "opportunity_id": "abc"}, "matching")
    ]


def test_an_event_of_a_newer_version_waits_and_holds_nobody_up():
    recorded("moon.landed")
    recorded("opportunity.published", opportunity_id="abc")
    hints = []

    assert relay.tick(lambda *hint: hints.append(hint)) == 1

    assert [task for task, _, _ in hints] == ["placements.propose_for_opportunity"]
    assert Event.objects.get(name="moon.landed").parked_at is None


def test_a_hint_that_got_lost_is_given_again():
    recorded()
    hints = []
    relay.tick(lambda *hint: hints.append(hint))

    Event.objects.update(next_at=Now() - timedelta(seconds=1))
    relay.tick(lambda *hint: hints.append(hint))

    assert len(hints) == 2


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_costs_a_pause_and_no_event(settings):
    from kombu.exceptions import OperationalError

    event = recorded()
    settings.REDIS_URL = "redis://127.0.0.1:1"
    broker = relay.Broker()

    with pytest.raises((OperationalError, OSError)):
        relay.tick(broker.publish)

    broker.drop()
    event.refresh_from_db()
    assert (event.done_at, event.parked_at, event.attempts) == (None, None, 0)
