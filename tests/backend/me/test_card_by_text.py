"""The card of an organisation to a mobile number that somebody in the room says (R072)."""

import pytest

from backend.accounts.models import GUIDE, StaffRole, User
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(opportunity, settings):
    settings.SMS_URL = "https://sms.voorbeeld.example/"
    return f"/organisaties/{opportunity.organisation_id}/"


@pytest.fixture
def guide(small_city):
    user = User.objects.create_user(email="gids@voorbeeld.example")
    StaffRole.objects.create(user=user, city=small_city.slug, role=GUIDE, label="An, OCMW Dam")
    return user


def test_r072_a_guide_sends_the_card_to_a_phone(client, page, guide):
    client.force_login(guide)
    assert "Stuur deze kaart per sms" in client.get(page).content.decode()

    client.post(f"{page}sms/", {"contact": "0470 00 00 01", "language": "ar"})

    told = Delivery.objects.get(kind="card_to_take")
    assert (told.channel, told.address, told.language) == ("sms", "+32470000001", "ar")
    assert told.values["door"].endswith(page)
    assert told.expires_at, "it helps for some days, or not at all"


@pytest.mark.parametrize(
    "wrong", [{"contact": ""}, {"contact": "an@voorbeeld.example"}, {"contact": "12"}, {"language": "xx"}]
)
def test_what_is_no_number_or_language_sends_nothing(client, page, guide, wrong):
    client.force_login(guide)
    answer = client.post(f"{page}sms/", {"contact": "0470000001", "language": "nl", **wrong}, follow=True)
    assert not Delivery.objects.filter(kind="card_to_take").exists()
    assert [str(one.tags) for one in answer.context["messages"]] == ["error"]


def test_nobody_else_sends_texts_through_us(client, page, volunteer, member):
    for user in (volunteer.user, member):
        client.force_login(user)
        assert "Stuur deze kaart per sms" not in client.get(page).content.decode()
        assert client.post(f"{page}sms/", {"contact": "0470000001", "language": "nl"}).status_code == 404
    assert not Delivery.objects.filter(kind="card_to_take").exists()
