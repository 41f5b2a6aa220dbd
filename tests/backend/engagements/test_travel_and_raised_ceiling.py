"""Kilometres at the rate of the day, and the raised ceiling that counts after a yes only (law of 3 July 2005)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backend.city.load import KmRate, km_rate_of
from backend.engagements import actions, queries
from backend.engagements.models import Engagement, RaisedCeiling
from backend.me.actions import erase
from backend.placements.models import Formality

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 22)
NOW = datetime(2027, 3, 22, 11, tzinfo=UTC)


def confirm(started, day=2, hours="2", **more):
    return actions.confirm(started.pk, date(2027, 3, day), Decimal(hours), today=TODAY, **more)


def test_the_last_known_rate_serves_and_says_that_nobody_confirmed_it():
    rates = (
        KmRate(date(2024, 4, 1), None, Decimal("0.4265")),
        KmRate(date(2026, 1, 1), date(2026, 3, 31), Decimal("0.4326")),
    )
    assert km_rate_of(date(2024, 3, 31), rates) is None
    assert km_rate_of(date(2025, 6, 1), rates) == (Decimal("0.4265"), True)
    assert km_rate_of(date(2026, 3, 31), rates) == (Decimal("0.4326"), True)
    assert km_rate_of(date(2027, 3, 2), rates) == (Decimal("0.4326"), False)


@pytest.mark.parametrize(("by", "worth"), [("car", "8.65"), ("bike", "7.40")])
def test_a_kilometre_is_worth_the_rate_of_that_day(started, by, worth):
    kept = confirm(started, km=Decimal("20"), km_by=by).engagement

    assert (kept.travel_eur, kept.km_by) == (Decimal(worth), by)
    again = confirm(started).engagement
    assert (again.km, again.km_by, again.travel_eur) == (0, "", 0), "the same day again corrects it"


def test_it_stands_beside_a_flat_rate_up_to_2000_kilometres_a_year(started):
    confirm(started, 2, km=Decimal("1500"), km_by="car", flat_rate_eur=Decimal(20))
    with pytest.raises(actions.CeilingPassed) as passed:
        confirm(started, 3, km=Decimal("600"), km_by="car", flat_rate_eur=Decimal(20))
    assert passed.value.warnings == ["km_passed"]
    assert Engagement.objects.count() == 1
    assert confirm(started, 3, km=Decimal("600"), km_by="car", despite_ceiling=True).warnings == ["km_passed"]
    [person] = queries.by_person(
        started.proposal.opportunity.organisation,
        2027,
        Engagement.objects.select_related("placement__proposal__volunteer"),
    )
    assert (person.km, person.warnings) == (2100, ["km_passed"])


def test_without_a_way_or_a_rate_nothing_is_kept(started, monkeypatch):
    with pytest.raises(ValueError, match="km_by"):
        confirm(started, km=Decimal(5), km_by="plane")
    monkeypatch.setattr(actions, "km_rate_of", lambda *_given: None)
    with pytest.raises(actions.NoKmRate):
        confirm(started, km=Decimal(5), km_by="car")
    assert not Engagement.objects.exists()


def test_the_database_refuses_kilometres_without_a_way(started):
    kept = confirm(started).engagement
    for wrong in ({"km": 5}, {"km_by": "car"}, {"travel_eur": 1}, {"km": -1, "km_by": "car"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Engagement.objects.filter(pk=kept.pk).update(**wrong)


def test_a_line_with_travel_outlives_the_account(started, volunteer):
    confirm(started, km=Decimal(10), km_by="bike")
    erase(volunteer.user, now=NOW)
    assert Engagement.objects.get().placement is None


def test_the_raised_ceiling_counts_only_after_a_yes(started, volunteer):
    Engagement.objects.create(
        placement=started, organisation=started.proposal.opportunity.organisation, reference="a",
        day=date(2027, 3, 1), hours=2, confirmed_by="organisation", flat_rate_eur=Decimal("1750"),
    )  # fmt: skip

    def give():
        return confirm(started, flat_rate_eur=Decimal(20))

    with pytest.raises(actions.CeilingPassed):
        give()
    actions.ask_raised_ceiling(started.pk)
    actions.ask_raised_ceiling(started.pk)
    with pytest.raises(actions.CeilingPassed):
        give()
    actions.answer_raised_ceiling(started.pk, is_yes=True, now=NOW)
    assert give().warnings == []
    assert queries.ceilings_for(volunteer, 2027).year_eur == Decimal("3233.91")
    actions.answer_raised_ceiling(started.pk, is_yes=False, now=NOW)
    assert queries.ceilings_for(volunteer, 2027).year_eur == Decimal("1760.83")
    assert RaisedCeiling.objects.get().confirmed_at is None, "a no looks like no answer"
    assert not Formality.objects.exists()


def test_both_sides_find_it_on_their_pages(client, started, volunteer, member):
    page = f"/org/{started.proposal.opportunity.organisation_id}/uren/"
    client.force_login(member)
    assert "Vraag het" in client.get(page).content.decode()
    client.post(f"{page}plafond/", {"placement": str(started.pk)})
    assert "Gevraagd" in client.get(page).content.decode()
    asked = {
        "placement": str(started.pk),
        "day": "2027-03-02",
        "hours": "2",
        "money": "nothing",
        "km": "20",
        "km_by": "bike",
    }
    assert client.post(page, asked).status_code == 302
    assert client.post(page, {**asked, "km": "x"}).context["form"].errors["km"]
    table = client.get(page.replace("uren/", "vergoedingen-2027.csv")).content.decode()
    assert "7,40" in table or "7.40" in table

    client.force_login(volunteer.user)
    assert "Het mag voor mij" in client.get("/ik/uren/").content.decode()
    client.post(f"/ik/uren/{started.pk}/plafond/", {"may": "yes"})
    assert "Je zei: dit mag voor mij." in client.get("/ik/uren/").content.decode()
