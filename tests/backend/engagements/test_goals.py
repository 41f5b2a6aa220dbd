"""What somebody wants to learn: chosen by them, said to be learned by the organisation, on their certificate (R013)."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from backend.engagements import badge, goals
from backend.engagements.access import helped_at
from backend.engagements.certificate import facts_of, helped
from backend.engagements.models import LearningGoal
from backend.placements import actions
from tests.backend.engagements.conftest import TODAY

pytestmark = pytest.mark.django_db


def test_r013_a_goal_that_the_organisation_says_was_learned_stands_on_the_paper_and_in_the_badge(
    three_days, client, volunteer, member
):  # fmt: skip
    client.force_login(volunteer.user)
    client.post("/ik/leren/", {"placement": three_days.pk, "text": " fietsen  herstellen "})
    client.post("/ik/leren/", {"placement": three_days.pk, "text": "Soep koken"})
    goal = LearningGoal.objects.get(text="fietsen herstellen")
    assert "fietsen herstellen" in client.get("/ik/leren/").content.decode()

    work = f"/org/{three_days.proposal.opportunity.organisation_id}/uren/"
    client.force_login(member)
    assert "fietsen herstellen" in client.get(work).content.decode()
    for _ in range(2):
        assert client.post(f"{work}{goal.pk}/geleerd/").status_code == 302
    goal.refresh_from_db()
    assert goal.learned_on == TODAY

    placement = helped_at(volunteer, three_days.proposal_id)
    told = helped(placement)
    assert told.learned == ("fietsen herstellen",), "what nobody confirmed is not on it"
    with translation.override("en"):
        facts = facts_of(placement, told, "en", TODAY)
    assert (facts["learned_title"], list(facts["learned"])) == ("Learned in this task", ["fietsen herstellen"])
    assert "fietsen herstellen" in json.dumps(badge.credential_of(placement, told, datetime.now(UTC)))
    client.force_login(volunteer.user)
    assert client.get(f"/ik/uren/{three_days.pk}/attest.pdf").content[:4] == b"%PDF"

    client.post(f"/ik/leren/{goal.pk}/weg/")
    assert helped(helped_at(volunteer, three_days.proposal_id)).learned == ()


def test_five_goals_wait_at_most_and_the_same_words_are_one(started):
    made = [goals.add(started.pk, f"Les {number}") for number in range(5)]
    assert goals.add(started.pk, "les 0") == made[0]
    with pytest.raises(goals.TooMany):
        goals.add(started.pk, "Les 6")
    goals.say_learned(made[0].pk, today=TODAY)
    assert goals.add(started.pk, "Les 6").text == "Les 6"


def test_a_mistake_stands_at_its_field(started, client, volunteer):
    client.force_login(volunteer.user)
    for said, field in (({"text": ""}, "text"), ({"text": "x" * 81}, "text"), ({"placement": uuid4()}, "placement")):
        answered = client.post("/ik/leren/", {"placement": started.pk, "text": "Fietsen", **said})
        assert (answered.status_code, list(answered.context["form"].errors)) == (422, [field])
    for number in range(5):
        goals.add(started.pk, f"Les {number}")
    answered = client.post("/ik/leren/", {"placement": started.pk, "text": "Fietsen"})
    assert "Je hebt er al 5." in answered.content.decode()
    assert LearningGoal.objects.count() == 5


def test_who_stopped_sets_no_goal_but_may_still_hear_that_they_can(started, now):
    goal = goals.add(started.pk, "Fietsen")
    actions.stop_placement(started.pk, source="app", now=now)
    with pytest.raises(actions.StepNotAllowed):
        goals.add(started.pk, "Soep koken")
    goals.say_learned(goal.pk, today=TODAY)
    goal.refresh_from_db()
    assert goal.learned_on == TODAY


def test_the_database_keeps_a_goal_once_and_with_words(started):
    goals.add(started.pk, "Fietsen")
    for text in ("Fietsen", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            LearningGoal.objects.create(placement=started, text=text)


def test_the_app_sets_a_goal_drops_one_and_a_member_says_that_it_was_learned(started, client, volunteer, member):
    def call(user, method, path, body=None):
        client.force_login(user)
        how = {"content_type": "application/json", "headers": {"Idempotency-Key": str(uuid4())}}
        return getattr(client, method)(f"/api/v1/{path}", body or {}, **(how if method != "get" else {}))

    made = call(volunteer.user, "post", f"placements/{started.pk}/goals", {"text": "Fietsen"}).json()
    assert made["learned_on"] is None
    assert call(member, "post", f"goals/{made['id']}/learned").json()["learned_on"] == TODAY.isoformat()
    [shown] = call(volunteer.user, "get", f"placements/{started.pk}/goals").json()
    assert shown["learned_on"] == TODAY.isoformat()
    assert call(member, "delete", f"goals/{made['id']}").status_code == 404, "not theirs"
    assert call(volunteer.user, "delete", f"goals/{made['id']}").status_code == 204
    for number in range(5):
        goals.add(started.pk, f"Les {number}")
    full = call(volunteer.user, "post", f"placements/{started.pk}/goals", {"text": "Nog één"})
    assert (full.status_code, full.json()["code"]) == (409, "too_many_goals")
