"""The pages behind a link: GET changes nothing, wrong and old links are kind, organisations see a name only after yes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.opportunities.actions import publish_opportunity
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, states
from backend.placements.models import LINK_FOR_VOLUNTEER, Link, Proposal
from backend.placements.tokens import hash_of, make_link, token_of
from backend.talent.models import TalentProfile

pytestmark = pytest.mark.usefixtures("at_noon")


def test_r102_neighbours_who_are_asked_for_the_same_group_read_that_they_are_not_alone_and_no_name(
    client, small_city, opportunity, now
):  # fmt: skip
    Opportunity.objects.filter(pk=opportunity.pk).update(company="group", themes=["buurt"])
    TalentProfile.objects.update(themes=["buurt"], neighbourhood=opportunity.neighbourhood)
    opportunity.refresh_from_db()
    publish_opportunity(opportunity, now=now)
    first, second = actions.propose_for_opportunity(opportunity.pk, now=now)[:2]
    said = "Je bent niet de enige"

    def page(proposal):
        until = timezone.now() + timedelta(days=20)
        Proposal.objects.filter(pk=proposal.pk).update(answer_until=until)
        link = make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=until)
        return client.get(f"/v/{token_of(link.pk)}/").content.decode()

    for one, other in ((first, second), (second, first)):
        text = page(one)
        assert said in text
        assert f">{other.volunteer.first_name}<" not in text
    TalentProfile.objects.filter(volunteer=second.volunteer).update(neighbourhood="Elders")
    Proposal.objects.exclude(pk__in=[first.pk, second.pk]).delete()
    assert said not in page(first), "nobody of this neighbourhood"
    TalentProfile.objects.filter(volunteer=second.volunteer).update(neighbourhood=opportunity.neighbourhood)
    actions.answer_proposal(second.pk, "no", source="link", now=now)
    assert said not in page(first), "who said no is not asked any more"
    Opportunity.objects.filter(pk=opportunity.pk).update(company="alone")
    assert said not in page(second)


def test_the_page_says_what_when_how_far_and_why(client, path, proposal):
    page = client.get(path).content.decode()

    for words in (
        "Dag <bdi>Marc</bdi>",
        "Kleren sorteren en plooien",
        "Waarom jij?",
        "Makkelijk om te beginnen",
        "3,3 km",
        "Ja, ik probeer",
        "Misschien",
        "Nee",
    ):
        assert words in page


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(method, client, path, proposal):
    before = Proposal.objects.values().get()

    for address in (path, path + "moment/"):
        getattr(client, method)(address)

    assert Proposal.objects.values().get() == before
    assert Event.objects.count() == 0


def test_answering_by_get_is_refused(client, path, proposal):
    assert client.get(path + "antwoord/?answer=yes").status_code == 405
    assert Proposal.objects.get().state == states.OPEN


def test_a_yes_goes_on_to_the_moments(client, path):
    page = client.post(path + "antwoord/", {"answer": "yes"}, follow=True)

    assert page.redirect_chain == [(path + "moment/", 302)]
    assert "Kies een moment om te proberen" in page.content.decode()


@pytest.mark.parametrize(("answer", "words"), [("maybe", "Je zei misschien."), ("no", "Oké, dank je.")])
def test_maybe_and_no_come_back_to_the_page(answer, words, client, path):
    assert words in client.post(path + "antwoord/", {"answer": answer}, follow=True).content.decode()


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_nonsense_gets_a_sentence_and_changes_nothing(answer, client, path):
    page = client.post(path + "antwoord/", {"answer": answer})

    assert page.status_code == 422
    assert "Kies ja, misschien of nee." in page.content.decode()
    assert Proposal.objects.get().state == states.OPEN


@pytest.mark.parametrize(
    "moment", ["", "morgen", "2027-03-09T14:00", "2027-03-09T14:01:00+01:00", "9999-99-99T00:00:00Z"]
)
def test_a_moment_that_was_not_offered_gets_a_sentence(moment, client, path):
    client.post(path + "antwoord/", {"answer": "yes"})

    page = client.post(path + "moment/", {"moment": moment})

    assert (page.status_code, "Kies een van deze momenten." in page.content.decode()) == (422, True)


@pytest.mark.parametrize("token", ["0" * 22, "x", "%00", "é"])
def test_a_wrong_link_is_a_kind_page(token, client, proposal):
    for kind in ("v", "o"):
        page = client.get(f"/{kind}/{token}/")
        assert page.status_code == 404
        assert "Deze link werkt niet meer" in page.content.decode()


@pytest.mark.parametrize("why", ["old", "revoked", "other purpose"])
def test_a_link_that_no_longer_works_is_the_same_kind_page(why, client, path, proposal, at_noon, now):
    if why == "old":
        at_noon(timedelta(days=22))
    elif why == "revoked":
        Link.objects.update(revoked_at=now)
    else:
        path = path.replace("/v/", "/o/")

    for page in (
        client.get(path),
        client.post(path + ("antwoord/" if "/v/" in path else "welkom/"), {"answer": "yes"}),
    ):
        assert (page.status_code, "Deze link werkt niet meer" in page.content.decode()) == (404, True)
    assert Proposal.objects.get().state == states.OPEN


def test_after_the_deadline_the_page_is_kind_and_a_yes_is_too_late(client, path, at_noon):
    at_noon(timedelta(days=7, seconds=1))

    assert "Je kan niet meer kiezen" in client.get(path).content.decode()
    assert client.post(path + "antwoord/", {"answer": "yes"}).status_code == 410
    assert Proposal.objects.get().state == states.OPEN


def test_pages_behind_a_link_are_never_kept_or_referred(client, path):
    page = client.get(path)

    assert (page["Cache-Control"], page["Referrer-Policy"], page["X-Robots-Tag"]) == (
        "no-store",
        "same-origin",
        "noindex",
    )
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]


def test_only_the_hash_of_a_token_is_stored(path, proposal):
    link = Link.objects.get()
    token = path.strip("/").split("/")[1]

    assert token == token_of(link.pk)
    assert link.token_hash == hash_of(token)
    assert len(token) == 22
    assert token not in str(Link.objects.values().get())


def test_a_different_secret_gives_a_different_token(path, settings):
    before = token_of(Link.objects.get().pk)

    settings.SECRET_KEY = "another one"

    assert token_of(Link.objects.get().pk) != before


def test_an_organisation_sees_a_name_while_the_yes_stands_and_not_before_or_after(
    client, organisation_path, proposal, now
):
    assert "Marc" not in client.get(organisation_path).content.decode()

    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    page = client.get(organisation_path).content.decode()
    assert "Marc" in page
    assert "p37@voorbeeld.example" in page

    actions.answer_proposal(proposal.pk, "no", source="link", now=now)
    page = client.get(organisation_path).content.decode()
    assert "Marc" not in page
    assert "p37@" not in page


def test_welcoming_somebody_who_stopped_places_nobody(client, organisation_path, proposal, now):
    assert client.post(organisation_path + "welkom/").status_code == 409
    assert not Proposal.objects.get().placements.exists()


def test_markup_in_a_title_is_text(client, path, proposal):
    Opportunity.objects.filter(pk=proposal.opportunity_id).update(title="<script>alert(1)</script>")

    page = client.get(path).content.decode()

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_yes_can_be_taken_back_after_the_deadline_too(client, path, at_noon):
    client.post(path + "antwoord/", {"answer": "yes"})
    at_noon(timedelta(days=10))

    page = client.get(path + "?verander=1").content.decode()
    assert "Misschien" not in page
    client.post(path + "antwoord/", {"answer": "no"})

    assert Proposal.objects.get().state == states.DECLINED
    assert "Verander mijn antwoord" not in client.get(path).content.decode()


def test_nobody_can_change_what_was_not_answered(client, path):
    assert "Verander mijn antwoord" not in client.get(path + "?verander=1").content.decode()
