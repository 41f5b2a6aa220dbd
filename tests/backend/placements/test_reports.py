"""Somebody reports what is not right, without a name, and reads the answer with a code; no organisation reads it (R059)."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import MATCHMAKER, StaffRole, User
from backend.coordination.worklist import items
from backend.me.actions import tidy
from backend.outbox.models import Event
from backend.placements import reports
from backend.placements.models import Report
from backend.placements.shown import SAFE_STEPS
from backend.placements.tasks import alert_about_report
from backend.talent import codes
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
SAID = {"kind": "discrimination", "text": " Ze lachten met mijn naam. ", "contact": ""}


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def made(client, small_city):
    """A report, and the page where it is followed."""
    code = re.search(r'name="code" value="(\w+)"', client.get("/melden/").content.decode())[1]
    answered = client.post("/melden/", {**SAID, "code": code})
    return code, answered["Location"]


def test_r059_a_report_needs_no_name_and_gets_a_code_to_follow_it(client, made):
    code, address = made

    page = client.get(address).content.decode()
    report = Report.objects.get()
    assert (report.kind, report.text, report.contact) == ("discrimination", "Ze lachten met mijn naam.", "")
    assert codes.shown(code) in page
    assert "We kijken dit na." in page
    assert code not in report.code_hash
    assert client.post("/melden/", {"follow": codes.shown(code).lower()})["Location"] == address


def test_r080_who_reports_discrimination_reads_who_else_helps(client, made, small_city):
    assert small_city.report_bodies
    for page in ("/melden/", made[1]):
        shown = client.get(page).content.decode()
        assert all(body in shown for body in small_city.report_bodies)
        assert "Unia" in shown


def test_r071_who_was_not_safe_reads_the_steps_at_once_and_the_point_hears_it_once(client, small_city, coordinator):
    matchmaker = User.objects.create_user(email="matchmaker@voorbeeld.example")
    StaffRole.objects.create(user=matchmaker, city=small_city.slug, role=MATCHMAKER)
    code = codes.new_code()
    for _ in range(2):
        address = client.post("/melden/", {"kind": "unsafe", "text": "Hij duwde mij.", "code": code})["Location"]
    for page in (address, "/veilig/"):
        shown = client.get(page).content.decode()
        assert str(SAFE_STEPS[0]) in shown
        assert all(f'href="tel:{number}"' in shown for number in small_city.safety.values())
    assert "1712" in shown

    [event] = Event.objects.filter(name="report.unsafe")
    for _ in range(2):
        alert_about_report(event_id=event.pk, **event.payload)
    told = Delivery.objects.get(kind="unsafe_reported")
    assert told.recipient == coordinator.pk, "a matchmaker reads no reports"
    assert "duwde" not in str(told.values)


def test_what_was_not_safe_stands_first_on_the_worklist_and_is_due_the_same_day(small_city, coordinator):
    now, long_ago = timezone.now(), timezone.now() - timedelta(days=300)
    for kind, at in (("not_right", long_ago), ("unsafe", now - timedelta(hours=12))):
        made = reports.file_report(small_city.slug, kind, "Zo was het.", contact="", code=codes.new_code())
        Report.objects.filter(pk=made.pk).update(created_at=at)
    found = items([small_city.slug], now, may_review=False, may_read_reports=True)
    assert [one.kind for one in found if one.url.endswith("/meldingen/")] == ["unsafe", "report"]
    [unsafe] = [one for one in found if one.kind == "unsafe"]
    assert unsafe.due_on <= small_city.rhythm.working_day(small_city.local(now).date(), 0)


def test_an_answered_report_alerts_nobody(small_city, coordinator):
    made = reports.file_report(small_city.slug, "unsafe", "Zo was het.", contact="", code=codes.new_code())
    reports.answer_report(made.pk, "We kwamen langs.", now=timezone.now())
    event = Event.objects.get(name="report.unsafe")
    alert_about_report(event_id=event.pk, **event.payload)
    assert not Delivery.objects.filter(kind="unsafe_reported").exists()


def test_a_second_tap_is_the_same_report(client, made):
    code, address = made

    assert client.post("/melden/", {**SAID, "text": "Nog eens.", "code": code})["Location"] == address
    assert Report.objects.get().text == "Ze lachten met mijn naam."


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": ""}, "Kies er één."),
        ({"text": " "}, "Schrijf wat er gebeurde."),
        ({"text": "x" * 1001}, "Kijk dit even na"),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_stays(client, small_city, changed, sentence):
    answered = client.post("/melden/", {**SAID, "contact": "0470 00 00 00", "code": "7F3K9QPD", **changed})

    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    assert "0470 00 00 00" in answered.content.decode()
    assert not Report.objects.exists()


def test_a_code_that_nobody_could_get_is_replaced(client, small_city):
    address = client.post("/melden/", {**SAID, "code": "A"})["Location"]

    assert set(address.split("/")[2]) <= set(codes.SIGNS)
    assert client.get(address).status_code == 200


def test_whoever_guesses_codes_or_writes_without_end_is_told_to_wait(client, small_city, settings):
    settings.RATE_LIMIT_SCALE = 1
    assert {client.get(f"/melden/7F3K9QP{sign}/").status_code for sign in "23456789BC"} == {404}
    assert client.get("/melden/7F3K9QPZ/").status_code == 429

    sent = [client.post("/melden/", {**SAID, "code": f"7F3K9QP{sign}"}).status_code for sign in "23456789BCD"]
    assert sent == [302] * 10 + [429]


def test_it_closes_only_with_an_answer_that_the_person_reads(client, made, coordinator):
    _code, address = made
    report = Report.objects.get()
    client.force_login(coordinator)
    assert "Ze lachten met mijn naam." in client.get("/coordinatie/meldingen/").content.decode()
    assert "meldingen zonder antwoord" in client.get("/coordinatie/").content.decode()

    client.post(f"/coordinatie/meldingen/{report.pk}/", {"answer": " "})
    assert "Schrijf wat we ermee deden." in client.get("/coordinatie/meldingen/").content.decode()
    client.post(f"/coordinatie/meldingen/{report.pk}/", {"answer": "We spraken met hen."})
    assert client.post(f"/coordinatie/meldingen/{report.pk}/", {"answer": "Iets anders."}).status_code == 404

    assert "Geen meldingen. Mooi." in client.get("/coordinatie/meldingen/").content.decode()
    client.logout()
    assert "We spraken met hen." in client.get(address).content.decode()


def test_the_first_answer_stands(made):
    now, report = timezone.now(), Report.objects.get()
    reports.answer_report(report.pk, "Eerst.", now=now)

    assert reports.answer_report(report.pk, "Later.", now=now).answer == "Eerst."


@pytest.mark.parametrize("role", ["matchmaker", "talent_scout", "opportunity_scout", "administrator"])
def test_only_who_coordinates_reads_reports(client, made, coordinator, role):
    StaffRole.objects.filter(user=coordinator).update(role=role)
    client.force_login(coordinator)

    assert client.get("/coordinatie/meldingen/").status_code == 404


def test_an_organisation_reads_no_report(client, made, member):
    client.force_login(member)

    assert client.get("/coordinatie/meldingen/").status_code == 404
    assert "Ze lachten" not in client.get("/org/").content.decode()


def test_a_year_after_its_answer_a_report_goes(made):
    now, report = timezone.now(), Report.objects.get()
    assert tidy(now=now + timedelta(days=800))["reports"] == 0  # nobody answered yet
    reports.answer_report(report.pk, "Gedaan.", now=now)

    assert tidy(now=now + timedelta(days=364))["reports"] == 0
    assert tidy(now=now + timedelta(days=366))["reports"] == 1


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"kind": "gossip"}, "report_kind_is_known"),
        ({"text": ""}, "report_holds_at_least_a_word"),
        ({"answer": "Ja"}, "report_is_answered_with_words"),
    ],
)
def test_nonsense_is_refused_by_the_database(made, changed, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Report.objects.update(**changed)
