"""Journey d: somebody of the volunteer point sees who is stuck, brings two people together, and looks after the rest."""

import pytest
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.coordination.actions import publish_drafts
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.placements import planned, states
from backend.placements.models import Case, PlannedRound, Proposal

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = [(320, True), (1280, True), (360, False)]


@pytest.fixture
def waiting(small_city, volunteer, opportunity):
    """Marc was silent for long; T40 is online; T15 waits for a look of the point."""
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    Case.objects.create(volunteer=volunteer, kind="silence", about=volunteer.pk)
    Opportunity.objects.filter(external_id="T15").update(min_age=30)
    held = Opportunity.objects.select_related("organisation").get(external_id="T15")
    with pytest.raises(opportunities.PublicationStopped):
        opportunities.publish_opportunity(held, now=timezone.now())
    return Opportunity.objects.get(pk=held.pk)


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_coordinator_brengt_twee_mensen_samen(width, javascript, open_page, waiting, volunteer, coordinator, look):
    seen = look if javascript else lambda _page, _name: None  # axe is a script itself
    page = open_page(sign_in_path(coordinator), width, javascript=javascript)
    page.click("text=Kom binnen")
    assert "Doe eerst dit" in page.inner_text("main")
    seen(page, "today")

    page.click("text=Bekijk >> nth=0")
    assert page.inner_text("h1").startswith("Marc")
    assert "Waarom niet hoger?" in page.inner_text("main") or page.locator("article").count() == 1
    seen(page, "person")
    page.select_option("select[name=reason] >> nth=0", "spoke_together")
    page.click("button:has-text('Stel voor') >> nth=0")
    assert "De persoon krijgt een bericht en kiest zelf." in page.inner_text("main")
    made = Proposal.objects.get()
    assert (made.volunteer_id, made.state, made.by_hand) == (volunteer.pk, states.OPEN, "spoke_together")

    page.goto(page.url.split("/coordinatie/")[0] + "/coordinatie/")
    page.click(".kpi:has-text('wachten op een antwoord')")
    assert "Met de hand: Ik sprak met de persoon" in page.inner_text("main")
    seen(page, "proposals")

    page.click("td a >> nth=0")
    assert "Bij wie past dit het best?" in page.inner_text("main")
    seen(page, "opportunity")
    page.click("text=Zoek iemand op naam voor deze taak")
    page.fill("#name", "M")
    page.click("main >> button:has-text('Zoek')")
    assert "Gevonden" in page.inner_text("main")
    seen(page, "people")


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_coordinator_kijkt_een_taak_na_en_ziet_waar_handen_nodig_zijn(
    width, javascript, open_page, waiting, coordinator, look
):
    seen = look if javascript else lambda _page, _name: None
    page = open_page(sign_in_path(coordinator), width, javascript=javascript)
    page.click("text=Kom binnen")
    page.click(".kpi:has-text('taken na te kijken')")
    seen(page, "opportunities")
    page.click(f"main >> text={waiting.title}")
    seen(page, "review")
    page.click("text=In orde: zet online")
    assert "De taak staat online." in page.inner_text("main")
    waiting.refresh_from_db()
    assert waiting.state == "published"

    page.goto(page.url.split("/coordinatie/")[0] + "/coordinatie/kaart/")
    assert page.locator("svg.map a").count() == 36
    page.click("summary")
    assert page.locator("td.num").first.is_visible()
    seen(page, "map")


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_coordinator_verdeelt_en_stopt_op_tijd(width, javascript, open_page, waiting, coordinator, look):
    seen = look if javascript else lambda _page, _name: None
    page = open_page(sign_in_path(coordinator), width, javascript=javascript)
    page.click("text=Kom binnen")
    page.click("nav >> text=Verdeling")
    seen(page, "rounds")
    page.click("text=Toon wie wat zou krijgen")
    assert "De computer rekent" in page.inner_text("h1")
    seen(page, "working")
    planned.plan(PlannedRound.objects.get().pk, now=timezone.now())
    if javascript:
        page.wait_for_selector("text=Publiceer")  # by itself
    else:
        page.click("text=Kijk of het klaar is")
    assert "Klaar om te bekijken" in page.inner_text("h1")
    seen(page, "preview")
    count = page.locator("tbody tr").count()
    page.click("text=Laat weg >> nth=0")
    assert f"Publiceer {count - 1} " in page.inner_text("main")
    page.click("text=Zet terug")
    page.click("text=Publiceer")
    assert "Je kan nog stoppen." in page.inner_text("main")
    seen(page, "going")
    page.click("main >> button:text-is('Stop')")
    assert "Niemand krijgt een bericht." in page.inner_text("main")
    assert planned.send_due(now=timezone.now() + planned.STOP_WINDOW * 2) == 0
    assert not Proposal.objects.exists()
