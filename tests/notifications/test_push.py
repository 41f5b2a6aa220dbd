"""Web push: encrypted as the RFC says, to public addresses only, and a device that is gone is forgotten."""

import json
from types import SimpleNamespace
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from backend.accounts.models import Device, User
from notifications import outbound, states, webpush
from notifications.channels import push
from notifications.channels.base import TransportError
from notifications.models import Delivery
from tests.little_server import listening

KEY = webpush.encoded(b"7" * 32)


def test_it_encrypts_as_the_example_of_the_rfc():
    """RFC 8291, appendix A."""
    body = webpush.encrypt(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        key=webpush.private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        salt=webpush.decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert webpush.encoded(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_it_says_who_pushes_in_a_way_that_the_service_can_check():
    key = webpush.private_key(KEY)
    header = webpush.who_pushes("https://push.example/x/1", key, "mailto:it@stad.example")

    words = dict(part.split("=", 1) for part in header.removeprefix("vapid ").split(", "))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), webpush.decoded(words["k"]))
    claims = jwt.decode(words["t"], point, algorithms=["ES256"], audience="https://push.example")
    assert claims["sub"] == "mailto:it@stad.example"


@pytest.mark.parametrize("text", ["", "AAAA", "a" * 42])
def test_a_key_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="32 bytes"):
        webpush.private_key(text)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x",
        "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest", "https://0.0.0.0/",
        "https://2130706433/", "https://0x7f000001/", "http://93.184.216.34/x", "ftp://93.184.216.34/", "https://", "x",
    ],
)  # fmt: skip
def test_it_never_speaks_to_an_address_inside(address, settings):
    settings.OUTBOUND_ALLOW = []
    with pytest.raises((outbound.NotAllowed, outbound.NotThere)):
        outbound.post(address, b"x", {})


@pytest.fixture
def service(settings):
    """A push service; `service.answers` gives a status and headers for each path."""
    told = SimpleNamespace(answers={}, seen=[])

    def answer(path, headers, body):
        told.seen.append((path, headers, body))
        return *told.answers.get(path, (201, {})), b""

    with listening(answer) as port:
        told.address = f"http://127.0.0.1:{port}"
        settings.OUTBOUND_ALLOW, settings.VAPID_PRIVATE_KEY = [told.address], KEY
        yield told


@pytest.fixture
def person(db):
    return User.objects.create_user(email="iemand@voorbeeld.example")


def registered(user, address, path):
    phone = ec.generate_private_key(ec.SECP256R1())
    keys = {"p256dh": webpush.encoded(webpush.public_bytes(phone)), "auth": webpush.encoded(b"s" * 16)}
    token = json.dumps({"endpoint": f"{address}{path}", "keys": keys})
    return Device.objects.create(user=user, platform="web", token=token, language="nl")


def told(user, attempts=1):
    delivery = Delivery(
        kind="proposal_made", language="tr", channel="push", address=str(user.pk), recipient=uuid4(), attempts=attempts
    )
    delivery.values = {"first_name": "Marc", "title": "Soep maken"}
    return push.deliver(delivery, lambda: True)


def test_every_device_gets_it_and_nothing_in_it_is_about_anybody(service, person):
    registered(person, service.address, "/a")
    registered(person, service.address, "/b")

    assert told(person) == states.SENT

    assert sorted(path for path, _headers, _body in service.seen) == ["/a", "/b"]
    _path, headers, body = service.seen[0]
    assert headers["Content-Encoding"] == "aes128gcm"
    assert headers["Authorization"].startswith("vapid t=")
    assert int(headers["TTL"]) == 86_400
    assert b"Marc" not in body


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten_and_the_next_way_takes_over(status, service, person):
    registered(person, service.address, "/gone")
    service.answers["/gone"] = (status, {})

    with pytest.raises(TransportError) as error:
        told(person)

    assert error.value.permanent
    assert not Device.objects.exists()


def test_one_device_that_took_it_is_enough(service, person):
    registered(person, service.address, "/gone")
    registered(person, service.address, "/ok")
    registered(person, service.address, "/later")
    service.answers |= {"/gone": (410, {}), "/later": (503, {})}

    assert told(person) == states.SENT
    assert Device.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "17"}, 17),
        (429, {"Retry-After": "999999"}, 3600),
        (503, {}, 8),
        (500, {"Retry-After": "soon"}, 8),
    ],
)
def test_later_means_later(status, headers, seconds, service, person):
    registered(person, service.address, "/later")
    service.answers["/later"] = (status, headers)

    with pytest.raises(TransportError) as error:
        told(person, attempts=3)

    assert (error.value.permanent, error.value.after_seconds) == (False, seconds)


def test_a_message_that_is_refused_goes_another_way_and_the_device_stays(service, person):
    registered(person, service.address, "/no")
    service.answers["/no"] = (413, {})

    with pytest.raises(TransportError) as error:
        told(person)

    assert error.value.permanent
    assert Device.objects.count() == 1


@pytest.mark.parametrize(
    "token", ["x", "{}", '{"endpoint": "https://127.0.0.1/x", "keys": {"p256dh": "AA", "auth": "AA"}}']
)
def test_what_is_no_subscription_is_forgotten(token, service, person):
    Device.objects.create(user=person, platform="web", token=token, language="nl")

    with pytest.raises(TransportError):
        told(person)
    assert not Device.objects.exists()


def test_a_service_that_is_not_there_is_tried_again(settings, person):
    settings.OUTBOUND_ALLOW, settings.VAPID_PRIVATE_KEY = ["http://127.0.0.1:1"], KEY
    registered(person, "http://127.0.0.1:1", "/x")

    with pytest.raises(TransportError) as error:
        told(person)
    assert not error.value.permanent


def test_an_app_without_a_gateway_goes_another_way(settings, person):
    Device.objects.create(user=person, platform="android", token="abc", language="nl")

    with pytest.raises(TransportError) as error:
        told(person)
    assert error.value.permanent
    assert Device.objects.count() == 1


def test_an_app_is_pushed_to_over_the_gateway(service, settings, person):
    settings.PUSH_URL = service.address.replace("http", "json") + "/{token}"
    Device.objects.create(user=person, platform="android", token="abc", language="nl")

    assert told(person) == states.SENT
    [(path, _headers, body)] = service.seen
    assert path.startswith("/abc")
    assert "Sana uyan bir şey var." in json.loads(body)["message"]
