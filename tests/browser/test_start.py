"""From the front page to an own card, as a person does it: with and without JavaScript, in Dutch and in Arabic."""

import re

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.opportunities.actions import publish_opportunity
from backend.outbox.models import Event
from backend.talent.models import Consent, Volunteer
from notifications.models import Delivery
from notifications.tasks import deliver

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [320, 1280]


@pytest.fixture(autouse=True)
def nothing_counted():
    """Codes to one address are counted, over tests too."""
    cache.clear()


class Person:
    """Taps and types, and counts both."""

    def __init__(self, page, inbox, look=None):
        self.page, self.inbox, self.taps, self.characters = page, inbox, 0, 0
        self._look = look or (lambda _page, _name: None)

    def tap(self, what):
        self.page.click(what)
        self.taps += 1

    def type(self, where, words):
        self.page.fill(where, words)
        self.taps, self.characters = self.taps + 1, self.characters + len(words)

    def next(self, name):
        self._look(self.page, name)
        self.tap(".sticky .btn")

    def begin(self):
        self._look(self.page, "front")
        self.tap("a[href='/start/']")

    def answer(self, email="samira@voorbeeld.example"):
        """Up to the code."""
        self.tap(".pick:has(input[value=sorteren_inpakken])")
        self.next("likes")
        self.tap(".chip:has(input[value=week-afternoon])")
        self.next("when")
        self.type("#postcode", "2060")
        self.next("where")
        self.next("fits")
        self.tap(".chip:has(input[value=ar])")
        self.tap("label:has(input[value=A2])")
        self.next("languages")
        self.type("#first_name", "Samira")
        self.type("#contact", email)
        self.tap("label:has(input[name=age][value='21'])")
        self.tap("label:has(input[name=proposals])")
        self.next("name")

    def give_code(self):
        for delivery in Delivery.objects.filter(kind="sign_in_code", state="pending"):
            deliver(delivery_id=str(delivery.pk))
        [mail] = self.inbox.to("samira@voorbeeld.example")
        code = re.search(r"\b\d{6}\b", mail.get_body(("plain",)).get_content())[0]
        self._look(self.page, "code")
        self.type("#code", code)
        self.tap("main .btn")


@pytest.fixture
def online(opportunity):
    publish_opportunity(opportunity, now=timezone.now())
    return opportunity


@pytest.mark.parametrize("javascript", [True, False])
def test_r097_vrijwilliger_begint_van_nul_en_heeft_een_kaart(javascript, open_page, inbox, online):
    person = Person(open_page("/", javascript=javascript), inbox)
    person.begin()
    person.tap("button[value=nl]")
    person.tap("button[name=more]")
    person.answer()
    person.give_code()

    assert person.page.inner_text("h1") == "Dit is jouw kaart"
    assert "Samira" in person.page.inner_text("main")
    volunteer = Volunteer.objects.select_related("profile").get(user__email="samira@voorbeeld.example")
    assert {one.talent for one in volunteer.profile.talents.all()} == {"sorteren_inpakken"}
    assert volunteer.profile.available == [f"{day}-afternoon" for day in ("mon", "tue", "wed", "thu", "fri")]
    assert {one.language: one.level for one in volunteer.profile.languages.all()} == {"nl": "A2", "ar": "B2"}
    assert Consent.objects.filter(volunteer=volunteer, purpose="proposals").exists()
    assert Event.objects.filter(name="profile.confirmed").exists()
    assert person.taps <= 20


def test_a_name_a_postcode_and_a_number_is_all_that_is_typed(open_page, inbox, online, settings):
    settings.SMS_URL = "json://127.0.0.1:9"
    person = Person(open_page("/"), inbox)
    person.begin()
    person.tap("button[value=nl]")
    person.tap("button[name=more]")
    person.answer("0470123456")
    assert person.characters <= 20

    person.type("#code", Delivery.objects.get(kind="sign_in_code", channel="sms").values["code"])
    person.tap("main .btn")

    assert person.page.inner_text("h1") == "Dit is jouw kaart"
    assert Volunteer.objects.get(user__phone="+32470123456").channel == "sms"
    assert person.taps <= 20


def test_vrijwilliger_begint_van_nul_in_het_arabisch(open_page, inbox, online):
    """In Arabic, from right to left, up to the card."""
    person = Person(open_page("/"), inbox)
    person.begin()
    person.tap("button[value=ar]")
    assert person.page.get_attribute("html", "dir") == "rtl"
    assert person.page.inner_text("h1") == "ماذا تحب أن تفعل؟"
    person.tap("button[name=more]")
    person.answer()
    person.give_code()

    assert person.page.inner_text("h1") == "هذه بطاقتك"
    assert Volunteer.objects.get(user__email="samira@voorbeeld.example").user.language == "ar"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_axe_finds_nothing_on_any_screen(width, language, open_page, inbox, online, look):
    person = Person(open_page("/taal/", width), inbox, look)
    look(person.page, "language")
    person.tap(f"button[value={language}]")
    person.begin()
    person.next("nothing chosen")
    look(person.page, "a mistake")
    person.tap("button[name=more]")
    person.answer()
    person.give_code()
    look(person.page, "card")
    assert person.page.url.endswith("/ik/kaart/"), "every screen was looked at"


def test_every_target_of_a_person_is_large_enough(open_page, inbox, online):
    person = Person(open_page("/", 320), inbox, no_small_target)
    person.begin()
    person.tap("button[value=nl]")
    person.tap("button[name=more]")
    person.answer()
    person.give_code()
    no_small_target(person.page, "card")
    assert person.page.url.endswith("/ik/kaart/"), "every screen was measured"


def no_small_target(page, name):
    """44 px for whatever can be tapped; the label counts for its box."""
    small = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main input, main select, footer a')]
            .filter(one => one.type !== 'hidden')
            .map(one => one.closest('label') || one)
            .map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
            .filter(([box]) => box.width && (box.height < 44 || box.width < 44)).map(([box, html]) => html)"""
    )
    assert small == [], name


def test_a_mistake_is_said_at_its_field_and_what_was_typed_stays(open_page):
    page = open_page("/start/")
    page.click("button[value=nl]")
    page.click(".pick >> nth=0")
    page.click(".sticky .btn")
    page.click(".chip.wide")
    page.click(".sticky .btn")
    page.fill("#postcode", "20")
    page.click(".sticky .btn")

    assert "Een postcode heeft 4 cijfers." in page.inner_text("main")
    assert page.input_value("#postcode") == "20"
    assert page.title().startswith("Fout: ")


def test_whoever_has_a_card_changes_it_and_asks_for_an_opportunity(open_page, volunteer, online):
    page = open_page(sign_in_path(volunteer.user))
    page.click("text=Kom binnen")
    page.goto(page.url.replace("/ik/", "/ik/kaart/"))
    page.click("button:has-text('Verander mijn kaart')")
    assert page.locator(".pick input:checked").count() >= 1
    for _screen in range(5):
        page.click(".sticky .btn")

    assert page.inner_text("h1") == "Dit is jouw kaart"
    assert "Je kaart is bewaard." in page.inner_text("main")
    volunteer.refresh_from_db()
    assert volunteer.first_name == "Marc"
    page.click("button:has-text('Ik wil dit')")
    assert page.inner_text("h1") == "Past dit bij jou?"
