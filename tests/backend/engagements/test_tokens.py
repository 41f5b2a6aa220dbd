"""Tokens: off unless the city has them; booked once, never above the cap, never given twice (R009)."""

import shutil
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backend.city import load
from backend.engagements import actions, ledger
from backend.engagements.models import Engagement, Reward, TokenEntry
from backend.opportunities.models import Opportunity
from matching.catalogue import CatalogueError

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 22)
NOW = datetime(2027, 3, 22, 11, tzinfo=UTC)


@pytest.fixture
def with_tokens(settings, tmp_path, started):
    """The same city, which has tokens: one for an hour, five a year at most."""
    folder = tmp_path / "antwerpen"
    shutil.copytree(load.FOLDER / "antwerpen", folder)
    with (folder / "city.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tokens]\nper_hour = 1\ncap_per_year = 5\n")
    settings.CITIES = [str(folder)]
    load.cities.cache_clear()
    Opportunity.objects.filter(pk=started.proposal.opportunity_id).update(gives_tokens=True)
    yield started
    load.cities.cache_clear()


def confirm(started, day=2, hours="2"):
    return actions.confirm(started.pk, date(2027, 3, day), Decimal(hours), today=TODAY).engagement


@pytest.fixture
def reward(with_tokens):
    return ledger.offer("antwerpen", "Kopje koffie", 2, 1)


def test_r009_two_hours_are_two_tokens_once_and_the_cap_holds(with_tokens, volunteer):
    for _ in range(2):
        confirm(with_tokens)
    assert ledger.balance_of(volunteer) == 2
    confirm(with_tokens, hours="3.75")
    assert ledger.balance_of(volunteer) == 3, "whole hours, corrected upwards"
    confirm(with_tokens, 9, "8")
    assert (ledger.balance_of(volunteer), ledger.earned_in(volunteer, 2027)) == (5, 5)
    confirm(with_tokens, 10, "1")
    assert TokenEntry.objects.count() == 2


def test_r009_where_the_city_or_the_opportunity_has_none_nothing_is_booked(started, volunteer, client):
    Opportunity.objects.update(gives_tokens=True)
    confirm(started)
    assert not TokenEntry.objects.exists()
    client.force_login(volunteer.user)
    assert client.get("/ik/muntjes/").status_code == 404
    assert "muntje" not in client.get("/ik/uren/").content.decode()
    assert "token" not in str(client.get("/api/v1/engagements").json())


def test_only_what_the_organisation_confirmed_counts(with_tokens, volunteer):
    said = actions.say_i_helped(with_tokens.pk, date(2027, 3, 2), Decimal(2), today=TODAY)
    assert ledger.balance_of(volunteer) == 0
    actions.agree(said)
    actions.agree(said)
    assert ledger.balance_of(volunteer) == 2
    actions.take_away(Engagement.objects.get())
    assert ledger.balance_of(volunteer) == 0


def test_r009_more_than_somebody_has_is_refused_and_a_second_tap_is_none(with_tokens, volunteer, reward):
    with pytest.raises(ledger.NotEnough):
        ledger.redeem(volunteer, reward.pk, shown=0, now=NOW)
    confirm(with_tokens, hours="4")
    given = ledger.redeem(volunteer, reward.pk, shown=4, now=NOW)
    with pytest.raises(ledger.NotOffered):  # it was the last one
        ledger.redeem(volunteer, reward.pk, shown=2, now=NOW)
    ledger.offer("antwerpen", "Kopje koffie", 2, None)
    with pytest.raises(ledger.ChangedMeanwhile):
        ledger.redeem(volunteer, reward.pk, shown=4, now=NOW)
    assert ledger.balance_of(volunteer) == 2
    actions.take_away(Engagement.objects.get())
    assert ledger.balance_of(volunteer) == 2, "what was given already is not taken back"
    for _ in range(2):
        ledger.hand_over(given, now=NOW)
    given.refresh_from_db()
    assert given.handed_at == NOW


def test_the_database_refuses_a_line_that_is_neither_earned_nor_given(with_tokens, volunteer, reward):
    for wrong in ({"amount": 0}, {"amount": 2, "reward": reward}, {"amount": -2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            TokenEntry.objects.create(volunteer=volunteer, year=2027, **wrong)


@pytest.mark.parametrize(
    "told", ["per_hour = 0\ncap_per_year = 5", "per_hour = 1", "per_hour = 1\ncap_per_year = 5\nx = 1"]
)
def test_a_wrong_rule_stops_the_start(tmp_path, told):
    folder = tmp_path / "antwerpen"
    shutil.copytree(load.FOLDER / "antwerpen", folder)
    with (folder / "city.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[tokens]\n{told}\n")
    with pytest.raises(CatalogueError, match="tokens"):
        load.load(folder)


def test_the_three_pages(client, with_tokens, volunteer, member, coordinator, reward):
    client.force_login(member)
    page = f"/org/{with_tokens.proposal.opportunity.organisation_id}/muntjes/"
    client.post(page, {})
    assert not Opportunity.objects.filter(gives_tokens=True).exists()
    client.post(page, {"gives": [str(with_tokens.proposal.opportunity_id)]})
    assert Opportunity.objects.get(gives_tokens=True).pk == with_tokens.proposal.opportunity_id
    confirm(with_tokens, hours="3")

    client.force_login(volunteer.user)
    told = client.get("/ik/muntjes/").content.decode()
    assert "Zo veel muntjes heb je: 3" in told
    assert "Krijg je een uitkering?" in told
    assert client.post("/ik/muntjes/", {"reward": "x", "shown": "3"}).status_code == 404
    client.post("/ik/muntjes/", {"reward": str(reward.pk), "shown": "3"})
    assert "Haal het op" in client.get("/ik/muntjes/").content.decode()

    client.force_login(coordinator)
    door = "/coordinatie/muntjes/"
    assert volunteer.first_name in client.get(door).content.decode()
    client.post(door, {"what": "hand_over", "pk": str(TokenEntry.objects.get(amount__lt=0).pk)})
    assert "Niets." in client.get(door).content.decode()
    assert client.post(door, {"what": "offer", "name": "Zwembeurt", "cost": "0"}).status_code == 422
    client.post(door, {"what": "offer", "name": "Zwembeurt", "cost": "4"})
    client.post(door, {"what": "stop", "pk": str(reward.pk)})
    assert list(Reward.objects.filter(is_offered=True).values_list("name", flat=True)) == ["Zwembeurt"]
