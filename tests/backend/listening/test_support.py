"""An organisation asks for chairs, another one offers them, both see the agreement, and it is counted (R026, R027)."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.html import escape

from backend.accounts.models import User
from backend.listening import support
from backend.listening.models import SUPPORT_KINDS, SupportOffer, SupportRequest
from backend.organisations.models import OWNER, Membership, Organisation
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
CHAIRS = {"kind": "material", "text": "20 klapstoelen", "needed_on": "2027-06-05"}


def owner_of(code, mail):
    user = User.objects.create_user(email=mail)
    organisation = Organisation.objects.get(external_id=code)
    Membership.objects.create(organisation=organisation, user=user, role=OWNER)
    return user, organisation


@pytest.fixture
def two(small_city):
    """Somebody of two organisations."""
    Organisation.objects.filter(external_id__in=("O01", "O02")).update(contact_email="hallo@voorbeeld.example")
    return owner_of("O01", "een@voorbeeld.example"), owner_of("O02", "twee@voorbeeld.example")


@pytest.fixture
def asked(client, two):
    (user, organisation), _other = two
    client.force_login(user)
    assert client.post("/org/steun/", {**CHAIRS, "organisation": organisation.pk}).status_code == 302
    return SupportRequest.objects.get()


def test_r026_chairs_are_asked_offered_agreed_and_counted(client, two, asked, coordinator):
    (asker, _), (helper, helping) = two
    client.force_login(helper)
    assert "20 klapstoelen" in client.get("/org/steun/").content.decode()
    for _ in range(2):
        client.post(f"/org/steun/{asked.pk}/", {"what": "offer", "text": "Wij hebben er 25."})
    offer = SupportOffer.objects.get()

    client.force_login(asker)
    assert "Wij hebben er 25." in client.get("/org/steun/").content.decode()
    client.post(f"/org/steun/{asked.pk}/", {"what": "agree", "offer": offer.pk})

    for user, other in ((asker, helping.name), (helper, asked.organisation.name)):
        client.force_login(user)
        page = client.get("/org/steun/").content.decode()
        assert f"Afgesproken met {escape(other)}" in page
        assert "hallo@voorbeeld.example" in page
    client.force_login(asker)
    client.post(f"/org/steun/{asked.pk}/", {"what": "done"})
    client.force_login(coordinator)
    assert "Al gebeurd: 1." in client.get("/coordinatie/steun/").content.decode()
    assert sorted(Delivery.objects.values_list("kind", flat=True)) == ["support_agreed", "support_offered"]


def test_the_point_offers_too_and_is_reached_by_its_phone(client, two, asked, coordinator, small_city):
    client.force_login(coordinator)
    client.post(f"/coordinatie/steun/{asked.pk}/", {"text": "De stad leent stoelen uit."})
    offer = SupportOffer.objects.get()
    client.force_login(two[0][0])
    client.post(f"/org/steun/{asked.pk}/", {"what": "agree", "offer": offer.pk})

    page = client.get("/org/steun/").content.decode()
    assert "Afgesproken met Vrijwilligerspunt Antwerpen" in page
    assert small_city.phone in page


def test_r027_the_form_offers_exactly_these_kinds_and_filters_on_them(client, two, asked):
    page = client.get("/org/steun/").content.decode()
    assert [page.count(f'name="kind" value="{kind}"') for kind in SUPPORT_KINDS] == [1] * 6
    assert page.count('name="kind"') == 6

    assert "20 klapstoelen" in client.get("/org/steun/?soort=material").content.decode()
    assert "20 klapstoelen" not in client.get("/org/steun/?soort=legal").content.decode()


def test_an_offer_that_fell_through_opens_the_request_again(two, asked, now):
    (_, _), (_, helping) = two
    offer = support.offer(asked.pk, helping, "Wij hebben er 25.", now=now)
    support.agree(asked.pk, offer.pk, now=now)

    assert support.close(asked.pk, "open").agreed_with is None
    with pytest.raises(support.StepNotAllowed):
        support.close(asked.pk, "done")


def test_nobody_helps_themselves_and_an_offer_needs_words(client, two, asked, now):
    (user, own), (_, helping) = two
    with pytest.raises(support.StepNotAllowed):
        support.offer(asked.pk, own, "Zelf", now=now)
    with pytest.raises(ValueError, match="text"):
        support.offer(asked.pk, helping, "", now=now)
    client.force_login(user)
    client.post(f"/org/steun/{asked.pk}/", {"what": "offer", "text": "Zelf"})
    assert not SupportOffer.objects.exists()


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"kind": "x"}, "Kies een soort"), ({"text": ""}, "Schrijf wat jullie nodig hebben."), ({"needed_on": "x"}, "Kies een dag"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(changed, sentence, client, two):
    (user, organisation), _other = two
    client.force_login(user)

    wrong = client.post("/org/steun/", {**CHAIRS, "organisation": organisation.pk, **changed})

    assert wrong.status_code == 422
    assert sentence in wrong.content.decode() or changed == {"kind": "x"}
    assert not SupportRequest.objects.exists()


def test_what_others_agreed_is_nobody_elses(client, two, asked, now, stranger, small_city):
    (_, _), (_, helping) = two
    offer = support.offer(asked.pk, helping, "Wij hebben er 25.", now=now)
    support.agree(asked.pk, offer.pk, now=now)
    third, _organisation = owner_of("O03", "drie@voorbeeld.example")
    client.force_login(third)

    assert "20 klapstoelen" not in client.get("/org/steun/").content.decode()
    assert client.post(f"/org/steun/{asked.pk}/", {"what": "offer", "text": "Ook wij"}).status_code == 404


def test_the_database_knows_with_whom_it_was_agreed(asked):
    with pytest.raises(IntegrityError, match="support_is_agreed_with_somebody"), transaction.atomic():
        SupportRequest.objects.filter(pk=asked.pk).update(state="agreed")
