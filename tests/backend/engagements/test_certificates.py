"""What somebody did, on paper and in a wallet: only for them, after three days, checked by somebody else's code (R041)."""

import copy
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema
import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import translation
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from backend.engagements import actions, badge
from backend.engagements.access import helped_at
from backend.engagements.certificate import facts_of, helped
from backend.talent.actions import declare_statuses
from tests.backend.engagements.conftest import TODAY

pytestmark = pytest.mark.django_db
SCHEMA = Path(__file__).parent / "achievement_credential.schema.json"  # the parts that are used, from the standard
OF_A_WALLET = Path(__file__).parent / "learncard.schema.json"  # the whole of it, as others read it


@pytest.fixture
def door(three_days, client, volunteer):
    client.force_login(volunteer.user)
    return lambda kind: client.get(f"/ik/uren/{three_days.pk}/attest.{kind}")


def token_of(placement):
    """Made today: a verifier asks the clock of the world."""
    return badge.signed(badge.credential_of(*told_of(placement), datetime.now(UTC)))


def told_of(placement):
    found = helped_at(placement.proposal.volunteer, placement.proposal_id)
    return found, helped(found)


def test_r041_after_three_days_the_paper_says_what_where_when_and_which_talents(three_days, door, volunteer):
    declare_statuses(volunteer, ["rva"], today=TODAY)
    answer = door("pdf")
    assert (answer["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    assert door("pdf").status_code == 200
    assert door("exe").status_code == 404

    placement, told = told_of(three_days)
    with translation.override("nl"):
        facts = facts_of(placement, told, "nl", TODAY)
    said = json.dumps(facts, ensure_ascii=False)
    for words in (
        "Marc",
        placement.proposal.opportunity.organisation.name,
        "Van 2 maart 2027 tot 16 maart 2027: 3 keer, 7,5 uur.",
    ):
        assert words in said
    assert [one["label"] for one in facts["talents"]] == ["Sorteren en inpakken"]
    assert "rva" not in said.lower()
    with translation.override("en"):
        assert "3 times" in json.dumps(facts_of(placement, told, "en", TODAY))


def test_before_the_third_day_there_is_no_certificate(started, client, volunteer):
    for day in (2, 9):
        actions.confirm(started.pk, date(2027, 3, day), Decimal(2), today=TODAY)
    client.force_login(volunteer.user)

    assert client.get(f"/ik/uren/{started.pk}/attest.pdf").status_code == 404
    assert "Nog 1 keer" in client.get("/ik/uren/").content.decode()


def test_what_only_the_person_said_counts_when_the_organisation_agrees(started, client, volunteer, member):
    for day in (2, 9, 16):
        said = actions.say_i_helped(started.pk, date(2027, 3, day), Decimal(8), today=TODAY)
    client.force_login(volunteer.user)
    assert client.get(f"/ik/uren/{started.pk}/attest.jwt").status_code == 404
    assert "De organisatie kijkt nog" in client.get("/ik/uren/").content.decode()

    client.force_login(member)
    work = f"/org/{started.proposal.opportunity.organisation_id}/uren/"
    assert client.get(work).content.decode().count("Dit klopt<") == 3
    for one in started.engagements.all():
        for _twice in range(2):
            client.post(f"{work}{one.pk}/klopt/")
    said.refresh_from_db()
    assert (said.confirmed_by, said.hours) == ("organisation", 8)
    client.force_login(volunteer.user)
    assert client.get(f"/ik/uren/{started.pk}/attest.jwt").status_code == 200


def test_nobody_else_gets_it(three_days, client, member, stranger):
    for user in (member, stranger):
        client.force_login(user)
        assert client.get(f"/ik/uren/{three_days.pk}/attest.jwt").status_code == 404


def test_a_hidden_or_sensitive_talent_is_on_no_certificate(three_days):
    placement, told = told_of(three_days)
    assert told.talents
    placement.proposal.volunteer.profile.talents.update(point_only=True)

    assert told_of(three_days)[1].talents == ()


def test_the_badge_is_accepted_by_a_verifier_that_is_not_ours(three_days, door, client):
    assert door("jwt")["Content-Type"] == "application/vc+jwt"
    assert jwt.get_unverified_header(door("jwt").content.decode())["alg"] == badge.ALGORITHM
    token = token_of(three_days)
    [public] = client.get("/attest/sleutels.json").json()["keys"]
    header = jwt.get_unverified_header(token)
    assert header["kid"].endswith(f"#{public['kid']}")

    pem = jwt.PyJWK(public).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    credential = OB3Verifier(pem).verify(token)

    assert credential.issuer.name == "Helpende handen Antwerpen"
    assert credential.achievement.alignments[0].target_framework == "ESCO"
    assert credential.achievement.criteria_narrative.startswith("Helped 3 times, 7.5 hours in all")
    begin, _middle, end = token.split(".")
    with pytest.raises(OB3VerificationError):
        OB3Verifier(pem).verify(f"{begin}.{_middle[:-4]}AAAA.{end}")


def test_the_certificate_validates_against_its_schema(door):
    credential = door("json").json()
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))

    assert [one.message for one in schema.iter_errors(credential)] == []
    assert credential["credentialSubject"]["achievement"]["alignment"]
    for spoil in (
        lambda one: one.pop("validFrom"),
        lambda one: one.update(type=["VerifiableCredential"]),
        lambda one: one["issuer"].pop("id"),
        lambda one: one["credentialSubject"].pop("identifier"),
        lambda one: one["credentialSubject"]["achievement"].pop("criteria"),
        lambda one: one["credentialSubject"]["achievement"]["alignment"][0].update(targetType="ESCO skill"),
        lambda one: one["credentialSubject"].update(activityStartDate="maart"),
    ):
        wrong = copy.deepcopy(credential)
        spoil(wrong)
        assert list(schema.iter_errors(wrong)), "the schema sees what is wrong"


def test_a_wallet_that_others_wrote_takes_the_certificate(door):
    credential = door("json").json()
    schema = jsonschema.Draft202012Validator(json.loads(OF_A_WALLET.read_text(encoding="utf-8")))

    assert [one.message for one in schema.iter_errors(credential)] == []
    for spoil in (
        lambda one: one.pop("issuer"),
        lambda one: one.update(type=[]),
        lambda one: one["credentialSubject"]["achievement"].pop("criteria"),
        lambda one: one["credentialSubject"]["identifier"][0].pop("identityHash"),
        lambda one: one["credentialSubject"]["achievement"]["alignment"][0].pop("targetUrl"),
    ):
        wrong = copy.deepcopy(credential)
        spoil(wrong)
        assert list(schema.iter_errors(wrong)), "the schema sees what is wrong"


def test_the_credential_says_no_more_of_the_person(door, client):
    credential = door("json").json()

    assert credential["credentialSubject"].keys() == {
        "type", "identifier", "activityStartDate", "activityEndDate", "achievement",
    }  # fmt: skip
    issuer = client.get(credential["issuer"]["id"].split("8000")[-1]).json()
    assert {key: issuer[key] for key in credential["issuer"]} == credential["issuer"]
    assert client.get("/attest/nergens/").status_code == 404


def test_after_the_secret_changed_an_old_badge_can_still_be_checked(three_days, client, settings):
    token = token_of(three_days)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of at least thirty-two signs"

    keys = {one["kid"]: jwt.PyJWK(one).key for one in client.get("/attest/sleutels.json").json()["keys"]}

    assert len(keys) == 2
    kid = jwt.get_unverified_header(token)["kid"].split("#")[1]
    assert jwt.decode(token, keys[kid], algorithms=[badge.ALGORITHM])["name"]


def test_the_desk_prints_it_for_who_is_here(three_days, client, coordinator, volunteer):
    client.force_login(coordinator)
    page = f"/balie/mensen/{volunteer.pk}/"
    paper = f"{page}{three_days.proposal_id}/attest.pdf"
    assert client.get(paper).status_code != 200
    client.post(page, {"here": "1"})

    assert paper in client.get(page).content.decode()
    assert client.get(paper).content[:4] == b"%PDF"
