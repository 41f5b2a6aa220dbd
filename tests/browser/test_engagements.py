"""Hours, certificates, the talent guide and who looks after whom, in a real browser: small and large, and axe on each."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.engagements import actions as engagements
from backend.engagements import goals
from backend.listening import knowledge, talks
from backend.placements import actions
from backend.placements.care import open_case
from backend.placements.models import Placement
from backend.talent.actions import give_consent
from backend.talent.models import ProfileTalent
from tests.browser.conftest import link
from tests.browser.test_start import no_small_target

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [320, 1280]


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def started(proposal):
    """Marc helps for a month, was there three times and got money back; something is not quite right."""
    now = timezone.now()
    proposal.volunteer.profile.boundaries = ["niet_lang_staan"]
    proposal.volunteer.profile.save()
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)
    actions.confirm_information_note(placement.pk, "1", source="link", now=now)
    Placement.objects.filter(pk=placement.pk).update(confirmed_at=now - timedelta(days=30))
    today = timezone.localdate()
    for days in (2, 9, 16):
        engagements.confirm(
            placement.pk, today - timedelta(days=days), Decimal("2.5"), today=today, flat_rate_eur=Decimal("12.50")
        )
    give_consent(proposal.volunteer, "talent_guide", until=None, now=now)
    ProfileTalent.objects.get_or_create(
        profile=proposal.volunteer.profile, talent="beroep_elders", defaults={"level": 3}
    )
    open_case("silence", proposal.pk, proposal.volunteer)
    actions.ask_question(proposal.pk, "Is er een lift?")
    return placement


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_een_vrijwilliger_toont_wat_die_deed(width, language, open_page, started, volunteer, look):
    volunteer.user.language = language
    volunteer.user.save()
    page = open_page(sign_in_path(volunteer.user), width)
    page.click("main button >> nth=0")
    site = page.url.partition("/ik/")[0].partition("/thuis/")[0]
    page.goto(f"{site}/ik/uren/")
    look(page, "hours")
    no_small_target(page, "hours")
    page.fill("#hours", "veel")
    page.click("main form button >> nth=0")
    look(page, "a mistake")
    page.fill("#hours", "3")
    page.click("main form button >> nth=0")
    look(page, "kept")
    paper = page.context.request.get(page.locator("a[href$='attest.pdf'] >> nth=0").evaluate("one => one.href"))
    assert (paper.status, paper.body()[:4]) == (200, b"%PDF")
    page.click("a[href='/ik/leren/']")
    page.click("text=" + {"nl": "Zet erbij", "ar": "أضف"}[language])
    look(page, "no goal")
    page.fill("#text", "Fietsen herstellen")
    page.click("main form button >> nth=-1")
    look(page, "a goal")
    no_small_target(page, "a goal")
    assert page.locator("h2", has_text="Fietsen herstellen").count() == 1
    page.goto(f"{site}/ik/kaart/")
    look(page, "card")
    no_small_target(page, "card")
    page.fill("#profession", "Tandarts")
    page.click("form[action$='/beroep/'] button")
    assert page.input_value("#profession") == "Tandarts"


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, True), (360, False)])
def test_what_an_organisation_may_know_is_ticked(width, javascript, open_page, started, look):
    page = open_page(link(started.proposal), width, javascript=javascript)
    page.check("input[name=boundary]")
    page.click("form[action$='/grenzen/'] button")
    assert page.is_checked("input[name=boundary]")
    if javascript:
        look(page, "ticked")
        no_small_target(page, "ticked")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_an_organisation_are_found_well_by_axe(width, open_page, started, member, look, tmp_path):
    from tests.backend.opportunities.test_social_map import photo_file

    goals.add(started.pk, "Fietsen herstellen")
    page = open_page(sign_in_path(member), width)
    page.click("text=Kom binnen")
    site = page.url.partition("/org/")[0]
    own = f"/org/{started.proposal.opportunity.organisation_id}"
    page.goto(f"{site}{own}/uren/")
    look(page, "hours")
    no_small_target(page, "hours")
    page.fill("#hours", "2")
    page.check("input[value=flat_rate]")
    page.fill("#euro", "60")
    page.click("text=Schrijf op >> nth=-1")
    assert "Meer dan het hoogste bedrag van een dag." in page.inner_text("main")
    look(page, "too much")
    page.check("input[name=despite_ceiling]")
    page.click("text=Schrijf op >> nth=-1")
    look(page, "kept")
    table = page.context.request.get(page.locator("a[href$='.xlsx'] >> nth=0").evaluate("one => one.href"))
    assert (table.status, table.body()[:2]) == (200, b"PK")
    page.click("text=Vertel wat het betekende")
    page.click("text=Bewaar")
    assert "Schrijf één zin van hoogstens 80 tekens." in page.inner_text("main")
    look(page, "nothing told")
    page.fill("#text", "12 mensen aten soep")
    page.click("text=Bewaar")
    assert "12 mensen aten soep" in page.inner_text("main li")
    look(page, "what it meant")
    no_small_target(page, "what it meant")
    page.click("text=Uren en vergoedingen")
    page.click("form[action$='/geleerd/'] button")
    assert "Het komt op het attest." in page.inner_text("body")
    page.goto(f"{site}{own}/kaart/")
    page.set_input_files("#photo", {"name": "deur.jpg", "mimeType": "image/jpeg", "buffer": photo_file().read()})
    page.click("text=Bewaar de foto")
    look(page, "card with a photo")
    for path in ("/org/talenten/", "/org/kennis/", "/kennis/", "/org/"):
        page.goto(site + path)
        look(page, path)
        no_small_target(page, path)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_the_point_are_found_well_by_axe(width, open_page, started, coordinator, look):
    organisation, now = started.proposal.opportunity.organisation, timezone.now()
    talks.note(
        organisation, None, day=now.date() - timedelta(days=9), way="phone", text="Ze zoeken een kok.",
        again_on=now.date(), today=now.date(),
    )  # fmt: skip
    knowledge.write("antwerpen", organisation, "Samen koken", "Begin met soep.")
    page = open_page(sign_in_path(coordinator), width)
    page.click("text=Kom binnen")
    site = page.url.partition("/coordinatie/")[0]
    page.goto(f"{site}/coordinatie/werklijst/")
    look(page, "worklist")
    page.locator("td details summary").first.click()
    page.fill("input[name=note] >> nth=0", "Morgen bellen")
    page.click("text=Ik neem dit >> nth=0")
    assert "Morgen bellen" in page.inner_text("main")
    look(page, "taken")
    no_small_target(page, "taken")
    page.click("td:last-child details summary >> nth=0")
    page.click("text=We zoeken een andere plek >> nth=0")
    assert "Klaar. Goed gedaan." in page.inner_text("main")
    own = f"/coordinatie/organisaties/{organisation.pk}/"
    for path in ("/coordinatie/", "/coordinatie/organisaties/?talent=muziek", f"{own}?talent=muziek"):
        page.goto(site + path)
        look(page, path)
        no_small_target(page, path)
    page.click("text=Maak een ontwerp >> nth=-1")
    assert "De organisatie krijgt een bericht" in page.inner_text("main")
    page.goto(f"{site}/coordinatie/kennis/")
    page.click("text=Zet online")
    look(page, "what works")
    assert "online sinds" in page.inner_text("main")
