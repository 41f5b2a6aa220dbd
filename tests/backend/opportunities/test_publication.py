"""Publication checks: the worked cases, no false alarms, and each word rule on its own."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from backend.city.load import ceiling_of, default_city
from backend.opportunities.case import columns_of, facts_of
from backend.opportunities.models import Opportunity
from backend.opportunities.publication import HOLD, check, days_per_year, found, outcome_of, said
from backend.organisations.actions import columns_of as organisation_columns
from backend.organisations.models import Organisation
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import Report

INVALID = json.loads((Path(__file__).parent / "opportunities_invalid.json").read_text(encoding="utf-8"))["items"]
TODAY = date(2027, 3, 1)


@pytest.fixture(scope="module")
def city_file():
    from backend.city.load import default_city

    return default_city()


@pytest.fixture(scope="module")
def cleaned(city_file):
    """A record of the invalid file as its reader hands it on."""
    form = citysample.Format(load_catalogue(), city_file.matching)

    def clean(item):
        report = Report("x", item["id"])
        record = form.check("opportunities_invalid", item, report)
        assert report.errors == []
        return record

    return clean


def rows_of(record, now, *, verified=True):
    organisation = Organisation(**organisation_columns(record["organisation"]), verified_at=now if verified else None)
    return Opportunity(organisation=organisation, **columns_of(record["opportunity"])), organisation


@pytest.mark.parametrize("item", INVALID, ids=lambda item: item["id"])
def test_a_worked_case_is_stopped_with_the_expected_outcome_and_codes(item, cleaned, city_file, now):
    record = cleaned(item)
    opportunity, organisation = rows_of(record, now, verified=item["organisation_verified"])

    findings = check(opportunity, organisation, facts_of(opportunity), city_file.publication, TODAY)

    assert outcome_of(findings) == item["expected"]["outcome"]
    assert set(item["expected"]["codes"]) <= {finding.code for finding in findings}
    assert findings[0].sentence.split(".")[0].split()[0] in item["expected"]["reason_nl"]


def test_nothing_of_the_invented_city_is_stopped(small_city, now):
    from backend.coordination.actions import publish_drafts

    assert publish_drafts(small_city.slug, now=now) == {"": 25}


@pytest.fixture
def codes_of(cleaned, city_file, now):
    """The findings of a harmless opportunity with another text or another field."""

    def codes(text="Kom je helpen in het buurthuis?", *, organisation=None, **changes):
        record = cleaned(INVALID[5])
        opportunity, owner = rows_of(record, now)
        owner.liability_insurance = True
        for name, value in (organisation or {}).items():
            setattr(owner, name, value)
        for name, value in {"text": text, **changes}.items():
            setattr(opportunity, name, value)
        findings = check(opportunity, owner, facts_of(opportunity), city_file.publication, TODAY)
        return {(finding.code, finding.outcome) for finding in findings}

    return codes


HARMLESS = [
    "Je krijgt een vergoeding per kilometer.",
    "Dit is onbetaald werk. Kosten worden terugbetaald.",
    "Komen is niet verplicht. Je kiest zelf.",
    "De planten moeten elke week water krijgen.",
    "Je sorteert kleren en broeken in de winkel.",
    "Je helpt kinderen van 8 tot 12 jaar.",
    "Het feest is op 04/09/2027 om 14 uur.",
    "Draag stevige schoenen voor je veiligheid.",
    "Een seizoen training geven aan vrouwen en mannen.",
    "Iedereen is welkom, met of zonder hoofddoek.",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_sentence_stops_nothing(text, codes_of):
    assert codes_of(text) == set()


STOPPED = [
    ("Je verdient 10 euro per uur.", "paid_work", "refuse"),
    ("Je krijgt € 5 per stuk.", "paid_work", "refuse"),
    ("Je krijgt een cadeaubon.", "paid_work", "refuse"),
    ("Meedoen is verplicht.", "compulsory", "refuse"),
    ("Kom je niet, dan volgt een sanctie.", "compulsory", "refuse"),
    ("Alleen met een uitkering, anders verlies je je recht: je moet komen.", "compulsory", "refuse"),
    ("Vacature voor een kok.", "replaces_staff", "review"),
    ("Enkel voor mannen.", "discriminating_condition", "refuse"),
    ("Enkel voor vrouwen, omdat het een opvanghuis is.", "discriminating_condition", "review"),
    ("Een uniform is nodig.", "dress_rule", "review"),
    ("Geef je rekeningnummer door.", "safety_risk", "block_and_report"),
    ("Bel 0470 12 34 56.", "contact_outside_platform", "hold"),
    ("Bel 03/123.45.67.", "contact_outside_platform", "hold"),
    ("Mail naar an@voorbeeld.example.", "contact_outside_platform", "hold"),
    ("Kijk op www.voorbeeld.example.", "contact_outside_platform", "hold"),
]


@pytest.mark.parametrize(("text", "code", "outcome"), STOPPED)
def test_r081_a_word_rule_sees_its_sentence(text, code, outcome, codes_of):
    assert (code, outcome) in codes_of(text)


FIELDS = [
    (
        {
            "choose": "all",
            "slots": [f"{day}-morning" for day in ("mon", "tue", "wed", "thu", "fri")],
            "hours_per_time": 4,
        },
        "too_many_hours",
        "review",
    ),
    ({"min_age": 14}, "below_minimum_age", "refuse"),
    ({"min_age": 30}, "age_above_21", "review"),
    ({"support": []}, "missing_support", "hold"),
    ({"organisation": {"contact_label": ""}}, "missing_support", "hold"),
    (
        {"organisation": {"contact_label": ""}, "features": ["kinderen"], "support": ["buddy"]},
        "no_professional_behind",
        "review",
    ),
    ({"features": ["alleen", "huisbezoek"], "company": "alone", "support": ["buddy"]}, "alone_at_home_visit", "review"),
    ({"talents_any_of": ["geduldig"]}, "character_needed", "hold"),
    ({"features": ["kinderen"]}, "extract_question", ""),
    ({"features": ["kinderen"], "structural_contact_with_minors": True}, "extract_needed", ""),
    ({"organisation": {"verified_at": None}}, "organisation_not_verified", "hold"),
    ({"organisation": {"liability_insurance": False}}, "no_liability_insurance", "hold"),
    ({"organisation": {"legal_form": "company"}}, "profit_organisation", "refuse"),
]


@pytest.mark.parametrize(("changes", "code", "outcome"), FIELDS)
def test_r116_a_field_rule_sees_its_field(changes, code, outcome, codes_of):
    assert (code, outcome) in codes_of(**changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"organisation": {"youth_work": True}, "features": ["kinderen"]}, "extract_question"),
        ({"features": ["kinderen"], "structural_contact_with_minors": False}, "extract_question"),
        ({"features": ["kinderen"], "extract_596_2": True}, "extract_question"),
        ({"choose": "one_or_more", "slots": ["mon-morning"], "hours_per_time": 12}, "too_many_hours"),
        ({"features": ["alleen", "huisbezoek"], "company": "alone", "support": ["vorming"]}, "alone_at_home_visit"),
    ],
)
def test_a_field_rule_leaves_the_rest_alone(changes, code, codes_of):
    assert code not in {found for found, _ in codes_of(**changes)}


def test_what_was_found_is_said_again_in_the_language_of_the_page():
    rules = default_city().publication
    stored = [
        found(rules, "above_day_ceiling", HOLD, amount="50", ceiling="44,02").as_dict(),
        {"code": "point_says", "outcome": HOLD, "sentence": "Wie is erbij?", "words": ""},
        {
            "code": "above_day_ceiling",
            "outcome": HOLD,
            "sentence": "Van vroeger.",
            "words": "",
        },  # stored without values
    ]

    with translation.override("en"):
        assert [one["sentence"] for one in said(stored, rules)] == [
            "50 euro a day is too much. The maximum is 44,02 euro.", "Wie is erbij?", "Van vroeger.",
        ]  # fmt: skip
    assert said(stored, rules)[0]["sentence"] == stored[0]["sentence"]


@pytest.mark.parametrize(
    ("amount", "frequency", "codes"),
    [
        ("44.02", "once", set()),
        ("44.03", "once", {("above_day_ceiling", "hold")}),
        ("40.00", "weekly", {("above_year_ceiling", "hold")}),
        ("33.00", "weekly", set()),
    ],
)
def test_a_flat_rate_is_held_against_the_last_known_ceilings(amount, frequency, codes, codes_of):
    assert codes_of(flat_rate_per_day_eur=Decimal(amount), frequency=frequency) == codes


def test_r040_an_older_year_keeps_its_own_ceiling(city_file):
    known = city_file.publication.day_ceilings
    assert [ceiling_of(year, known) for year in (2022, 2024, 2027)] == [None, Decimal("41.48"), Decimal("44.02")]


def test_days_in_a_year_follow_frequency_days_and_period(cleaned, now):
    opportunity, _ = rows_of(cleaned(INVALID[5]), now)
    opportunity.choose, opportunity.slots = "all", ["mon-morning", "mon-evening", "tue-morning"]

    assert days_per_year(opportunity) == 104
    opportunity.period_from, opportunity.period_until = date(2027, 6, 1), date(2027, 8, 31)
    assert days_per_year(opportunity) == 28
