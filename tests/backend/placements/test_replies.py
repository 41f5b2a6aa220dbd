"""What people write back: STOP always works, JA and NEE with exactly one question, and one answer whatever comes twice."""

import pytest

from backend.placements import replies, states
from backend.placements.models import Proposal
from backend.talent.models import Consent, Volunteer
from notifications.models import Delivery
from notifications.render import render
from tests.conftest import with_contact

pytestmark = pytest.mark.django_db
SECRET = "a secret of the gateway, long"
PHONE = "+32470000001"


@pytest.fixture
def by_phone(proposal, volunteer):
    volunteer.user.phone, volunteer.user.phone_verified = PHONE, True
    volunteer.user.save()
    return proposal


@pytest.fixture
def write(client, settings):
    settings.SMS_IN_SECRET = SECRET

    def send(text, sender=PHONE, number="", **more):
        return client.post(f"/berichten/sms/{SECRET}/", {"from": sender, "text": text, "id": number}, **more)

    return send


def state(proposal):
    return Proposal.objects.get(pk=proposal.pk).state


def answers():
    return [one.kind for one in Delivery.objects.filter(channel="sms").order_by("created_at", "pk")]


@pytest.mark.parametrize(
    ("word", "becomes"),
    [("JA", "accepted"), (" ja! ", "accepted"), ("Evet", "accepted"), ("NEE.", "declined"), ("لا", "declined")],
)
def test_yes_and_no_count_when_there_is_one_question(word, becomes, by_phone, write):
    assert write(word).status_code == 204

    assert state(by_phone) == becomes
    assert Proposal.objects.get(pk=by_phone.pk).answered_by == "sms"
    assert answers() == ["sms_understood"]


def test_a_message_that_the_gateway_brings_twice_is_answered_once(by_phone, write):
    for _twice in range(2):
        write("JA", number="abc")
    assert answers() == ["sms_understood"]

    write("JA", number="def")
    assert answers() == ["sms_understood", "sms_not_understood"]


def test_with_two_questions_a_yes_counts_for_none_and_a_link_comes(by_phone, write):
    from backend.opportunities.models import Opportunity

    other = Proposal.objects.get(pk=by_phone.pk)
    other.pk, other.opportunity = None, Opportunity.objects.exclude(pk=by_phone.opportunity_id).first()
    other.save(force_insert=True)

    write("JA")

    assert [state(by_phone), state(other)] == ["open", "open"]
    assert answers() == ["sms_not_understood"]
    assert "/v/" in render(Delivery.objects.get(channel="sms")).body


def test_something_else_is_not_understood_and_changes_nothing(by_phone, write):
    write("Ik denk er nog over na")

    assert (state(by_phone), answers()) == ("open", ["sms_not_understood"])


@pytest.mark.parametrize("word", ["STOP", "stop.", "ARRÊT", "Dur", "ستوب"])
def test_stop_always_works_at_once(word, by_phone, write, volunteer):
    waiting = Delivery.objects.create(
        occasion="x", kind="proposal_made", recipient=volunteer.pk, language="nl", time_zone="Europe/Brussels",
        channel="email", due_at=by_phone.made_at, values={},
    )  # fmt: skip

    write(word)

    assert not Consent.objects.filter(volunteer=volunteer, purpose="proposals", withdrawn_at=None).exists()
    person = Volunteer.objects.get(pk=volunteer.pk)
    assert set(person.muted) == {"reminders", "thanks", "check_ins"}
    waiting.refresh_from_db()
    assert waiting.state == "dropped"
    assert answers() == ["sms_stopped"]
    assert state(by_phone) == states.OPEN


def test_a_phone_that_nobody_showed_gets_no_answer(by_phone, write):
    by_phone.volunteer.user.phone_verified = False
    by_phone.volunteer.user.save()
    with_contact("P11", phone="+32470000002")

    assert [write("STOP").status_code, write("STOP", sender="+32470000002").status_code] == [204, 204]
    assert answers() == []


def test_only_the_gateway_comes_in_and_nonsense_is_refused(by_phone, write, client, settings):
    for wrong in ("wrong", "é"):
        assert client.post(f"/berichten/sms/{wrong}/", {"from": PHONE, "text": "STOP"}).status_code == 404
    assert write("", PHONE).status_code == 400
    assert write("STOP", "somebody").status_code == 400
    assert client.get(f"/berichten/sms/{SECRET}/").status_code == 405
    settings.SMS_IN_SECRET = ""
    assert write("STOP").status_code == 404
    assert answers() == []


def test_a_gateway_may_speak_json_with_names_of_its_own(by_phone, client, settings):
    settings.SMS_IN_SECRET, settings.SMS_IN_FIELDS = SECRET, ["msisdn", "body", "ref"]
    told = {"msisdn": PHONE, "body": "JA", "ref": "1", "other": 5}

    assert client.post(f"/berichten/sms/{SECRET}/", told, content_type="application/json").status_code == 204
    assert client.post(f"/berichten/sms/{SECRET}/", "[", content_type="application/json").status_code == 400
    assert state(by_phone) == "accepted"


def test_whoever_writes_without_end_is_not_answered_without_end(by_phone, write, settings):
    settings.RATE_LIMIT_SCALE = 1
    from django.core.cache import cache

    cache.clear()
    told = [write(f"hallo {number}").status_code for number in range(25)]
    cache.clear()

    assert (told.count(204), told.count(429)) == (20, 5)


def test_groups_and_words_do_not_overlap():
    assert not replies.STOP & (replies.YES | replies.NO)
    assert not replies.YES & replies.NO
