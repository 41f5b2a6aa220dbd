"""Owners decide who acts for their organisation, and one of them stays."""

import json
from uuid import uuid4

import pytest

from backend.accounts.models import User
from backend.organisations.models import EDITOR, OWNER, READER, Membership
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def members(client, member, opportunity):
    client.force_login(member)
    path = f"/api/v1/organisations/{opportunity.organisation_id}/members"

    class Members:
        def all(self):
            return client.get(path).json()

        def add(self, contact, role=EDITOR):
            return client.post(
                path, json.dumps({"contact": contact, "role": role}), content_type="application/json",
                headers={"Idempotency-Key": str(uuid4())},
            )  # fmt: skip

        def remove(self, member_id):
            return client.delete(f"{path}/{member_id}")

    return Members()


def test_an_owner_lets_a_colleague_in_who_hears_it_once(members):
    added = members.add("Collega@voorbeeld.example")
    again = members.add("collega@voorbeeld.example", READER)

    assert (added.status_code, again.status_code) == (201, 201)
    assert added.json()["id"] == again.json()["id"]
    assert [(one["role"], one["is_me"]) for one in members.all()] == [("owner", True), ("reader", False)]
    assert Delivery.objects.filter(kind="let_in").count() == 1


def test_who_is_known_and_who_is_not_look_the_same(members):
    User.objects.create_user(email="bekend@voorbeeld.example", phone="+32470123456")

    known, unknown = members.add("0470 12 34 56"), members.add("0470 12 34 57")

    assert known.status_code == unknown.status_code
    assert known.json()["contact"] == "+32470123456"
    assert unknown.json()["contact"] == "+32470123457"
    assert "bekend@" not in json.dumps(members.all())


def test_who_is_taken_out_sees_nothing_from_then_on(members, client, opportunity):
    added = members.add("collega@voorbeeld.example").json()
    colleague = type(client)()
    colleague.force_login(User.objects.get(email="collega@voorbeeld.example"))
    path = f"/api/v1/opportunities/{opportunity.pk}/candidates"
    assert colleague.get(path).status_code == 200

    assert members.remove(added["id"]).status_code == 204

    assert colleague.get(path).status_code == 404
    assert members.remove(added["id"]).status_code == 404


def test_the_last_owner_stays_an_owner(members, member):
    mine = members.all()[0]["id"]

    refused = [members.remove(mine), members.add(member.email, READER)]

    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "last_owner")] * 2
    assert Membership.objects.get(user=member).role == OWNER


@pytest.mark.parametrize(
    ("contact", "code"), [("", "required"), ("12", "invalid_phone"), ("geen adres@", "invalid"), (7, "invalid")]
)
def test_a_contact_that_is_none_is_refused(members, contact, code):
    answer = members.add(contact)

    assert answer.status_code == 400
    assert [(one["name"], one["code"]) for one in answer.json()["issues"]] == [("/contact", code)]
    assert Membership.objects.count() == 1


def test_an_editor_decides_about_nobody(members, client, opportunity):
    members.add("collega@voorbeeld.example")
    client.force_login(User.objects.get(email="collega@voorbeeld.example"))

    assert client.get(f"/api/v1/organisations/{opportunity.organisation_id}/members").status_code == 404
