"""A passkey in a real browser: kept on the device, opens the door, counts as the second factor, and goes again."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from backend.accounts.pages import sign_in_path

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def device(open_page):
    """A page on a device that keeps keys and knows its owner, as a phone does."""

    def start(path, **options):
        page = open_page(path, **options)
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send(
            "WebAuthn.addVirtualAuthenticator",
            {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                         "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
        )  # fmt: skip
        return page

    return start


def test_staff_come_in_with_a_passkey_alone_and_it_counts_twice(device, look, coordinator, settings):
    settings.STAFF_SECOND_FACTOR = True
    EmailAddress.objects.filter(user=coordinator).update(verified=True)
    page = device(sign_in_path(coordinator).replace("127.0.0.1", "localhost"), refusals=1)
    page.click("text=Kom binnen >> nth=-1")
    assert "tweede sleutel" in page.inner_text("main")

    page.goto(page.url.partition("/thuis")[0].partition("/coordinatie")[0] + "/binnen/toestel/nieuw/")
    look(page, "a new key")
    page.click("#add-passkey")
    page.wait_for_url("**/binnen/sleutel/codes/")
    assert Authenticator.objects.filter(user=coordinator, type="webauthn").count() == 1

    page.goto(page.url.replace("/binnen/sleutel/codes/", "/binnen/toestellen/"))
    look(page, "devices")
    page.click("text=Ga naar buiten")
    page.goto(page.url.rstrip("/") + "/binnen/")
    look(page, "the door")
    page.click("#use-passkey")
    page.wait_for_url("**/coordinatie/")

    page.goto(page.url.replace("/coordinatie/", "/binnen/toestellen/"))
    page.click("text=Verwijder de sleutel van")
    assert page.inner_text("h1") == "Toon dat jij het bent"
    page.click("text=Gebruik de sleutel op je toestel")
    look(page, "show it again")
    page.click("#use-passkey")
    page.wait_for_url("**/weg/")
    look(page, "taken away")
    page.click("button:has-text('Verwijder de sleutel')")
    assert not Authenticator.objects.filter(user=coordinator, type="webauthn").exists()


def test_without_javascript_a_code_is_offered_and_nothing_that_cannot_work(open_page):
    page = open_page("/binnen/", javascript=False)

    assert page.is_visible("text=Stuur mij een code")
    assert page.is_hidden("#use-passkey")
