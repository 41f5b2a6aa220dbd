"""Anybody leaves a signal, the point bundles them, and everybody hears what was decided (R028, R058, R060)."""

import json
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction

from backend.accounts.models import GUIDE, StaffRole, User
from backend.listening import signals
from backend.listening.models import Signal, SignalGroup
from backend.talent import codes
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
SAID = {"theme": "transport", "text": "De bus rijdt niet op zondag.", "contact": "", "code": "7F3K9QPD"}


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def heard(client, small_city):
    """Two signals, one of them with an address."""
    client.post("/signalen/", SAID)
    client.post("/signalen/", {**SAID, "contact": "an@voorbeeld.example", "code": "BCDFGHJK"})
    return list(Signal.objects.order_by("contact"))


def bundled(client, coordinator, heard):
    client.force_login(coordinator)
    for one in heard:
        client.post(f"/coordinatie/signalen/{one.pk}/", {"title": "De bus op zondag"})
    return SignalGroup.objects.get()


def test_r028_signals_are_bundled_and_who_asked_hears_what_was_decided(client, heard, coordinator, now):
    group = bundled(client, coordinator, heard)
    assert group.signals.count() == 2
    assert "2 keer gehoord" in client.get("/coordinatie/signalen/").content.decode()
    address = f"/coordinatie/signalen/groep/{group.pk}/"
    client.post(address, {"state": "with_policy"})
    client.logout()
    assert "De stad kijkt ernaar." in client.get("/signalen/7F3K9QPD/").content.decode()

    client.force_login(coordinator)
    for _ in range(2):
        client.post(address, {"state": "decided", "answer": "Vanaf mei rijdt er elk uur een bus."})

    told = Delivery.objects.get()
    assert (told.kind, told.address) == ("signal_answered", "an@voorbeeld.example")
    client.logout()
    assert "elk uur een bus" in client.get("/signalen/7F3K9QPD/").content.decode()
    assert "elk uur een bus" in client.get("/signalen/").content.decode()
    assert not Signal.objects.exclude(contact="").exists(), "the contact was for the answer alone"


def test_r060_a_signal_is_never_closed_without_an_answer(client, heard, coordinator):
    group = bundled(client, coordinator, heard)

    page = client.post(f"/coordinatie/signalen/groep/{group.pk}/", {"state": "decided", "answer": " "}, follow=True)

    assert "Schrijf wat er beslist is" in page.content.decode()
    group.refresh_from_db()
    assert group.state == "heard"
    with pytest.raises(IntegrityError, match="signal_group_is_decided_with_an_answer"), transaction.atomic():
        SignalGroup.objects.filter(pk=group.pk).update(state="decided")


def test_r058_a_guide_leaves_a_signal_about_a_theme_and_no_person(client, small_city):
    guide = User.objects.create_user(email="gids@voorbeeld.example")
    StaffRole.objects.create(user=guide, city=small_city.slug, role=GUIDE, label="An, OCMW Dam")
    client.force_login(guide)

    client.post("/signalen/", SAID)

    signal = Signal.objects.get()
    assert (signal.source, signal.theme) == ("guide", "transport")
    people = {"accounts", "talent", "organisations"}
    assert not [
        one for one in Signal._meta.get_fields() if one.related_model and one.related_model._meta.app_label in people
    ]


def test_r028_a_signal_comes_by_text_message_from_any_phone(client, small_city, settings, coordinator):
    settings.SMS_IN_SECRET = "geheim"
    sender, text, number = settings.SMS_IN_FIELDS
    sms = {sender: "0470 12 34 56", text: "SIGNAAL de bus rijdt niet op zondag", number: str(uuid4())}
    for _ in range(2):
        answer = client.post("/berichten/sms/geheim/", json.dumps(sms), content_type="application/json")
        assert answer.status_code == 204

    signal = Signal.objects.get()
    assert (signal.source, signal.text, signal.contact) == ("sms", "de bus rijdt niet op zondag", "+32470123456")
    group = bundled(client, coordinator, [signal])
    client.post(f"/coordinatie/signalen/groep/{group.pk}/", {"state": "decided", "answer": "Ja, vanaf mei."})
    assert Delivery.objects.get().channel == "sms"


def test_a_second_tap_is_the_same_signal_and_the_code_is_kept_nowhere(client, heard):
    client.post("/signalen/", {**SAID, "text": "Nog eens."})

    assert Signal.objects.count() == 2
    assert not Signal.objects.filter(code_hash__contains="7F3K9QPD").exists()
    assert client.post("/signalen/", {"follow": codes.shown("7F3K9QPD")})["Location"] == "/signalen/7F3K9QPD/"


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"theme": ""}, "Kies er één."), ({"text": " "}, "Schrijf wat de stad moet weten."),
    ({"contact": "hallo"}, "Dit is geen gsm-nummer of e-mailadres."), ({"contact": "a@b"}, "Dit is geen gsm-nummer"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(changed, sentence, client, small_city):
    wrong = client.post("/signalen/", {**SAID, **changed})

    assert wrong.status_code == 422
    assert sentence in wrong.content.decode()
    assert not Signal.objects.exists()


def test_a_decided_group_takes_no_more(client, heard, coordinator, now):
    first, second = heard
    group = signals.bundle(first.pk, "De bus op zondag")
    signals.move(group.pk, "decided", "Ja, vanaf mei.", now=now)

    with pytest.raises(ValueError, match="decided"):
        signals.bundle(second.pk, "De bus op zondag")


def test_only_who_coordinates_takes_signals_to_policy(client, heard, member, small_city):
    user = User.objects.create_user(email="scout@voorbeeld.example")
    StaffRole.objects.create(user=user, city=small_city.slug, role="talent_scout")
    for one in (user, member):
        client.force_login(one)
        assert client.get("/coordinatie/signalen/").status_code == 404
        assert client.post(f"/coordinatie/signalen/{heard[0].pk}/", {"title": "x"}).status_code == 404


def test_a_flood_from_one_address_stops(client, small_city, settings):
    settings.RATE_LIMIT_SCALE = 1

    sent = [client.post("/signalen/", {**SAID, "code": f"7F3K9QP{sign}"}).status_code for sign in "23456789BCD"]

    assert sent[-1] == 429
