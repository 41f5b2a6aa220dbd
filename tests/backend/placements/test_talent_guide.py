"""A guide of talents without names: only who chose to stand in it, and an invitation that asks them first (R002)."""

import pytest

from backend.outbox.models import Event
from backend.placements import actions, talent_guide
from backend.placements.models import Proposal
from backend.talent.actions import give_consent, withdraw_consent
from backend.talent.models import Consent, ProfileTalent, Volunteer

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def card(volunteer, now):
    """Marc cooks and stands in the guide."""
    ProfileTalent.objects.update_or_create(profile=volunteer.profile, talent="koken_groep", defaults={"level": 3})
    return give_consent(volunteer, "talent_guide", until=None, now=now)


@pytest.fixture
def at_work(client, member):
    client.force_login(member)
    return client


def main(answer):
    return answer.content.decode().partition("<main")[2]


def test_r002_a_typing_error_finds_the_card_and_the_card_says_no_name_age_status_or_address(
    at_work, published, card, volunteer
):
    Volunteer.objects.filter(pk=volunteer.pk).update(first_name="Kanarieke", declared_statuses=["rva"])
    page = main(at_work.get("/org/talenten/?zoek=kokken"))

    assert str(card.pk) in page
    assert volunteer.profile.neighbourhood in page
    for secret in ("Kanarieke", str(volunteer.pk), "rva", "p37@", f"{volunteer.profile.lat}", " jaar"):
        assert secret not in page
    assert str(card.pk) not in main(at_work.get("/org/talenten/?zoek=dieren"))
    assert str(card.pk) in main(at_work.get(f"/org/talenten/?wijk={volunteer.profile.neighbourhood}"))
    assert str(card.pk) not in main(at_work.get("/org/talenten/?wijk=Dam"))
    assert at_work.get("/org/talenten/?wijk=%00&zoek=%00").status_code == 200


def test_only_who_chose_it_stands_in_it_and_leaves_it_at_once(at_work, published, card, volunteer, client, now):
    assert main(at_work.get("/org/talenten/")).count("<article") == 1
    assert Volunteer.objects.count() > 10
    withdraw_consent(card, now=now)
    assert "<article" not in main(at_work.get("/org/talenten/"))
    with pytest.raises(Consent.DoesNotExist):
        talent_guide.invite(card.pk, published, now=now, today=now.date())

    client.force_login(volunteer.user)
    assert "Zet mij in de talentgids" in client.get("/ik/kaart/").content.decode()
    client.post("/ik/kaart/talentgids/")
    assert Consent.objects.filter(purpose="talent_guide", withdrawn_at=None).count() == 1
    client.post("/ik/kaart/talentgids/", {"stop": "1"})
    assert not Consent.objects.filter(purpose="talent_guide", withdrawn_at=None).exists()


def test_a_hidden_or_sensitive_talent_is_on_no_card_and_finds_nobody(at_work, published, card, volunteer):
    volunteer.profile.talents.update(point_only=True)
    assert "<article" not in main(at_work.get("/org/talenten/"))
    volunteer.profile.talents.all().delete()
    for talent in ("ervaring_armoede", "beroep_elders"):  # the second says where somebody comes from
        ProfileTalent.objects.create(profile=volunteer.profile, talent=talent, level=3)
    assert "<article" not in main(at_work.get("/org/talenten/"))


def test_an_invitation_asks_the_person_once_and_says_nothing_before_the_yes(
    at_work, published, card, volunteer, member
):
    invite = f"/org/talenten/{card.pk}/"
    for _twice in range(2):
        page = main(at_work.post(invite, {"opportunity": published.pk}, follow=True))
        assert "Gevraagd." in page
    [made] = Proposal.objects.all()
    assert (made.volunteer, made.state, made.invited_at is not None) == (volunteer, "open", True)
    assert [one.name for one in Event.objects.all()] == ["proposal.invited"]
    assert volunteer.first_name not in main(at_work.get(f"/org/taken/{published.pk}/kandidaten/"))


def test_what_does_not_fit_or_is_too_much_is_one_sentence_that_says_nothing_of_the_person(
    at_work, published, card, volunteer
):
    volunteer.profile.available = ["sun-night"] if "sun-night" in volunteer.profile.available else []
    volunteer.profile.save()
    page = main(at_work.post(f"/org/talenten/{card.pk}/", {"opportunity": published.pk}, follow=True))
    assert "Voor deze taak kunnen we deze persoon nu niet vragen." in page
    assert not Proposal.objects.exists()


def test_who_said_no_before_is_not_asked_again(published, card, volunteer, now):
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(made.pk, "no", source="link", now=now)

    again = talent_guide.invite(card.pk, published, now=now, today=now.date())

    assert (again.pk, again.state, again.invited_at) == (made.pk, "declined", None)


def test_nobody_invites_for_an_opportunity_of_others_or_one_that_is_not_online(
    at_work, card, opportunity, stranger, client
):
    assert at_work.post(f"/org/talenten/{card.pk}/", {"opportunity": opportunity.pk}).status_code == 404, "a draft"
    client.force_login(stranger)
    assert client.post(f"/org/talenten/{card.pk}/", {"opportunity": opportunity.pk}).status_code == 404
