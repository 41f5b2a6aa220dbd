"""A day of helping, what to tell before a start, what an organisation may know, and a training: over the API alone."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from backend.engagements.models import Engagement
from backend.listening import trainings
from backend.opportunities.actions import publish_opportunity
from backend.placements import actions
from backend.talent.actions import declare_statuses

pytestmark = pytest.mark.django_db


def send(client, path, body=None, method="post"):
    call = getattr(client, method)
    return call(
        f"/api/v1/{path}", body or {}, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )


@pytest.fixture
def yes(opportunity, volunteer):
    now = timezone.now()
    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    return actions.answer_proposal(made.pk, "yes", source="app", now=now)


@pytest.fixture
def started(yes):
    placement = actions.confirm_placement(yes.pk, now=timezone.now())
    return actions.confirm_information_note(placement.pk, "1", source="app", now=timezone.now())


def test_a_volunteer_says_a_day_and_the_organisation_confirms_it_with_money(client, started, volunteer, member):
    today = timezone.localdate().isoformat()
    client.force_login(volunteer.user)
    said = send(client, f"placements/{started.pk}/hours", {"day": today, "hours": "3", "flat_rate_eur": "20"})
    assert (said.status_code, said.json()["confirmed_by"], said.json()["flat_rate_eur"]) == (201, "volunteer", "0.00")

    client.force_login(member)
    hours = f"placements/{started.pk}/hours"
    refused = send(client, hours, {"day": today, "hours": "2", "flat_rate_eur": "60"})
    assert (refused.status_code, refused.json()["code"]) == (422, "ceiling_passed")
    assert refused.json()["warnings"] == ["day_passed"]
    kept = send(client, hours, {"day": today, "hours": "2", "flat_rate_eur": "60", "despite_ceiling": True})
    assert (kept.status_code, kept.json()["warnings"]) == (201, ["day_passed"])
    both = send(client, hours, {"day": today, "hours": "2", "flat_rate_eur": "6", "real_costs_eur": "1"})
    assert both.json()["code"] == "two_ways_of_paying"
    later = send(client, hours, {"day": "2099-01-01", "hours": "2"})
    assert later.json()["code"] == "not_that_day"

    client.force_login(volunteer.user)
    [one] = client.get("/api/v1/engagements").json()["results"]
    assert (one["hours"], one["confirmed_by"], one["flat_rate_eur"]) == ("2.00", "organisation", "60.00")
    assert Engagement.objects.count() == 1


def test_just_after_midnight_it_is_today_by_the_clock_of_the_city(client, started, volunteer, monkeypatch):
    night = datetime.combine(timezone.localdate() + timedelta(days=3), time(0, 20), ZoneInfo("Europe/Brussels"))
    monkeypatch.setattr(timezone, "now", lambda: night)
    client.force_login(volunteer.user)

    said = send(client, f"placements/{started.pk}/hours", {"day": night.date().isoformat(), "hours": "3"})

    assert (said.status_code, said.json()["day"]) == (201, night.date().isoformat())


def test_whom_to_tell_is_read_and_noted(client, yes, volunteer):
    declare_statuses(volunteer, ["rva"], today=timezone.localdate())
    client.force_login(volunteer.user)
    path = f"proposals/{yes.pk}/formalities"
    [one] = client.get(f"/api/v1/{path}").json()
    assert (one["formality"], one["state"]) == ("file_c45b", "to_do")

    today = timezone.localdate()
    [filed] = send(client, path, {"formality": "file_c45b", "state": "filed", "filed_on": today.isoformat()}).json()
    assert filed["state"] == "filed"
    assert date.fromisoformat(filed["answer_by"]) > today + timedelta(days=12)
    [again] = send(client, path, {"formality": "file_c45b", "state": "to_do"}).json()
    assert (again["state"], again["filed_on"]) == ("to_do", None)
    wrong = send(client, path, {"formality": "file_c45b", "state": "filed", "filed_on": "2099-01-01"})
    assert (wrong.status_code, wrong.json()["issues"][0]["name"]) == (400, "filed_on")
    unknown = send(client, path, {"formality": "tell_nobody", "state": "answered"})
    assert (unknown.status_code, unknown.json()["issues"][0]["name"]) == (400, "formality")


def test_what_an_organisation_may_know_is_the_whole_list_each_time(client, yes, volunteer):
    profile = volunteer.profile
    profile.boundaries = ["niet_lang_staan", "niet_horen"]
    profile.save()
    client.force_login(volunteer.user)
    told = send(client, f"proposals/{yes.pk}/boundaries", {"boundaries": ["niet_horen", "rolstoel"]})
    assert told.json() == {"boundaries": ["niet_horen"]}
    assert send(client, f"proposals/{yes.pk}/boundaries", {"boundaries": []}).json() == {"boundaries": []}


def test_a_training_is_read_by_everybody_and_taken_by_who_is_signed_in(client, small_city, volunteer, stranger):
    begins = timezone.now() + timedelta(days=7)
    training = trainings.plan(
        city=small_city.slug, title="EHBO", starts_at=begins, kind="course", by="Rode Kruis", where="Dam 5",
        ends_at=begins + timedelta(hours=2), places=1,
    )  # fmt: skip
    [read] = client.get("/api/v1/trainings").json()["results"]
    assert (read["title"], read["places"], read["given"]) == ("EHBO", 1, 0)
    path = f"trainings/{training.pk}/place"
    states = []
    for user in (volunteer.user, stranger, volunteer.user):
        client.force_login(user)
        states.append(send(client, path).json()["state"])
    assert states == ["in", "waiting", "in"]

    assert client.delete(f"/api/v1/{path}").status_code == 204
    client.force_login(stranger)
    assert send(client, path).json()["state"] == "in", "moved up"
    assert client.get("/api/v1/trainings").json()["results"][0]["given"] == 1
