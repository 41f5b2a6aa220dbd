"""What an organisation sees of who fits, and what it does with one tap; never a name before the yes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.organisations.models import Organisation
from backend.placements import actions, queries, states
from backend.placements.models import Placement, Proposal, Thanks, TrialVisit
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(small_city, opportunity, volunteer):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    return made


@pytest.fixture
def signed_in(client, member):
    client.force_login(member)
    return client


def page(client, opportunity):
    return client.get(f"/org/taken/{opportunity.pk}/kandidaten/").content.decode()


def act(client, proposal, what, **told):
    answer = client.post(f"/org/kandidaten/{proposal.pk}/{what}/", told, follow=True)
    proposal.refresh_from_db()
    return answer.content.decode()


def say_yes(proposal):
    actions.answer_proposal(proposal.pk, "yes", source="link", now=timezone.now())
    proposal.refresh_from_db()


def test_before_the_yes_there_are_reasons_and_no_name_and_after_it_a_name(signed_in, proposal, opportunity):
    before = page(signed_in, opportunity)
    assert "Vrijwilliger A" in before
    assert "Waarom past dit?" in before
    assert "Marc" not in before
    assert "p37@" not in before

    say_yes(proposal)

    after = page(signed_in, opportunity)
    assert "Marc" in after
    assert "p37@voorbeeld.example" in after


def test_inviting_is_one_tap_and_the_button_goes(signed_in, proposal, opportunity):
    assert "Uitgenodigd. Deze persoon krijgt een bericht." in act(signed_in, proposal, "nodig-uit")

    assert proposal.invited_at
    assert "nodig-uit" not in page(signed_in, opportunity)


def test_not_for_us_has_a_reason_of_the_list_and_another_is_not_there(signed_in, proposal):
    assert signed_in.post(f"/org/kandidaten/{proposal.pk}/niet-voor-ons/", {"reason": "te oud"}).status_code == 404
    act(signed_in, proposal, "niet-voor-ons", reason="other_hours")

    assert (proposal.state, proposal.not_for_us) == (states.WITHDRAWN, "other_hours")


def test_welcome_comes_and_thanks_follow_each_other(signed_in, proposal, opportunity):
    say_yes(proposal)
    visit = TrialVisit.objects.create(proposal=proposal, starts_at=timezone.now() - timedelta(hours=1))
    assert "Kwam niet" in page(signed_in, opportunity)

    assert "Genoteerd: kwam." in act(signed_in, proposal, "kwam", came="yes")
    visit.refresh_from_db()
    assert visit.state == states.CAME

    assert "De plaatsing is bevestigd." in act(signed_in, proposal, "welkom")
    for _tap in range(2):
        assert "Bedankt. Je woorden komen aan." in act(signed_in, proposal, "bedankt", thanks="0")
    [thanks] = Thanks.objects.all()
    assert thanks.text == "Dank je, Marc! We zijn blij met je hulp."
    assert "Je hebt bedankt." in page(signed_in, opportunity)


def test_a_step_that_comes_too_late_says_so(signed_in, proposal):
    say_yes(proposal)
    actions.confirm_placement(proposal.pk, now=timezone.now())

    assert "Dit kan niet meer" in act(signed_in, proposal, "niet-voor-ons", reason="other_hours")
    assert proposal.state == states.ACCEPTED


def test_somebody_is_sent_on_to_where_they_fit_and_only_there(signed_in, proposal, small_city):
    path = f"/org/kandidaten/{proposal.pk}/doorverwijzen/"
    assert "We vonden nu geen andere plek die past." in signed_in.get(path).content.decode()

    publish_drafts(small_city.slug, now=timezone.now())
    offered = signed_in.get(path).context["elsewhere"]
    assert offered
    chosen = offered[0]
    told = signed_in.post(path, {"opportunity": str(chosen.pk)}, follow=True).content.decode()

    assert chosen.organisation.name in told
    made = Proposal.objects.get(opportunity=chosen, volunteer=proposal.volunteer)
    assert (made.state, made.referred_from) == (states.OPEN, proposal)
    assert signed_in.post(path, {"opportunity": "x"}).status_code == 404


def test_the_list_asks_the_database_as_often_for_one_as_for_many(
    signed_in, proposal, opportunity, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    page(signed_in, opportunity)
    with CaptureQueriesContext(connection) as one:
        page(signed_in, opportunity)
    more = actions.propose_for_opportunity(opportunity.pk, now=timezone.now())
    assert len(more) > 1

    with django_assert_num_queries(len(one)):
        page(signed_in, opportunity)


def test_another_organisation_and_a_reader_find_nothing(client, stranger, member, proposal, opportunity):
    member.memberships.update(role="reader")
    for user in (stranger, member):
        client.force_login(user)
        assert client.get(f"/org/taken/{opportunity.pk}/kandidaten/").status_code == 404
        assert client.post(f"/org/kandidaten/{proposal.pk}/nodig-uit/").status_code == 404
    proposal.refresh_from_db()
    assert proposal.invited_at is None


def test_an_organisation_reads_how_fast_it_answers_after_three_times(small_city, opportunity, member, client):
    own = Organisation.objects.filter(pk=opportunity.organisation_id)
    told = {"parts": [], "points": 1, "distance_km": 1, "reasons": [], "not_perfect": [], "easy_start": []}
    for number, who in enumerate(Volunteer.objects.order_by("pk")[:3]):
        assert queries.answer_days(own) == {}
        answered = timezone.now() - timedelta(days=20)
        made = Proposal.objects.create(
            **told, opportunity=opportunity, volunteer=who, for_organisation=[], made_at=answered,
            answer_until=answered + timedelta(days=7), state=states.ACCEPTED, answered_at=answered, place="open",
        )  # fmt: skip
        Placement.objects.create(proposal=made, confirmed_at=answered + timedelta(days=number + 0.5))

    assert queries.answer_days(own) == {opportunity.organisation_id: 2}
    client.force_login(member)
    assert "je antwoordt meestal binnen 2 dagen" in client.get("/org/").content.decode()
