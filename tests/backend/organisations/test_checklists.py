"""What is in order: said by an organisation on its card (R019), seen by the point and read by these two (R107)."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.organisations import checklists
from backend.organisations.checklist_pages import RECEPTION_WORDS
from backend.organisations.models import POLICY, POLICY_ITEMS, RECEPTION, RECEPTION_ITEMS, Checklist

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 9)


@pytest.fixture
def own(opportunity):
    return opportunity.organisation


def test_r019_an_organisation_says_what_is_in_order_and_the_card_shows_it_with_the_day(client, own, member):
    card = f"/organisaties/{own.pk}/"
    assert "Goed voor vrijwilligers" not in client.get(card).content.decode()
    client.force_login(member)
    for met in (["insured", "voice"], ["insured", "mentor", "nonsense"]):
        assert client.post(f"/org/{own.pk}/beleid/", {"met": met}).status_code == 302
    assert Checklist.objects.get().met == ["insured", "mentor"]
    client.logout()
    page = client.get(card).content.decode()

    assert "Vrijwilligers zijn verzekerd." in page
    assert "Iedereen heeft een vaste begeleider." in page
    assert "Vrijwilligers beslissen mee." not in page, "the last time counts"
    assert str(timezone.localdate().year) in page
    assert "Les volontaires sont assurés." in client.get(card, headers={"Accept-Language": "fr"}).content.decode()


def test_r107_somebody_of_the_point_saw_the_reception_and_the_place_reads_it_and_nobody_else(
    client, own, member, coordinator
):  # fmt: skip
    client.force_login(coordinator)
    client.post(f"/coordinatie/organisaties/{own.pk}/onthaal/", {"met": ["greeted", "seat"]})
    kept = Checklist.objects.get()
    assert (kept.kind, kept.met, kept.done_on) == (RECEPTION, ["greeted", "seat"], timezone.localdate())
    assert "checked" in client.get(f"/coordinatie/organisaties/{own.pk}/").content.decode()
    client.logout()
    assert "Iemand groet je." not in client.get(f"/organisaties/{own.pk}/").content.decode()
    client.force_login(member)
    page = client.get(f"/org/{own.pk}/beleid/").content.decode()

    assert page.count("In orde</span>") == 2
    assert page.count("Kan beter") == 4


def test_every_item_has_its_words():
    assert tuple(checklists.POLICY_WORDS) == POLICY_ITEMS
    assert tuple(RECEPTION_WORDS) == RECEPTION_ITEMS


def test_what_is_not_on_a_list_is_refused(own):
    with pytest.raises(ValueError, match="greeted"):
        checklists.fill_in(own, POLICY, ["insured", "greeted"], today=TODAY)
    checklists.fill_in(own, POLICY, ["insured"], today=TODAY)
    for wrong in ({"met": ["greeted"]}, {"kind": "other"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Checklist.objects.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Checklist.objects.create(organisation=own, kind=POLICY, met=[], done_on=TODAY)
