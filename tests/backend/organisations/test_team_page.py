"""Owners of an organisation let colleagues in and out on a page; nobody else sees it, and one owner stays."""

import pytest
from django.core.cache import cache

from backend.organisations.models import EDITOR, OWNER, READER, Membership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def page(opportunity, member, client):
    client.force_login(member)
    return f"/org/{opportunity.organisation_id}/team/"


def test_an_owner_lets_a_colleague_in_and_out(page, client, opportunity):
    assert page in client.get("/org/").content.decode()

    told = client.post(page, {"contact": "nieuw@voorbeeld.example", "role": EDITOR}, follow=True).content.decode()

    assert "Gelukt." in told
    assert "nieuw@voorbeeld.example" in told
    colleague = Membership.objects.get(organisation=opportunity.organisation, role=EDITOR)
    client.post(f"{page}{colleague.pk}/weg/")
    assert not Membership.objects.filter(pk=colleague.pk).exists()


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "Vul een e-mailadres of een gsm-nummer in."),
        ({"contact": "", "role": EDITOR}, "Vul een e-mailadres of een gsm-nummer in."),
        ({"contact": "x@", "role": EDITOR}, "Dit is geen e-mailadres."),
        ({"contact": "0470123456", "role": EDITOR}, "Dit kan hier niet met een gsm-nummer."),
        ({"contact": "nieuw@voorbeeld.example", "role": ""}, "Kies wat iemand doet."),
        ({"contact": "lid@voorbeeld.example", "role": READER}, "Dit is de laatste die beheert."),
    ],
)
def test_a_mistake_is_said_and_nobody_is_let_in(told, sentence, page, client):
    answer = client.post(page, told)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert list(Membership.objects.filter(user__email="lid@voorbeeld.example").values_list("role", flat=True)) == [
        OWNER
    ]
    assert not Membership.objects.filter(user__email="nieuw@voorbeeld.example").exists()


def test_the_last_owner_stays(page, client, member):
    own = Membership.objects.get(user=member)

    assert "Dit is de laatste die beheert." in client.post(f"{page}{own.pk}/weg/", follow=True).content.decode()
    assert Membership.objects.filter(pk=own.pk).exists()


@pytest.mark.parametrize("role", [EDITOR, READER])
def test_a_colleague_who_does_not_manage_sees_no_team(role, page, client, member):
    Membership.objects.filter(user=member).update(role=role)

    assert client.get(page).status_code == 404
    assert "/team/" not in client.get("/org/").content.decode()


def test_typing_many_addresses_comes_to_an_end(page, client, settings):
    settings.RATE_LIMIT_SCALE = 1
    told = {"contact": "nieuw@voorbeeld.example", "role": EDITOR}

    answers = [client.post(page, told) for _ in range(30)]

    assert "Te vaak geprobeerd." in answers[-1].content.decode()
