"""Somebody who is not digital: a card made together at the desk, printed, and later taken over on the own phone."""

import re

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.coordination.actions import publish_drafts
from backend.listening.access import stories_of
from backend.placements import actions
from backend.talent.codes import hash_of
from backend.talent.models import CardCode, Volunteer
from notifications.models import Delivery
from tests.browser.test_start import WIDTHS, Person, no_small_target

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def together(open_page, coordinator, language, look=None, width=360, **others):
    """Up to the card that was just made."""
    person = Person(open_page(sign_in_path(coordinator), width, **others), None, look)
    person.tap("text=Kom binnen")
    person.tap("nav >> text=Balie")
    person._look(person.page, "desk")
    person.tap("text=Maak samen een kaart")
    person.tap(f"button[value={language}]")
    assert "Samen invullen" in person.page.inner_text("aside")
    person.tap(".pick >> nth=0")
    person.next("likes")
    person.tap(".chip:has(input[value=week-morning])")
    person.next("when")
    person.type("#postcode", "2060")
    person.next("where")
    person.next("fits")
    person.next("languages")
    person.next("nothing filled in")
    person.type("#first_name", "Samira")
    person.tap("label:has(input[name=age][value='21'])")
    person.tap("label:has(input[name=said_yes])")
    person.next("name")
    return person


@pytest.mark.parametrize("javascript", [True, False])
def test_r004_iemand_maakt_aan_de_balie_een_kaart_en_neemt_ze_later_over(javascript, open_page, inbox, coordinator):
    person = together(open_page, coordinator, "nl", javascript=javascript)
    assert "Samira" in person.page.inner_text("h1")
    person.tap("text=Klaar, maak scherm leeg")
    assert "Het scherm is leeg. Dank je." in person.page.inner_text("main")

    volunteer = Volunteer.objects.get(first_name="Samira")
    CardCode.objects.create(volunteer=volunteer, code_hash=hash_of("7F3K9QPD"))  # as printed
    own = Person(open_page("/k/", javascript=javascript), inbox)
    own.type("#code", "7f3k-9qpd")
    own.tap("main .btn")
    assert "Dag Samira." in own.page.inner_text("main")
    own.type("#contact", "samira@voorbeeld.example")
    own.tap("main .btn")
    own.give_code()

    assert own.page.inner_text("h1") == "Dit is jouw kaart"
    volunteer.refresh_from_db()
    assert volunteer.user.email == "samira@voorbeeld.example"


def test_iemand_maakt_aan_de_balie_een_kaart_in_het_arabisch(open_page, coordinator):
    person = together(open_page, coordinator, "ar")

    assert Volunteer.objects.get(first_name="Samira").language == "ar"
    with person.page.expect_response("**/kaart/") as printed:
        person.tap("text=Print jouw kaart")
    assert printed.value.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_axe_finds_nothing_on_any_screen(width, language, open_page, coordinator, volunteer, opportunity, look):
    person = together(open_page, coordinator, language, look, width)
    look(person.page, "the card")
    site = re.match(r"https?://[^/]+", person.page.url)[0]
    publish_drafts(opportunity.city, now=timezone.now(), only=["T40"])
    actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    person.page.goto(f"{site}/balie/mensen/{volunteer.pk}/")
    look(person.page, "not here")
    person.page.click("text=Ja, we kijken samen")
    assert "Zei ja" in person.page.inner_text("main")
    look(person.page, "here, with a proposal")
    person.page.click("button[value=yes] >> nth=0")
    person.page.click("button[name=pair]")
    look(person.page, "said yes, and a code for who comes along")
    no_small_target(person.page, "said yes, and a code for who comes along")
    placement = actions.confirm_placement(volunteer.proposals.get().pk, now=timezone.now())
    actions.confirm_information_note(placement.pk, "1", source="desk", now=timezone.now())
    person.page.reload()
    person.page.fill("input[name=goal]", "Fietsen herstellen")
    person.page.click("form:has(input[name=goal]) button")
    person.page.click("details:has(#story) > summary")
    person.page.fill("#story", "Ik ken nu mijn buren.")
    person.page.check("input[name=agree]")
    look(person.page, "a goal and a story")
    no_small_target(person.page, "a goal and a story")
    person.page.click("form:has(#story) button")
    assert stories_of(volunteer.user).count() == 1
    person.page.click("a[href$='/samen/']")
    look(person.page, "a code of somebody")
    made = Volunteer.objects.get(first_name="Samira")
    CardCode.objects.create(volunteer=made, code_hash=hash_of("7F3K9QPD"))
    page = open_page("/taal/?next=/k/", width)
    page.click(f"button[value={language}]")
    for path in ("/k/", "/k/7F3K9QPD/"):
        page.goto(site + path)
        look(page, path)
        no_small_target(page, path)
    assert not Delivery.objects.filter(kind="sign_in_code").exists()
