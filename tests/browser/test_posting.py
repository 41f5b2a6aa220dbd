"""An organisation posts an opportunity in a few taps, and does something with who fits; as it would itself."""

import pytest
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.opportunities.models import Opportunity
from backend.placements import actions
from backend.placements.models import Proposal
from tests.browser.test_start import WIDTHS, Person

pytestmark = pytest.mark.django_db(transaction=True)


def begin(open_page, member, width=1100, **others):
    person = Person(open_page(sign_in_path(member), width, **others), None)
    person.tap("text=Kom binnen")
    return person


@pytest.mark.parametrize("javascript", [True, False])
def test_organisatie_plaatst_een_taak(javascript, open_page, member):
    person = begin(open_page, member, 360, javascript=javascript)
    person.tap("text=Plaats een nieuwe taak")
    person.tap("button[value=taalcafe]")
    person.type("#title", "Praten in het taalcafé van de wijk")
    for _screen in range(3):
        person.tap(".sticky .btn")
    assert person.page.inner_text("h1") == "Hoe makkelijk kan iemand beginnen?"
    person.tap("section.box.easy button >> nth=0")
    person.tap("button:has-text('Plaats de taak')")

    assert "Je taak staat online." in person.page.inner_text("main")
    made = Opportunity.objects.get(title="Praten in het taalcafé van de wijk")
    assert made.state == "published"
    assert person.taps <= 15
    assert person.characters <= 60


def test_a_mistake_keeps_what_was_typed(open_page, member):
    person = begin(open_page, member)
    person.tap("text=Plaats een nieuwe taak")
    person.tap("button[value=leeg]")
    person.type("#text", "Je helpt ons.")
    person.tap(".sticky .btn")

    assert "Geef de taak een naam." in person.page.inner_text("main")
    assert person.page.input_value("#text") == "Je helpt ons."
    assert person.page.title().startswith("Fout: ")


@pytest.mark.parametrize("javascript", [True, False])
def test_organisatie_nodigt_een_kandidaat_uit(javascript, open_page, member, opportunity, volunteer):
    from backend.opportunities.actions import publish_opportunity

    publish_opportunity(opportunity, now=timezone.now())
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    person = begin(open_page, member, 360, javascript=javascript)
    person.tap(f"a:has-text('Kandidaten: {opportunity.title}')")
    assert "Marc" not in person.page.inner_text("main")
    person.tap("button:has-text('Nodig uit')")

    assert "Uitgenodigd. Deze persoon krijgt een bericht." in person.page.inner_text("main")
    assert Proposal.objects.get(pk=made.pk).invited_at


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_any_screen(width, open_page, member, opportunity, volunteer, look):
    from backend.opportunities.actions import publish_opportunity

    publish_opportunity(opportunity, now=timezone.now())
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    person = begin(open_page, member, width)
    look(person.page, "opportunities")
    site = person.page.url.removesuffix("/org/")
    person.page.goto(f"{site}/org/{opportunity.organisation_id}/team/")
    look(person.page, "team")
    person.page.goto(f"{site}/org/taken/nieuw/")
    look(person.page, "examples")
    person.tap("button[value=rijden]")
    for summary in person.page.locator("summary").all():
        summary.click()
    person.page.fill("#title", "")
    person.tap(".sticky .btn")
    look(person.page, "a mistake")
    person.type("#title", "Rijden")
    for screen in ("when", "who", "start"):
        person.tap(".sticky .btn")
        for summary in person.page.locator("summary").all():
            summary.click()
        look(person.page, screen)
    assert person.page.url.endswith("/drempel/"), "every screen was looked at"
    person.page.goto(f"{site}/org/taken/{opportunity.pk}/kandidaten/")
    look(person.page, "before the yes")
    actions.answer_proposal(made.pk, "yes", source="link", now=timezone.now())
    actions.confirm_placement(made.pk, now=timezone.now())
    person.page.reload()
    person.page.click("summary:has-text('Bedank')")
    look(person.page, "after the yes")
    person.page.goto(f"{site}/org/kandidaten/{made.pk}/doorverwijzen/")
    look(person.page, "elsewhere")
