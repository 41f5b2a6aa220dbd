"""Come in by a link that works once; who is nobody stays outside."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from backend.accounts.models import User
from backend.accounts.pages import sign_in_path
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(volunteer):
    return sign_in_path(volunteer.user)


def home_after(client, path):
    return client.post(path, follow=True).redirect_chain[-1][0]


def test_opening_the_link_changes_nothing_and_the_button_comes_in(client, path):
    assert "Kom binnen" in client.get(path).content.decode()
    assert client.get("/ik/").status_code == 302

    assert home_after(client, path) == "/ik/"
    assert client.get("/ik/").status_code == 200


def test_a_link_works_once(client, path):
    client.post(path)
    client.post("/buiten/")

    again = client.post(path)

    assert (again.status_code, "Deze link werkt niet meer" in again.content.decode()) == (404, True)
    assert client.get("/ik/").status_code == 302


def test_a_link_gets_old(client, path, settings):
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert client.post(path).status_code == 404


@pytest.mark.parametrize("name", ["x", "AAAA", "____", "%F0%9F%98%80"])
def test_nonsense_is_an_old_link(name, client):
    assert client.get(f"/binnen/{name}/abc-def/").status_code == 404


def test_who_is_no_longer_active_stays_outside(client, path, volunteer):
    User.objects.filter(pk=volunteer.user.pk).update(is_active=False)

    assert client.post(path).status_code == 404


def test_everybody_lands_where_the_own_work_is(client, volunteer, member, coordinator):
    homes = [home_after(client, sign_in_path(user)) for user in (volunteer.user, member, coordinator)]

    assert homes == ["/ik/", "/org/", "/coordinatie/"]


def test_the_command_makes_a_link_for_an_address_or_a_number(volunteer, capsys, client):
    call_command("sign_in_link", "P37@voorbeeld.example")

    path = capsys.readouterr().out.strip().partition("/binnen/")[2]
    assert home_after(client, f"/binnen/{path}") == "/ik/"
    with pytest.raises(CommandError, match="Nobody has this"):
        call_command("sign_in_link", "niemand@voorbeeld.example")


def test_a_user_without_password_can_be_made_with_a_phone_alone(db):
    user = User.objects.create_user(phone="+32470000000")

    assert (user.email, user.has_usable_password(), str(user)) == (None, False, str(user.pk))


@pytest.fixture
def strict(settings):
    settings.STAFF_SECOND_FACTOR = True


def test_staff_with_one_factor_is_sent_to_set_up_a_second(client, coordinator, strict):
    client.force_login(coordinator)
    assert "met een code op je e-mail" in client.get("/coordinatie/").content.decode()
    coordinator.emailaddress_set.update(verified=True)

    refused = client.get("/coordinatie/")

    assert (refused.status_code, "/binnen/sleutel/" in refused.content.decode()) == (403, True)
    page = client.get("/binnen/sleutel/")
    secret = page.context["form"].secret
    added = client.post("/binnen/sleutel/", {"code": code_of(secret)})
    assert added["Location"] == "/binnen/sleutel/codes/"
    assert len(client.get("/binnen/sleutel/codes/").context["unused_codes"]) == 10
    assert client.get("/coordinatie/").status_code == 200


def test_the_next_time_the_code_of_the_app_is_asked_too(client, coordinator, strict):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    TOTP.activate(coordinator, secret)
    client.post("/binnen/", {"contact": coordinator.email})
    code = Delivery.objects.get(kind="sign_in_code").values["code"]

    asked = client.post("/binnen/code/", {"code": code})

    assert asked["Location"] == "/binnen/tweede/"
    assert client.get("/coordinatie/").status_code == 302
    assert client.post("/binnen/tweede/", {"code": "000000"}).status_code == 200
    assert client.post("/binnen/tweede/", {"code": code_of(secret)})["Location"] == "/thuis/"
    assert client.get("/coordinatie/").status_code == 200


def test_somebody_sees_the_devices_and_signs_out_everywhere_else(client, volunteer):
    other = Client()
    for one in (client, other):
        volunteer.user.refresh_from_db()
        one.post(sign_in_path(volunteer.user))

    client.post("/binnen/toestellen/")

    assert [one.get("/ik/").status_code for one in (client, other)] == [200, 302]


def code_of(secret):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
