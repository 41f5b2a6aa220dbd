"""An organisation keeps its own card right, is asked twice a year, and a card that nobody looked at says so (R073)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.coordination.worklist import items
from backend.organisations.models import Organisation
from backend.placements import rhythm
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(client, member, opportunity):
    client.force_login(member)
    return opportunity.organisation


def page_of(own):
    return f"/org/{own.pk}/kaart/"


def told(own, **changed):
    return {
        "version": own.version, "description": own.description, "contact_label": own.contact_label,
        "wheelchair": own.wheelchair, "welcome_languages": own.welcome_languages, "monthly_welcome_capacity": "", **changed,
    }  # fmt: skip


def test_r073_a_card_that_nobody_confirmed_for_200_days_says_so_and_the_point_gets_something_to_do(client, own):
    today = timezone.localdate()
    for days, is_stale in ((199, False), (200, True)):
        Organisation.objects.filter(pk=own.pk).update(checked_on=today - timedelta(days=days))
        assert ("Nog niet nagekeken." in client.get(f"/organisaties/{own.pk}/").content.decode()) is is_stale
        todo = [one.kind for one in items([own.city], timezone.now(), may_review=False, may_read_reports=False)]
        assert ("stale_card" in todo) is is_stale

    client.post(page_of(own), {"right": "1"})

    assert Organisation.objects.get(pk=own.pk).checked_on == today
    assert "Nog niet nagekeken." not in client.get(f"/organisaties/{own.pk}/").content.decode()


def test_r073_an_organisation_is_asked_twice_a_year_and_once_each_time(own, place, now):
    Organisation.objects.exclude(pk=own.pk).delete()
    Organisation.objects.update(checked_on=now.date())
    asked = []
    for days in (181, 182, 183, 240):
        for _ in range(2):
            rhythm.remind(place, now=now + timedelta(days=days))
        asked.append(Delivery.objects.filter(kind="card_check", recipient=own.pk).count())
    assert asked == [0, 1, 1, 1]

    Organisation.objects.update(checked_on=now.date() + timedelta(days=190))
    rhythm.remind(place, now=now + timedelta(days=373))
    assert Delivery.objects.filter(kind="card_check").count() == 2


def test_what_is_changed_is_found_by_its_words(client, own):
    assert (
        client.post(
            page_of(own), told(own, description="Wij temmen draken.", welcome_languages=["nl", "ti"])
        ).status_code
        == 302
    )

    own.refresh_from_db()
    assert (own.welcome_languages, own.checked_on) == (["nl", "ti"], timezone.localdate())
    assert f"/organisaties/{own.pk}/" in client.get("/organisaties/", {"q": "draken Tigrinya"}).content.decode()


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"description": ""}, "Schrijf in één zin wat jullie doen."), ({"contact_label": " "}, "Zeg naar wie iemand vraagt."),
    ({"version": 99}, "Iemand anders veranderde dit net."),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_changes(changed, sentence, client, own):
    wrong = client.post(page_of(own), told(own, **{"monthly_welcome_capacity": "5", **changed}))

    assert wrong.status_code == 422
    assert sentence in wrong.content.decode()
    assert Organisation.objects.get(pk=own.pk).monthly_welcome_capacity == own.monthly_welcome_capacity


@pytest.mark.parametrize(("form", "is_told"), [("de_facto_association", True), ("vzw", True), ("public_body", False)])
def test_r118_a_group_without_legal_form_reads_of_the_free_insurance_and_its_limits(form, is_told, client, own):
    Organisation.objects.filter(pk=own.pk).update(legal_form=form)

    page = client.get(page_of(own)).content.decode()

    for words in ("vrijwilligersverzekering.vlaanderen.be", "1000 uren", "24 uur vooraf"):
        assert (words in page) is is_told
