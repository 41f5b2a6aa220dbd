"""What else lies behind the link of a proposal: a question, a moment for the calendar, the information note, a rest."""

from datetime import date, timedelta

import icalendar
import pytest
import vobject

from backend.accounts.models import JournalEntry
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.outbox.models import Event
from backend.placements import actions, states
from backend.placements.models import Case, Placement, Proposal, Question
from backend.placements.moments import moments_for
from backend.placements.note import note_of
from backend.talent.models import Volunteer

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def agreed(proposal, now):
    """Marc said yes and the organisation said welcome."""
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    return actions.confirm_placement(proposal.pk, now=now)


def version():
    return note_of(Opportunity.objects.select_related("organisation").get(external_id="T40")).version


# --- a question ------------------------------------------------------------------------------------------------


def test_a_maybe_leads_to_a_question(client, path):
    page = client.post(path + "antwoord/", {"answer": "maybe"}, follow=True)

    assert page.redirect_chain == [(path + "vraag/", 302)]
    assert "Wat wil je weten?" in page.content.decode()


def test_a_question_of_the_list_is_asked_with_one_tap_and_once(client, path):
    for _ in range(2):
        page = client.post(path + "vraag/", {"question": "2"}, follow=True).content.decode()

    assert "We zoeken het uit." in page
    assert [one.text for one in Question.objects.all()] == ["Hoe geraak ik daar?"]


def test_a_question_of_the_list_reaches_the_organisation_in_its_own_language(client, path, proposal):
    Volunteer.objects.filter(pk=proposal.volunteer_id).update(language="ar")

    page = client.get(path + "vraag/").content.decode()
    client.post(path + "vraag/", {"question": "0"})

    assert "Kan ik met iemand samen komen?" not in page
    assert Question.objects.get().text == "Kan ik met iemand samen komen?"


@pytest.mark.parametrize("asked", [{}, {"question": "99"}, {"question": "x"}, {"text": " "}, {"text": "a" * 501}])
def test_another_question_is_refused_and_said(asked, client, path):
    answer = client.post(path + "vraag/", asked)

    assert answer.status_code == 422
    assert "Kies een vraag" in answer.content.decode()
    assert not Question.objects.exists()


def test_after_a_no_there_is_nothing_to_ask(client, path):
    client.post(path + "antwoord/", {"answer": "no"})

    assert client.get(path + "vraag/").status_code == 302


# --- a moment for the calendar ---------------------------------------------------------------------------------


def test_the_moment_opens_in_a_calendar_and_holds_no_link(client, path, proposal, now):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    assert client.get(path + "agenda.ics").status_code == 302
    moment = moments_for(Proposal.objects.select_related("volunteer__profile", "opportunity").get(), now)[0]
    actions.book_trial_visit(proposal.pk, moment, now=now)

    answer = client.get(path + "agenda.ics")

    [event] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == moment
    assert vobject.readOne(answer.content.decode()).vevent.dtstart.value == moment, "and for another reader"
    assert path.strip("/").split("/")[1] not in answer.content.decode()
    assert "Zet in je agenda" in client.get(path).content.decode()


# --- the information note --------------------------------------------------------------------------------------


def test_r038_a_placement_becomes_active_when_the_note_was_read(client, path, agreed):
    assert "Lees dit voor je start" in client.get(path).content.decode()
    page = client.get(path + "nota/").content.decode()
    assert "verzekering van de organisatie betaalt" in page
    assert Placement.objects.get().state == states.AGREED

    page = client.post(path + "nota/", {"version": version(), "paid": "no"}, follow=True).content.decode()

    placement = Placement.objects.get()
    assert (placement.state, placement.information_note_version) == (states.ACTIVE, version())
    assert placement.information_note_source == "link"
    assert "Je kan starten." in page


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"paid": ""}, 422, "Zeg of je hier betaald werkt."),
        ({"paid": "yes"}, 409, "Dan kijken we eerst samen."),
        ({"version": "000000000000"}, 409, "De nota is net veranderd."),
    ],
)
def test_a_note_that_was_not_read_starts_nothing(change, status, words, client, path, agreed):
    answer = client.post(path + "nota/", {"version": version(), "paid": "no", **change})

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert Placement.objects.get().state == states.AGREED


def test_every_fact_of_the_note_changes_its_version(opportunity):
    def read(**changed):
        Organisation.objects.filter(pk=opportunity.organisation_id).update(**changed)
        return version()

    found = {version(), read(accident_insurance=True), read(contact_label="Nieuw"), read(description="Iets anders")}
    found |= {read(accident_insurance=False, liability_insurance=True)}
    assert len(found) >= 4


def test_every_legal_form_that_may_post_has_words():
    from backend.placements.note import FORM_WORDS
    from matching.citysample import LEGAL_FORMS

    assert set(FORM_WORDS) == set(LEGAL_FORMS)


def test_without_a_welcome_there_is_no_note(client, path):
    assert client.get(path + "nota/").status_code == 302


def test_the_organisation_prints_the_note_of_a_yes(client, member, agreed, proposal):
    client.force_login(member)

    page = client.get(f"/org/kandidaten/{proposal.pk}/nota/").content.decode()

    assert "artikel 4" in page
    assert f"Versie {version()}" in page
    assert "Nog niet gelezen." in page
    Proposal.objects.update(state=states.WITHDRAWN, place=None)
    assert client.get(f"/org/kandidaten/{proposal.pk}/nota/").status_code == 404


def test_the_note_is_read_together_at_the_desk(client, coordinator, agreed, proposal):
    client.force_login(coordinator)
    page = f"/balie/mensen/{proposal.volunteer_id}/"
    assert client.post(f"{page}{proposal.pk}/nota/").status_code == 404, "the person must be here"
    assert "Lees dit samen" in client.post(page, {"here": "1"}, follow=True).content.decode()

    client.post(f"{page}{proposal.pk}/nota/")

    placement = Placement.objects.get()
    assert (placement.state, placement.information_note_source) == (states.ACTIVE, "desk")
    assert JournalEntry.objects.filter(what="note_read").count() == 1


# --- a rest ----------------------------------------------------------------------------------------------------


def test_r037_whoever_wants_somebody_to_come_along_says_it_with_one_tap_and_the_point_looks(
    client, path, proposal, coordinator, now
):
    client.post(path + "samen/")
    assert not Case.objects.exists(), "before a yes there is nothing to come along to"
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    assert "Ik wil dat iemand meegaat" in client.get(path).content.decode()

    for _ in range(2):
        page = client.post(path + "samen/", follow=True).content.decode()

    assert "Iemand van ons zoekt wie meegaat." in page
    assert Case.objects.get().kind == "come_along"
    client.force_login(coordinator)
    assert "Wil dat iemand de eerste keer meegaat" in client.get("/coordinatie/werklijst/").content.decode()


def test_after_a_no_somebody_may_rest_for_a_month_with_one_tap(client, path, proposal, now):
    assert (
        "Stuur mij een maand niets" in client.post(path + "antwoord/", {"answer": "no"}, follow=True).content.decode()
    )

    page = client.post(path + "rust/", follow=True).content.decode()

    assert Volunteer.objects.get(pk=proposal.volunteer_id).paused_until == now.date() + timedelta(days=30)
    assert "Je krijgt niets tot" in page


def test_a_rest_never_becomes_shorter(client, path, proposal):
    Volunteer.objects.filter(pk=proposal.volunteer_id).update(paused_until=date(2028, 1, 1))

    client.post(path + "rust/")

    assert Volunteer.objects.get(pk=proposal.volunteer_id).paused_until == date(2028, 1, 1)


# --- why not ---------------------------------------------------------------------------------------------------


def test_after_a_no_somebody_may_say_why_and_nothing_follows_from_it(client, path, proposal):
    page = client.post(path + "antwoord/", {"answer": "no"}, follow=True).content.decode()
    assert "Het hoeft niet." in page
    before = Event.objects.count()

    page = client.post(path + "waarom/", {"why": "too_far"}, follow=True).content.decode()

    assert "Dank je om dat te zeggen." in page
    proposal.refresh_from_db()
    assert (proposal.state, proposal.why_not) == (states.DECLINED, "too_far")
    assert Event.objects.count() == before


@pytest.mark.parametrize("why", ["", "because"])
def test_another_word_for_why_is_not_kept(why, client, path, proposal):
    client.post(path + "antwoord/", {"answer": "no"})

    client.post(path + "waarom/", {"why": why})

    proposal.refresh_from_db()
    assert proposal.why_not == ""


def test_without_a_no_there_is_no_why(client, path, proposal):
    client.post(path + "waarom/", {"why": "too_far"})

    proposal.refresh_from_db()
    assert proposal.why_not == ""


def test_the_volunteer_point_reads_why_and_the_organisation_does_not(client, path, proposal, coordinator, member):
    client.post(path + "antwoord/", {"answer": "no"})
    client.post(path + "waarom/", {"why": "too_hard"})

    client.force_login(coordinator)
    assert "Te moeilijk" in client.get(f"/coordinatie/mensen/{proposal.volunteer_id}/").content.decode()
    client.force_login(member)
    for page in ("/org/", f"/org/taken/{proposal.opportunity_id}/kandidaten/"):
        assert "Te moeilijk" not in client.get(page).content.decode()


def test_every_why_has_words():
    from backend.placements.models import WHY_NOT
    from backend.placements.shown import NO_WORDS

    assert set(NO_WORDS) == set(WHY_NOT)


# --- what the organisation may know ----------------------------------------------------------------------------


def test_r036_an_organisation_reads_only_the_boundaries_that_were_ticked_and_only_from_the_placement(
    client, path, proposal, member, now
):
    profile = proposal.volunteer.profile
    profile.boundaries = ["niet_lang_staan", "niet_horen"]
    profile.save()
    seen = f"/org/taken/{proposal.opportunity_id}/kandidaten/"

    def by_organisation():
        client.force_login(member)
        page = client.get(seen).content.decode()
        client.logout()
        return "lang staan" in page, "hoor weinig" in page

    client.post(path + "grenzen/", {"boundary": ["niet_lang_staan"]})
    assert by_organisation() == (False, False), "nobody said yes"
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    assert "Ik kan niet lang staan." in client.get(path).content.decode()
    client.post(path + "grenzen/", {"boundary": ["niet_lang_staan", "rolstoel"]})
    assert by_organisation() == (False, False), "no placement yet"
    actions.confirm_placement(proposal.pk, now=now)
    assert by_organisation() == (True, False)
    proposal.refresh_from_db()
    assert proposal.told_boundaries == ["niet_lang_staan"], "only what is a boundary of theirs"

    client.post(path + "grenzen/")
    assert by_organisation() == (False, False), "taken back"
    client.post(path + "grenzen/", {"boundary": ["niet_lang_staan"]})
    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    assert by_organisation() == (False, False)
