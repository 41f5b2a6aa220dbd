"""A mail provider instead of SMTP: what it answers at once, and what it tells later."""

import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.test import RequestFactory
from django.utils import timezone

from notifications import states
from notifications.channels import email
from notifications.channels.base import TransportError
from notifications.models import Delivery
from tests.little_server import listening

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    """Speaks as Postmark does; `provider.status` None ends the line without a word."""
    told = SimpleNamespace(seen=[], status=200)
    told.answer = {
        "To": "a@voorbeeld.example",
        "SubmittedAt": "2027-03-01T10:00:00Z",
        "MessageID": "m1",
        "ErrorCode": 0,
        "Message": "OK",
    }

    def answer(_path, _headers, body):
        told.seen.append(json.loads(body))
        return told.status and (told.status, {"Content-Type": "application/json"}, json.dumps(told.answer).encode())

    with listening(answer) as port:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_API_URL": f"http://127.0.0.1:{port}/",
            "POSTMARK_SERVER_TOKEN": "x",
            "WEBHOOK_SECRET": "somebody:a secret",
        }
        yield told


def sent(state=states.CLAIMED):
    return Delivery.objects.create(
        occasion=f"x{uuid4()}", kind="place_taken", recipient=uuid4(), language="nl", time_zone="Europe/Brussels",
        channel="email", address="a@voorbeeld.example", next_routes=[["callsheet", ""]], due_at=timezone.now(),
        state=state, values={"first_name": "Marc", "phone": "03 000 00 00"},
    )  # fmt: skip


def handed_over(delivery):
    def hand_over():
        delivery.state = states.HANDING
        return True

    return hand_over


def test_a_provider_takes_the_mail_with_the_name_of_its_delivery(provider):
    delivery = sent()

    assert email.deliver(delivery, handed_over(delivery)) == states.SENT

    [mail] = provider.seen
    assert mail["Metadata"] == {"delivery": str(delivery.pk)}
    assert "Dag Marc" in mail["TextBody"]


@pytest.mark.parametrize(("status", "permanent"), [(500, False), (503, False), (429, False), (422, True), (401, True)])
def test_what_a_provider_refuses_may_pass_or_not(status, permanent, provider):
    provider.status, provider.answer = status, {"ErrorCode": 1, "Message": "no"}
    delivery = sent()

    with pytest.raises(TransportError) as error:
        email.deliver(delivery, handed_over(delivery))
    assert error.value.permanent is permanent


def test_a_provider_that_says_nothing_may_have_taken_it(provider):
    provider.status = None
    delivery = sent()

    assert email.deliver(delivery, handed_over(delivery)) == states.UNKNOWN


def told(kind, delivery_id, **more):
    body = {
        "RecordType": kind,
        "MessageID": "m1",
        "Metadata": {"delivery": str(delivery_id)},
        "Email": "a@voorbeeld.example",
        **more,
    }
    request = RequestFactory().post("/", json.dumps(body), content_type="application/json")
    request.META["HTTP_AUTHORIZATION"] = "Basic c29tZWJvZHk6YSBzZWNyZXQ="
    return PostmarkTrackingWebhookView.as_view()(request)


def test_a_mail_that_comes_back_goes_on_to_the_next_way_once(provider):
    delivery = sent(states.SENT)

    for _twice in range(2):
        told("Bounce", delivery.pk, Type="HardBounce", TypeCode=1, Description="no such mailbox")

    delivery.refresh_from_db()
    assert delivery.state == states.FAILED
    [call] = Delivery.objects.filter(channel="callsheet")
    assert (call.occasion, call.state) == (delivery.occasion, states.PENDING)


def test_a_mail_that_arrived_settles_what_nobody_knew(provider):
    delivery = sent(states.UNKNOWN)

    told("Delivery", delivery.pk, DeliveredAt="2027-03-01T10:00:00Z")

    delivery.refresh_from_db()
    assert delivery.state == states.SENT


def test_what_is_told_of_somebody_elses_mail_changes_nothing(provider):
    delivery = sent(states.SENT)

    told("Bounce", "x", Type="HardBounce", TypeCode=1)
    told("Bounce", uuid4(), Type="HardBounce", TypeCode=1)
    told("Open", delivery.pk, ReceivedAt="2027-03-01T10:00:00Z")

    delivery.refresh_from_db()
    assert (delivery.state, Delivery.objects.count()) == (states.SENT, 1)


def test_only_the_provider_may_tell(provider):
    from django.core.exceptions import SuspiciousOperation

    request = RequestFactory().post("/", "{}", content_type="application/json")
    with pytest.raises(SuspiciousOperation):
        PostmarkTrackingWebhookView.as_view()(request)
