"""Moments, a duo, places on the map, an agreement and a list that is read in, in a real browser; axe on each."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.engagements import actions as engagements
from backend.engagements import shifts
from backend.engagements.models import Shift
from backend.listening import access, polls
from backend.organisations import locations
from backend.placements import actions, buddies
from backend.placements.models import Buddy, PairPlacement
from backend.placements.shown import FACES
from tests.browser.conftest import link
from tests.browser.test_start import no_small_target

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [320, 1280]
LISTED = """naam;rechtsvorm;postcode;wijk;KBO
De Ronde Tafel;VZW;2060;Dam;0123
Ver weg;VZW;9000;;
"""


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def started(proposal):
    """Marc helps, there are moments to choose, and a place that two organisations run."""
    now = timezone.now()
    organisation = proposal.opportunity.organisation
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)
    actions.confirm_information_note(placement.pk, "1", source="link", now=now)
    day = timezone.localdate() + timedelta(days=3)
    shifts.plan(proposal.opportunity, day, time(14), time(16), least=2, most=3, weeks=3, now=now)
    engagements.ask_raised_ceiling(placement.pk)
    locations.open_place(
        organisation, name="Zomerplein", text="Spelen voor iedereen.", neighbourhood="Dam", street="Damplein 1",
        wheelchair="yes", open_from=None, open_until=day, now=now,
        walk_in=[{"freq": "WEEKLY", "byday": "MO,WE", "opens_at": "14:00", "closes_at": "17:00"}],
    )  # fmt: skip
    return placement


@pytest.mark.parametrize(("width", "language"), [(320, "ar"), (1280, "nl")])
def test_a_volunteer_chooses_moments_and_shares_a_place(width, language, open_page, started, volunteer, look):
    volunteer.user.language = volunteer.language = language
    volunteer.user.save()
    volunteer.save()
    page = open_page(link(started.proposal), width)
    page.click("button[name=wanted]")
    look(page, "yes, and a buddy")
    no_small_target(page, "yes, and a buddy")
    started.refresh_from_db()
    assert started.is_buddy
    page.click("a[href$='/duo/']")
    look(page, "share")
    page.click("main form button")
    look(page, "code")
    no_small_target(page, "code")
    assert PairPlacement.objects.count() == 1
    page = open_page(sign_in_path(volunteer.user), width)
    page.click("main button >> nth=0")
    site = page.url.partition("/ik/")[0].partition("/thuis/")[0]
    page.goto(f"{site}/ik/momenten/")
    look(page, "moments")
    page.click("main form button >> nth=0")
    look(page, "coming")
    no_small_target(page, "coming")
    assert page.locator("button[value=back]").count() == 1
    for path in ("/samen/", "/ik/uren/", "/organisaties/"):
        page.goto(site + path)
        look(page, path)
        no_small_target(page, path)
    page.goto(f"{site}/samen/")
    page.fill("#code", "7F3K-9QPD")
    page.click("main form button >> nth=0")
    look(page, "a wrong code")


@pytest.mark.parametrize("javascript", [True, False])
def test_an_organisation_plans_and_opens_a_place(javascript, open_page, started, member, look):
    buddies.want(started.pk, is_wanted=True)
    new = actions.propose_for_opportunity(started.proposal.opportunity_id, now=timezone.now())[0]
    actions.answer_proposal(new.pk, "yes", source="desk", now=timezone.now())
    page = open_page(sign_in_path(member), 320 if javascript else 1280, javascript=javascript)
    page.click("text=Kom binnen")
    site = page.url.partition("/org/")[0]
    page.goto(f"{site}/org/taken/{started.proposal.opportunity_id}/kandidaten/")
    page.select_option("select[name=buddy]", str(started.pk))
    page.click("form:has(select[name=buddy]) button")
    assert "Wij zeggen het aan allebei." in page.inner_text("body")
    assert Buddy.objects.get().newcomer_id == new.pk
    if javascript:
        look(page, "candidates")
        no_small_target(page, "candidates")
    own = f"{site}/org/{started.proposal.opportunity.organisation_id}"
    page.goto(f"{own}/momenten/")
    day = timezone.localdate() + timedelta(days=5)
    page.select_option("#opportunity", str(started.proposal.opportunity_id))
    for field, value in (("day", day.isoformat()), ("begins", "09:00"), ("ends", "08:00"), ("most", "4")):
        page.fill(f"#{field}", value)
    page.click("text=Plan dit")
    assert "Kies een later uur." in page.inner_text("main")
    page.fill("#ends", "12:00")
    page.click("text=Plan dit")
    assert Shift.objects.count() == 4
    page.goto(f"{own}/plekken/")
    page.fill("#name", "Pop-up")
    page.fill("#text", "Koffie.")
    page.click("text=Zet deze plek op de kaart")
    assert "De plek staat op de sociale kaart." in page.inner_text("body")
    if javascript:
        for path in ("/momenten/", "/plekken/", "/uren/", "/kaart/", "/beleid/"):
            page.goto(own + path)
            look(page, path)
            no_small_target(page, path)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_point_reads_in_a_list_and_lets_an_organisation_begin(width, open_page, started, coordinator, look):
    page = open_page(sign_in_path(coordinator), width)
    page.click("text=Kom binnen")
    site = page.url.partition("/coordinatie/")[0]
    page.goto(f"{site}/coordinatie/inlezen/")
    look(page, "choose")
    page.check("input[value=organisations]")
    page.set_input_files("#file", {"name": "lijst.csv", "mimeType": "text/csv", "buffer": LISTED.encode()})
    page.click("text=Bekijk de lijst")
    assert "1 kan niet" in page.inner_text("main")
    look(page, "preview")
    no_small_target(page, "preview")
    page.click("text=Neem dit over")
    assert "1 nieuw" in page.inner_text("body")
    look(page, "taken over")
    page.click("text=De Ronde Tafel")
    look(page, "unknown organisation")
    page.check("input[name=charter]")
    page.fill("#contact", "baas@voorbeeld.example")
    page.click("text=Wij kennen deze organisatie")
    assert "Deze organisatie kan beginnen." in page.inner_text("body")


@pytest.mark.parametrize("javascript", [True, False])
def test_somebody_taps_on_a_screen(javascript, open_page, small_city, look, monkeypatch):
    monkeypatch.setattr(access, "cities", lambda: {small_city.slug: replace(small_city, has_polls=True)})
    poll = polls.ask(small_city.slug, "Vind je het hier fijn?", [(str(say), file) for _code, say, file in FACES])
    page = open_page(f"/peiling/{poll.pk}/", 320 if javascript else 1280, javascript=javascript)
    if javascript:
        look(page, "poll")
        no_small_target(page, "poll")
    page.click("main form button >> nth=1")
    assert "Dank je!" in page.inner_text("main")
    assert list(poll.choices.order_by("position").values_list("count", flat=True)) == [0, 1, 0]
