"""The city sample reader: every error of the format with its record, field and reason, and nothing taken over."""

import json

import pytest

from matching import citysample


@pytest.fixture
def read(form):
    def check(data, kind, **options):
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        return citysample.read(content, file=f"{kind}.json", kind=kind, form=form, **options)

    return check


@pytest.fixture
def wrong(read):
    def problems(data, kind, **options):
        with pytest.raises(citysample.SampleErrors) as refused:
            read(data, kind, **options)
        return [(one.item, one.path, one.code) for one in refused.value.problems]

    return problems


def change(record, path, value):
    *outer, last = path.split(".")
    for key in outer:
        record = record[key]
    if value is GONE:
        del record[last]
    else:
        record[last] = value


GONE = object()
ORGANISATIONS = [f"O{n:02}" for n in range(1, 27)]

WRONG = [
    ("organisations", "name", GONE, "name", "missing"),
    ("organisations", "name", None, "name", "missing"),
    ("organisations", "name", "   ", "name", "missing"),
    ("organisations", "name", 7, "name", "wrong_type"),
    ("organisations", "name", "x" * 121, "name", "out_of_range"),
    ("organisations", "name", "half \ud800", "name", "wrong_type"),
    ("organisations", "name", "null \x00", "name", "wrong_type"),
    ("organisations", "id", "o1", "id", "wrong_type"),
    ("organisations", "legal_form", "company", "legal_form", "not_in_list"),
    ("organisations", "youth_work", "nee", "youth_work", "wrong_type"),
    ("organisations", "neighbourhood", "Mars", "neighbourhood", "not_in_list"),
    ("organisations", "postcode", "1000", "postcode", "not_in_list"),
    ("organisations", "lat", 50.0, "lat", "out_of_range"),
    ("organisations", "lon", "4.4", "lon", "wrong_type"),
    ("organisations", "welcome_languages", [], "welcome_languages", "out_of_range"),
    ("organisations", "welcome_languages", ["nl", "xx"], "welcome_languages[1]", "not_in_list"),
    ("organisations", "welcome_languages", ["nl", "nl"], "welcome_languages[1]", "duplicate_value"),
    ("organisations", "vcode", "V12", "vcode", "wrong_type"),
    ("organisations", "vcode", "V0000001", "vcode", "out_of_range"),
    ("organisations", "contact", {"label": "x", "email": None, "phone": None}, "contact.email", "missing"),
    ("organisations", "contact", {"label": "x", "email": "x", "phone": None}, "contact.email", "wrong_type"),
    ("organisations", "contact", [], "contact", "wrong_type"),
    ("organisations", "contact.fax", "1", "contact.fax", "unknown_key"),
    ("organisations", "walk_in", [{"freq": "WEEKLY", "byday": "TU,XX", "opens_at": "09:00", "closes_at": "12:00"}],
     "walk_in[0].byday", "not_in_list"),
    ("organisations", "walk_in", [{"freq": "MONTHLY", "byday": "SA", "opens_at": "09:00", "closes_at": "12:00"}],
     "walk_in[0].byday", "not_in_list"),
    ("organisations", "walk_in", [{"freq": "WEEKLY", "byday": "TU", "opens_at": "12:00", "closes_at": "12:00"}],
     "walk_in[0].opens_at", "inconsistent"),
    ("organisations", "walk_in", [{"freq": "WEEKLY", "byday": "TU", "opens_at": "25:00", "closes_at": "23:00"}],
     "walk_in[0].opens_at", "wrong_type"),
    ("opportunities", "organisation", "O99", "organisation", "unknown_reference"),
    ("opportunities", "title", "x" * 81, "title", "out_of_range"),
    ("opportunities", "themes", [], "themes", "out_of_range"),
    ("opportunities", "themes", ["buurt", "natuur", "sport", "zorg"], "themes", "out_of_range"),
    ("opportunities", "talents_welcome", ["vliegen"], "talents_welcome[0]", "not_in_list"),
    ("opportunities", "dutch_min", "B3", "dutch_min", "not_in_list"),
    ("opportunities", "languages_welcome", ["nl"], "languages_welcome[0]", "inconsistent"),
    ("opportunities", "times.slots", ["tue-night"], "times.slots[0]", "not_in_list"),
    ("opportunities", "times.slots", ["tue-morning", "tue-morning"], "times.slots[1]", "duplicate_value"),
    ("opportunities", "times.slots", [], "times.slots", "out_of_range"),
    ("opportunities", "times.kies", "all", "times.kies", "unknown_key"),
    ("opportunities", "times.frequency", "once", "commitment.type", "inconsistent"),
    ("opportunities", "commitment.min_weeks", 3, "commitment.min_weeks", "inconsistent"),
    ("opportunities", "commitment.min_weeks", 53, "commitment.min_weeks", "out_of_range"),
    ("opportunities", "commitment.hours_per_time", 0.4, "commitment.hours_per_time", "out_of_range"),
    ("opportunities", "commitment.hours_per_time", True, "commitment.hours_per_time", "wrong_type"),
    ("opportunities", "commitment.period", {"from": "2027-05-02", "until": "2027-05-01"},
     "commitment.period.until", "inconsistent"),
    ("opportunities", "commitment.period", {"from": "2027-02-30", "until": "2027-05-01"},
     "commitment.period.from", "wrong_type"),
    ("opportunities", "place.own_neighbourhood", None, "place.own_neighbourhood", "missing"),
    ("opportunities", "features", ["schrijven"], "features", "inconsistent"),
    ("opportunities", "features", ["lang_staan", "alleen"], "features", "inconsistent"),
    ("opportunities", "features", ["eigen_auto"], "features", "inconsistent"),
    ("opportunities", "company", "alone", "features", "inconsistent"),
    ("opportunities", "min_age", 16.5, "min_age", "wrong_type"),
    ("opportunities", "min_age", -1, "min_age", "out_of_range"),
    ("opportunities", "flat_rate_per_day_eur", 20, "flat_rate_per_day_eur", "inconsistent"),
    ("opportunities", "places", 201, "places", "out_of_range"),
    ("opportunities", "reserved_places", 7, "reserved_places", "inconsistent"),
    ("volunteers", "age", 14, "age", "out_of_range"),
    ("volunteers", "languages", {"fr": "B1"}, "languages.nl", "missing"),
    ("volunteers", "languages.xx", "A1", "languages.xx", "not_in_list"),
    ("volunteers", "talents", {}, "talents", "out_of_range"),
    ("volunteers", "talents.video", 4, "talents.video", "out_of_range"),
    ("volunteers", "talents_point_only", ["naaien"], "talents_point_only[0]", "inconsistent"),
    ("volunteers", "themes_excluded", ["sport"], "themes_excluded[0]", "inconsistent"),
    ("volunteers", "max_hours_per_week", 41, "max_hours_per_week", "out_of_range"),
    ("volunteers", "max_km", 0, "max_km", "out_of_range"),
    ("volunteers", "own_car", True, "own_car", "inconsistent"),
    ("volunteers", "declared_statuses", ["wettig_verblijf"], "declared_statuses[0]", "not_in_list"),
    ("volunteers", "channel", "via_guide", "channel", "inconsistent"),
    ("volunteers", "digital", "none", "channel", "inconsistent"),
    ("volunteers", "nationality", "BE", "nationality", "unknown_key"),
    ("volunteers", "story", 7, "story", "wrong_type"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "path", "value", "named", "code"), WRONG)
def test_a_wrong_value_is_named(kind, path, value, named, code, sample_file, wrong):
    data = sample_file(kind)
    change(data["items"][0], path, value)

    found = wrong(data, kind, known_organisations=ORGANISATIONS)

    assert found == [(str(data["items"][0].get("id", 0)) if path != "id" else value, named, code)]


ONCE = {"type": "once", "min_weeks": 0, "hours_per_time": 3, "period": {"from": "2027-05-01", "until": "2027-05-01"}}


@pytest.mark.parametrize(
    ("changes", "named", "code"),
    [
        ({"commitment": {**ONCE, "period": None}}, "commitment.period", "missing"),
        ({"commitment": {**ONCE, "period": {"from": "2027-05-01", "until": "2027-05-02"}}},
         "commitment.period.until", "inconsistent"),
        ({"commitment": {**ONCE, "period": {"from": "2027-05-02", "until": "2027-05-02"}}},
         "times.slots[0]", "inconsistent"),
        ({}, None, None),
    ],
)  # fmt: skip
def test_once_is_one_day_and_every_slot_lies_on_it(changes, named, code, sample_file, read, wrong):
    data = sample_file("opportunities")
    record = data["items"][0]
    record.update({"times": {"slots": ["sat-morning"], "choose": "all", "frequency": "once"}, "commitment": ONCE})
    record.update(changes)

    if code:
        assert wrong(data, "opportunities", known_organisations=ORGANISATIONS) == [("T01", named, code)]
    else:
        assert read(data, "opportunities", known_organisations=ORGANISATIONS)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "bad_json"),
        (b"[1,", "bad_json"),
        (b'{"a": NaN}', "bad_json"),
        (b'{"a": 1, "a": 2}', "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b"[]", "bad_header"),
    ],
)
def test_a_file_that_is_no_city_sample_is_refused(content, code, wrong):
    assert wrong(content, "organisations") == [("", "", code)]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("format", "csv", "bad_header"),
        ("version", 2, "bad_header"),
        ("version", True, "bad_header"),
        ("kind", "volunteers", "bad_header"),
        ("fictional", "yes", "wrong_type"),
        ("reference_date", "1 maart", "wrong_type"),
        ("items", {}, "wrong_type"),
        ("items", GONE, "missing"),
        ("extra", 1, "unknown_key"),
    ],
)
def test_a_wrong_header_is_named(key, value, code, sample_file, wrong):
    data = sample_file("organisations")
    change(data, key, value)

    assert wrong(data, "organisations") == [("", key, code)]


def test_a_live_city_takes_no_invented_people(sample_file, wrong):
    found = wrong(sample_file("volunteers"), "volunteers", is_fiction_welcome=False)

    assert found == [("", "fictional", "bad_header")]


def test_the_same_id_or_the_same_name_and_postcode_twice_is_an_error(sample_file, wrong):
    data = sample_file("organisations")
    data["items"][1].update(id="O01", name=data["items"][0]["name"], postcode=data["items"][0]["postcode"])

    assert wrong(data, "organisations") == [("O01", "id", "duplicate_id"), ("O01", "name", "duplicate_value")]


def test_all_errors_come_back_together_but_never_more_than_200(sample_file, wrong):
    data = sample_file("volunteers")
    for record in data["items"]:
        record.update({f"extra_{n}": 1 for n in range(20)})

    assert len(wrong(data, "volunteers")) == 200


def test_an_error_says_file_record_field_reason_and_a_dutch_sentence(sample_file, form):
    data = sample_file("volunteers")
    data["items"][2]["max_km"] = 99

    with pytest.raises(citysample.SampleErrors) as refused:
        citysample.read(json.dumps(data).encode(), file="volunteers.json", kind="volunteers", form=form)

    assert refused.value.problems[0].as_dict() == {
        "file": "volunteers.json",
        "item": "P11",
        "path": "max_km",
        "code": "out_of_range",
        "value": 99.0,
        "message_nl": '"max_km" moet tussen 0.5 en 50 liggen.',
    }


def test_ages_are_kept_as_a_lower_bound_and_stories_are_dropped(sample_file, read):
    data = sample_file("volunteers")
    for record, age in zip(data["items"], (15, 17, 20, 64), strict=False):
        record["age"] = age

    records = read(data, "volunteers").records

    assert [record["age"] for record in records[:4]] == [15, 16, 18, 21]
    assert not any("story" in record for record in records)


@pytest.mark.parametrize(("asked", "kept", "warns"), [(13, 13, 0), (15, 15, 0), (17, 18, 1), (20, 21, 1), (30, 30, 0)])
def test_a_minimum_age_is_rounded_up_with_a_warning(asked, kept, warns, sample_file, read):
    data = sample_file("opportunities")
    data["items"][0]["min_age"] = asked

    sample = read(data, "opportunities", known_organisations=ORGANISATIONS)

    assert sample.records[0]["min_age"] == kept
    assert [one.code for one in sample.warnings] == ["age_rounded"] * warns


def test_warnings_do_not_stop_a_file(sample_file, read):
    data = sample_file("volunteers")
    data["items"][0].update(available=[], talents={"naaien": 2}, talents_point_only=["naaien"], lat=51.27)

    sample = read(data, "volunteers")

    assert sorted(one.code for one in sample.warnings) == ["neighbourhood_far", "no_talents_shared", "no_times"]
