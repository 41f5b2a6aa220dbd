"""An opportunity scout speaks with organisations and drafts for them; what works is written and found (R005, R018)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import OPPORTUNITY_SCOUT, TALENT_SCOUT, StaffRole, User
from backend.listening import knowledge, talks
from backend.listening.models import KnowledgePage, Talk
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.models import Round
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def scout(small_city):
    user = User.objects.create_user(email="scout@voorbeeld.example")
    StaffRole.objects.create(user=user, city=small_city.slug, role=OPPORTUNITY_SCOUT, label="Sam")
    return user


@pytest.fixture
def organisation(opportunity):
    return opportunity.organisation


@pytest.fixture
def page(organisation):
    return f"/coordinatie/organisaties/{organisation.pk}/"


def test_r005_a_gap_leads_to_an_organisation_and_a_draft_that_only_it_publishes(
    client, scout, member, organisation, page, small_city
):
    supply = [{"neighbourhood": "Dam", "talent": "muziek", "people": 3}]
    Round.objects.create(
        city=small_city.slug, people=3, opportunities=1, pairs=0, blocked={}, proposals=0, organisations_reached=0,
        gini=0, seconds=0, gaps={"supply": supply, "people": [], "opportunities": []},
    )  # fmt: skip
    client.force_login(scout)
    assert 'href="/coordinatie/organisaties/?talent=muziek"' in client.get("/coordinatie/gaten/").content.decode()
    assert (
        f"{page}?talent=muziek"
        in client.get(f"/coordinatie/organisaties/?talent=muziek&naam={organisation.name}").content.decode()
    )
    for _twice in range(2):
        client.post(f"{page}ontwerp/", {"example": "koffie", "talent": "muziek"})

    made = Opportunity.objects.get(drafted_by_point=True)
    assert (made.organisation, made.state, made.talents_welcome[0]) == (organisation, "draft", "muziek")
    assert [one.kind for one in Delivery.objects.all()] == ["draft_made"]
    assert client.post(f"/org/taken/{made.pk}/online/").status_code == 404, "the scout does not publish"
    client.force_login(member)
    assert "Het vrijwilligerspunt schreef dit voor jullie" in client.get("/org/").content.decode()
    client.post(f"/org/taken/{made.pk}/online/")
    made.refresh_from_db()
    assert made.state in ("published", "review")
    assert "Het vrijwilligerspunt schreef dit voor jullie" not in client.get("/org/").content.decode()


def test_what_was_said_is_kept_once_and_shows_when_to_call_again(client, scout, member, organisation, page):
    today = timezone.localdate()
    told = {
        "day": today,
        "way": "phone",
        "text": "Ze zoeken iemand voor muziek.",
        "again_on": today + timedelta(days=3),
    }
    client.force_login(scout)
    for _twice in range(2):
        client.post(page, told)

    [kept] = Talk.objects.all()
    assert kept.by.user == scout
    assert "Ze zoeken iemand voor muziek." in client.get(page).content.decode()
    assert "Vandaag terug te bellen" not in client.get("/coordinatie/organisaties/").content.decode()
    Talk.objects.update(day=today - timedelta(days=9), again_on=today)
    assert "Vandaag terug te bellen" in client.get("/coordinatie/organisaties/").content.decode()
    client.post(page, {**told, "text": "Gebeld.", "again_on": ""})
    assert "Vandaag terug te bellen" not in client.get("/coordinatie/organisaties/").content.decode()
    client.force_login(member)
    assert client.get(page).status_code == 404
    assert "Gebeld." not in client.get("/org/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"way": "duif"}, "way"),
        ({"day": "2099-01-01"}, "day"),
        ({"again_on": "2020-01-01"}, "again_on"),
    ],
)
def test_what_is_wrong_with_a_talk_stands_at_its_field(client, scout, page, wrong, field):
    client.force_login(scout)
    answer = client.post(page, {"day": timezone.localdate(), "way": "visit", "text": "x", **wrong})

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.content.decode()
    assert not Talk.objects.exists()


def test_a_verb_refuses_what_a_form_would(organisation):
    told = {"day": date(2027, 3, 1), "way": "phone", "text": "x", "again_on": None, "today": date(2027, 3, 1)}
    for wrong in ({"way": "duif"}, {"text": ""}, {"day": date(2027, 3, 2)}, {"again_on": date(2027, 3, 1)}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            talks.note(organisation, None, **{**told, **wrong})
    with pytest.raises(IntegrityError, match="talk_goes_on"), transaction.atomic():
        Talk.objects.create(
            organisation=organisation, day=date(2027, 3, 1), way="mail", text="x", again_on=date(2027, 3, 1)
        )


def test_no_draft_for_an_organisation_that_is_not_verified_and_no_door_for_a_talent_scout(
    client, scout, organisation, page, small_city
):
    client.force_login(scout)
    Organisation.objects.filter(pk=organisation.pk).update(verified_at=None)
    assert client.post(f"{page}ontwerp/", {"example": "koffie"}).status_code == 404
    other = User.objects.create_user(email="talent@voorbeeld.example")
    StaffRole.objects.create(user=other, city=small_city.slug, role=TALENT_SCOUT)
    client.force_login(other)
    assert client.get("/coordinatie/organisaties/").status_code == 404


def test_r018_r066_r094_what_works_is_offered_read_first_by_the_point_and_found_by_everybody(
    client, member, scout, organisation
):
    client.force_login(member)
    told = {"title": "Intervisie met koffie", "text": "Elke maand één uur, met één vraag op tafel."}
    for _twice in range(2):
        client.post("/org/kennis/", told)
    written = KnowledgePage.objects.get()
    assert client.get(f"/kennis/{written.pk}/").status_code == 404
    assert "Intervisie" not in client.get("/kennis/").content.decode()

    client.force_login(scout)
    assert "Intervisie met koffie" in client.get("/coordinatie/kennis/").content.decode()
    client.post(f"/coordinatie/kennis/{written.pk}/", {"what": "online"})

    client.logout()
    found = client.get("/kennis/?zoek=INTERVISIE+een").content.decode()
    assert "Intervisie met koffie" in found
    assert organisation.name in found
    assert str(timezone.localdate().year) in found
    assert client.get("/kennis/?zoek=%00soep").status_code == 200
    assert "Niets gevonden" in client.get("/kennis/?zoek=schaatsen").content.decode()
    assert "Elke maand één uur" in client.get(f"/kennis/{written.pk}/").content.decode()
    client.force_login(scout)
    client.post(f"/coordinatie/kennis/{written.pk}/", {"what": "away"})
    assert not KnowledgePage.objects.exists()


def test_a_changed_page_waits_for_a_look_again_and_a_title_is_of_one_author(organisation, small_city, client, scout):
    written = knowledge.write(small_city.slug, organisation, "Soep", "Samen koken.")
    knowledge.publish(written.pk, today=date(2027, 3, 1))
    changed = knowledge.write(small_city.slug, organisation, "Soep", "Samen koken en eten.")
    assert (changed.pk, changed.published_on) == (written.pk, None)
    with pytest.raises(knowledge.TitleTaken):
        knowledge.write(small_city.slug, None, "Soep", "Anders.")
    with pytest.raises(ValueError, match="text"):
        knowledge.write(small_city.slug, None, "Brood", "")

    client.force_login(scout)
    answer = client.post("/coordinatie/kennis/", {"title": "Soep", "text": "Anders."})
    assert "Er is al een pagina met deze titel" in answer.content.decode()
    client.post("/coordinatie/kennis/", {"title": "Brood", "text": "Samen bakken."})
    assert KnowledgePage.objects.get(title="Brood").organisation is None
