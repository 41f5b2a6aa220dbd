"""Whoever works in English reads no Dutch on the pages of an organisation and of the volunteer point."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.placements import actions, planned, rounds
from backend.placements.models import FAIR, LINK_FOR_ORGANISATION, Case, Proposal
from backend.placements.tokens import make_link, path_of
from matching.words import sentences
from tests.contracts.test_every_word_is_translated import catalogue

pytestmark = pytest.mark.django_db

POINT = [
    "", "werklijst/", "mensen/", "taken/", "taken/?staat=review", "voorstellen/", "verdeling/", "gaten/", "kaart/",
    "spreiding/", "team/", "berichten/", "oproepen/", "meldingen/",
    "signalen/", "steun/", "vormingen/", "verhalen/", "verslag/",
]  # fmt: skip
WHAT_PEOPLE_WROTE = re.compile(r"<(\w+)[^>]*\blang=\"nl\"[^>]*>.*?</\1>", re.DOTALL)
TAG, FILLED_IN = re.compile(r"<[^>]*>"), re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.fixture(scope="module")
def dutch():
    """Whole texts of at least three words of their own; what is filled in matches anything short."""
    words, _fuzzy = catalogue("en")
    long = [one for one, other in words.items() if len(FILLED_IN.sub("", one).split()) >= 3 and one != other]
    long += [one for one in sentences().values() if len(FILLED_IN.sub("", one).split()) >= 3]
    plain = [TAG.sub("", one).strip() for one in long]
    return [re.compile(r"[^<>]{0,80}".join(re.escape(part) for part in FILLED_IN.split(one))) for one in plain]


@pytest.fixture
def read(client, dutch):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    def read_(user, path, status=200):
        client.force_login(user)
        page = client.get(path)
        assert page.status_code == status, path
        text = page.content.decode()
        assert '<html lang="en"' in text, path
        shown = unescape(re.sub(r"[ \n]+", " ", TAG.sub("", WHAT_PEOPLE_WROTE.sub("", text))))
        assert [one.pattern for one in dutch if one.search(shown)] == [], path
        return shown

    return read_


@pytest.fixture
def placed(small_city, volunteer, member):
    """Marc said yes to T40 and is placed; T15 waits for a look; a round was run and another planned."""
    now = timezone.now()
    publish_drafts(small_city.slug, now=now, only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(made.pk, "yes", source="link", now=now)
    rounds.run_round(small_city.slug, now=now)
    Case.objects.create(volunteer=volunteer, kind="silence", about=volunteer.pk)
    Opportunity.objects.filter(external_id="T15").update(min_age=30)
    return Proposal.objects.get(pk=made.pk)


def test_the_volunteer_point_reads_english(read, placed, small_city, coordinator, volunteer):
    held = Opportunity.objects.get(external_id="T15")
    with pytest.raises(opportunities.PublicationStopped):
        opportunities.publish_opportunity(held, now=timezone.now())
    plan = planned.ask_for(small_city.slug, FAIR)
    for path in POINT:
        read(coordinator, f"/coordinatie/{path}")
    assert "Silent for long" in read(coordinator, "/coordinatie/werklijst/")
    read(coordinator, f"/coordinatie/mensen/{volunteer.pk}/")
    read(coordinator, f"/coordinatie/verdeling/{plan.pk}/")
    seen = read(coordinator, f"/coordinatie/taken/{held.pk}/")
    assert "Why must somebody be that old?" in seen
    for path in ("/balie/", f"/balie/mensen/{volunteer.pk}/", "/balie/bellijst/"):
        read(coordinator, path)


def test_an_organisation_reads_english(read, placed, member, client):
    opportunity, now = placed.opportunity, timezone.now()
    assert "Opportunities and candidates" in read(member, "/org/")
    for name in ("wat", "wanneer", "wie", "drempel", "kandidaten"):
        read(member, f"/org/taken/{opportunity.pk}/{name}/")
    assert "Pouring coffee" in read(member, "/org/taken/nieuw/")
    read(member, f"/org/{opportunity.organisation_id}/team/")
    assert "Support for organisations" in read(member, "/org/steun/")
    read(member, f"/org/kandidaten/{placed.pk}/doorverwijzen/")
    behind_link = path_of(make_link(placed, LINK_FOR_ORGANISATION, expires_at=placed.answer_until))
    assert "Marc wants to try" in read(member, behind_link)
    actions.confirm_placement(placed.pk, now=now)
    read(member, f"/org/kandidaten/{placed.pk}/nota/")
    assert "You confirmed the placement." in read(member, behind_link)
    refused = client.post(f"/org/taken/{opportunity.pk}/wat/", {"version": opportunity.version}).content.decode()
    assert "Give the opportunity a name." in refused


def test_what_an_organisation_may_thank_with_is_in_the_language_of_the_volunteer(placed, member, client, volunteer):
    volunteer.language = "fr"
    volunteer.save(update_fields=["language"])
    placement = actions.confirm_placement(placed.pk, now=timezone.now())
    client.force_login(member)

    client.post(f"/org/kandidaten/{placed.pk}/bedankt/", {"thanks": "2"})

    assert placement.thanks.get().text == "Merci, Marc ! Ensemble, c'est mieux."


@pytest.mark.parametrize(("path", "offered"), [("/org/", ["nl", "en"]), ("/ik/", ["nl", "fr", "en", "ar", "tr"])])
def test_only_the_languages_of_a_page_are_offered(client, db, path, offered):
    page = client.get(f"/taal/?next={path}").content.decode()

    assert sorted(re.findall(r'name="language" value="(\w+)"', page)) == sorted(offered)


@pytest.mark.parametrize(
    ("cookie", "own", "spoken"), [("ar", "nl", "nl"), ("ar", "en", "en"), ("en", "nl", "en"), ("", "tr", "nl")]
)
def test_a_work_page_falls_back_to_ones_own_language_and_then_to_dutch(client, member, cookie, own, spoken):
    member.language = own
    member.save(update_fields=["language"])
    client.force_login(member)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie

    assert f'<html lang="{spoken}"' in client.get("/org/").content.decode()
