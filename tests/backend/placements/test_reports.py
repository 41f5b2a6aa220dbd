"""Somebody reports what is not right, without a name, and reads the answer with a code; no organisation reads it (R059)."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import StaffRole
from backend.me.actions import tidy
from backend.placements import reports
from backend.placements.models import Report
from backend.talent import codes

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
