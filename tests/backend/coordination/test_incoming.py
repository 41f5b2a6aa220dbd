"""A list of others: what comes of each line is said first, and nothing is kept before somebody takes it over."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.accounts.models import OPPORTUNITY_SCOUT, StaffRole, User
from backend.coordination import incoming
from backend.opportunities.models import Opportunity
from backend.organisations.access import public_organisations
from backend.organisations.models import OWNER, Membership, Organisation
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Brussels"))
REGISTER = """vCode;naam;verenigingstype.code;korteBeschrijving;straatnaam;huisnummer;postcode;wijk;status;KBO
V0009001;De Ronde Tafel;VZW;We koken samen.;Lange straat;12;2060;Dam;Actief;0123
V0009002;Buurtkring;FV;;;;2060;Dam;Actief;
V0009003;Gestopte Club;VZW;;;;2060;Dam;Gestopt;
V0000001;Te Lage Code;VZW;;;;2060;Dam;Actief;
;Zonder vorm;NV;;;;2060;Dam;;
;Ver weg;VZW;;;;9000;;;
;Welke wijk;VZW;;;;2060;;;
;Te kort;VZW
"""


@pytest.fixture
def take(empty_city):
    def taken(text, kind="organisations", *, store=True):
        return incoming.take_in(kind, text, empty_city, now=NOW, store=store)

    return taken


@pytest.fixture
def organisation(empty_city):
    point = empty_city.matching.neighbourhoods["Dam"]
    return Organisation.objects.create(
        city=empty_city.slug, name="Huis De Dam", legal_form="vzw", description="Samen koken.", neighbourhood="Dam",
        postcode="2060", lat=point.lat, lon=point.lon, welcome_languages=["nl"], verified_at=NOW,
    )  # fmt: skip


def reasons(told):
    return {line.number: " ".join(line.reasons) for line in told.lines if line.outcome == incoming.REFUSED}


def test_a_list_of_the_register_is_taken_line_by_line_and_every_refusal_says_why(take):
    told = take(REGISTER)

    assert told.counts == {"new": 2, "refused": 6}
    assert told.unknown == ["KBO"]
    said = reasons(told)
    assert set(said) == {4, 5, 6, 7, 8, 9}
    for line, words in {
        4: "gestopt",
        5: "„vCode” moet tussen V0001001",
        6: "rechtsvorm",
        7: "9000",
        8: "Dam",
        9: "vakken",
    }.items():
        assert words in said[line], said[line]
    table, circle = Organisation.objects.order_by("vcode")
    assert (table.vcode, table.street, table.legal_form) == ("V0009001", "Lange straat 12", "vzw")
    assert (circle.legal_form, circle.description) == ("de_facto_association", "Buurtkring")
    assert not public_organisations().exists(), "nobody sees what the volunteer point does not know yet"


def test_a_preview_keeps_nothing_and_the_same_list_twice_brings_nothing_new(take):
    assert take(REGISTER, store=False).counts["new"] == 2
    assert not Organisation.objects.exists()
    take(REGISTER)
    assert take(REGISTER).counts == {"known": 2, "refused": 6}
    assert Organisation.objects.count() == 2


def test_what_an_organisation_wrote_itself_is_never_written_over(take, organisation):
    organisation.description, organisation.street, organisation.contact_phone = "Onze eigen woorden.", "", "03 1"
    organisation.save()
    row = f"{organisation.name};VZW;Woorden van het register;Nieuwe straat;{organisation.postcode};Dam;V0009009;a@b.be"

    told = take(f"naam;rechtsvorm;beschrijving;straat;postcode;wijk;vcode;e-mail\n{row}\n")

    assert told.counts == {"filled": 1}
    organisation.refresh_from_db()
    assert (organisation.description, organisation.street) == ("Onze eigen woorden.", "Nieuwe straat")
    assert organisation.vcode == "V0009009"
    assert organisation.contact_email is None, "it chose how it is reached"
    other = take(f"naam;rechtsvorm;postcode;wijk;vcode\n{organisation.name};VZW;{organisation.postcode};Dam;V0009010\n")
    assert "ander nummer" in reasons(other)[2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "geen lijnen"),
        ("naam;rechtsvorm\nA;VZW\n", "postcode"),
        ("naam;Naam;rechtsvorm;postcode\nA;B;VZW;2060\n", "hetzelfde"),
        ('naam;rechtsvorm;postcode\n"A;VZW;2060\n', "niet lezen"),
    ],
)
def test_a_file_that_is_no_such_table_says_what_to_do(take, text, words):
    with pytest.raises(incoming.NotATable, match=words):
        take(text)


def test_a_line_is_counted_as_an_editor_counts_it(take):
    told = take('naam;rechtsvorm;postcode;wijk;beschrijving\nEen;VZW;2060;Dam;"twee\nlijnen"\nTwee;VZW;9000;;x\n')
    assert [(one.number, one.outcome) for one in told.lines] == [(2, "new"), (4, "refused")]


def test_a_file_of_an_older_spreadsheet_is_read_and_one_that_is_no_text_is_not():
    assert incoming.decoded("naam;café".encode("cp1252")) == "naam;café"
    assert incoming.decoded("\ufeffnaam".encode()) == "naam"
    for content in (b"PK\x03\x04\0\0", b"x" * (incoming.BYTES_MAX + 1)):
        with pytest.raises(incoming.NotATable):
            incoming.decoded(content)


def test_r093_a_list_of_opportunities_becomes_drafts_that_the_organisation_hears_of_once(take, organisation):
    organisation.contact_email = "huis@voorbeeld.example"
    organisation.save()
    name = organisation.name
    table = f"""organisatie,voorbeeld,titel,dagdelen,plaatsen,uren,talenten
{name},Koffie schenken,Koffie op dinsdag,"di namiddag, wo voormiddag",2,"2,5",Thuis koken
{name},koffie,Thee op vrijdag,vr namiddag,,,
{name},dansen,Dansen,,,,
{name},koffie,Nacht,di nacht,,,
{name},koffie,Te veel plaatsen,,900,,
{name},koffie,Onbekend talent,,,,Toveren
Niemand,koffie,Koffie,,,,
"""
    told = take(table, "opportunities")

    assert told.counts == {"new": 2, "refused": 5}
    said = reasons(told)
    for line, words in {4: "voorbeeld", 5: "dagdeel", 6: "„plaatsen”", 7: "Toveren", 8: "ken ik niet"}.items():
        assert words in said[line], said[line]
    first = Opportunity.objects.get(title="Koffie op dinsdag")
    assert (first.state, first.drafted_by_point) == ("draft", True)
    assert (sorted(first.slots), first.places) == (["tue-afternoon", "wed-morning"], 2)
    assert float(first.hours_per_time) == 2.5
    assert Delivery.objects.filter(kind="draft_made").count() == 1
    assert take(table, "opportunities").counts == {"known": 2, "refused": 5}


@pytest.fixture
def scout(empty_city, client):
    user = User.objects.create_user(email="scout@voorbeeld.example")
    StaffRole.objects.create(user=user, city=empty_city.slug, role=OPPORTUNITY_SCOUT, label="Sam")
    client.force_login(user)
    return client


def test_on_the_page_a_list_is_looked_at_and_then_taken_over(scout, empty_city):
    upload = SimpleUploadedFile("lijst.csv", REGISTER.encode(), content_type="text/csv")

    looked = scout.post("/coordinatie/inlezen/", {"kind": "organisations", "file": upload})

    assert "De Ronde Tafel" in looked.content.decode()
    assert not Organisation.objects.exists()
    table = looked.context["form"].cleaned_data["table"]
    assert (
        scout.post("/coordinatie/inlezen/", {"kind": "organisations", "table": table, "take": "1"}).status_code == 302
    )
    assert Organisation.objects.count() == 2
    nothing = scout.post("/coordinatie/inlezen/", {"kind": "organisations"})
    assert (nothing.status_code, "Kies een bestand" in nothing.content.decode()) == (422, True)


def test_an_organisation_begins_when_the_point_knows_it(scout, take):
    take(REGISTER)
    table = Organisation.objects.get(vcode="V0009001")
    door = f"/coordinatie/organisaties/{table.pk}/kennen/"

    assert "Nog niet gekend" in scout.get(f"/coordinatie/organisaties/{table.pk}/").content.decode()
    scout.post(door, {"contact": "geen adres"})
    table.refresh_from_db()
    assert table.verified_at is None, "nothing is half kept"
    for _ in range(2):
        scout.post(door, {"contact": "baas@voorbeeld.example", "charter": "on"})
    table.refresh_from_db()
    assert table.verified_at
    assert table.charter_accepted_at
    assert list(Membership.objects.filter(organisation=table).values_list("role", flat=True)) == [OWNER]
    scout.post(door, {"contact": "ander@voorbeeld.example"})
    assert Membership.objects.filter(organisation=table).count() == 1, "who decides lets others in"
