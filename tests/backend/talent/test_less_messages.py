"""Fewer messages: one tap in a mail program, one on a page, and what is muted is not told."""

import pytest
from django.core import signing

from backend.placements import actions, messages
from backend.talent.messages import GROUP_OF, SALT, unsubscribe_address
from backend.talent.models import MUTABLE, Consent, Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


def token(volunteer, group):
    return signing.dumps([str(volunteer.pk), group], salt=SALT)


def delivery(kind, volunteer):
    return Delivery(kind=kind, recipient=volunteer.pk, channel="email", language="nl")


def test_a_mail_carries_the_button_of_its_own_group(volunteer, inbox, place, now):
    from notifications.channels import email

    address = unsubscribe_address(delivery("thanks_given", volunteer))
    assert address.startswith("http://")
    assert unsubscribe_address(delivery("trial_booked", volunteer)) == ""
    sent = Delivery(
        kind="thanks_campaign", recipient=volunteer.pk, channel="email", language="nl", address="p37@voorbeeld.example",
        time_zone="Europe/Brussels", values={"first_name": "Marc", "city": "Antwerpen", "phone": "03"},
    )  # fmt: skip

    email.deliver(sent, lambda: True)

    [mail] = inbox.to("p37@voorbeeld.example")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/uit/" in mail["List-Unsubscribe"]
    assert mail.get_body(("html",)) is not None


@pytest.mark.parametrize("group", MUTABLE)
def test_looking_changes_nothing_and_one_post_without_a_cookie_does(group, volunteer, client):
    from django.test import Client

    page = f"/uit/{token(volunteer, group)}/"
    assert "Wil je minder berichten?" in client.get(page).content.decode()
    client.head(page)
    assert Volunteer.objects.get(pk=volunteer.pk).muted == []

    strict = Client(enforce_csrf_checks=True)
    for _twice in range(2):
        assert strict.post(page, {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert Volunteer.objects.get(pk=volunteer.pk).muted == [group]


def test_no_more_proposals_means_that_none_is_made_any_more(volunteer, client):
    client.post(f"/uit/{token(volunteer, 'proposals')}/")

    assert not Consent.objects.filter(volunteer=volunteer, purpose="proposals", withdrawn_at=None).exists()


def test_no_more_calls_in_need(volunteer, client):
    Volunteer.objects.update(crisis_calls=True)

    client.post(f"/uit/{token(volunteer, 'crisis')}/")

    assert not Volunteer.objects.get(pk=volunteer.pk).crisis_calls


@pytest.mark.parametrize(
    "made",
    [
        pytest.param("x", id="no token"),
        pytest.param(signing.dumps(["no", "thanks"], salt=SALT), id="of nobody"),
        pytest.param(signing.dumps(["1", "thanks"]), id="signed for something else"),
    ],
)
def test_a_forged_button_opens_nothing(made, client, volunteer):
    other_group = signing.dumps([str(volunteer.pk), "appointments"], salt=SALT)

    for one in (made, other_group):
        assert client.post(f"/uit/{one}/").status_code == 404
    assert Volunteer.objects.get(pk=volunteer.pk).muted == []


def test_a_link_of_somebody_who_was_erased_is_no_trouble(volunteer, client):
    page = f"/uit/{token(volunteer, 'thanks')}/"
    volunteer.delete()

    assert client.post(page).status_code == 200


def test_what_is_muted_is_not_told_and_the_rest_is(volunteer, opportunity, place, now):
    from backend.opportunities.actions import publish_opportunity
    from backend.placements.models import Proposal

    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    proposal = Proposal.objects.select_related("opportunity__organisation", "volunteer__user").get(pk=made.pk)
    Volunteer.objects.update(muted=["reminders"])

    actions.tell(messages.about_unanswered_proposal(proposal), place, now=now)
    actions.tell(messages.about_taken_place(proposal), place, now=now)

    assert [one.kind for one in Delivery.objects.filter(recipient=volunteer.pk)] == ["place_taken"]


def test_every_group_can_be_told_in_words():
    from backend.talent.links import WORDS

    assert set(WORDS) == set(GROUP_OF.values())


def test_the_api_takes_what_somebody_wants_to_hear(client, volunteer):
    client.force_login(volunteer.user)
    rules = client.get("/api/v1/me/contact-rules").json()
    assert (rules["muted"], rules["crisis_calls"]) == ([], False)

    said = client.put(
        "/api/v1/me/contact-rules",
        {**rules, "muted": ["thanks"], "crisis_calls": True},
        content_type="application/json",
    )

    assert (said.json()["muted"], said.json()["crisis_calls"]) == (["thanks"], True)
    wrong = client.put("/api/v1/me/contact-rules", {**rules, "muted": ["all"]}, content_type="application/json")
    assert wrong.status_code == 400


def test_my_messages_ask_for_all_links_at_once(client, volunteer, opportunity, now, django_assert_max_num_queries):
    from backend.opportunities.actions import publish_opportunity
    from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal
    from backend.placements.tokens import make_link

    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    link = make_link(Proposal.objects.get(pk=made.pk), LINK_FOR_VOLUNTEER, expires_at=made.answer_until)
    for number in range(15):
        Delivery.objects.create(
            occasion=f"x{number}", kind="question_answered", recipient=volunteer.pk, language="nl", channel="email",
            time_zone="Europe/Brussels", due_at=now, state="sent", link=link.pk, values={"first_name": "Marc"},
        )  # fmt: skip
    client.force_login(volunteer.user)

    with django_assert_max_num_queries(8):
        page = client.get("/ik/berichten/").content.decode()
    assert page.count("/v/") >= 15
