"""The pages of a planned round: who may, what they show while the machine works, and what cannot be posted."""

import pytest

from backend.accounts.models import StaffRole
from backend.coordination.actions import publish_drafts
from backend.placements import planned, states
from backend.placements.models import PlannedRound, Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(small_city, coordinator, client, now):
    publish_drafts(small_city.slug, now=now)
    client.force_login(coordinator)
    made = planned.ask_for(small_city.slug, "fair")
    planned.plan(made.pk, now=now)
    return PlannedRound.objects.get()


def test_while_the_machine_works_the_page_says_how_far_and_asks_again(small_city, coordinator, client):
    client.force_login(coordinator)
    page = client.post(
        "/coordinatie/verdeling/", {"preset": "fair", "city": small_city.slug}, follow=True
    ).content.decode()

    assert "Kijk of het klaar is" in page
    assert "De computer rekent" in page


@pytest.mark.parametrize("told", [{}, {"preset": "x", "city": "antwerpen"}, {"preset": "fair", "city": "zilverstad"}])
def test_another_way_or_city_is_refused(told, small_city, coordinator, client):
    client.force_login(coordinator)

    assert "Kies hoe we verdelen." in client.post("/coordinatie/verdeling/", told, follow=True).content.decode()
    assert not PlannedRound.objects.exists()


def test_the_preview_says_who_gets_nothing_and_why(ready, client):
    page = client.get(f"/coordinatie/verdeling/{ready.pk}/").content.decode()

    figures = ready.figures
    assert f"{figures['pairs']} voorstellen voor {figures['served']} van {figures['may']} mensen" in page
    assert f"Publiceer {figures['pairs']} voorstellen" in page
    assert "Kijk of het klaar is" not in page


@pytest.mark.parametrize("told", [{}, {"what": "x"}, {"what": "leave_out"}, {"what": "leave_out", "pair": "x"}])
def test_what_cannot_be_decided_changes_nothing(told, ready, client):
    assert client.post(f"/coordinatie/verdeling/{ready.pk}/beslis/", told).status_code == 404
    assert PlannedRound.objects.get().state == states.READY
    assert not ready.pairs.filter(is_kept=False).exists()


def test_a_pair_of_another_round_is_not_touched(ready, client, small_city):
    other = PlannedRound.objects.create(city=small_city.slug, preset="fair", state=states.DONE)
    pair = ready.pairs.first()

    client.post(f"/coordinatie/verdeling/{other.pk}/beslis/", {"what": "leave_out", "pair": pair.pk})

    assert not ready.pairs.filter(is_kept=False).exists()


def test_leaving_out_stays_on_the_same_page_of_the_list(ready, client):
    pair = ready.pairs.first()

    answer = client.post(
        f"/coordinatie/verdeling/{ready.pk}/beslis/", {"what": "leave_out", "pair": pair.pk, "page": "2"}
    )

    assert answer["Location"].endswith("?page=2")


@pytest.mark.parametrize("role", ["talent_scout", "opportunity_scout", "administrator"])
def test_only_who_brings_people_together_plans(role, ready, client, coordinator):
    StaffRole.objects.filter(user=coordinator).update(role=role)

    assert client.get("/coordinatie/verdeling/").status_code == 404
    assert client.post(f"/coordinatie/verdeling/{ready.pk}/beslis/", {"what": "publish"}).status_code == 404
    assert not Proposal.objects.exists()
