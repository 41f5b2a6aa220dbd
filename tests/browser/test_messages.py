"""The pages about messages in a real browser: with and without JavaScript, small and wide, and for axe."""

import pytest
from django.core import signing
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.placements import actions
from backend.placements.models import LINK_HOW_IS_IT, LINK_STILL_THERE, Case, CheckIn, Placement
from backend.talent.messages import SALT
from backend.talent.models import Volunteer
from notifications.models import Delivery
from notifications.webpush import encoded
from tests.browser.conftest import link

pytestmark = pytest.mark.django_db(transaction=True)


SIZES = [(320, True), (1280, True), (360, False)]


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_a_face_an_answer_after_a_silence_and_one_tap_for_less(width, javascript, open_page, proposal, look):
    seen = look if javascript else lambda _page, _name: None  # axe is a script itself
    actions.answer_proposal(proposal.pk, "yes", source="link", now=timezone.now())
    CheckIn.objects.create(placement=Placement.objects.create(proposal=proposal, confirmed_at=timezone.now()), days=1)

    page = open_page(link(proposal, LINK_HOW_IS_IT), width, javascript=javascript)
    seen(page, "how is it")
    page.click("text=Niet goed")
    assert "belt jou" in page.inner_text("main")
    seen(page, "a sad face")

    page = open_page(link(proposal, LINK_STILL_THERE), width, javascript=javascript)
    seen(page, "still there")
    page.click("text=Nu even niet")
    assert "een maand niets" in page.inner_text("main")

    token = signing.dumps([str(proposal.volunteer_id), "thanks"], salt=SALT)
    page = open_page(f"/uit/{token}/", width, javascript=javascript)
    seen(page, "less")
    page.click("button")
    assert "Je krijgt geen bedankjes meer." in page.inner_text("main")
    seen(page, "less it is")


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_somebody_chooses_how_and_what(width, javascript, open_page, volunteer, look, settings):
    settings.VAPID_PRIVATE_KEY = encoded(b"7" * 32)
    seen = look if javascript else lambda _page, _name: None
    page = open_page(sign_in_path(volunteer.user), width, javascript=javascript)
    page.click("text=Kom binnen")
    page.click("text=Jouw berichten")
    seen(page, "my messages")
    assert page.is_visible("text=Stuur mij berichten op dit toestel") is javascript

    page.click("text=Met sms")
    page.select_option("#proposals_per_week", "2")
    page.click("text=Geen bedankjes")
    page.click("text=Je mag mij dan vragen")
    page.click("text=Bewaar")

    assert "Zo doen we het" in page.inner_text("main")
    person = Volunteer.objects.get(pk=volunteer.pk)
    assert (person.channel, person.proposals_per_week, person.muted, person.crisis_calls) == (
        "sms",
        2,
        ["thanks"],
        True,
    )
    seen(page, "kept")


@pytest.mark.parametrize(("width", "javascript"), SIZES)
def test_the_point_looks_after_what_is_stuck_and_thanks_everybody(
    width, javascript, open_page, proposal, coordinator, look
):
    seen = look if javascript else lambda _page, _name: None
    Case.objects.create(volunteer=proposal.volunteer, kind="silence", about=proposal.pk)
    Delivery.objects.create(
        occasion="x", kind="place_taken", recipient=proposal.volunteer_id, language="nl", channel="email",
        time_zone="Europe/Brussels", due_at=timezone.now(), state="unknown", values={"first_name": "Marc"},
    )  # fmt: skip
    page = open_page(sign_in_path(coordinator), width, javascript=javascript)
    page.click("text=Kom binnen")
    page.click("text=Naar de hele werklijst")
    seen(page, "worklist")
    page.click("text=Klaar")
    page.click("text=Het is geregeld")
    assert "Niets loopt vast" in page.inner_text("main")

    page.goto(page.url.replace("werklijst", "berichten"))
    seen(page, "stuck")
    page.click("text=Het is in orde")
    assert "Er zit niets vast" in page.inner_text("main")

    page.goto(page.url.replace("berichten", "oproepen"))
    page.click("text=Oproep bij nood")
    page.click("button:has-text('Verstuur')")
    assert "Zeg in één zin wat er nodig is." in page.inner_text("main")
    seen(page, "a call without words")
    page.fill("#text", "Er staat water in de kelders.")
    page.click("button:has-text('Verstuur')")
    assert "Er staat water in de kelders." in page.inner_text("main ul")
    seen(page, "sent")
