"""The pages in a real browser: forms that a real browser sends, without JavaScript, by keyboard, small, and for axe."""

import pytest

from backend.accounts.pages import sign_in_path
from backend.placements import actions, messages, rounds, states
from backend.placements.models import LINK_FOR_ORGANISATION, LINK_FOR_VOLUNTEER
from notifications.models import Delivery
from notifications.tasks import deliver
from tests.browser.conftest import link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_proposal_is_answered_with_two_taps_and_a_moment_with_one(javascript, open_page, proposal):
    page = open_page(link(proposal, LINK_FOR_VOLUNTEER), javascript=javascript)
    assert page.inner_text("h1") == "Past dit bij jou?"
    assert page.locator("button[value=yes]").bounding_box()["y"] < 740, "the answer is in the first view"

    page.click("button[value=yes]")
    page.click("button[name=moment] >> nth=0")

    assert page.inner_text("h1").startswith("Je zei ja. Tot ")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.trial_visits.count()) == (states.ACCEPTED, 1)


def test_a_proposal_is_answered_by_keyboard_alone(open_page, proposal):
    page = open_page(link(proposal, LINK_FOR_VOLUNTEER))
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "maybe":
            break
        assert page.evaluate("document.activeElement !== document.body")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Je zei misschien.")

    proposal.refresh_from_db()
    assert proposal.state == states.MAYBE


def test_the_organisation_confirms_in_its_own_browser(open_page, proposal):
    from django.utils import timezone

    actions.answer_proposal(proposal.pk, "yes", source="link", now=timezone.now())
    page = open_page(link(proposal, LINK_FOR_ORGANISATION), 1100)

    page.click("text=Welkom, bevestig de plaatsing")

    assert "Je bevestigde de plaatsing." in page.inner_text("main")
    assert proposal.placements.get().state == states.AGREED


@pytest.mark.parametrize("width", [320, 1280])
def test_r095_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    width, open_page, proposal, volunteer, member, coordinator, look
):
    from django.utils import timezone

    actions.tell(messages.about_proposal(proposal), messages.place_of(proposal), now=timezone.now().replace(year=2020))
    Delivery.objects.update(channel="callsheet")
    for delivery in Delivery.objects.all():
        deliver(delivery_id=str(delivery.pk))
    address = link(proposal, LINK_FOR_VOLUNTEER)
    for path in ("/", "/binnen/", address):
        look(open_page(path, width), path)
    page = open_page(address, width)
    page.click("button[value=yes]")
    look(page, "moments")
    page.click("button[name=moment] >> nth=0")
    look(page, "the yes")
    look(open_page(link(proposal, LINK_FOR_ORGANISATION), width), "candidate")
    for user in (volunteer.user, member, coordinator):
        page = open_page(sign_in_path(user), width)
        look(page, "the door")
        page.click("text=Kom binnen")
        look(page, page.url)
    rounds.run_round(volunteer.city, now=timezone.now())
    page.click("nav >> text=Gaten")
    assert "Talent dat niemand vraagt" in page.inner_text("main")
    look(page, "gaps")
    page.click("text=Terug naar vandaag")
    page.click("nav >> text=Spreiding")
    assert "laatste 28 dagen" in page.inner_text("main")
    look(page, "spread")
    page.click("text=Terug naar vandaag")
    page.click("nav >> text=Bellijst")
    look(page, "call sheet")
    page.click("text=Zei ja")
    look(page, "called")


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, True), (360, False)])
def test_a_colleague_is_let_in_and_a_mistake_is_said_at_its_field(width, javascript, open_page, coordinator, look):
    seen = look if javascript else lambda _page, _name: None  # axe is a script itself
    page = open_page(sign_in_path(coordinator), width, javascript=javascript)
    page.click("text=Kom binnen")
    page.click("nav >> text=Team")
    page.click("button:has-text('Laat binnen')")
    assert "Vul een e-mailadres of een gsm-nummer in." in page.inner_text("main")
    seen(page, "a mistake in the form")

    page.fill("#contact", "collega@voorbeeld.example")
    page.click("text=Toeleider")
    page.fill("#label", "An, OCMW Dam")
    page.click("button:has-text('Laat binnen')")

    assert "An, OCMW Dam" in page.inner_text("main ul")
    seen(page, "the team")


@pytest.mark.parametrize("width", [320, 1280])
def test_coming_in_with_a_code_works_without_javascript_and_axe_finds_nothing(
    width, open_page, volunteer, coordinator, settings, look
):
    from django.core.cache import cache

    from tests.backend.accounts.test_sign_in import code_of

    cache.clear()
    settings.STAFF_SECOND_FACTOR = True
    page = open_page("/binnen/", width)
    page.click("text=Stuur mij een code")
    assert "Vul je gsm-nummer of je e-mail in." in page.inner_text("main")
    look(page, "nothing filled in")

    page = open_page("/binnen/", width, javascript=False, refusals=1)  # staff with one key
    page.fill("#contact", coordinator.email)
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/")
    page.fill("#code", Delivery.objects.latest("created_at").values["code"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/coordinatie/")
    assert "Stel eerst een tweede sleutel in" in page.inner_text("main")
    state = page.context.storage_state()

    page = open_page("/", width)
    page.context.add_cookies(state["cookies"])
    page.goto(page.url + "binnen/sleutel/")
    look(page, "a second key")
    secret = page.inner_text("main bdi")
    page.fill("#code", code_of(secret))
    page.click("text=Bewaar")
    look(page, "reserve codes")
    page.click("text=Ga verder")
    page.wait_for_url("**/coordinatie/")
    page.goto(page.url.replace("coordinatie/", "binnen/toestellen/"))
    look(page, "devices")
    page.click("text=Ga naar buiten")

    page = open_page("/binnen/", width)
    page.fill("#contact", coordinator.email)
    page.click("text=Stuur mij een code")
    page.wait_for_url("**/code/")
    look(page, "the code")
    page.fill("#code", Delivery.objects.latest("created_at").values["code"])
    page.click("button.btn")
    page.wait_for_url("**/tweede/")
    look(page, "the second code")
