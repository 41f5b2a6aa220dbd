"""Every number of the report is what its statement says, small groups stay hidden, stories need a yes (R084, R087, R024)."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction

from backend.coordination.actions import publish_drafts
from backend.coordination.telling import FIGURE_WORDS, LEAST_TO_COMPARE, figures, report_of
from backend.listening import stories
from backend.listening.models import Story
from backend.me.actions import tidy
from backend.opportunities.models import Opportunity
from backend.placements import actions, states
from backend.placements.models import Placement, Proposal
from backend.talent.actions import withdraw_consent
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)


@pytest.fixture
def lived(small_city, now):
    """Everybody who gets a proposal says yes and starts; some stop after a month, some after four."""
    publish_drafts(small_city.slug, now=now)
    for volunteer in Volunteer.objects.order_by("external_id"):
        for made in actions.propose_for_volunteer(volunteer.pk, now=now)[:1]:
            answered = actions.answer_proposal(made.pk, "yes", source="link", now=now)
            if answered.state == states.ACCEPTED:
                placement = actions.confirm_placement(made.pk, now=now)
                actions.confirm_information_note(placement.pk, "1", source="link", now=now)
    started = list(Placement.objects.order_by("pk"))
    for number, placement in enumerate(started):
        if number % 3 < 2:
            after = timedelta(days=30 if number % 3 else 120)
            actions.stop_placement(placement.pk, source="link", now=now + after)
    return small_city


def told(place, now, first=FIRST, last=LAST):
    return {one.figure.code: one for one in report_of(place, first, last, now)}


def test_every_figure_has_words_and_a_statement():
    assert [one.code for one in figures()] == list(FIGURE_WORDS)


def test_r084_the_numbers_are_those_of_the_documented_sql(lived, now):
    later = now + timedelta(days=200)
    report = told(lived, later)
    values = {
        "city": lived.slug, "begins": datetime(2027, 2, 28, 23, tzinfo=UTC), "ends": datetime(2027, 3, 31, 22, tzinfo=UTC), "now": later,
    }  # fmt: skip
    for figure in figures():
        with connection.cursor() as cursor:
            cursor.execute(figure.sql, values)
            rows = {name: rest for name, *rest in cursor.fetchall()}
        shown = report[figure.code]
        if shown.whole is not None:
            expected = rows.get(None, [0])[-1]
            assert shown.whole == pytest.approx(float(expected or 0)), figure.code
        for name, value in shown.cells.items():
            assert value is None or value == pytest.approx(float(rows[name][-1])), (figure.code, name)


def test_r084_the_numbers_are_those_of_the_tables(lived, now):
    report = told(lived, now + timedelta(days=200))
    started = Placement.objects.exclude(information_note_confirmed_at=None)
    assert started.count() >= LEAST_TO_COMPARE, "or nothing of this is shown"

    assert report["proposals"].whole == Proposal.objects.exclude(state=states.HELD).count()
    assert report["starts"].whole == len({one.proposal.volunteer_id for one in started.select_related("proposal")})
    stayed = [one for one in started if one.ended_at is None or one.ended_at - now >= timedelta(days=90)]
    assert report["stayed"].whole == pytest.approx(len(stayed) / started.count())
    assert report["stayed"].of == started.count()
    assert told(lived, now + timedelta(days=89))["stayed"].whole is None, "nobody could stay three months yet"


def test_r024_reserved_and_used_places_stand_by_neighbourhood(lived, now):
    report = told(lived, now)
    online = Opportunity.objects.filter(state="published", reserved_places__gt=0)

    assert report["reserved"].whole == sum(one.reserved_places for one in online)
    for name, value in report["reserved"].cells.items():
        assert value == sum(one.reserved_places for one in online if one.neighbourhood == name)
    used = sum(one.taken_reserved for one in Opportunity.objects.filter(state="published"))
    assert report["reserved_used"].whole in (used, None)


def test_another_period_counts_nothing_of_this_one(lived, now):
    report = told(lived, now, date(2026, 1, 1), date(2026, 12, 31))

    assert {report[code].whole for code in ("proposals", "yes", "starts")} == {0}


def test_r087_no_small_number_about_people_is_shown(lived, now):
    for one in report_of(lived, FIRST, LAST, now + timedelta(days=200)):
        if one.figure.unit == "count":
            assert all(value is None or value >= 5 for value in [*one.cells.values(), one.whole or None])
        if one.figure.unit in ("share", "days"):
            assert one.whole is None or one.of >= LEAST_TO_COMPARE


def test_the_page_and_the_table_say_the_same(lived, client, coordinator, now):
    client.force_login(coordinator)
    period = {"first": "2027-03-01", "last": "2027-03-31"}

    page = client.get("/coordinatie/verslag/", period).content.decode()
    table = list(
        csv.DictReader(io.StringIO(client.get("/coordinatie/verslag.csv", period).content.decode("utf-8-sig")))
    )

    proposals = next(row for row in table if row["figure"] == "proposals" and not row["neighbourhood"])
    assert f"Voorstellen gedaan: {proposals['value']}" in page
    book = openpyxl.load_workbook(io.BytesIO(client.get("/coordinatie/verslag.xlsx", period).content))
    assert len(list(book.active.iter_rows(min_row=2))) == len(table)
    assert client.get("/coordinatie/verslag.exe", period).status_code == 404
    assert "percentile_cont" in page, "the statement stands below its number"
    assert client.get("/coordinatie/verslag/", {"first": "2027-03-02", "last": "2027-03-01"}).status_code == 422


def test_r084_a_story_is_read_only_with_a_yes_and_goes_with_it(client, volunteer, coordinator, now):
    client.force_login(volunteer.user)
    assert client.post("/ik/verhaal/", {"text": "Ik leerde veel mensen kennen."}).status_code == 422
    assert not Story.objects.exists()
    for _ in range(2):
        client.post("/ik/verhaal/", {"text": "Ik leerde veel mensen kennen.", "agree": "1"})
    story = Story.objects.get()
    assert story.consent.purpose == "story"
    assert "veel mensen" not in client.get("/verhalen/").content.decode()

    client.force_login(coordinator)
    client.post(f"/coordinatie/verhalen/{story.pk}/", {"online": "yes"})
    assert "veel mensen" in client.get("/verhalen/").content.decode()
    assert "veel mensen" in client.get("/coordinatie/verslag/").content.decode()
    assert volunteer.first_name not in client.get("/verhalen/").content.decode()

    withdraw_consent(story.consent, now=now)
    assert "veel mensen" not in client.get("/verhalen/").content.decode()
    assert "veel mensen" not in client.get("/coordinatie/verslag/").content.decode()
    stories.publish(story.pk, is_online=True, now=now)
    assert "veel mensen" not in client.get("/verhalen/").content.decode()
    assert tidy(now=now)["stories"] == 1, "and the words go in the night"


def test_a_story_without_a_consent_cannot_be(volunteer):
    with pytest.raises(IntegrityError), transaction.atomic():
        Story.objects.create(volunteer=volunteer, text="Ik leerde veel mensen kennen.")


def test_one_tap_takes_a_story_away(client, volunteer, now):
    story = stories.tell(volunteer, "Ik leerde veel mensen kennen.", now=now)
    client.force_login(volunteer.user)

    client.post(f"/ik/verhaal/{story.pk}/weg/")

    assert not Story.objects.exists()
    assert volunteer.consents.get(purpose="story").withdrawn_at is not None
