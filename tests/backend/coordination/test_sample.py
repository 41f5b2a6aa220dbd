"""Loading a city sample: again is the same, all or nothing per file, and nobody says yes for somebody else."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from backend.coordination import actions
from backend.opportunities import states
from backend.opportunities.actions import publish_opportunity
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.talent.models import Consent, ProfileLanguage, ProfileTalent, TalentProfile, Volunteer
from matching.citysample import SampleErrors

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "backend" / "city" / "antwerpen" / "demo"
TABLES = (Organisation, Opportunity, Volunteer, TalentProfile, ProfileTalent, ProfileLanguage)


def contents():
    """Everything that is stored, without row numbers and clocks."""
    hidden = {"id", "created_at", "updated_at", "profile_id"}
    return {
        table.__name__: sorted(
            json.dumps({k: v for k, v in row.items() if k not in hidden}, default=str, sort_keys=True)
            for row in table.objects.values()
        )
        for table in TABLES
    }


def load(kind, data, place, now):
    return actions.load_sample_file(json.dumps(data).encode(), file=f"{kind}.json", kind=kind, city=place.slug, now=now)


def read(kind):
    return json.loads((DEMO / f"{kind}.json").read_text(encoding="utf-8"))


def test_loading_twice_gives_the_same_database_as_once(small_city, now):
    before = contents()

    told = actions.load_sample(DEMO, city=small_city.slug, now=now)

    assert contents() == before
    assert [(one.kind, one.new, one.known) for one in told] == [
        ("organisations", 0, 26), ("opportunities", 0, 25), ("volunteers", 0, 25),
    ]  # fmt: skip


def test_what_loads_is_a_draft_and_nobody_is_confirmed(empty_city, now):
    actions.load_sample(DEMO, city=empty_city.slug, now=now)

    assert set(Opportunity.objects.values_list("state", flat=True)) == {states.DRAFT}
    assert set(Volunteer.objects.values_list("state", flat=True)) == {"prospect"}
    assert not Consent.objects.exists()


@pytest.mark.parametrize("kind", ["organisations", "opportunities", "volunteers"])
def test_one_error_and_nothing_of_the_file_is_stored(kind, small_city, now):
    before = contents()
    data = read(kind)
    data["items"][0]["neighbourhood" if kind != "opportunities" else "title"] = (
        "" if kind == "opportunities" else "Mars"
    )
    data["items"][-1]["id"] = "Z99" if kind != "organisations" else "ZZ99"

    with pytest.raises(SampleErrors):
        load(kind, data, small_city, now)

    assert contents() == before


def test_a_file_may_be_loaded_alone_when_what_it_points_to_is_there(small_city, now):
    loaded, _ = load("opportunities", read("opportunities"), small_city, now)

    assert (loaded.new, loaded.known) == (0, 25)


def test_opportunities_without_their_organisations_are_refused(empty_city, now):
    with pytest.raises(SampleErrors) as refused:
        load("opportunities", read("opportunities"), empty_city, now)

    assert {problem.code for problem in refused.value.problems} == {"unknown_reference"}


def test_a_changed_opportunity_that_was_online_is_checked_again(small_city, opportunity, now):
    publish_opportunity(opportunity, now=now)
    data = read("opportunities")
    data["items"][-1]["title"] = "Kleren sorteren"

    load("opportunities", data, small_city, now)

    opportunity.refresh_from_db()
    assert (opportunity.state, opportunity.title, opportunity.version) == (states.DRAFT, "Kleren sorteren", 3)


def test_places_that_were_given_away_cannot_be_taken_back_by_a_file(small_city, opportunity, now):
    Opportunity.objects.filter(pk=opportunity.pk).update(taken_open=2, taken_reserved=4)
    data = read("opportunities")
    data["items"][-1].update(places=3, reserved_places=1)
    data["items"][0]["title"] = "Iets anders"

    with pytest.raises(SampleErrors, match="places"):
        load("opportunities", data, small_city, now)

    assert not Opportunity.objects.filter(title="Iets anders").exists()


def test_a_live_city_takes_no_invented_people_and_confirms_nobody(empty_city, now, settings):
    settings.FICTION_WELCOME = False

    with pytest.raises(SampleErrors):
        actions.load_sample(DEMO, city=empty_city.slug, now=now)
    with pytest.raises(PermissionError):
        actions.confirm_invented_people(empty_city.slug, now=now)

    assert not Organisation.objects.exists()


def test_the_story_of_a_person_is_never_stored(small_city):
    stories = [record["story"] for record in read("volunteers")["items"]]

    everything = json.dumps(contents(), ensure_ascii=False)

    assert not [story for story in stories if story and story in everything]


def test_the_command_loads_publishes_and_tells(empty_city, capsys):
    call_command("load_city_sample", str(DEMO), "--publish", "--confirm-invented")

    told = capsys.readouterr().out
    assert "opportunities: 25 new, 0 updated" in told
    assert "confirmed: 25" in told
    assert "online: 25" in told


def test_the_command_names_every_error_and_stores_nothing(empty_city, tmp_path):
    (tmp_path / "organisations.json").write_text("{}")

    with pytest.raises(CommandError, match=r'organisations.json format: missing: Vul "format" in.'):
        call_command("load_city_sample", str(tmp_path))

    assert not Organisation.objects.exists()
