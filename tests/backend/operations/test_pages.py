"""Health, figures and the queue: what operators see, without anything about anybody."""

import json
import logging

import pytest
from django.db import OperationalError
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from backend.common import cache as patient
from backend.common.logs import json_lines
from backend.outbox.actions import record
from backend.outbox.models import Event
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


def waiting(**more):
    return Delivery.objects.create(
        occasion="proposal_made:x", kind="proposal_made", recipient="0d6c2b9e-6a55-4f0f-8d58-5d0f6f1d2a11",
        language="nl", time_zone="Europe/Brussels", channel="email", due_at=timezone.now(), values={}, **more,
    )  # fmt: skip


def test_it_is_ready_while_the_database_answers_and_says_when_it_does_not(client, monkeypatch):
    assert client.get("/health/ready").json() == {"ok": True, "database": "ok", "queue": "ok"}

    def away():
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("backend.operations.pages.database_now", away)
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (503, {"ok": False, "database": "away"})
    assert client.get("/health/live").status_code == 200


def test_figures_are_there_for_whoever_shows_the_token_only(client, settings):
    Event.objects.all().delete()
    record("proposal.made", proposal_id="x")
    waiting(state="parked")
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = "a token of the operator"
    for wrong in ("Bearer no", "Bearer \xe9"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404

    told = client.get("/metrics", headers={"Authorization": "Bearer a token of the operator"}).content.decode()

    assert 'helpende_events{state="due"} 1.0' in told
    assert 'helpende_deliveries{channel="email",state="parked"} 1.0' in told
    assert 'helpende_hints{queue="urgent"} 0.0' in told
    assert "helpende_redis_up 1.0" in told
    assert "helpende_relay_lag_seconds" in told


def test_without_redis_the_figures_still_come(client, settings):
    settings.METRICS_TOKEN, settings.REDIS_URL = "a token of the operator", "redis://127.0.0.1:1"

    told = client.get("/metrics", headers={"Authorization": "Bearer a token of the operator"}).content.decode()

    assert "helpende_redis_up 0.0" in told
    assert "helpende_hints{" not in told


def test_the_queue_is_told_to_operators(client, coordinator):
    Event.objects.all().delete()
    waiting()
    client.force_login(coordinator)

    told = client.get("/api/v1/ops/queue").json()

    assert told["events"] == {"due": 0, "parked": 0}
    assert told["deliveries"] == [{"channel": "email", "state": "pending", "count": 1}]
    assert told["oldest_delivery_seconds"] >= 0
    assert set(told["hints"]) == {"matching", "steps", "urgent", "email", "sms", "push", "callsheet"}


@pytest.mark.parametrize("path", ["/coordinatie/", "/api/v1/me"])
def test_while_the_database_is_away_everybody_is_asked_to_come_back(path, client, coordinator, monkeypatch):
    client.force_login(coordinator)
    client.raise_request_exception = False

    def away(*_arguments, **_named):
        raise OperationalError("could not extend file: No space left on device")

    monkeypatch.setattr("backend.coordination.queries.figures", away)
    monkeypatch.setattr("backend.me.api.MeSerializer.get_has_profile", away)
    answer = client.get(path)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    if path.startswith("/api/"):
        assert answer.json()["code"] == "away"


class TestTheCache:
    @pytest.fixture
    def away(self, settings):
        from django.core.cache import caches

        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/1"}}
        yield caches["default"]
        patient.PatientCache._quiet_until = 0.0

    def test_is_a_miss_while_redis_is_away_and_is_not_asked_again_at_once(self, away, monkeypatch):
        asked = []
        monkeypatch.setattr("django.core.cache.backends.redis.RedisCache.get", lambda *_a, **_k: asked.append(1))
        assert away.add("key", 1) is True

        assert away.get("key", "nothing") == "nothing"
        assert away.get_many(["key"]) == {}
        assert away.set_many({"key": 1}) == ["key"]
        assert asked == []
        with pytest.raises(patient.Away):
            away.incr("key")

    def test_lets_everybody_through(self, away, client):
        assert client.get("/api/v1/config").status_code == 200


def test_a_log_line_is_one_object_with_the_ids_it_belongs_to():
    record_ = logging.LogRecord("backend.relay", logging.WARNING, "x", 1, "relay waits: %s", ("TimeoutError",), None)
    with bound_contextvars(request_id="r", event_id=7):
        line = json_lines().format(record_)

    told = json.loads(line)
    assert (told["event"], told["level"], told["logger"]) == ("relay waits: TimeoutError", "warning", "backend.relay")
    assert (told["request_id"], told["event_id"]) == ("r", 7)


def test_an_error_is_logged_without_what_people_told_us():
    error = ValueError('violates check constraint "x"\nDETAIL:  Failing row contains (Marc, 0470 00 00 00).')
    told = json_lines().format(logging.LogRecord("x", logging.ERROR, "x", 1, "failed", (), (ValueError, error, None)))

    assert "violates check constraint" in told
    assert "Marc" not in told


def test_an_event_remembers_the_call_it_came_from(client, member, opportunity):
    from backend.outbox.actions import once

    client.force_login(member)
    client.post(f"/org/taken/{opportunity.pk}/online/")

    event = Event.objects.get(name="opportunity.published", payload__opportunity_id=str(opportunity.pk))
    assert event.request_id is not None
    client.get("/health/live")  # another call, another number
    with once(event.pk):
        told = json.loads(json_lines().format(logging.LogRecord("x", logging.INFO, "x", 1, "told", (), None)))
    assert (told["request_id"], told["event_id"]) == (str(event.request_id), event.pk)
