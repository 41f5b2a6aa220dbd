"""What an app maker needs around the API: links that open the app, and a place to try."""

import pytest
from django.utils import timezone

from backend.accounts.models import User
from notifications import actions, tasks
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


def test_phones_learn_which_app_opens_our_links(client, settings):
    settings.APP_LINKS_IOS, settings.APP_LINKS_ANDROID = ["ABC.be.app"], ["be.app=AA:BB"]

    apple = client.get("/.well-known/apple-app-site-association")
    android = client.get("/.well-known/assetlinks.json")

    assert apple["Content-Type"] == "application/json"
    assert apple.json()["applinks"]["details"][0]["appIDs"] == ["ABC.be.app"]
    assert android.json()[0]["target"]["sha256_cert_fingerprints"] == ["AA:BB"]


def test_in_a_sandbox_everybody_comes_in_with_zeros_and_no_message_leaves(client, settings):
    settings.SANDBOX = True
    User.objects.create_user(phone="+32470000001")
    page = client.post("/binnen/", {"contact": "0470 00 00 01"})
    entered = client.post(page["Location"], {"code": "000000"})
    delivery = Delivery.objects.get()

    tasks.deliver(delivery_id=str(delivery.pk))

    assert entered["Location"] == "/thuis/"
    delivery.refresh_from_db()
    assert (delivery.state, delivery.result, delivery.values) == ("listed", "sandbox", {})
    assert client.get("/api/v1/config")["X-Sandbox"] == "true"
    assert client.get("/api/v1/config").json()["is_sandbox"] is True
    assert "proefomgeving" in client.get("/").content.decode()


def test_a_text_message_goes_to_the_gateway_and_a_refusal_to_the_next_channel(settings, tmp_path):
    import http.server
    import threading

    seen = []

    class Gateway(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(500 if "32470000009" in self.path else 200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_URL = f"json://127.0.0.1:{server.server_port}/sms/{{phone}}"
    told = {}
    for phone in ("+32470000001", "+32470000009"):
        delivery = Delivery.objects.create(
            occasion=phone, kind="sign_in_code", recipient="00000000-0000-0000-0000-000000000001", language="nl",
            time_zone="Europe/Brussels", channel="sms", address=phone, values={"code": "123456"}, due_at=timezone.now(),
        )  # fmt: skip
        tasks.deliver(delivery_id=str(delivery.pk))
        delivery.refresh_from_db()
        told[phone] = delivery.state
    server.shutdown()
    server.server_close()

    assert told == {"+32470000001": "sent", "+32470000009": "failed"}
    assert "/sms/" in seen[0][0]
    assert "123456" in seen[0][1]
    assert actions.claim(delivery.pk) is None
