"""What nobody knows: the mail server's own log decides, else a person; a machine never tells anybody twice."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from notifications import actions, queries, states
from notifications.channels.email import DOMAIN
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def mailed(state, ago=HOUR, **more):
    now = timezone.now()
    occasion = f"proposal_made:{uuid4()}"
    return Delivery.objects.create(
        pk=actions.identity_of(occasion, "email"), occasion=occasion, kind="proposal_made", recipient=uuid4(),
        language="nl", time_zone="Europe/Brussels", channel="email", address="a@voorbeeld.example",
        due_at=now - ago, finished_at=now - ago, state=state, values={}, **more,
    )  # fmt: skip


@pytest.fixture
def mail_log(tmp_path, settings):
    file = tmp_path / "mail.log"
    settings.MAIL_LOG = str(file)

    def write(*deliveries, is_taken=True):
        lines = []
        for one in deliveries:
            queue = f"4bXy{one.pk.hex[:6]}"
            lines.append(f"2027-03-01T10:00:00+01:00 mail postfix/cleanup[7]: {queue}: message-id=<{one.pk}@{DOMAIN}>")
            if is_taken:
                lines.append(
                    f"2027-03-01T10:00:00+01:00 mail postfix/qmgr[9]: {queue}: from=<hallo@x.example>, size=900, "
                    "nrcpt=1 (queue active)"
                )
        with file.open("a") as out:
            out.write("\n".join(lines) + "\n")

    return write


def test_what_the_mail_server_took_in_was_sent(mail_log):
    unknown = mailed(states.UNKNOWN)
    mail_log(unknown)

    assert actions.settle_unknown() == {states.SENT: 1}
    unknown.refresh_from_db()
    assert unknown.state == states.SENT


def test_what_it_never_took_in_is_sent_now(mail_log):
    before, unknown = mailed(states.SENT, 2 * HOUR), mailed(states.UNKNOWN)
    mail_log(before)
    mail_log(unknown, is_taken=False)  # it began to read, and the line broke

    assert actions.settle_unknown() == {states.PENDING: 1}
    assert [one.pk for one in queries.claim_due(10)] == [unknown.pk]


def test_a_log_that_does_not_reach_back_far_enough_proves_nothing(mail_log):
    mailed(states.SENT, 2 * HOUR)
    unknown, after = mailed(states.UNKNOWN), mailed(states.SENT, HOUR / 2)
    mail_log(after)

    assert not actions.settle_unknown()
    unknown.refresh_from_db()
    assert unknown.state == states.UNKNOWN


def test_without_a_log_or_too_early_nothing_is_decided(mail_log, settings):
    unknown = mailed(states.UNKNOWN, timedelta(seconds=5))
    mail_log(unknown)
    assert not actions.settle_unknown()

    settings.EVIDENCE_GRACE_SECONDS, settings.MAIL_LOG = 1, "/nowhere/mail.log"
    assert not actions.settle_unknown()
    settings.MAIL_LOG = ""
    assert not actions.settle_unknown()
    unknown.refresh_from_db()
    assert unknown.state == states.UNKNOWN


def test_a_code_whose_words_are_wiped_is_never_sent_again(mail_log):
    mail_log(mailed(states.SENT, 2 * HOUR))
    code = mailed(states.UNKNOWN, expires_at=timezone.now() + HOUR)

    assert not actions.settle_unknown()
    code.refresh_from_db()
    assert code.state == states.UNKNOWN


def test_a_failure_and_the_next_way_are_one_step(monkeypatch):
    failing = mailed(states.CLAIMED, next_routes=[["callsheet", ""]])

    def dies(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "_promise", dies)
    with pytest.raises(KeyboardInterrupt):
        actions.go_on_over_the_next_route(failing, "smtp 550")

    failing.refresh_from_db()
    assert failing.state == states.CLAIMED  # its lease runs out, and somebody else takes it up


def test_somebody_asks_once_whether_it_arrived():
    unknown = mailed(states.UNKNOWN, timedelta(days=2))
    mailed(states.UNKNOWN, HOUR)

    assert [actions.ask_about_unknown(), actions.ask_about_unknown()] == [1, 0]
    [call] = Delivery.objects.filter(channel="callsheet")
    assert (call.occasion, call.kind) == (f"again:{unknown.occasion}", "proposal_made")
    unknown.refresh_from_db()
    assert unknown.state == states.UNKNOWN


def test_only_a_person_sends_again_what_may_have_arrived():
    unknown, parked = mailed(states.UNKNOWN), mailed(states.PARKED, attempts=12, crashes=5)
    assert set(queries.stuck()) == {unknown, parked}

    assert [actions.send_again(one.pk) for one in (unknown, parked, parked)] == [True, True, False]
    parked.refresh_from_db()
    assert (parked.state, parked.attempts, parked.crashes) == (states.PENDING, 0, 0)


def test_what_somebody_saw_to_is_stuck_no_more():
    unknown, parked = mailed(states.UNKNOWN), mailed(states.PARKED)

    assert [actions.let_go(one.pk) for one in (unknown, parked, parked)] == [True, True, False]
    assert [Delivery.objects.get(pk=one.pk).state for one in (unknown, parked)] == [states.SENT, states.DROPPED]
    assert not queries.stuck()


def test_a_row_that_was_lost_and_made_again_keeps_its_message_id():
    assert actions.identity_of("proposal_made:1", "email") == actions.identity_of("proposal_made:1", "email")
    assert actions.identity_of("proposal_made:1", "email") != actions.identity_of("proposal_made:1", "sms")


def test_a_code_goes_before_a_thousand_proposals():
    bulk = [mailed(states.PENDING, 2 * HOUR) for _ in range(3)]
    code = mailed(states.PENDING, timedelta(0), expires_at=Now() + HOUR)

    assert [one.pk for one in queries.claim_urgent(10)] == [code.pk]
    assert queries.claim_due(10, without=["email"]) == []
    assert {one.pk for one in queries.claim_due(10)} == {one.pk for one in bulk}
