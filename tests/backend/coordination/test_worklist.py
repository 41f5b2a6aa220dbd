""" "Doe eerst dit": each kind of being stuck appears with its one thing to do, and goes away when it is settled."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.coordination.actions import publish_drafts
from backend.coordination.worklist import items
from backend.opportunities.models import Opportunity
from backend.placements import actions, rounds, states
from backend.placements.models import Case, Placement, Proposal, Question, TrialVisit
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def proposal(small_city, volunteer, opportunity, now):
    publish_drafts(small_city.slug, now=now, only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    return Proposal.objects.get(pk=made.pk)


def kinds(now, *, days=0, may_review=False):
    """Of people and opportunities; cards that grow old have their own test."""
    found = items(["antwerpen"], now + days * DAY, may_review=may_review, may_read_reports=True)
    return [one.kind for one in found if one.kind != "stale_card"]


def test_nothing_is_stuck_in_the_beginning(proposal, now):
    assert kinds(now) == []


def test_a_yes_without_a_moment_appears_after_two_days(proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)

    assert kinds(now, days=1) == []
    assert kinds(now, days=3) == ["no_moment"]
    TrialVisit.objects.create(proposal=proposal, starts_at=now + 4 * DAY)
    assert kinds(now, days=3) == []


def test_a_silent_organisation_is_one_line_and_not_two(proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    Case.objects.create(volunteer=proposal.volunteer, kind="no_word", about=proposal.pk)

    assert kinds(now, days=9) == ["no_word"]


def test_a_question_without_an_answer_appears_when_the_promise_is_broken(proposal, now):
    asked = actions.ask_question(proposal.pk, "Is er een lift?")
    Question.objects.filter(pk=asked.pk).update(created_at=now)

    assert kinds(now, days=1) == []
    assert kinds(now, days=3) == ["question"]
    actions.answer_question(asked.pk, "Ja", now=now)
    assert kinds(now, days=3) == []


def test_a_visit_of_which_nobody_said_how_it_was_appears(proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    visit = TrialVisit.objects.create(proposal=proposal, starts_at=now + DAY)

    assert kinds(now, days=3) == []
    assert kinds(now, days=5) == ["no_feedback"]
    TrialVisit.objects.filter(pk=visit.pk).update(felt="good")
    assert kinds(now, days=5) == []
    TrialVisit.objects.filter(pk=visit.pk).update(felt="")
    Placement.objects.create(proposal=proposal, confirmed_at=now)
    assert kinds(now, days=5) == []


def test_what_the_machine_found_too_few_reasons_for_appears(proposal, now):
    Proposal.objects.update(state=states.HELD)

    assert kinds(now) == ["held"]
    Opportunity.objects.update(state="paused")
    assert kinds(now) == []


def test_three_times_no_in_a_row_appears_and_a_yes_after_it_ends_that(small_city, volunteer, now):
    publish_drafts(small_city.slug, now=now)
    tasks = Opportunity.objects.filter(state="published").order_by("external_id")[:4]
    for number, one in enumerate(tasks):
        told = {"parts": [], "points": 1, "distance_km": 1, "reasons": [], "not_perfect": [], "easy_start": []}
        Proposal.objects.create(
            **told, opportunity=one, volunteer=volunteer, for_organisation=[], made_at=now, answer_until=now + 7 * DAY,
            state=states.DECLINED, answered_at=now + number * DAY,
        )  # fmt: skip
    last = Proposal.objects.get(opportunity=tasks[3])

    assert kinds(now, days=4) == ["three_noes"]
    assert kinds(now, days=200) == []
    # Twice no after a maybe is not three times in a row.
    Proposal.objects.filter(opportunity=tasks[1]).update(state=states.MAYBE)
    assert kinds(now, days=4) == []
    Proposal.objects.filter(opportunity=tasks[1]).update(state=states.DECLINED)
    Proposal.objects.filter(pk=last.pk).update(state=states.ACCEPTED, place="open")
    TrialVisit.objects.create(proposal=last, starts_at=now + 9 * DAY)
    assert kinds(now, days=4) == []


def test_somebody_for_whom_nothing_fits_appears_after_a_round(small_city, now):
    publish_drafts(small_city.slug, now=now, only=["T40"])
    rounds.run_round(small_city.slug, now=now)

    assert kinds(now).count("nothing_fits") > 1


def test_what_waits_for_a_look_is_for_who_may_put_it_online(proposal, now):
    Opportunity.objects.filter(external_id="T01").update(state="review", updated_at=now)

    assert kinds(now) == []
    assert kinds(now, may_review=True) == ["review"]


def test_a_day_of_somebody_with_a_guide_counts_twice(proposal, now):
    alone = Volunteer.objects.filter(guided_by=None).exclude(pk=proposal.volunteer_id).first()
    guided = Volunteer.objects.exclude(guided_by=None).first()
    for who, days in ((alone, 5), (guided, 3)):
        case = Case.objects.create(volunteer=who, kind="silence", about=who.pk)
        Case.objects.filter(pk=case.pk).update(created_at=now - days * DAY)

    assert [one.who for one in items(["antwerpen"], now, may_review=False, may_read_reports=True)] == [
        guided.first_name,
        alone.first_name,
    ]


def test_the_statements_do_not_grow_with_the_list(proposal, now):
    def count(many):
        for who in Volunteer.objects.order_by("pk")[:many]:
            Case.objects.get_or_create(kind="silence", about=who.pk, defaults={"volunteer": who})
        with CaptureQueriesContext(connection) as told:
            items(["antwerpen"], now, may_review=True, may_read_reports=True)
        return len(told)

    assert count(2) == count(40)


def test_figures_are_links_to_what_they_count(proposal, coordinator, client, now, monkeypatch):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: now)
    client.force_login(coordinator)

    page = client.get("/coordinatie/").content.decode()

    assert '<a class="kpi" href="/coordinatie/voorstellen/?staat=open"><b>1</b> wachten op een antwoord</a>' in page
    assert "Niets loopt vast" in page
    assert "Marc" in client.get("/coordinatie/voorstellen/?staat=open").content.decode()


def test_lists_of_the_point_ask_the_same_whatever_their_number(small_city, coordinator, client, now):
    def count(path):
        with CaptureQueriesContext(connection) as told:
            assert client.get(path).status_code == 200
        return len(told)

    client.force_login(coordinator)
    paths = ("/coordinatie/voorstellen/?staat=open", "/coordinatie/taken/?staat=published")
    before = [count(path) for path in paths]
    publish_drafts(small_city.slug, now=now)
    rounds.run_round(small_city.slug, now=now)
    assert [count(path) - few for path, few in zip(paths, before, strict=True)] == [1, 1]  # the rows themselves
