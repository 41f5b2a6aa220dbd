"""How is it going, a kind question after a silence, one message a day, thank-yous and calls: each once, never a sanction."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.city.load import Rhythm
from backend.organisations.models import Organisation
from backend.placements import actions, messages, queries, rhythm, states
from backend.placements.models import (
    AFTERCARE,
    CRISIS,
    LINK_HOW_IS_IT,
    LINK_STILL_THERE,
    NO_WORD,
    SILENCE,
    THANKS,
    Case,
    CheckIn,
    Placement,
    Proposal,
)
from backend.placements.tokens import make_link, path_of
from backend.talent.actions import set_contact_rules
from backend.talent.models import Consent, Volunteer
from notifications.models import Delivery
from notifications.render import render
from tests.conftest import with_contact

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")
DAY = timedelta(days=1)


def at(day, hour, minute=0):
    """A moment of March 2027 in Brussels; the first is a Monday."""
    return datetime(2027, 3, 1, hour, minute, tzinfo=BRUSSELS) + (day - 1) * DAY


def told(kind):
    return list(Delivery.objects.filter(kind=kind).order_by("created_at", "pk"))


# --- how is it going ---------------------------------------------------------------------------------------------


@pytest.fixture
def placement(proposal):
    Proposal.objects.filter(pk=proposal.pk).update(state=states.ACCEPTED, place="open", answered_at=at(1, 12))
    return Placement.objects.create(proposal=proposal, confirmed_at=at(2, 12))


def test_who_started_is_asked_after_a_day_two_weeks_six_weeks_and_three_months(placement, place):
    """R007"""
    asked = {}
    for day in range(2, 110):
        for _twice in range(2):
            many = rhythm.remind(place, now=at(day, 9))["check_in"]
            if many:
                asked[day - 2] = many

    assert asked == {1: 1, 14: 1, 42: 1, 90: 1}
    assert [one.days for one in CheckIn.objects.order_by("days")] == [1, 14, 42, 90]
    assert len({one.link for one in told("check_in")}) == 1


def test_after_two_weeks_of_standing_still_one_question_comes_and_no_late_ones(placement, place):
    """R007: move time 14 days, and exactly one check-in is sent."""
    rhythm.remind(place, now=at(16, 9))

    [one] = told("check_in")
    assert one.occasion == f"check_in:{placement.pk}:14"


def test_who_stopped_or_does_not_want_to_be_asked_is_not_asked(placement, place):
    Volunteer.objects.filter(pk=placement.proposal.volunteer_id).update(muted=["check_ins"])
    assert rhythm.remind(place, now=at(3, 9))["check_in"] == 0
    assert told("check_in") == []

    Volunteer.objects.update(muted=[])
    Placement.objects.update(state=states.ENDED)
    rhythm.remind(place, now=at(16, 9))
    assert told("check_in") == []


def test_a_sad_face_opens_one_case_and_the_last_face_counts(placement, place, client):
    rhythm.remind(place, now=at(3, 9))
    page = path_of(make_link(placement.proposal, LINK_HOW_IS_IT, expires_at=at(400, 9)))
    assert "Hoe gaat het bij" in client.get(page).content.decode()
    assert not Case.objects.exists()

    for felt in ("bad", "bad", "good"):
        answer = client.post(page, {"felt": felt})
        assert answer.status_code == 200
    assert "Fijn om te horen" in answer.content.decode()

    [case] = Case.objects.all()
    assert (case.kind, case.about, case.volunteer_id) == (
        AFTERCARE,
        CheckIn.objects.get().pk,
        placement.proposal.volunteer_id,
    )
    assert CheckIn.objects.get().felt == "good"


def test_a_word_that_is_no_face_changes_nothing(placement, place, client):
    rhythm.remind(place, now=at(3, 9))
    page = path_of(make_link(placement.proposal, LINK_HOW_IS_IT, expires_at=at(400, 9)))

    client.post(page, {"felt": "terrible"})

    assert (CheckIn.objects.get().felt, Case.objects.count()) == ("", 0)


# --- silence -----------------------------------------------------------------------------------------------------


@pytest.fixture
def silent(proposal, volunteer):
    """Two proposals without an answer; the last one of the first of March."""
    Proposal.objects.filter(pk=proposal.pk).update(state=states.EXPIRED, made_at=at(1, 10), answer_until=at(8, 10))
    other = Proposal.objects.get(pk=proposal.pk)
    other.pk, other.opportunity = None, _another(proposal.opportunity)
    other.made_at, other.answer_until = at(-9, 10), at(-2, 10)
    other.save(force_insert=True)
    return volunteer


def _another(opportunity):
    from backend.opportunities.models import Opportunity

    return Opportunity.objects.exclude(pk=opportunity.pk).order_by("external_id").first()


def test_r117_a_long_silence_gets_one_kind_question_then_one_case_then_rest(silent, place):
    """R117"""
    asked, opened = [], []
    for day in range(9, 120):
        many = rhythm.remind(place, now=at(day, 9))
        asked += [day] * many["are_you_there"]
        opened += [day] * many["cases"]

    assert asked == [32]
    assert opened == [46]
    [case] = Case.objects.all()
    assert (case.kind, case.volunteer_id) == (SILENCE, silent.pk)
    assert "Dat is oké" in render(told("are_you_there")[0]).body


@pytest.mark.parametrize("change", [{"paused_until": date(2027, 5, 1)}, {"state": "prospect"}, {"heard_at": at(20, 9)}])
def test_who_paused_or_said_something_is_left_in_peace(change, silent, place):
    Volunteer.objects.filter(pk=silent.pk).update(**change)

    rhythm.remind(place, now=at(32, 9))

    assert told("are_you_there") == []


def test_one_unanswered_proposal_or_a_withdrawn_yes_is_no_silence(silent, place, now):
    Consent.objects.filter(volunteer=silent).update(withdrawn_at=now + DAY)
    rhythm.remind(place, now=at(32, 9))
    Consent.objects.filter(volunteer=silent).update(withdrawn_at=None)
    Proposal.objects.filter(made_at__lt=at(1, 9)).delete()
    rhythm.remind(place, now=at(32, 9))

    assert told("are_you_there") == []


@pytest.mark.parametrize(
    ("answer", "words", "wants"),
    [("yes", "Fijn", 1), ("later", "een maand niets", 0), ("no", "geen voorstellen meer", 0)],
)
def test_every_answer_after_a_silence_is_fine(answer, words, wants, silent, place, client, proposal):
    page = path_of(make_link(proposal, LINK_STILL_THERE, expires_at=at(400, 9)))
    policy = place.matching.policy
    assert queries.wanted([silent], policy, at(40, 9))[silent.pk] == 0
    client.get(page)
    assert Volunteer.objects.get(pk=silent.pk).heard_at is None

    assert words in client.post(page, {"answer": answer}).content.decode()

    assert Volunteer.objects.get(pk=silent.pk).heard_at is not None
    Volunteer.objects.update(heard_at=at(39, 9))  # the page lives today, the story in March
    after = Volunteer.objects.get(pk=silent.pk)
    may = queries.wanted([after], policy, at(40, 9))[silent.pk] > 0
    is_there = after.paused_until is None and Consent.objects.filter(volunteer=silent, withdrawn_at=None).exists()
    assert (may and is_there) is bool(wants)


# --- organisations -----------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(proposal):
    """Somebody who said yes on a Thursday, and heard nothing."""
    actions.answer_proposal(proposal.pk, actions.YES, source="link", now=at(4, 12))
    return proposal


def test_after_five_working_days_without_a_word_the_point_looks(waiting, place):
    """R044: the reminder on Tuesday, the case on Thursday."""
    opened = [day for day in range(5, 16) if rhythm.remind(place, now=at(day, 12))["cases"]]

    assert opened == [11]
    assert Case.objects.get().kind == NO_WORD


def test_a_holiday_is_no_working_day(waiting, place):
    quiet = replace(place, rhythm=replace(place.rhythm, fixed_holidays=((3, 8),)))

    assert rhythm.remind(quiet, now=at(9, 12))["candidate_reminder"] == 0
    assert rhythm.remind(quiet, now=at(10, 12))["candidate_reminder"] == 1


def test_easter_moves_and_its_holidays_with_it():
    belgian = Rhythm(fixed_holidays=((12, 25),), easter_holidays=(1, 39, 50))

    assert belgian.holidays(2027) == [date(2027, 12, 25), date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)]


def test_who_wants_one_message_a_day_gets_everything_together_the_next_morning(waiting, place, opportunity):
    organisation = opportunity.organisation
    Organisation.objects.filter(pk=organisation.pk).update(one_message_a_day=True)
    candidate = Proposal.objects.select_related("opportunity__organisation", "volunteer__user").get(pk=waiting.pk)
    actions.tell(messages.about_candidate(candidate), place, now=at(4, 12))
    [kept] = told("candidate_new")
    assert kept.channel == "digest"
    Delivery.objects.update(state="listed")

    counts = [rhythm.remind(place, now=moment)["organisation_digest"] for moment in (at(5, 7), at(5, 9), at(5, 15))]

    assert counts == [0, 1, 0]
    [digest] = told("organisation_digest")
    kept.refresh_from_db()
    assert (kept.state, digest.channel) == ("done", "email")
    text = render(digest)
    assert text.subject == "Overzicht: 1 bericht"
    assert "\n- Iemand wil " in text.body
    assert "Marc" not in str(digest.values)  # who is erased later is named nowhere


def test_what_cannot_wait_does_not_wait(waiting, place, opportunity):
    Organisation.objects.filter(pk=opportunity.organisation_id).update(one_message_a_day=True)

    rhythm.remind(place, now=at(9, 12))

    assert [one.channel for one in told("candidate_reminder")] == ["email"]


# --- campaigns ---------------------------------------------------------------------------------------------------


@pytest.fixture
def helpers(small_city, proposal):
    """Twenty people who helped this year, three of whom do not want to be thanked."""
    people = list(Volunteer.objects.filter(city=small_city.slug).order_by("external_id")[:20])
    for number, one in enumerate(people):
        made = Proposal.objects.get(pk=proposal.pk)
        if one.pk != made.volunteer_id:
            made.pk, made.volunteer = None, one
            made.save(force_insert=True)
        Placement.objects.create(proposal=made, confirmed_at=at(1, 9) - timedelta(days=number * 10))
        Volunteer.objects.filter(pk=one.pk).update(
            muted=["thanks"] if number < 3 else [], language=("nl", "tr")[number % 2]
        )
    return people


def test_a_thank_you_reaches_everybody_who_helped_once_in_their_language(helpers, place):
    """R020: 20 people of whom 3 opted out."""
    campaign = actions.start_campaign(place, THANKS, now=at(5, 12))
    assert actions.start_campaign(place, THANKS, now=at(5, 15)).pk == campaign.pk

    assert [actions.run_campaign(campaign.pk, now=at(5, 12)) for _ in range(2)] == [17, 17]

    rows = told("thanks_campaign")
    assert len(rows) == 17
    assert {one.language for one in rows} == {"nl", "tr"}
    assert render(rows[0]).subject == "Dank je"


def test_r114_a_call_in_need_reaches_only_who_said_that_it_may(small_city, place):
    willing = with_contact("P37", email="p37@voorbeeld.example")
    set_contact_rules(willing, crisis_calls=True)
    campaign = actions.start_campaign(place, CRISIS, text="Er staat water in de kelders.", now=at(5, 12))

    assert actions.run_campaign(campaign.pk, now=at(5, 12)) == 1

    [one] = told("crisis_call")
    assert (one.recipient, one.link) == (willing.pk, None)
    assert "Er staat water in de kelders." in render(one).body


def test_a_call_may_be_for_one_postcode(small_city, place):
    Volunteer.objects.update(crisis_calls=True)
    campaign = actions.start_campaign(place, CRISIS, text="Soep koken", postcode="9999", now=at(5, 12))

    assert actions.run_campaign(campaign.pk, now=at(5, 12)) == 0
    elsewhere = actions.start_campaign(place, CRISIS, text="Soep koken", postcode="2060", now=at(5, 13))
    assert elsewhere.pk != campaign.pk


def test_the_page_starts_one_campaign_and_says_what_is_wrong(client, coordinator, place):
    from backend.outbox.models import Event

    client.force_login(coordinator)
    wrong = client.post("/coordinatie/oproepen/", {"kind": CRISIS, "city": "antwerpen", "postcode": "20"})
    assert "Zeg in één zin wat er nodig is." in wrong.content.decode()
    assert "Een postcode heeft 4 cijfers." in wrong.content.decode()
    assert not Event.objects.filter(name="campaign.started").exists()

    for _twice in range(2):
        sent = client.post("/coordinatie/oproepen/", {"kind": THANKS, "city": "antwerpen", "text": "x"})
        assert sent["Location"] == "/coordinatie/oproepen/"
    assert Event.objects.filter(name="campaign.started").count() == 1
    assert "Bedankje voor iedereen die helpt" in client.get("/coordinatie/oproepen/").content.decode()


def test_a_case_is_closed_on_the_worklist(client, coordinator, silent, proposal):
    case = Case.objects.create(volunteer=silent, kind=SILENCE, about=proposal.pk)
    client.force_login(coordinator)
    assert "Marc" in client.get("/coordinatie/werklijst/").content.decode()

    refused = client.post(f"/coordinatie/werklijst/{case.pk}/", {"outcome": "weg"}, follow=True)
    assert "Kies hoe het afliep." in refused.content.decode()
    for _twice in range(2):
        client.post(f"/coordinatie/werklijst/{case.pk}/", {"outcome": "elsewhere"})

    case.refresh_from_db()
    assert (case.closed_at is None, case.outcome) == (False, "elsewhere")
    assert "Niets loopt vast" in client.get("/coordinatie/werklijst/").content.decode()
    assert client.post(f"/coordinatie/werklijst/{case.pk}/").status_code == 404


# --- one open question, and what somebody does not want to read ------------------------------------------------


def test_r086_an_evaluation_takes_three_taps_and_one_open_question_for_the_point_alone(
    client, placement, member, coordinator
):
    link = make_link(placement.proposal, LINK_HOW_IS_IT, expires_at=at(2, 12) + timedelta(days=3650))
    CheckIn.objects.create(placement=placement, days=1)

    asked = client.post(path_of(link), {"felt": "bad"}).content.decode()
    assert "Wil je nog iets zeggen?" in asked
    thanked = client.post(path_of(link), {"words": "Het is te druk."}).content.decode()

    assert "We lezen wat je schreef." in thanked
    assert (CheckIn.objects.get().felt, CheckIn.objects.get().words) == ("bad", "Het is te druk.")
    client.force_login(coordinator)
    assert "Het is te druk." in client.get("/coordinatie/werklijst/").content.decode()
    client.force_login(member)
    seen = client.get(f"/org/taken/{placement.proposal.opportunity_id}/kandidaten/").content.decode()
    assert "Het is te druk." not in seen


def test_r086_an_answer_on_paper_is_typed_at_the_desk_and_counts_the_same(client, placement, coordinator):
    CheckIn.objects.create(placement=placement, days=1)
    client.force_login(coordinator)
    desk = f"/balie/mensen/{placement.proposal.volunteer_id}/"
    client.post(desk, {"here": "1"})

    client.post(f"{desk}{placement.proposal_id}/", {"felt": "bad", "words": "Het is te druk."})

    check_in = CheckIn.objects.get()
    assert (check_in.felt, check_in.words) == ("bad", "Het is te druk.")
    assert Case.objects.get(kind=AFTERCARE).about == check_in.pk


def test_r021_who_is_thanked_reads_it_may_hide_it_and_say_that_it_is_not_right(client, placement):
    from backend.accounts.models import User

    volunteer = placement.proposal.volunteer
    user = volunteer.user or User.objects.create_user(email="p37@voorbeeld.example")
    Volunteer.objects.filter(pk=volunteer.pk).update(user=user)
    for words in ("Dank je voor de soep", "Je bent zo mooi"):
        actions.thank(placement.pk, words)
    client.force_login(user)
    shown = client.get("/ik/").content.decode()
    assert "Dank je voor de soep" in shown
    unpleasant = placement.thanks.get(text="Je bent zo mooi")

    assert client.post(f"/ik/bedankt/{unpleasant.pk}/", {"what": "report"})["Location"] == "/melden/"

    left = client.get("/ik/").content.decode()
    assert "Je bent zo mooi" not in left
    assert "Dank je voor de soep" in left


@pytest.mark.parametrize("language", ["nl", "fr", "en", "ar", "tr"])
def test_r020_the_thank_you_of_the_city_is_printed_as_a_card(language, client, coordinator):
    client.force_login(coordinator)

    card = client.get("/coordinatie/oproepen/kaart.pdf", {"taal": language})

    assert (card["Content-Type"], card.content[:4]) == ("application/pdf", b"%PDF")
    assert client.get("/coordinatie/oproepen/kaart.pdf", {"taal": "xx"}).status_code == 404
