"""What the volunteer point hears and tells, in a real browser: every page of it, small and large, and axe on each."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import GUIDE, StaffRole, User
from backend.accounts.pages import sign_in_path
from backend.coordination.actions import publish_drafts
from backend.listening import signals, stories, support, trainings
from backend.organisations.models import Organisation
from backend.placements import actions
from backend.talent.actions import give_consent
from tests.browser.conftest import link
from tests.browser.test_start import no_small_target

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [320, 1280]


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def heard(small_city, volunteer, opportunity, member):
    """Something of everything: a signal that is decided and one that is not, a training, a story, a request with an offer."""
    now = timezone.now()
    publish_drafts(small_city.slug, now=now)
    told = {"source": "web", "language": "nl", "contact": "", "theme": "transport"}
    for code, text in (
        ("BCDFGHJK", "De bus rijdt niet op zondag."),
        ("BCDFGHJ2", "De tram is duur."),
        ("7F3K9QPD", "Te veel papieren."),
    ):
        signals.leave(small_city, text=text, code=code, **told)
    first, second, _loose = signals.Signal.objects.order_by("created_at")
    decided = signals.bundle(first.pk, "De bus op zondag")
    signals.move(decided.pk, "decided", "Vanaf mei rijdt er elk uur een bus.", now=now)
    signals.bundle(second.pk, "De prijs van de tram")
    training = trainings.plan(
        city=small_city.slug, title="EHBO", starts_at=now + timedelta(days=7), kind="course", by="Rode Kruis",
        where="Dam 5", text="Leer wat je doet bij een val.", ends_at=now + timedelta(days=7, hours=2), places=8,
    )  # fmt: skip
    trainings.take_place(training.pk, volunteer.user, now=now)
    story = stories.tell(volunteer, "Ik leerde veel mensen kennen.", now=now)
    stories.publish(story.pk, is_online=True, now=now)
    asked = support.ask(opportunity.organisation, "material", "20 klapstoelen", now.date())
    other = Organisation.objects.exclude(pk=opportunity.organisation_id).first()
    support.offer(asked.pk, other, "Wij hebben er 25.", now=now)
    support.ask(other, "space", "Een zaal voor 30 mensen", None)
    Organisation.objects.filter(pk__in=[other.pk, opportunity.organisation_id]).update(is_warm_place=True)
    return opportunity


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_what_everybody_reads_is_found_well_by_axe(width, language, open_page, heard, look):
    page = open_page("/taal/?next=/signalen/", width)
    page.click(f"button[value={language}]")
    look(page, "signals")
    no_small_target(page, "signals")
    page.click("main button >> nth=0")
    look(page, "a mistake")
    page.check("input[value=transport]")
    page.fill("#text", "De halte heeft geen bank.")
    page.click("main button >> nth=0")
    look(page, "followed")
    site = page.url.partition("/signalen/")[0]
    other = Organisation.objects.exclude(pk=heard.organisation_id).first()
    beside = f"/organisaties/{heard.organisation_id}/naast/{other.pk}/"
    for path in (
        "/vormingen/",
        "/verhalen/",
        "/wie-ziet-wat/",
        "/organisaties/?warm=1",
        "/organisaties/?q=Arabisch+2060",
        beside,
    ):
        page.goto(site + path)
        look(page, path)
        no_small_target(page, path)
    assert page.locator("th[scope=row]").count(), "every page was looked at, up to the two side by side"


@pytest.mark.parametrize(("width", "javascript"), [(320, True), (1280, True), (360, False)])
def test_iemand_met_een_uitkering_weet_wat_te_zeggen(width, javascript, open_page, proposal, look):
    seen = look if javascript else lambda _page, _name: None  # axe is a script itself
    actions.answer_proposal(proposal.pk, "yes", source="link", now=timezone.now())
    page = open_page(link(proposal), width, javascript=javascript)
    page.click("text=Krijg je een uitkering? Kijk wat je moet zeggen.")
    seen(page, "asked")
    if javascript:
        no_small_target(page, "asked")
    page.check("input[value=rva]")
    page.click("text=Toon wat ik moet doen")
    assert "C45B" in page.inner_text("main")
    seen(page, "still to do")
    sheet = page.context.request.get(f"{page.url}formulier.pdf")
    assert (sheet.status, sheet.body()[:4]) == (200, b"%PDF")
    page.click("text=Ik deed het")
    assert "Je mag al starten." in page.inner_text("main")
    seen(page, "done")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_an_organisation_are_found_well_by_axe(width, open_page, heard, member, look):
    page = open_page(sign_in_path(member), width)
    page.click("text=Kom binnen")
    page.click("text=Vraag materiaal, een ruimte, geld of raad")
    look(page, "support")
    page.click("text=Ja, graag")
    assert "Afgesproken met" in page.inner_text("main")
    look(page, "agreed")
    support = page.url
    page.goto(support.replace("/steun/", "/bezoek/"))
    page.fill("#text", "Zo sorteren wij kleren.")
    page.click("text=Plan dit")
    assert "Kies wanneer het begint." in page.inner_text("main")
    look(page, "no moment")
    page.fill("#where", "Dam 5")
    begins = timezone.localtime() + timedelta(days=9)
    for field, hour in (("starts_at", "10:00"), ("ends_at", "12:00")):
        page.fill(f"#{field}", f"{begins:%Y-%m-%d}T{hour}")
    page.click("text=Plan dit")
    assert "0 van 4 plaatsen genomen." in page.inner_text("main")
    look(page, "visit")
    no_small_target(page, "visit")
    page.click("text=Zelf ergens op bezoek")
    assert "Dit bezoek is bij jullie zelf." in page.inner_text("main")
    look(page, "visits of others")
    page.goto(support.replace("/org/steun/", f"/org/{heard.organisation_id}/kaart/"))
    look(page, "card")
    page.click("text=Alles klopt nog")
    assert "De kaart is nagekeken." in page.inner_text("main")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_of_the_point_are_found_well_by_axe(width, open_page, heard, coordinator, look):
    page = open_page(sign_in_path(coordinator), width)
    page.click("text=Kom binnen")
    site = page.url.partition("/coordinatie/")[0]
    for path in ("signalen", "steun", "vormingen", "verhalen", "verslag", "werklijst", "oproepen"):
        page.goto(f"{site}/coordinatie/{path}/")
        look(page, path)
        no_small_target(page, path)
    page.goto(f"{site}/coordinatie/verslag/")
    page.click("summary >> nth=0")
    look(page, "by neighbourhood")
    assert page.locator("details[open]").count() == 1, "every page was looked at, up to the report"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_screen_of_a_guide_and_ones_own_story_are_found_well_by_axe(
    width, open_page, heard, volunteer, small_city, look
):
    guide = User.objects.create_user(email="gids@voorbeeld.example")
    role = StaffRole.objects.create(user=guide, city=small_city.slug, role=GUIDE, label="An, OCMW Dam")
    give_consent(volunteer, "guide", party=str(role.pk), until=None, now=timezone.now())
    page = open_page(sign_in_path(guide), width)
    page.click("text=Kom binnen")
    assert "Marc" in page.inner_text("main")
    look(page, "guide")

    own = open_page(sign_in_path(volunteer.user), width)
    own.click("text=Kom binnen")
    own.click("text=Vertel je eigen verhaal")
    look(own, "own story")
    own.click("text=Haal mijn verhaal weg")
    assert "Je verhaal is weg." in own.inner_text("main")
