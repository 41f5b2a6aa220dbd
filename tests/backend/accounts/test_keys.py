"""Other keys than a code: a second factor in an app, a provider of OpenID Connect, and another e-mail address."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache

from backend.accounts.models import JournalEntry, User
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
NUMBER = "85.07.30-033.28"


@pytest.fixture(autouse=True)
def no_earlier_tries():
    cache.clear()


@pytest.fixture
def app(client):
    def send(path, body=None, token=None):
        headers = {"X-Session-Token": token} if token else {}
        return client.post(
            f"/_allauth/app/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers
        )

    return send


@pytest.fixture
def user():
    made = User.objects.create_user(email="ria@voorbeeld.example")
    EmailAddress.objects.filter(user=made).update(verified=True)
    return made


def last_code():
    return Delivery.objects.filter(kind="sign_in_code").latest("created_at").values["code"]


# --- a second factor in an app ---------------------------------------------------------------------------------


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_an_app_of_staff_gives_the_second_code_after_the_first(app, client, user):
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    token = app("auth/code/request", {"email": user.email}).json()["meta"]["session_token"]

    first = app("auth/code/confirm", {"code": last_code()}, token)

    assert first.status_code == 401
    pending = [flow["id"] for flow in first.json()["data"]["flows"] if flow.get("is_pending")]
    assert pending == ["mfa_authenticate"]
    assert client.get("/api/v1/me", headers={"X-Session-Token": token}).status_code == 401
    assert app("auth/2fa/authenticate", {"code": "000000"}, token).status_code == 400
    second = app("auth/2fa/authenticate", {"code": code_of(secret)}, token)
    assert second.status_code == 200
    token = second.json()["meta"]["session_token"]
    assert client.get("/api/v1/me", headers={"X-Session-Token": token}).status_code == 200


def test_too_many_tries_get_a_kind_page(client, settings):
    settings.MFA_RATE_LIMITS = {"webauthn_login": "1/m/ip"}

    first, second = (client.post("/binnen/toestel/", {"credential": "{}"}) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 429)
    assert "Wacht een minuut" in second.content.decode()


def test_keys_are_changed_only_by_who_showed_one_a_moment_ago(client, user):
    client.force_login(user)
    assert client.get("/binnen/toestel/nieuw/").status_code == 200
    secret = generate_totp_secret()
    TOTP.activate(user, secret)

    asked = client.get("/binnen/toestel/nieuw/")
    assert asked.status_code == 302
    assert asked["Location"].startswith("/binnen/opnieuw/")
    shown = client.post(asked["Location"], {"code": code_of(secret)})
    assert shown["Location"] == "/binnen/toestel/nieuw/"
    assert client.get("/binnen/toestel/nieuw/").status_code == 200


# --- a provider of OpenID Connect ------------------------------------------------------------------------------


class Provider(BaseHTTPRequestHandler):
    """A small but real provider: discovery, keys, codes with PKCE left to the client, and signed tokens."""

    def do_GET(self):
        where = urlsplit(self.path)
        me = self.server.address
        if where.path == "/.well-known/openid-configuration":
            self.say({"issuer": me, "authorization_endpoint": f"{me}/authorize", "token_endpoint": f"{me}/token",
                      "userinfo_endpoint": f"{me}/userinfo", "jwks_uri": f"{me}/keys"})  # fmt: skip
        elif where.path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key()))
            self.say({"keys": [{**public, "kid": "1", "alg": "RS256", "use": "sig"}]})
        elif where.path == "/userinfo":
            self.say(self.server.person)
        else:
            self.send_error(404)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.say({"access_token": "a", "token_type": "Bearer", "id_token": self.server.id_token()})

    def say(self, body):
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def running_provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.address = f"http://127.0.0.1:{server.server_port}"
    server.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    server.id_token = lambda: jwt.encode(
        {**server.person, "iss": server.address, "aud": "us", "iat": time.time(), "exp": time.time() + 60},
        server.key, algorithm="RS256", headers={"kid": "1"},
    )  # fmt: skip
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider(running_provider, settings):
    running_provider.person = {
        "sub": uuid4().hex, "name": "Ria Verzonnen", "email": "ria@elders.example", "rrn": NUMBER,
    }  # fmt: skip
    known = {"provider_id": "acm", "name": "ACM/IDM", "client_id": "us", "secret": "s",
             "settings": {"server_url": running_provider.address, "oauth_pkce_enabled": True}}  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [known]}}
    return running_provider


def come_back(client, path):
    """Our button, the provider's yes, and the way back."""
    away = client.post(path)
    assert away.status_code == 302, away.content
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert urlsplit(asked["redirect_uri"][0]).path == "/binnen/via/acm/terug/"
    return client.get(f"/binnen/via/acm/terug/?{urlencode({'code': 'c', 'state': asked['state'][0]})}")


def test_who_connected_a_provider_comes_in_with_it_and_nothing_it_tells_is_kept(client, provider, user):
    client.force_login(user)
    assert "Koppel <bdi>ACM/IDM</bdi>" in client.get("/binnen/toestellen/").content.decode()
    connected = come_back(client, "/binnen/via/acm/?process=connect")
    assert connected["Location"] == "/binnen/toestellen/"
    client.post("/buiten/")

    entered = come_back(client, "/binnen/via/acm/")

    assert entered["Location"] == "/thuis/"
    assert client.get("/binnen/toestellen/").status_code == 200
    kept = SocialAccount.objects.get()
    assert (kept.uid, kept.extra_data, kept.user) == (provider.person["sub"], {}, user)
    assert not EmailAddress.objects.filter(email=provider.person["email"]).exists()


def test_who_is_not_connected_hears_what_to_do_first_and_gets_no_account(client, provider, user):
    answer = come_back(client, "/binnen/via/acm/")

    assert answer.status_code == 401
    assert "Kom eerst binnen met een code." in answer.content.decode()
    assert list(User.objects.filter(email__contains="elders")) == []
    assert client.get("/binnen/toestellen/").status_code == 302


@pytest.mark.parametrize("query", ["error=access_denied", "code=c&state=forged", ""])
def test_a_refusal_or_a_forged_answer_of_a_provider_opens_nothing(client, provider, query):
    answer = client.get(f"/binnen/via/acm/terug/?{query}")

    assert answer.status_code in (302, 401)
    assert client.get("/binnen/toestellen/").status_code == 302


def test_an_app_hands_in_the_token_of_a_provider_it_came_in_with(app, client, provider, user):
    SocialAccount.objects.create(user=user, provider="acm", uid=provider.person["sub"])
    body = {"provider": "acm", "process": "login", "token": {"client_id": "us", "id_token": provider.id_token()}}

    entered = app("auth/provider/token", body)

    assert entered.status_code == 200, entered.content
    token = entered.json()["meta"]["session_token"]
    assert client.get("/api/v1/me", headers={"X-Session-Token": token}).json()["email"] == user.email
    assert SocialAccount.objects.get().extra_data == {}


def test_a_token_that_somebody_else_signed_is_refused(app, provider, user):
    SocialAccount.objects.create(user=user, provider="acm", uid=provider.person["sub"])
    own_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(
        {**provider.person, "iss": provider.address, "aud": "us", "exp": time.time() + 60},
        own_key, algorithm="RS256", headers={"kid": "1"},
    )  # fmt: skip

    answer = app(
        "auth/provider/token", {"provider": "acm", "process": "login", "token": {"client_id": "us", "id_token": forged}}
    )

    assert answer.status_code == 400


def test_a_connection_is_taken_away_with_one_button(client, provider, user):
    kept = SocialAccount.objects.create(user=user, provider="acm", uid="x")
    client.force_login(user)

    assert client.post("/binnen/via/los/", {"account": kept.pk})["Location"] == "/binnen/toestellen/"
    assert not SocialAccount.objects.exists()


# --- another e-mail address ------------------------------------------------------------------------------------


@pytest.fixture
def change(client, user):
    client.force_login(user)

    def send(path, body):
        return client.post(
            f"/api/v1/me/email{path}", json.dumps(body), content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip

    return send


def test_another_address_counts_after_its_code_and_the_old_one_hears_it(change, user):
    assert change("", {"email": "Nieuw@voorbeeld.example"}).status_code == 202
    user.refresh_from_db()
    assert user.email == "ria@voorbeeld.example"

    assert change("/confirm", {"code": f" {last_code()} "}).status_code == 204
    assert change("/confirm", {"code": last_code()}).status_code == 204  # the first answer got lost

    user.refresh_from_db()
    assert user.email == "nieuw@voorbeeld.example"
    [address] = EmailAddress.objects.filter(user=user)
    assert (address.email, address.primary, address.verified) == ("nieuw@voorbeeld.example", True, True)
    [told] = Delivery.objects.filter(kind="email_changed")
    assert told.address == "ria@voorbeeld.example"
    assert JournalEntry.objects.filter(person=user, what="email_changed").exists()


def test_an_address_of_somebody_else_looks_the_same_and_changes_nothing(change, user):
    other = User.objects.create_user(email="karel@voorbeeld.example")

    taken, free = (change("", {"email": email}) for email in (other.email, "vrij@voorbeeld.example"))

    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    assert [one.address for one in Delivery.objects.filter(kind="sign_in_code")] == ["vrij@voorbeeld.example"]


def test_three_wrong_codes_need_a_new_one(change, user):
    change("", {"email": "nieuw@voorbeeld.example"})
    right = last_code()
    wrong = "000000" if right != "000000" else "111111"

    answers = [change("/confirm", {"code": code}) for code in (wrong, wrong, wrong, right)]

    assert [one.status_code for one in answers] == [400] * 4
    assert answers[0].json()["issues"][0] == {
        "in": "body", "name": "/code", "code": "wrong_code",
        "detail": "Deze code klopt niet of is te oud. Vraag een nieuwe.",
    }  # fmt: skip


def test_who_proved_an_address_first_keeps_it(change, user):
    change("", {"email": "nieuw@voorbeeld.example"})
    User.objects.create_user(email="nieuw@voorbeeld.example")

    assert change("/confirm", {"code": last_code()}).status_code == 400
    user.refresh_from_db()
    assert user.email == "ria@voorbeeld.example"
