"""A city is data: a second one runs without a change of code, and a wrong file stops the start with an exact reason."""

import shutil
from pathlib import Path

import pytest

from backend.city import load as city_files
from matching.catalogue import FOLDER, CatalogueError, load_catalogue

ROOT = Path(__file__).resolve().parents[3]
SECOND = ROOT / "tests" / "cities" / "zilverstad"


@pytest.fixture
def folder(tmp_path):
    """A copy of the second city, free to spoil."""
    target = tmp_path / "city"
    shutil.copytree(SECOND, target)
    return target


def spoil(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_second_city_is_only_a_folder():
    city = city_files.load(SECOND)

    assert (city.slug, city.matching.policy.ride_km, city.matching.policy.theme) == ("zilverstad", 3.0, 20_000)
    assert city.matching.statuses == {"ww"}
    assert list(city.matching.neighbourhoods) == ["Havenkwartier", "Bovenstad"]


WRONG = [
    ("city.toml", 'slug = "zilverstad"', 'slug = "Zilver Stad"', "city.toml, slug: 'Zilver Stad' must be small letters"),
    ("city.toml", "[messages]", "[messages]\nproposal_reminder_days = 0", "city.toml, [messages] proposal_reminder_days: must be a whole number of days, not 0"),
    ("city.toml", "[messages]", "[messages]\ncheck_in_days = [0]", "[messages] check_in_days: must be a list of days, not [0]"),
    ("city.toml", "[messages]", '[messages]\nfixed_holidays = ["25-12"]', '[messages] fixed_holidays: must be a list of months and days like "12-25"'),
    ("city.toml", "[messages]", '[messages]\ndigest_at = "early"', "[messages] digest_at: must be a time like"),
    ("city.toml", "[messages]", "[messages]\neaster_holidays = 1", "[messages] easter_holidays: must be a list of days, not 1"),
    ("city.toml", 'slug = "zilverstad"', "", "city.toml, slug: must be a text, not None"),
    ("city.toml", 'phone = "010 000 00 00"', "phone = 10", "city.toml, phone: must be a text, not 10"),
    ("city.toml", "phone", "telefoon", "city.toml, telefoon: this key does not exist"),
    ("city.toml", 'time_zone = "Europe/Amsterdam"', 'time_zone = "Mars"', "city.toml, time_zone: 'Mars' is not a time zone"),
    ("city.toml", 'languages = ["nl", "en"]', 'languages = "nl"', "city.toml, languages: must be a list of texts"),
    ("city.toml", 'language = "nl"', 'language = "fr"', "city.toml, language: 'fr' must be one of languages"),
    ("city.toml", 'quiet_from = "00:00"', 'quiet_from = "laat"', "[messages] quiet_from: must be a time like"),
    ("city.toml", "south = 52.0", "south = 53.0", "city.toml, [box]: south must lie below north"),
    ("city.toml", "west = 4.0", "", "city.toml, [box]: must have exactly"),
    ("city.toml", 'west = 4.0', 'west = "4"', "city.toml, [box] west: must be decimal degrees"),
    ("city.toml", "ride_km = 3.0", 'ride_km = "ver"', "city.toml, [matching] ride_km: must be a number"),
    ("city.toml", "ride_km = 3.0", "ride_km = -1", "city.toml, [matching] ride_km: must be 0 or more"),
    ("city.toml", "theme = 20000", "theme = 1.5", "city.toml, [matching] theme: must be a whole number"),
    ("city.toml", "ride_km", "rit_km", "city.toml, [matching] rit_km: matching has no such setting"),
    ("city.toml", "theme = 20000", 'hard_to_reach_postcodes = ["9999"]', "hard_to_reach_postcodes: '9999' is no postcode here"),
    ("city.toml", "[box]", "[box", "city.toml: cannot be read"),
    ("neighbourhoods.csv", "52.14", "51.00", "neighbourhoods.csv, line 3, column lat: 51.0 lies outside the city's box"),
    ("neighbourhoods.csv", "52.14", "noord", "neighbourhoods.csv, line 3, column lat: 'noord' is not a number"),
    ("neighbourhoods.csv", "52.14", "nan", "neighbourhoods.csv, line 3, column lat: 'nan' is not a number"),
    ("neighbourhoods.csv", "Bovenstad", "Havenkwartier", "line 3, column neighbourhood: 'Havenkwartier' stands here twice"),
    ("neighbourhoods.csv", "3001", "4000", "neighbourhoods.csv, line 3, column postcode: '4000' does not exist"),
    ("neighbourhoods.csv", ",lat,", ",breedte,", "neighbourhoods.csv, line 1: the column 'lat' is missing"),
    ("postcodes.csv", "3001,52.14,4.30", "3001,52.14", "postcodes.csv, line 3: has too many or too few values"),
    ("statuses_formalities.csv", "declare", "misschien", "line 2, column use: 'misschien' is not one of"),
    ("expense_ceilings.csv", "5.60", "veel", "expense_ceilings.csv, line 2, column flat_rate_per_day_eur: 'veel' is not a number"),
    ("publication.toml", 'outcome = "refuse"', 'outcome = "maybe"', "[[text]] 1 outcome: 'maybe' is not one of"),
    ("publication.toml", "any = [", "any = ['(',", "publication.toml, [[text]] 1 any: missing )"),
    ("publication.toml", "paid_work = ", "betaald = ", "publication.toml, [sentences] paid_work: there is no sentence"),
    ("publication.toml", "[sentences]", '[sentences_en]\nniets = "No."\n[sentences]', "[sentences_en] niets: there is no such"),
    ("publication.toml", "[sentences]", '[sentences_en]\npaid_work = "{x}"\n[sentences]', "does not tell the same"),
    ("publication.toml", "hours_per_week = 19", 'hours_per_week = "veel"', "[limits] hours_per_week: must be a whole number"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), WRONG)
def test_a_wrong_city_file_is_named_with_its_place_and_reason(file, old, new, words, folder):
    spoil(folder / file, old, new)

    with pytest.raises(CatalogueError) as wrong:
        city_files.load(folder)

    assert words in str(wrong.value)


@pytest.mark.parametrize(
    "file",
    [
        "city.toml",
        "neighbourhoods.csv",
        "postcodes.csv",
        "statuses_formalities.csv",
        "expense_ceilings.csv",
        "publication.toml",
    ],
)
def test_a_missing_city_file_is_named(file, folder):
    (folder / file).unlink()

    with pytest.raises(CatalogueError, match=f"{file}: the file is missing"):
        city_files.load(folder)


def test_an_installation_may_hold_several_cities_but_not_one_twice(settings):
    try:
        settings.CITIES = ["antwerpen", str(SECOND)]
        city_files.cities.cache_clear()
        assert list(city_files.cities()) == ["antwerpen", "zilverstad"]
        assert city_files.default_city().slug == "antwerpen"
        with pytest.raises(CatalogueError, match="does not have it"):
            city_files.city("atlantis")

        settings.CITIES = [str(SECOND), str(SECOND)]
        city_files.cities.cache_clear()
        with pytest.raises(CatalogueError, match="two folders are called 'zilverstad'"):
            city_files.cities()
    finally:
        city_files.cities.cache_clear()


CATALOGUES = [
    ("talents.csv", "mensen_ontvangen,ONTHAAL", "mensen_ontvangen,NERGENS", "line 2, column group: 'NERGENS' does not exist"),
    ("talents.csv", "http://data.europa.eu/esco/skill/", "http://elders/", "column esco_uri: must begin with"),
    ("talents.csv", "weg_wijzen,", "mensen_ontvangen,", "line 3, column code: 'mensen_ontvangen' stands here twice"),
    ("thresholds.csv", "buddy;taalbuddy;", "taalbuddy;", "column lowered_by: does not agree with threshold_reducers.csv about buddy"),
    ("thresholds.csv", ",1.0,dutch_min", ",veel,dutch_min", "line 2, column weight: 'veel' is not a number"),
    ("threshold_reducers.csv", "taal,-1", "taal,-3", "column effect: must be -1 or -2"),
    ("threshold_reducers.csv", "alleen;ervaring;taal", "alleen;ervaring;taal;geduld", "column lowers: 'geduld' does not exist"),
    ("boundaries.csv", "tillen;duwen", "tillen;zweven", "column conflicts_with_features: 'zweven' does not exist"),
    ("boundaries.csv", "wheelchair=no", "wielen=nee", "'wielen=nee' must be field=value"),
    ("boundaries.csv", ",hard,", ",heel hard,", "column kind: 'heel hard' is not one of hard, zacht"),
    ("features.csv", "niet_tillen", "niet_zien", "features.csv, line 2, column conflicts_with_boundaries: does not agree"),
    ("wishes.csv", "support=buddy", "support=buddies", "column satisfied_by_any: 'buddies' does not exist in the list of support"),
    ("language_levels.csv", "C2,", "D1,", "language_levels.csv: must hold exactly A0"),
    ("themes.csv", "buurt,Buurt en ontmoeting", "buurt,", "themes.csv, line 2, column label_nl: is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), CATALOGUES)
def test_a_wrong_catalogue_is_named_with_its_place_and_reason(file, old, new, words, tmp_path):
    folder = tmp_path / "catalogue"
    shutil.copytree(FOLDER, folder)
    spoil(folder / file, old, new)

    with pytest.raises(CatalogueError) as wrong:
        load_catalogue(folder)

    assert words in str(wrong.value)


def test_r119_the_second_city_matches_without_a_change_of_code(tmp_path):
    """Its own places, its own policy: the command reads the city file beside the sample."""
    import json
    import subprocess
    import sys

    world = tmp_path / "world"
    shutil.copytree(SECOND, world)
    demo = ROOT / "backend" / "city" / "antwerpen" / "demo"
    for kind in ("organisations", "opportunities", "volunteers"):
        data = json.loads((demo / f"{kind}.json").read_text(encoding="utf-8"))
        for record in data["items"]:
            place = record.get("place", record)
            place.update(neighbourhood="Havenkwartier", postcode="3000", lat=52.1, lon=4.3)
            if "declared_statuses" in record:
                record["declared_statuses"] = ["ww"]
        (world / f"{kind}.json").write_text(json.dumps(data), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "matching", str(world), "--reasons"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stderr
    lists = json.loads(done.stdout)
    assert len(lists) == 25
    assert all("distance" not in one["blocked"] for one in lists.values())
    assert {"code": "own_wijk", "values": {}} in lists["P40"]["reasons"][lists["P40"]["proposals"][0]]
