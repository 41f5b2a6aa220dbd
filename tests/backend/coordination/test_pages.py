"""The volunteer point: figures, the call sheet, and answers given by phone."""

import pytest

from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, messages, rounds, states
from backend.placements.models import Proposal
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(small_city, now, coordinator, client):
    """P07 Maria stands on the call sheet with a proposal."""
    from backend.coordination.actions import publish_drafts
    from notifications.tasks import deliver

    publish_drafts(small_city.slug, now=now, only=["T15"])
    Event.objects.all().delete()
    rounds.run_round(small_city.slug, now=now)
    proposal = Proposal.objects.select_related("opportunity__organisation", "volunteer__user").get()
    actions.tell(messages.about_proposal(proposal), messages.place_of(proposal), now=now.replace(year=2020))
    deliver(delivery_id=str(Delivery.objects.get().pk))
    client.force_login(coordinator)
    return Delivery.objects.get()


@pytest.fixture(autouse=True)
def reference_day(monkeypatch, now):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.mark.parametrize(
    ("result", "state"), [("yes", states.ACCEPTED), ("maybe", states.MAYBE), ("no", states.DECLINED)]
)
def test_an_answer_by_phone_is_the_answer_of_the_person(result, state, call, client):
    page = client.post(f"/balie/bellijst/{call.pk}/", {"result": result}, follow=True)

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.answered_by) == (state, "phone")
    assert "Genoteerd." in page.content.decode()
    assert "Niemand om te bellen" in page.content.decode()


@pytest.mark.parametrize("result", ["", "told", "perhaps"])
def test_another_result_is_refused_and_changes_nothing(result, call, client):
    assert client.post(f"/balie/bellijst/{call.pk}/", {"result": result}).status_code == 404
    assert Proposal.objects.get().state == states.OPEN
    assert Delivery.objects.get().state == "listed"


def test_who_does_not_pick_up_comes_back_tomorrow(call, client):
    page = client.post(f"/balie/bellijst/{call.pk}/", {"result": "later"}, follow=True).content.decode()

    assert "Morgen staat dit weer op de lijst." in page
    assert "Niemand om te bellen" in page
    Delivery.objects.update(due_at=call.due_at)
    assert "Maria" in client.get("/balie/bellijst/").content.decode()
    assert Proposal.objects.get().state == states.OPEN


def test_who_wants_to_stop_hears_nothing_any_more(call, client):
    from backend.talent.models import Consent, Volunteer

    page = client.post(f"/balie/bellijst/{call.pk}/", {"result": "stop"}, follow=True).content.decode()

    assert "Niemand om te bellen" in page
    assert Delivery.objects.get().state == "dropped"
    assert not Consent.objects.filter(volunteer=call.recipient, purpose="proposals", withdrawn_at=None).exists()
    assert set(Volunteer.objects.get(pk=call.recipient).muted) == {"reminders", "thanks", "check_ins"}


def test_an_organisation_is_not_stopped_on_the_phone(call, client, opportunity):
    Delivery.objects.update(recipient=opportunity.organisation_id, kind="question_asked")

    assert client.post(f"/balie/bellijst/{call.pk}/", {"result": "stop"}).status_code == 404
    assert Delivery.objects.get().state == "listed"


def test_a_letter_is_printed_from_the_sheet(call, client):
    for paper in ("a4", "a5"):
        letter = client.get(f"/balie/bellijst/{call.pk}/brief/?papier={paper}")
        assert (letter["Content-Type"], letter.content[:4]) == ("application/pdf", b"%PDF")
    assert client.get(f"/balie/bellijst/{call.pk}/brief/?papier=a3").status_code == 404


def test_a_proposal_that_ran_out_is_said_so(call, client):
    Proposal.objects.update(state=states.EXPIRED)

    page = client.post(f"/balie/bellijst/{call.pk}/", {"result": "yes"}, follow=True).content.decode()

    assert "kan niet meer beantwoord worden" in page
    assert Proposal.objects.get().state == states.EXPIRED


def test_every_blocking_factor_and_every_state_has_words(small_city):
    import inspect
    import re

    from backend.coordination import queries
    from matching import eligibility

    codes = set(re.findall(r'found.append\("(\w+)"\)', inspect.getsource(eligibility))) | {eligibility.BOUNDARY}
    assert set(queries.FACTOR_WORDS) == codes
    assert set(queries.PROPOSAL_WORDS) == set(states.PROPOSAL_STATES)


def test_the_sheet_says_whom_to_call_and_what_to_say(call, client):
    page = client.get("/balie/bellijst/").content.decode()

    for words in ("Maria", "Zeg dit", "Misschien past dit bij jou: Verwennamiddag: haar en nagels", "Zei ja"):
        assert words in page


def test_a_coordinator_of_another_city_sees_nobody(call, client, coordinator):
    coordinator.staff_roles.update(city="zilverstad")

    assert "Maria" not in client.get("/balie/bellijst/").content.decode()
    assert client.post(f"/balie/bellijst/{call.pk}/", {"result": "yes"}).status_code == 404


def test_the_figures_of_today(call, client):
    page = client.get("/coordinatie/").content.decode()

    assert "25 vrijwilligers" in page
    assert "1 taken online" in page
    assert "25 mensen, 1 taken, 25 paren bekeken, 1 voorstellen." in page
    assert "Nog geen antwoord: 1" in page
    assert "niet vrij op dat moment" in page


def test_what_an_organisation_still_writes_is_not_put_online_by_somebody_else(call, client):
    own = Opportunity.objects.get(external_id="T40")
    Opportunity.objects.filter(pk=own.pk).update(external_id=None)

    client.post("/coordinatie/online/")

    own.refresh_from_db()
    assert own.state == "draft"


def test_all_imported_opportunities_are_checked_and_put_online_with_one_round(call, client):
    page = client.post("/coordinatie/online/", follow=True).content.decode()

    assert "24 taken online, 0 niet." in page
    assert Event.objects.filter(name="city.changed").count() == 1
