"""Opportunities from a table: every row is stored whole or refused with its line and reason, and the numbers add up."""

import csv
import random
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from backend.city import load as city_files
from backend.coordination import actions
from backend.coordination.tables import MappingError, read_mapping, read_table
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.models import Proposal
from backend.placements.rounds import run_round
from backend.talent.models import Consent, ProfileLanguage, ProfileTalent, TalentProfile, Volunteer

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "docs" / "examples" / "new-york"
REAL = ROOT.parent / "shared" / "data" / "new-york" / "opportunities.csv"
needs_real_table = pytest.mark.skipif(
    not REAL.exists(), reason="the real table of New York is not beside this checkout"
)
NEW_YEAR = datetime(2011, 1, 2, 12, tzinfo=ZoneInfo("America/New_York"))
HEADER = "opportunity_id,title,summary,category,org,places_requested,recurrence,start_date,end_date,postcode,lat,lon"
GOOD = (
    "5008,Web designer,Build a website,Education,Bpeace,2,onetime,February 01 2011,February 01 2011,10010,40.74,-73.98"
)


@pytest.fixture
def new_york(db, settings, monkeypatch):
    """An installation with two cities."""
    settings.CITIES = ["antwerpen", str(EXAMPLE)]
    city_files.cities.cache_clear()
    yield city_files.city("new-york")
    city_files.cities.cache_clear()


@pytest.fixture
def mapping():
    return read_mapping(EXAMPLE / "opportunities.toml")


@pytest.fixture
def table(tmp_path):
    def write(*rows, header=HEADER, encoding="utf-8"):
        path = tmp_path / "table.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
        return path

    return write


def take(path, mapping, *, store=True):
    return actions.import_table(path, mapping, city="new-york", now=NEW_YEAR, store=store)


def test_a_preview_says_the_same_and_keeps_nothing(new_york, mapping, table):
    path = table(GOOD, GOOD.replace("5008", "5009").replace("40.74", ""))

    preview = take(path, mapping, store=False)
    assert not Opportunity.objects.filter(city="new-york").exists()
    assert not Organisation.objects.filter(city="new-york").exists()

    stored = take(path, mapping)
    assert (
        (preview.rows, preview.new, len(preview.refused)) == (stored.rows, stored.new, len(stored.refused)) == (2, 1, 1)
    )


def test_taking_it_again_doubles_nothing(new_york, mapping, table):
    path = table(GOOD)
    take(path, mapping)

    again = take(path, mapping)

    assert (again.new, again.known, again.organisations) == (0, 1, 0)
    assert (
        Opportunity.objects.filter(city="new-york").count() == Organisation.objects.filter(city="new-york").count() == 1
    )


def test_a_one_time_row_becomes_one_day_with_the_slots_of_that_weekday(new_york, mapping, table):
    take(table(GOOD), mapping)

    found = Opportunity.objects.get(external_id="N5008")
    assert (found.commitment, found.frequency, found.period_from) == ("once", "once", found.period_until)
    assert found.slots == ["tue-morning", "tue-afternoon", "tue-evening"]
    assert (found.neighbourhood, found.postcode, found.language) == ("Manhattan", "100", "en")


WRONG = [
    (GOOD.replace("40.74", ""), "lat", "missing"),
    (GOOD.replace("40.74", "north"), "lat", "wrong_type"),
    (GOOD.replace("40.74", "51.2"), "place.lat", "out_of_range"),
    (GOOD.replace("10010", "1001"), "postcode", "wrong_type"),
    (GOOD.replace("10010", "90210"), "place.postcode", "not_in_list"),
    (GOOD.replace(",2,", ",0,"), "places", "out_of_range"),
    (GOOD.replace(",2,", ",2.5,"), "places", "wrong_type"),
    (GOOD.replace("February 01 2011,February 01 2011", "01/02/2011,February 01 2011"), "start_date", "wrong_type"),
    (
        GOOD.replace("February 01 2011,February 01 2011", "February 02 2011,February 01 2011"),
        "commitment.period.until",
        "inconsistent",
    ),
    (GOOD.replace("Web designer", ""), "title", "missing"),
    (GOOD.replace("Bpeace", ""), "org", "out_of_range"),
    (GOOD.replace("5008", "x"), "opportunity_id", "wrong_type"),
    (GOOD + ",too,many", "row", "wrong_type"),
    ("5008,short", "row", "wrong_type"),
]


@pytest.mark.parametrize(("row", "where", "code"), WRONG)
def test_r093_a_wrong_row_says_its_line_its_place_and_its_reason(row, where, code, new_york, mapping, table):
    report = take(table(GOOD.replace("5008", "5001"), row), mapping)

    [[refusal]] = report.refused.values()
    assert (refusal.line, refusal.where, refusal.code) == (3, where, code)
    assert report.stored == 1


def test_every_wrong_cell_of_a_row_is_named(new_york, mapping, table):
    row = GOOD.replace("40.74", "").replace("10010", "1001").replace("Web designer", "")

    [refusals] = take(table(row), mapping).refused.values()

    assert sorted(one.where for one in refusals) == ["lat", "postcode", "title"]


def test_a_cell_with_a_null_character_is_refused(new_york, mapping, table):
    [[refusal]] = take(table(GOOD.replace("Web", "W\x00b")), mapping).refused.values()

    assert (refusal.line, refusal.where, refusal.code) == (2, "title", "wrong_type")


def test_the_same_id_twice_in_one_table_is_refused_the_second_time(new_york, mapping, table):
    report = take(table(GOOD, GOOD), mapping)

    assert [(one.line, one.code) for one in report.refused[3]] == [(3, "duplicate_id")]
    assert report.stored == 1


def test_line_numbers_count_line_breaks_inside_cells(new_york, mapping, table):
    report = take(table(GOOD.replace("Build a website", '"Build\na\nwebsite"'), GOOD.replace("5008", "x")), mapping)

    assert list(report.refused) == [5]


def test_a_long_title_is_shortened_and_quotes_and_commas_stay(new_york, mapping, table):
    take(table(GOOD.replace("Web designer", '"Design, ""big"" ' + "x" * 90 + '"')), mapping)

    title = Opportunity.objects.get(external_id="N5008").title
    assert (len(title), title[:13], title[-1]) == (80, 'Design, "big"', "…")


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([GOOD], {"header": HEADER.replace("lat", "latitude")}, "the column 'lat' is missing"),
        (['"open quote'], {}, "cannot be read"),
        (["caf\u00e9"], {"encoding": "latin-1"}, "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_read_stores_nothing(rows, options, words, new_york, mapping, table):
    with pytest.raises(MappingError, match=words):
        take(table(*rows, **options), mapping)

    assert not Opportunity.objects.filter(city="new-york").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[organisation]", "[organization]"), "organization: this key does not exist"),
        (('column = "org"', 'name = "org"'), "must name the column"),
        (('legal_form = "vzw"', 'legal_form = "inc"'), "legal_form: must be one of"),
        (("shorten = 80", "cut = 80"), r"\[fields\] title, cut: this key does not exist"),
        (('{ column = "title", shorten = 80 }', "{ shorten = 80 }"), "title: names no column"),
        (('equals = "onetime"', ""), "needs column, equals and set"),
        (("[fields]", "[fields"), "cannot be read"),
    ],
)
def test_a_wrong_mapping_is_named(change, words, tmp_path):
    text = (EXAMPLE / "opportunities.toml").read_text(encoding="utf-8")
    path = tmp_path / "mapping.toml"
    path.write_text(text.replace(*change), encoding="utf-8")

    with pytest.raises(MappingError, match=words):
        read_mapping(path)


def test_the_command_previews_first_and_says_what_it_would_do(new_york, table, capsys):
    arguments = [
        "import_opportunities",
        str(table(GOOD, GOOD.replace("5008", "x"))),
        "--mapping",
        str(EXAMPLE / "opportunities.toml"),
    ]

    call_command(*arguments, "--city", "new-york", "--today", "2011-01-02")

    told = capsys.readouterr().out
    assert "line 3: opportunity_id: wrong_type" in told
    assert "2 rows read: 1 would be stored (preview; add --store), 1 refused" in told
    assert not Opportunity.objects.filter(city="new-york").exists()
    with pytest.raises(CommandError, match="There is no city 'atlantis'"):
        call_command(*arguments, "--city", "atlantis")


@needs_real_table
def test_the_665_real_rows_of_new_york_are_stored_or_refused_with_a_reason(new_york, mapping):
    report = take(REAL, mapping)

    with REAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unplaced = sum(not row["lat"] for row in rows)
    odd_postcodes = sum(len(row["postcode"]) != 5 for row in rows)
    assert (report.rows, unplaced, odd_postcodes) == (665, 70, 8)
    assert (report.stored, len(report.refused)) == (591, 74)
    assert report.stored + len(report.refused) == report.rows
    assert Opportunity.objects.filter(city="new-york").count() == 591
    assert {refusal.where for refusals in report.refused.values() for refusal in refusals} == {"lat", "lon", "postcode"}
    assert report.organisations == Organisation.objects.filter(city="new-york").count()


def two_thousand_people(city, seed=20110102):
    """Generated volunteers all over the city, with talents, limits and habits drawn at random."""
    chance = random.Random(seed)
    from matching.catalogue import load_catalogue
    from matching.types import SLOTS

    catalogue = load_catalogue()
    talents, themes = list(catalogue.talents), list(catalogue.themes)
    people = [
        Volunteer(
            city=city.slug, external_id=f"V{n:04}", first_name="Generated", language="en", state="confirmed",
            age_from=chance.choice([16, 18, 21, 21, 21]), age_asked_on=NEW_YEAR.date(),
            guided_by="a guide" if n % 5 == 0 else None,
        )
        for n in range(2000)
    ]  # fmt: skip
    Volunteer.objects.bulk_create(people)
    places = list(city.matching.neighbourhoods.items())
    profiles = []
    for person in people:
        name, point = chance.choice(places)
        profiles.append(
            TalentProfile(
                volunteer=person, neighbourhood=name, postcode="100",
                lat=point.lat + chance.uniform(-0.03, 0.03), lon=point.lon + chance.uniform(-0.03, 0.03),
                max_km=chance.choice([4, 8, 15, 30]), max_hours_per_week=chance.choice([2, 4, 8]),
                max_commitment=chance.choice(["once", "flexible", "fixed"]),
                available=chance.sample(SLOTS, chance.randint(1, 8)), themes=chance.sample(themes, 3),
            )
        )  # fmt: skip
    TalentProfile.objects.bulk_create(profiles)
    ProfileTalent.objects.bulk_create(
        ProfileTalent(profile=profile, talent=talent, level=chance.randint(1, 3))
        for profile in profiles
        for talent in chance.sample(talents, 3)
    )
    ProfileLanguage.objects.bulk_create(
        ProfileLanguage(profile=profile, language="en", level="C2") for profile in profiles
    )
    Consent.objects.bulk_create(
        Consent(
            volunteer=person,
            purpose="proposals",
            text_version="x",
            language="en",
            given_how="sample",
            given_at=NEW_YEAR,
        )
        for person in people
    )


@needs_real_table
def test_a_round_runs_over_new_york_with_two_thousand_people(new_york, mapping):
    take(REAL, mapping)
    outcomes = actions.publish_drafts("new-york", now=NEW_YEAR)
    two_thousand_people(new_york)

    found = run_round("new-york", now=NEW_YEAR)

    online = Opportunity.objects.filter(city="new-york", state="published").count()
    assert sum(outcomes.values()) == 591
    assert outcomes[""] == online == found.opportunities > 500
    assert (found.people, found.pairs) == (2000, 2000 * online)
    assert found.proposals == Proposal.objects.filter(volunteer__city="new-york").count() > 1000
    assert Proposal.objects.filter(volunteer__city="new-york").values("volunteer").distinct().count() == found.proposals
    assert not Proposal.objects.exclude(volunteer__city="new-york").exists()


def test_reading_a_table_stores_nothing_and_marks_broken_rows(mapping, table):
    assert [(line, cells is None) for line, cells in read_table(table(GOOD, "5008,short"), mapping)] == [
        (2, False),
        (3, True),
    ]
