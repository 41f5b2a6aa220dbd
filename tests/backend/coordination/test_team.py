"""Who works at the volunteer point: what each role opens, who lets whom in, and that somebody is left to do so."""

import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backend.accounts.actions import LastOfTeam, give_role, take_role
from backend.accounts.models import STAFF_ROLES, StaffRole, User
from backend.organisations.models import Membership
from notifications.models import Delivery
from notifications.render import render

pytestmark = pytest.mark.django_db

DOORS = {
    "/coordinatie/": ("coordinator", "talent_scout", "opportunity_scout", "matchmaker"),
    "/coordinatie/gaten/": ("coordinator", "opportunity_scout", "matchmaker"),
    "/balie/bellijst/": ("coordinator", "talent_scout", "matchmaker"),
    "/coordinatie/team/": ("coordinator", "administrator"),
}


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_opens_its_own_doors_and_shows_no_others(role, client, small_city):
    user = User.objects.create_user(email="collega@voorbeeld.example")
    StaffRole.objects.create(user=user, city=small_city.slug, role=role, label="An" if role == "guide" else "")
    client.force_login(user)

    for door, roles in DOORS.items():
        assert client.get(door).status_code == (200 if role in roles else 404), door
    opens_online = client.post("/coordinatie/online/").status_code
    assert opens_online == (302 if role in ("coordinator", "opportunity_scout") else 404)
    home = client.get("/thuis/")["Location"]
    assert client.get(home).status_code == 200
    if home == "/coordinatie/":
        page = client.get(home).content.decode()
        shown = {door for door in DOORS if f'href="{door}"' in page}
        assert shown == {door for door, roles in DOORS.items() if role in roles and door != home}


@pytest.fixture
def team(client, coordinator):
    client.force_login(coordinator)

    def send(**form):
        form = {"contact": "nieuw@voorbeeld.example", "role": "matchmaker", "city": "antwerpen", **form}
        return client.post("/coordinatie/team/", form)

    return send


def test_a_colleague_is_let_in_and_hears_it_once(team, client):
    assert team()["Location"] == team(contact=" Nieuw@voorbeeld.example ")["Location"] == "/coordinatie/team/"

    role = StaffRole.objects.get(role="matchmaker")
    assert (role.user.email, role.contact) == ("nieuw@voorbeeld.example", "nieuw@voorbeeld.example")
    [told] = Delivery.objects.filter(kind="let_in")
    text = render(told)
    assert told.address == "nieuw@voorbeeld.example"
    assert "Vrijwilligerspunt Antwerpen" in text.subject
    assert "/binnen/" in text.body
    assert "nieuw@voorbeeld.example" in client.get("/coordinatie/team/").content.decode()


def test_letting_somebody_in_by_phone_shows_no_address_of_theirs(team, client, settings):
    settings.SMS_URL = "json://localhost/{phone}"
    User.objects.create_user(email="geheim@voorbeeld.example", phone="+32470123456")

    team(contact="0470/12.34.56")

    page = client.get("/coordinatie/team/").content.decode()
    assert "+32470123456" in page
    assert "geheim@" not in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"contact": ""}, "Vul een e-mailadres of een gsm-nummer in."),
        ({"contact": "geen adres@"}, "Dit is geen e-mailadres."),
        ({"contact": "12"}, "Dit is geen gsm-nummer."),
        ({"contact": "0470 12 34 56"}, "Dit kan hier niet met een gsm-nummer."),
        ({"role": "baas"}, "Selecteer een geldige keuze."),
        ({"role": "guide"}, "Hoe heet deze toeleider voor mensen?"),
        ({"city": "elders"}, "Selecteer een geldige keuze."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nobody_is_let_in(form, sentence, team):
    page = team(**form)

    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert StaffRole.objects.count() == 1
    assert not Delivery.objects.filter(kind="let_in").exists()


def test_a_role_that_is_taken_away_opens_nothing_from_then_on(team, client):
    team()
    role = StaffRole.objects.get(role="matchmaker")
    colleague = type(client)()
    colleague.force_login(role.user)
    assert colleague.get("/coordinatie/gaten/").status_code == 200

    assert client.post(f"/coordinatie/team/{role.pk}/weg/")["Location"] == "/coordinatie/team/"

    assert colleague.get("/coordinatie/gaten/").status_code == 404


def test_the_last_one_who_lets_people_in_stays(team, client, coordinator):
    role = StaffRole.objects.get(user=coordinator)

    page = client.post(f"/coordinatie/team/{role.pk}/weg/", follow=True)

    assert "laatste" in page.content.decode()
    assert StaffRole.objects.filter(pk=role.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_leave_at_the_same_moment_do_not_leave_nobody():
    for name in ("een", "twee"):
        give_role(f"{name}@voorbeeld.example", "coordinator", city="antwerpen", where="het punt")
    start, refused = threading.Barrier(2), []

    def leave(role):
        start.wait()
        try:
            take_role(role)
        except LastOfTeam:
            refused.append(role)
        finally:
            connection.close()

    both = [threading.Thread(target=leave, args=(role,)) for role in StaffRole.objects.all()]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(refused) == 1
    assert StaffRole.objects.count() == 1


def test_the_first_people_are_let_in_by_a_command(opportunity, capsys):
    call_command("let_in", "eerste@voorbeeld.example", "coordinator")
    call_command("let_in", "0470123456", "owner", "--organisation", str(opportunity.organisation_id))

    assert StaffRole.objects.get().user.email == "eerste@voorbeeld.example"
    assert Membership.objects.get().user.phone == "+32470123456"
    with pytest.raises(CommandError, match="--organisation goes with"):
        call_command("let_in", "eerste@voorbeeld.example", "owner")
    with pytest.raises(CommandError, match="gsm-nummer"):
        call_command("let_in", "12", "coordinator")
    with pytest.raises(CommandError, match="last owner"):
        call_command("let_in", "0470123456", "reader", "--organisation", str(opportunity.organisation_id))
