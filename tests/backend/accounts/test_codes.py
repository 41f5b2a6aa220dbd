"""Come in with a code: by phone or e-mail, in an app or a browser, and nobody learns who is known."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.phones import as_e164
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
PHONE = "+32470123456"
PER_CALL = ("Set-Cookie", "Content-Length", "X-Request-Id", "RateLimit", "Expires", "ETag")


@pytest.fixture(autouse=True)
def gateway(settings):
    settings.SMS_URL = "json://127.0.0.1:9/{phone}"
    cache.clear()


@pytest.fixture
def app(client):
    """POST JSON to the doors of allauth for apps, with the pending or real token."""

    def post(path, body, token=None, method="post"):
        headers = {"X-Session-Token": token} if token else {}
        send = getattr(client, method)
        return send(f"/_allauth/app/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)

    return post


def last_code():
    return Delivery.objects.filter(kind="sign_in_code").latest("created_at").values["code"]


def come_in(app, **contact):
    pending = app("auth/code/request", contact)
    assert pending.status_code == 401, pending.content
    token = pending.json()["meta"]["session_token"]
    return app("auth/code/confirm", {"code": last_code()}, token)


@pytest.mark.parametrize(
    "written", ["0470 12 34 56", "0470/12.34.56", "+32 470 12 34 56", "0032470123456", "٠٤٧٠١٢٣٤٥٦"]
)
def test_a_phone_number_may_be_written_in_any_way(written):
    assert as_e164(written) == PHONE


@pytest.mark.parametrize("written", ["", "x", "12", "0470 12 34", "+32 470 12 34 56 78 90"])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError, match="gsm-nummer"):
        as_e164(written)


@pytest.mark.parametrize("contact", [{"phone": "0470 12 34 56"}, {"email": "Ria@voorbeeld.example"}])
def test_an_app_comes_in_with_a_code_and_its_token_opens_the_api(app, client, contact):
    user = User.objects.create_user(email="ria@voorbeeld.example", phone=PHONE)

    entered = come_in(app, **contact)

    assert entered.status_code == 200, entered.content
    token = entered.json()["meta"]["session_token"]
    assert client.get("/api/v1/proposals", headers={"X-Session-Token": token}).status_code == 200
    user.refresh_from_db()
    assert user.phone_verified == ("phone" in contact)


def test_a_token_dies_on_sign_out_and_when_the_account_is_closed(app, client):
    user = User.objects.create_user(phone=PHONE)
    first, second = (come_in(app, phone=PHONE).json()["meta"]["session_token"] for _ in range(2))

    assert app("auth/session", {}, first, method="delete").status_code == 401
    assert client.get("/api/v1/proposals", headers={"X-Session-Token": first}).status_code == 401
    assert client.get("/api/v1/proposals", headers={"X-Session-Token": second}).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/api/v1/proposals", headers={"X-Session-Token": second}).status_code == 401


def test_an_app_stays_in_for_half_a_year(app):
    from django.contrib.sessions.models import Session

    User.objects.create_user(phone=PHONE)
    token = come_in(app, phone=PHONE).json()["meta"]["session_token"]

    left = Session.objects.get(pk=token).expire_date - timezone.now()
    assert timedelta(days=179) < left <= timedelta(days=180)


def test_spaces_and_arabic_digits_in_a_code_are_fine(app):
    User.objects.create_user(phone=PHONE)
    token = app("auth/code/request", {"phone": PHONE}).json()["meta"]["session_token"]
    code = last_code().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert app("auth/code/confirm", {"code": f" {code[:3]} {code[3:]}"}, token).status_code == 200


def test_the_fourth_wrong_code_needs_a_new_one(app):
    User.objects.create_user(phone=PHONE)
    token = app("auth/code/request", {"phone": PHONE}).json()["meta"]["session_token"]
    wrong = "000000" if last_code() != "000000" else "111111"

    assert [app("auth/code/confirm", {"code": wrong}, token).status_code for _ in range(4)] == [400, 400, 400, 409]


def shape(answer):
    body = json.loads(answer.content or "{}")
    body.get("meta", {}).pop("session_token", None)
    kept = {name: value for name, value in answer.headers.items() if name not in PER_CALL}
    return answer.status_code, json.dumps(body, sort_keys=True), kept


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ({"phone": PHONE}, {"phone": "+32470999999"}),
        ({"email": "ria@voorbeeld.example"}, {"email": "nie@voorbeeld.example"}),
    ],
)
def test_nobody_learns_who_is_known(app, client, known, unknown):
    User.objects.create_user(email="ria@voorbeeld.example", phone=PHONE)

    asked = [app("auth/code/request", contact) for contact in (known, unknown)]
    assert shape(asked[0])[0] == 401
    assert shape(asked[0]) == shape(asked[1])
    tokens = [answer.json()["meta"]["session_token"] for answer in asked]
    confirmed = [app("auth/code/confirm", {"code": "x12345"}, token) for token in tokens]
    assert shape(confirmed[0]) == shape(confirmed[1])
    assert confirmed[0].status_code == 400

    started = [
        client.post("/api/v1/accounts", json.dumps({**contact, "language": "nl"}), content_type="application/json")
        for contact in (known, unknown)
    ]
    assert started[0].status_code == 202
    assert shape(started[0]) == shape(started[1])
    assert {one.kind for one in Delivery.objects.all()} == {"sign_in_code", "sign_in_unknown"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "contact_needed"),
        ({"phone": PHONE, "email": "a@b.example"}, "select_only_one"),
        ({"phone": "12"}, "invalid_phone"),
    ],
)
def test_a_wrong_contact_is_refused_with_its_reason(app, body, code):
    answer = app("auth/code/request", body)

    assert answer.status_code == 400
    assert code in [error["code"] for error in answer.json()["errors"]]


def test_without_a_gateway_phones_are_refused_alike_and_the_reason_says_what_to_do(app, settings):
    settings.SMS_URL = ""
    User.objects.create_user(phone=PHONE)

    answers = [app("auth/code/request", {"phone": phone}) for phone in (PHONE, "+32470999999")]
    assert shape(answers[0]) == shape(answers[1])
    assert "e-mail" in answers[0].json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "path", ["auth/signup", "auth/login", "auth/password/request", "auth/code/resend", "auth/reauthenticate"]
)
def test_doors_that_we_do_not_keep_are_not_there(app, path):
    assert app(path, {}).status_code == 404


def test_a_person_starts_an_account_comes_in_and_the_language_is_kept(app, client):
    started = client.post(
        "/api/v1/accounts", json.dumps({"phone": "0470 12 34 56", "language": "ar"}), content_type="application/json"
    )

    assert started.status_code == 202
    assert User.objects.get().language == "ar"
    assert come_in(app, phone=PHONE).status_code == 200
    assert Delivery.objects.filter(language="ar", channel="sms").exists()


def test_one_contact_can_not_be_begun_with_for_ever(client, settings):
    settings.RATE_LIMIT_SCALE = 1
    body = json.dumps({"phone": PHONE, "language": "nl"})

    answers = [client.post("/api/v1/accounts", body, content_type="application/json").status_code for _ in range(6)]

    assert answers == [202] * 5 + [429]


def test_codes_are_not_kept_after_they_were_told_or_came_too_late(app):
    from notifications import actions, states

    User.objects.create_user(phone=PHONE)
    app("auth/code/request", {"phone": PHONE})
    app("auth/code/request", {"phone": PHONE})
    told, late = Delivery.objects.order_by("created_at")
    claimed = actions.claim(told.pk)
    actions.hand_over(claimed)
    actions.finish(claimed, states.SENT)
    Delivery.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    actions.reap_lost_leases()

    assert [(one.state, one.values) for one in Delivery.objects.order_by("created_at")] == [
        ("sent", {}),
        ("dropped", {}),
    ]


def test_in_a_browser_one_field_takes_both_and_the_code_leads_home(client):
    User.objects.create_user(phone=PHONE)

    page = client.post("/binnen/", {"contact": "0470 12 34 56"})
    assert (page.status_code, page["Location"]) == (302, "/binnen/code/")
    entered = client.post("/binnen/code/", {"code": last_code()})

    assert (entered.status_code, entered["Location"]) == (302, "/thuis/")
    assert client.get("/thuis/")["Location"] == "/ik/"


def test_a_browser_says_what_is_wrong(client):
    assert "Vul je gsm-nummer of je e-mail in." in client.post("/binnen/", {"contact": ""}).content.decode()
    assert "geen gsm-nummer" in client.post("/binnen/", {"contact": "12"}).content.decode()
    assert client.get("/binnen/code/")["Location"] == "/binnen/"
