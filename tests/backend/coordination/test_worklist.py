""" "Doe eerst dit": each kind of being stuck appears with its one thing to do, and goes away when it is settled."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import COORDINATOR, MATCHMAKER, StaffRole, User
from backend.coordination.actions import publish_drafts
from backend.coordination.worklist import DUE_WORKING_DAYS, items
from backend.me.actions import erase
from backend.me.queries import everything_about
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, rounds, states
from backend.placements.care import let_go_of, open_case, take
from backend.placements.models import (
    CASE_KINDS,
    Care,
    CareStep,
    Case,
    CheckIn,
    Placement,
    Proposal,
    Question,
    TrialVisit,
)
from backend.placements.tasks import tell_about_case
from backend.talent.models import Volunteer
from notifications.models import Delivery

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


def test_r006_somebody_for_whom_nothing_fits_appears_after_a_round(small_city, now):
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


# --- who, by when, and how it ended ----------------------------------------------------------------------------


def colleague(name, role=MATCHMAKER, city="antwerpen"):
    user = User.objects.create_user(email=f"{name}@voorbeeld.example")
    return StaffRole.objects.create(user=user, city=city, role=role, label=name)


def line(now, days=0):
    found = items(["antwerpen"], now + days * DAY, may_review=False, may_read_reports=False)
    [one] = [one for one in found if one.kind != "stale_card"]
    return one


def test_r007_a_sad_face_after_two_weeks_is_a_case_of_the_matchmaker_with_the_least(proposal, now):
    colleague("Ver", city="elders")
    busy, free = colleague("Bo"), colleague("Fie")
    colleague("Co", role=COORDINATOR)
    open_case("silence", proposal.pk, proposal.volunteer)
    assert Care.objects.get().owner == busy
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)
    CheckIn.objects.create(placement=placement, days=14)

    for _ in range(2):
        actions.say_how_it_is(proposal.pk, "bad", now=now + 14 * DAY)

    case = Case.objects.get(kind="aftercare")
    assert Care.objects.get(about=case.pk).owner == free


def test_without_a_matchmaker_who_coordinates_looks_after_it_and_without_anybody_it_shows(proposal, now):
    open_case("silence", proposal.pk, proposal.volunteer)
    assert line(now).care is None
    Case.objects.all().delete()
    boss = colleague("Co", role=COORDINATOR)
    open_case("silence", proposal.pk, proposal.volunteer)
    assert line(now).care.owner == boss

    boss.delete()  # leaves the team
    assert line(now).care is None


def test_every_kind_of_line_has_a_last_day_in_working_days_and_late_is_said(proposal, now, client, coordinator):
    assert set(CASE_KINDS) <= set(DUE_WORKING_DAYS)
    asked = actions.ask_question(proposal.pk, "Is er een lift?")
    Question.objects.filter(pk=asked.pk).update(created_at=now - 7 * DAY)  # a Monday

    one = line(now)
    assert (one.due_on.isoformat(), one.is_late(now)) == ("2027-02-25", True)
    assert not one.is_late(now - 4 * DAY)
    client.force_login(coordinator)
    Question.objects.filter(pk=asked.pk).update(created_at=timezone.now() - 30 * DAY)
    assert "Te laat" in client.get("/coordinatie/werklijst/").content.decode()


def test_any_line_is_taken_with_a_next_step_and_let_go_of(proposal, now, client, coordinator):
    asked = actions.ask_question(proposal.pk, "Is er een lift?")
    Question.objects.filter(pk=asked.pk).update(created_at=timezone.now() - 7 * DAY)
    client.force_login(coordinator)
    told = {"kind": "question", "about": asked.pk, "note": "Dinsdag bel ik De Rank"}

    for _twice in range(2):
        client.post("/coordinatie/werklijst/neem/", told)

    assert Care.objects.get().owner.user == coordinator
    mine = client.get("/coordinatie/werklijst/?van=mij").content.decode()
    assert "Dinsdag bel ik De Rank" in mine
    assert "Vraag zonder antwoord" not in client.get("/coordinatie/werklijst/?van=niemand").content.decode()
    client.post("/coordinatie/werklijst/neem/", {**told, "what": "let_go"})
    assert not Care.objects.exists()
    assert client.post("/coordinatie/werklijst/neem/", {**told, "about": proposal.pk}).status_code == 404


def test_too_many_words_of_a_next_step_are_refused(proposal):
    with pytest.raises(ValueError, match="300"):
        take("question", proposal.pk, colleague("Bo"), "x" * 301)


@pytest.mark.parametrize(("outcome", "heard"), [("spoke", 0), ("elsewhere", 1)])
def test_a_case_closes_with_an_outcome_that_the_person_hears_once(proposal, now, outcome, heard):
    colleague("Bo")
    open_case("silence", proposal.pk, proposal.volunteer)
    case = Case.objects.get()
    with pytest.raises(ValueError, match="outcome"):
        actions.close_case(case.pk, "", now=now)

    for last in (outcome, "solved"):  # the first stands
        actions.close_case(case.pk, last, now=now)

    events = Event.objects.filter(name="case.closed")
    assert events.count() == heard
    for event in events:
        for _twice in range(2):
            tell_about_case(event_id=event.pk, **event.payload)
    told = Delivery.objects.filter(kind="case_closed")
    assert [one.values["outcome"] for one in told] == [outcome] * heard
    assert not Care.objects.exists(), "nobody looks after what is closed"
    case.refresh_from_db()
    assert case.outcome == outcome


def test_r007_a_line_tells_what_happened_to_it_and_forgets_it_with_the_person(
    proposal, volunteer, now, client, coordinator
):
    first, second = colleague("An"), colleague("Bo")
    open_case("silence", proposal.pk, proposal.volunteer)
    case = Case.objects.get()
    for _ in range(2):
        take("silence", case.pk, second, "Morgen bellen")
    client.force_login(coordinator)
    told = client.get("/coordinatie/werklijst/").content.decode()
    assert told.index("Gegeven aan") < told.index("Genomen door")
    assert "Morgen bellen" in told
    for _ in range(2):
        let_go_of("silence", case.pk, second)
    actions.close_case(case.pk, "solved", now=now, by=first)
    steps = CareStep.objects.filter(about=case.pk).order_by("created_at", "pk")
    assert [(one.what, one.by, one.note) for one in steps] == [
        ("given", first, ""), ("taken", second, "Morgen bellen"), ("let_go", second, ""), ("closed", first, "solved"),
    ]  # fmt: skip
    take("silence", proposal.pk, first, "Marc belde")  # of a line that is worked out from a proposal
    told = json.dumps(everything_about(volunteer.user), default=str)
    assert "Marc belde" in told, "what was written about somebody is theirs to read"
    assert "Morgen bellen" in told
    erase(volunteer.user, now=now)
    assert not CareStep.objects.exists()
    assert not Care.objects.exists()
