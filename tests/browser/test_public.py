"""Whoever looks around: the list, one opportunity, and "Ik wil dit" up to the proposal; with and without JavaScript."""

import re

import pytest
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.placements.models import Proposal
from tests.browser.test_start import WIDTHS, Person, no_small_target

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def online(small_city, opportunity):
    publish_drafts(small_city.slug, now=timezone.now())
    # Somebody of `Person.answer` can come then.
    Opportunity.objects.filter(pk=opportunity.pk).update(published_at=timezone.now(), slots=["tue-afternoon"])
    opportunity.refresh_from_db()
    return opportunity


@pytest.mark.parametrize("javascript", [True, False])
def test_iemand_zoekt_een_taak_en_wil_ze_nog_zonder_kaart(javascript, open_page, inbox, online):
    person = Person(open_page("/", javascript=javascript), inbox)
    person.tap("a[href='/taken/']")
    person.tap("a[href='#filters']")
    person.page.select_option("#neighbourhood", online.neighbourhood)
    person.tap("button:has-text('Toon taken')")
    assert person.page.inner_text("h1").startswith(f"Taken in {online.neighbourhood}: ")
    person.tap(f"a:has-text('{online.title}')")
    person.tap("button:has-text('Ik wil dit')")
    person.tap("button[value=nl]")
    assert online.title in person.page.inner_text("main")
    person.tap("button[name=more]")
    person.answer()
    person.give_code()

    assert person.page.inner_text("h1") == "Past dit bij jou?"
    assert Proposal.objects.get(opportunity=online).volunteer.first_name == "Samira"


def test_iemand_zoekt_een_taak_in_het_arabisch(open_page, online):
    page = open_page("/taal/?next=/taken/")
    page.click("button[value=ar]")
    page.click(f"a:has-text('{online.title}')")

    assert page.get_attribute("html", "dir") == "rtl"
    assert page.get_attribute("h1", "lang") == "nl"
    assert "كل أسبوع" in page.inner_text("main")


def test_whoever_has_a_card_is_asked_at_once(open_page, volunteer, online):
    page = open_page(sign_in_path(volunteer.user))
    page.click("text=Kom binnen")
    page.goto(page.url.replace("/ik/", f"/taken/{online.pk}/"))
    page.click("button:has-text('Ik wil dit')")

    assert page.inner_text("h1") == "Past dit bij jou?"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_axe_finds_nothing_and_everything_is_large_enough(width, language, open_page, online, look):
    page = open_page("/taal/?next=/taken/", width)
    page.click(f"button[value={language}]")
    site = page.url.removesuffix("/taken/")
    paths = [
        "taken/",
        "taken/?page=2",
        "taken/?q=xylofoon&once=true",
        f"taken/{online.pk}/",
        "organisaties/",
        "melden/",
    ]
    paths += ["over/", "privacy/", "toegankelijkheid/", "taken/ingebed/", "hulp/", "voor-thuis/"]
    for path in (*paths, f"organisaties/{online.organisation_id}/"):
        page.goto(f"{site}/{path}")
        look(page, path)
        no_small_target(page, path)
    page.goto(f"{site}/taken/?slot=noon")
    look(page, "a filter that cannot be")
    assert page.locator("[role=alert]").count() == 1, "every page was looked at"


SEEN_AS = {"color_scheme": "prefers-color-scheme", "contrast": "prefers-contrast", "forced_colors": "forced-colors"}


@pytest.mark.parametrize("sees", [{"color_scheme": "dark"}, {"contrast": "more"}, {"forced_colors": "active"}])
def test_axe_finds_nothing_for_whoever_sees_differently(sees, open_page, online, look):
    page = open_page("/taal/?next=/start/graag/", **sees)
    look(page, "language")
    page.click("button[value=nl]")
    page.click(".pick >> nth=0")
    look(page, "drawings")
    site = page.url.partition("/start/")[0]
    for path in ("/", "/taken/", f"/taken/{online.pk}/", "/mag-ik/", "/binnen/"):
        page.goto(site + path)
        look(page, path)
        [(feature, value)] = sees.items()
        query = f"({SEEN_AS[feature]}: {value})"
        assert page.evaluate("query => matchMedia(query).matches", query), f"{path} was looked at otherwise"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_the_self_check_says_what_to_do_and_axe_finds_nothing(width, language, open_page, look):
    page = open_page("/taal/?next=/mag-ik/", width)
    page.click(f"button[value={language}]")
    look(page, "questions")
    no_small_target(page, "questions")
    page.click("label:has(input[value=rva])")
    page.click(".sticky .btn")

    assert "C45B" in page.inner_text("section[role=status]")
    look(page, "advice")


@pytest.mark.parametrize(("language", "width"), [("nl", 320), ("nl", 1280), ("ar", 360)])
def test_the_map_shows_a_pin_for_each_place_above_a_complete_list(language, width, open_page, small_city, look):
    publish_drafts(small_city.slug, now=timezone.now())
    page = open_page("/taal/?next=/taken/kaart/", width)
    page.click(f"button[value={language}]")
    page.wait_for_selector(".pin")
    listed = page.locator("main li a[href^='/taken/']").count()

    assert listed == Opportunity.objects.filter(state="published").count()
    pins = sum(int(one) for one in page.locator(".pin").all_inner_texts())
    at_home = Opportunity.objects.filter(state="published").filter(Q(at_home=True) | Q(own_neighbourhood=True)).count()
    assert pins == listed - at_home
    look(page, "map")
    page.locator(".pin").first.dispatch_event("click")
    page.wait_for_selector(".leaflet-popup a")
    page.click(".leaflet-popup a >> nth=0")
    assert re.search(r"/taken/[0-9a-f-]{36}/$", page.url)


def test_without_a_script_the_list_stands_alone(open_page, online):
    page = open_page("/taken/kaart/", javascript=False)

    assert not page.locator("#map").is_visible()
    assert page.locator("main li a[href^='/taken/']").count() == Opportunity.objects.filter(state="published").count()
