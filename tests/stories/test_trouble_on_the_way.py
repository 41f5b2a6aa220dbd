"""The broker forgets everything, hints come five times, the worker is killed: everybody hears, and nobody twice."""

import asyncio

import pytest
from django.utils import timezone
from redis import Redis

from backend.opportunities.actions import publish_opportunity
from backend.outbox.models import Event
from backend.relay import Broker
from notifications.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "p37@voorbeeld.example"


@pytest.fixture
def broker(settings):
    redis = Redis.from_url(f"{settings.REDIS_URL}/0")
    yield redis
    redis.close()


def mails(inbox):
    return [message["Subject"] for message in inbox.to(ADDRESS)]


def test_a_broker_that_forgets_everything_costs_seconds_and_no_message(
    line, inbox, worker, broker, volunteer, opportunity
):
    worker.kill()
    publish_opportunity(opportunity, now=timezone.now())
    line.walk()
    assert broker.llen("matching") == 1
    broker.flushall()
    worker.start()

    line.until(lambda: mails(inbox))
    line.until_quiet()
    assert mails(inbox) == ["Past dit bij jou?"]


def test_hints_that_come_five_times_tell_nobody_twice(line, inbox, worker, volunteer, opportunity):
    relay = Broker()
    worker.kill()
    publish_opportunity(opportunity, now=timezone.now())
    event = Event.objects.get(name="opportunity.published")
    ids = {"event_id": event.pk, "opportunity_id": str(opportunity.pk)}
    for _ in range(5):
        relay.publish("placements.propose_for_opportunity", ids, "matching")
    worker.start()

    line.until(lambda: mails(inbox))
    delivery = Delivery.objects.get(recipient=volunteer.pk)
    for _ in range(5):
        relay.publish("notifications.deliver", {"delivery_id": str(delivery.pk)}, "email")
    relay.drop()
    line.until_quiet()

    assert mails(inbox) == ["Past dit bij jou?"]
    assert Event.objects.filter(name="proposal.made").count() == 13


class Hesitation:
    """The mail server hesitates with its first client until the test lets it go on; by then that client is dead."""

    def __init__(self, inbox):
        self._inbox, self.is_reached, self.may_go_on = inbox, False, False

    async def greet(self, server, session, envelope, hostname, responses):
        await self._hesitate(server)
        session.host_name = hostname
        return responses

    async def take(self, server, session, envelope):
        await self._hesitate(server)
        self._inbox.messages.append(envelope)
        return "250 OK"

    async def _hesitate(self, server):
        is_first, self.is_reached = not self.is_reached, True
        while not self.may_go_on:
            await asyncio.sleep(0.02)
        if is_first:
            server.transport.abort()


@pytest.fixture
def hesitation(inbox):
    return Hesitation(inbox)


def test_a_worker_killed_before_the_hand_over_is_replaced_and_the_mail_leaves_once(
    line, inbox, worker, volunteer, opportunity, monkeypatch, hesitation
):
    monkeypatch.setattr(inbox, "handle_EHLO", hesitation.greet, raising=False)
    publish_opportunity(opportunity, now=timezone.now())
    line.until(lambda: hesitation.is_reached)

    worker.kill()
    assert Delivery.objects.get(recipient=volunteer.pk).state == "claimed"
    hesitation.may_go_on = True
    worker.start()

    line.until(lambda: mails(inbox))
    line.until_quiet()
    assert mails(inbox) == ["Past dit bij jou?"]
    assert Delivery.objects.get(recipient=volunteer.pk).crashes == 1


def test_a_worker_killed_after_the_hand_over_leaves_a_question_and_no_second_mail(
    line, inbox, worker, volunteer, opportunity, monkeypatch, hesitation
):
    monkeypatch.setattr(inbox, "handle_DATA", hesitation.take)
    publish_opportunity(opportunity, now=timezone.now())
    line.until(lambda: hesitation.is_reached)

    worker.kill()
    hesitation.may_go_on = True
    worker.start()

    line.until(lambda: Delivery.objects.get(recipient=volunteer.pk).state == "unknown")
    line.until_quiet()
    assert len(mails(inbox)) <= 1
    assert Delivery.objects.filter(recipient=volunteer.pk).count() == 1
