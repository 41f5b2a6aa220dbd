"""Come in by a link that works once; who is nobody stays outside."""

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.models import User
from backend.accounts.pages import sign_in_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(volunteer):
    return sign_in_path(volunteer.user)


def test_opening_the_link_changes_nothing_and_the_button_comes_in(client, path):
    assert "Kom binnen" in client.get(path).content.decode()
    assert client.get("/ik/").status_code == 302

    assert client.post(path)["Location"] == "/ik/"
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
    homes = [client.post(sign_in_path(user))["Location"] for user in (volunteer.user, member, coordinator)]

    assert homes == ["/ik/", "/org/", "/coordinatie/"]


def test_the_command_makes_a_link_for_an_address_or_a_number(volunteer, capsys, client):
    call_command("sign_in_link", "P37@voorbeeld.example")

    path = capsys.readouterr().out.strip().partition("/binnen/")[2]
    assert client.post(f"/binnen/{path}")["Location"] == "/ik/"
    with pytest.raises(CommandError, match="Nobody has this"):
        call_command("sign_in_link", "niemand@voorbeeld.example")


def test_a_user_without_password_can_be_made_with_a_phone_alone(db):
    user = User.objects.create_user(phone="+32470000000")

    assert (user.email, user.has_usable_password(), str(user)) == (None, False, str(user.pk))
