"""Journey b: a volunteer answers a proposal and goes on behind the same link, in Dutch and in Arabic, without a login."""

from pathlib import Path

import pytest
from django.utils import timezone

from backend.placements import actions, states
from backend.placements.models import Placement
from backend.talent.models import Volunteer
from tests.browser.conftest import link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", ["nl", "ar"])
@pytest.mark.parametrize(("width", "javascript"), [(320, True), (360, False), (360, True), (1280, True)])
def test_vrijwilliger_antwoordt_op_een_voorstel(language, width, javascript, open_page, proposal, look):
    seen = look if javascript else lambda _page, _name: None  # axe is a script itself
    Volunteer.objects.filter(pk=proposal.volunteer_id).update(language=language)
    path = link(proposal)
    page = open_page(path, width, javascript=javascript)
    page.click("button[value=maybe]")
    seen(page, "question")
    page.click("button[name=question] >> nth=0")
    assert proposal.questions.count() == 1
    seen(page, "asked")

    page.goto(page.url.replace("vraag/", ""))
    page.click("button[value=yes]")
    page.click("button[name=moment] >> nth=0")
    seen(page, "yes")
    with page.expect_download() as file:
        page.click("a[href$='agenda.ics']")
    assert b"BEGIN:VEVENT" in Path(file.value.path()).read_bytes()

    actions.confirm_placement(proposal.pk, now=timezone.now())
    page.goto(page.url)
    page.click("a[href$='nota/']")
    seen(page, "note")
    page.check("input[value=no]")
    page.click("main form button")
    assert Placement.objects.get().state == states.ACTIVE
    seen(page, "read")


def test_vrijwilliger_zegt_nee_en_rust_een_maand(open_page, proposal, look):
    page = open_page(link(proposal))
    page.click("button[value=no]")
    look(page, "no")
    page.click("text=Stuur mij een maand niets")
    assert "Je krijgt niets tot" in page.inner_text("main")
    look(page, "a rest")


VOICES = """
const said = window.said = [];
const speech = {
  speaking: false, getVoices: () => VOICES.map((lang) => ({ lang })), cancel: () => { speech.speaking = false; },
  speak: (words) => { speech.speaking = true; said.push([words.lang, words.rate, words.text]); },
};
Object.defineProperty(window, "speechSynthesis", { value: speech });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


@pytest.mark.parametrize(
    ("language", "voices", "chosen"),
    [("nl", '["fr-FR", "nl_NL", "nl-BE"]', "nl-BE"), ("ar", '["ar-SA"]', "ar-SA"), ("tr", '["nl-BE"]', "")],
)
def test_a_page_is_read_aloud_where_there_is_a_voice(language, voices, chosen, browser, live_server, proposal):
    Volunteer.objects.filter(pk=proposal.volunteer_id).update(language=language)
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.add_init_script(VOICES.replace("VOICES", voices))
    page.goto(live_server.url + link(proposal))
    button = page.locator("[data-read]")

    assert button.is_visible() is bool(chosen)
    if chosen:
        button.click()
        [[lang, rate, text]] = page.evaluate("said")
        assert (lang, rate) == (chosen, 0.9)
        assert proposal.opportunity.title in text
        assert text.count(proposal.opportunity.title) == 1
        button.click()
        assert page.evaluate("speechSynthesis.speaking") is False
    context.close()


def test_without_a_voice_nothing_stands_there(open_page, proposal):
    assert not open_page(link(proposal)).locator("[data-read]").is_visible()
    assert not open_page(link(proposal), javascript=False).locator("[data-read]").is_visible()
