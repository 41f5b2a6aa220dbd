"""With whom somebody comes, by API alone: a duo by code, and a buddy who is there already."""

from uuid import uuid4

import pytest
from django.utils import timezone

from backend.placements import actions
from backend.placements.models import Placement

pytestmark = pytest.mark.django_db


@pytest.fixture
def said_yes(yes, now, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: now)
    return yes


def post(client, user, path, body):
    client.force_login(user)
    return client.post(
        f"/api/v1/{path}", body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )


def test_two_people_share_a_place_and_one_becomes_the_buddy_of_the_next(client, said_yes, friend, member, now):
    me, other = said_yes.volunteer, friend
    own = f"proposals/{said_yes.pk}"
    code = post(client, me.user, f"{own}/pair", {}).json()["code"]
    assert client.get(f"/api/v1/{own}/company").json() == {
        "buddy": None, "partner": None, "may_share": True, "code": code, "code_works_until": "2027-03-15T10:00:00Z",
    }  # fmt: skip

    seen = post(client, other.user, "pairs/look", {"code": code}).json()
    assert (seen["first_name"], seen["opportunity"]["id"]) == (me.first_name, str(said_yes.opportunity_id))
    joined = post(client, other.user, "pairs", {"code": code})
    assert joined.status_code == 201
    assert client.get(f"/api/v1/proposals/{joined.json()['id']}/company").json()["partner"] == me.first_name

    helping = post(client, member, f"candidates/{joined.json()['id']}/confirm", {}).json()
    post(client, other.user, f"placements/{helping['id']}/confirm-note", {"version": "2026-11"})
    assert post(client, other.user, f"placements/{helping['id']}/buddy", {"wanted": True}).json()["is_buddy"] is True

    choice = {"placement": helping["id"], "first_name": other.first_name}
    client.force_login(member)
    assert client.get(f"/api/v1/candidates/{said_yes.pk}/buddy").json() == [{**choice, "chosen": False}]
    chosen = post(client, member, f"candidates/{said_yes.pk}/buddy", {"placement": helping["id"]})
    assert chosen.json() == [{**choice, "chosen": True}]
    client.force_login(me.user)
    assert client.get(f"/api/v1/{own}/company").json()["buddy"] == other.first_name
    assert post(client, member, f"candidates/{said_yes.pk}/buddy", {"placement": None}).json()[0]["chosen"] is False


def test_a_wrong_code_and_a_buddy_who_did_not_offer_are_named_at_their_field(client, said_yes, friend, member):
    wrong = post(client, friend.user, "pairs", {"code": "ZZZZ-2222"})
    assert (wrong.status_code, wrong.json()["issues"][0]["name"]) == (400, "/code")
    assert wrong.json()["issues"][0]["code"] == "wrong_code"

    placement = actions.confirm_placement(said_yes.pk, now=timezone.now())
    refused = post(client, member, f"candidates/{said_yes.pk}/buddy", {"placement": str(placement.pk)})
    assert (refused.status_code, refused.json()["issues"][0]["name"]) == (400, "/placement")
    assert (
        post(client, said_yes.volunteer.user, f"placements/{placement.pk}/buddy", {"wanted": True}).status_code == 409
    )
    assert not Placement.objects.get(pk=placement.pk).is_buddy


def test_guessing_codes_ends(client, said_yes, friend, settings):
    settings.RATE_LIMIT_SCALE = 1
    answers = [post(client, friend.user, "pairs/look", {"code": f"ZZZZ-22{n:02}"}).status_code for n in range(12)]
    assert answers[0] == 400
    assert answers[-1] == 429
