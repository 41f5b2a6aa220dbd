"""One delivery: told once, tried again when that may help, handed on when it cannot, and never told twice."""

import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from notifications import actions, queries, states
from notifications.channels import email
from notifications.message import EMAIL, Message, Route
from notifications.models import Delivery
from notifications.tasks import deliver

pytestmark = pytest.mark.django_db
PAST = datetime(2020, 1, 1, tzinfo=UTC)
VALUES = {"first_name": "Marc", "title": "Soep", "organisation": "De Pit", "phone": "03 000 00 00"}


def promise(*routes, occasion="place_taken:1", due_at=PAST, language="nl", values=VALUES):
    message = Message("place_taken", occasion, uuid4(), language, routes, values)
    actions.send(message, due_at=due_at, time_zone="Europe/Brussels")


def run(delivery=None):
    delivery = delivery or Delivery.objects.get()
    deliver(delivery_id=str(delivery.pk))
    return list(Delivery.objects.order_by("created_at", "pk").values_list("channel", "state"))


def test_a_mail_is_sent_once_however_often_it_is_hinted(inbox):
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    run()

    assert run() == [(EMAIL, states.SENT)]
    [mail] = inbox.to("marc@voorbeeld.example")
    assert mail["Subject"] == "Deze plaats is net ingevuld"
    assert "Dag Marc." in mail.get_body(("plain",)).get_content()
    assert str(Delivery.objects.get().pk) in mail["Message-ID"]


def test_the_same_occasion_is_promised_once():
    promise(Route(EMAIL, "marc@voorbeeld.example"))
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert Delivery.objects.count() == 1


def test_without_a_route_it_goes_on_the_call_sheet():
    promise()

    assert run() == [("callsheet", states.LISTED)]
    assert queries.call_sheet().count() == 1


def test_a_call_is_noted_once():
    promise()
    run()
    call = Delivery.objects.get()

    assert [actions.spoke(call.pk, "yes"), actions.spoke(call.pk, "no")] == [True, False]
    assert (Delivery.objects.get().state, Delivery.objects.get().result) == (states.DONE, "yes")


def test_before_its_time_nothing_leaves(inbox):
    promise(Route(EMAIL, "marc@voorbeeld.example"), due_at=datetime.now(UTC) + timedelta(hours=1))

    assert run() == [(EMAIL, states.PENDING)]
    assert queries.claim_due(10) == []
    assert inbox.messages == []


def test_a_mail_server_that_is_away_is_tried_again_later(settings, inbox):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = taken.getsockname()[1]
        promise(Route(EMAIL, "marc@voorbeeld.example"))

        assert run() == [(EMAIL, states.PENDING)]
    delivery = Delivery.objects.get()
    assert delivery.attempts == 1
    assert delivery.due_at > PAST + timedelta(days=1)


def answer_with(inbox, monkeypatch, code):
    async def refuse(server, session, envelope, address, options):
        return f"{code} no"

    monkeypatch.setattr(inbox, "handle_RCPT", refuse, raising=False)


def test_a_temporary_no_is_tried_again_and_after_twelve_times_a_person_looks(inbox, monkeypatch):
    answer_with(inbox, monkeypatch, 450)
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    for _ in range(12):
        found = run()
        Delivery.objects.filter(state=states.PENDING).update(due_at=PAST)

    assert found == [(EMAIL, states.PARKED)]


def test_a_permanent_no_goes_on_to_the_call_sheet(inbox, monkeypatch):
    answer_with(inbox, monkeypatch, 550)
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert run() == [(EMAIL, states.FAILED), ("callsheet", states.PENDING)]


def test_a_line_that_breaks_after_the_hand_over_is_never_tried_again(inbox, monkeypatch):
    async def hang_up(server, session, envelope):
        server.transport.close()
        return "250 OK"

    monkeypatch.setattr(inbox, "handle_DATA", hang_up)
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert run() == [(EMAIL, states.UNKNOWN)]
    assert run() == [(EMAIL, states.UNKNOWN)]


def count_connections(inbox, monkeypatch):
    seen = set()

    async def note(server, session, envelope, address, _options):
        seen.add(session.peer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(inbox, "handle_RCPT", note, raising=False)
    return seen


def test_mails_that_follow_each_other_go_over_one_connection(inbox, monkeypatch):
    seen = count_connections(inbox, monkeypatch)
    for number in range(3):
        promise(Route(EMAIL, f"persoon{number}@voorbeeld.example"), occasion=f"place_taken:{number}")

    for delivery in Delivery.objects.all():
        run(delivery)

    assert len(inbox.messages) == 3
    assert len(seen) == 1


def test_a_connection_that_was_closed_meanwhile_costs_no_try(inbox, monkeypatch):
    seen = count_connections(inbox, monkeypatch)
    promise(Route(EMAIL, "marc@voorbeeld.example"))
    run()
    email._kept.backend.connection.sock.shutdown(socket.SHUT_RDWR)
    promise(Route(EMAIL, "fatima@voorbeeld.example"), occasion="place_taken:2")
    run(Delivery.objects.get(address="fatima@voorbeeld.example"))

    assert list(Delivery.objects.values_list("state", "attempts")) == [(states.SENT, 1)] * 2
    assert [len(inbox.messages), len(seen)] == [2, 2]


def test_a_connection_is_not_kept_for_ever(inbox, monkeypatch):
    seen = count_connections(inbox, monkeypatch)
    monkeypatch.setattr(email, "KEPT_MAILS", 2)
    for number in range(3):
        promise(Route(EMAIL, f"persoon{number}@voorbeeld.example"), occasion=f"place_taken:{number}")

    for delivery in Delivery.objects.all():
        run(delivery)

    assert [len(inbox.messages), len(seen)] == [3, 2]


@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
def test_a_line_that_breaks_before_the_words_left_is_tried_again(command, inbox, monkeypatch):
    async def hang_up(server, *_rest):
        server.transport.close()
        return "250 OK"

    monkeypatch.setattr(inbox, f"handle_{command}", hang_up, raising=False)
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert run() == [(EMAIL, states.PENDING)]
    assert inbox.messages == []
    monkeypatch.undo()
    Delivery.objects.update(due_at=PAST)
    assert run() == [(EMAIL, states.SENT)]
    assert len(inbox.messages) == 1


def test_the_hand_over_is_written_when_the_server_waits_for_the_words(inbox, monkeypatch):
    seen = []
    real = actions.hand_over
    monkeypatch.setattr(actions, "hand_over", lambda delivery: seen.append(len(inbox.messages)) or real(delivery))
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert run() == [(EMAIL, states.SENT)]
    assert seen == [0]


def test_who_lost_the_lease_sends_no_words(inbox, monkeypatch):
    monkeypatch.setattr(actions, "hand_over", lambda _delivery: False)
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert run() == [(EMAIL, states.CLAIMED)]
    assert inbox.messages == []


@pytest.mark.parametrize(
    ("state", "crashes", "expected"),
    [
        (states.CLAIMED, 0, (states.PENDING, 1)),
        (states.CLAIMED, 4, (states.PARKED, 5)),
        (states.HANDING, 0, (states.UNKNOWN, 0)),
    ],
)
def test_a_worker_that_died_is_noticed(state, crashes, expected):
    promise(Route(EMAIL, "marc@voorbeeld.example"))
    Delivery.objects.update(state=state, crashes=crashes, lease_until=PAST, lease_token=uuid4())

    actions.reap_lost_leases()

    assert Delivery.objects.values_list("state", "crashes").get() == expected


def test_a_worker_that_lost_its_lease_changes_nothing():
    promise(Route(EMAIL, "marc@voorbeeld.example"))
    delivery = actions.claim(Delivery.objects.get().pk)
    Delivery.objects.update(lease_token=uuid4())

    assert not actions.hand_over(delivery)
    assert Delivery.objects.get().state == states.CLAIMED


def test_two_relays_never_hint_the_same_delivery_at_once():
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    assert [len(queries.claim_due(10)), len(queries.claim_due(10))] == [1, 0]
    Delivery.objects.update(hinted_at=Now() - timedelta(minutes=1))
    assert len(queries.claim_due(10)) == 1


def test_a_step_that_is_not_in_the_table_is_refused():
    promise(Route(EMAIL, "marc@voorbeeld.example"))

    with pytest.raises(ValueError, match="from pending to claimed, dropped, not sent"):
        actions.finish(Delivery.objects.get(), states.SENT)


def test_a_language_without_words_falls_back_to_dutch(inbox):
    promise(Route(EMAIL, "marc@voorbeeld.example"), language="so")

    run()

    assert inbox.to("marc@voorbeeld.example")[0]["Subject"] == "Deze plaats is net ingevuld"


def test_signs_of_html_stay_as_they_are(inbox):
    promise(Route(EMAIL, "marc@voorbeeld.example"), values={**VALUES, "title": "Thee & koffie <3"})

    run()

    assert "Thee & koffie <3" in inbox.to("marc@voorbeeld.example")[0].get_body(("plain",)).get_content()
