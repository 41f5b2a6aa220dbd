"""The city sample format, version 1: every field checked, every error with file, record, field and reason.

docs/city-sample.md is the format in words. Reading gives clean records (dictionaries) or all errors together.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from matching.catalogue import CHARACTER_GROUP, Catalogue
from matching.checks import (
    WRONG,
    Check,
    Problem,
    Report,
    any_text,
    anything,
    boolean,
    clock,
    day,
    fields,
    integer,
    list_of,
    list_of_fields,
    list_of_texts,
    map_of,
    nothing_or,
    number,
    one_of,
    text,
)
from matching.city import City
from matching.geo import great_circle_km
from matching.types import AGES_KEPT, DAYS, LEVELS, LOCAL_LANGUAGE, SLOTS, Opportunity, Point, TalentProfile

Record = dict[str, Any]
ERRORS_MAX = 200
FORMAT, VERSION = "city-sample", 1
KINDS = ("organisations", "opportunities", "volunteers", "opportunities_invalid")
LEGAL_FORMS = ("vzw", "de_facto_association", "public_body", "school")
FORMS_NEVER_PUBLISHED = ("company", "private_person")
CHOOSE = ("all", "one_or_more")
FREQUENCIES = ("weekly", "every_two_weeks", "monthly", "once", "flexible")
COMMITMENTS = ("once", "short", "flexible", "fixed")
WHEELCHAIR = ("yes", "partly", "no")
COSTS = ("none", "advance", "own")
EXPENSES = ("travel", "meal", "mileage", "flat_rate", "real_costs")
COMPANY = ("group", "pair", "alone")
TRANSPORT = ("walk", "bike", "public_transport", "car", "accompanied")
CHANNELS = ("app", "email", "sms", "phone", "post", "via_guide")
DIGITAL = ("none", "little", "ok", "good", "screen_reader")
OUTCOMES = ("refuse", "refuse_and_refer", "hold", "review", "block_and_report")
PUBLISHED_AGES = AGES_KEPT
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NEIGHBOURHOOD_FAR_KM = 3.0
LOWEST_VCODE = 1001


class SampleErrors(ValueError):
    """The file is wrong and nothing of it may be stored; `problems` holds at most 200 errors."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Sample:
    """One file that passed: clean records in the order of the file, warnings, and the day on which ages are true."""

    kind: str
    records: list[Record]
    warnings: list[Problem]
    reference_date: date
    is_fictional: bool


# --- the records -----------------------------------------------------------------------------------------------


class Format:
    """The format for one city and one catalogue: which record has which fields, and what contradicts what."""

    def __init__(self, catalogue: Catalogue, city: City) -> None:
        self.catalogue, self.city = catalogue, city
        self.opportunity = fields(self._opportunity_shape())
        self.volunteer = fields(self._volunteer_shape(), optional=["story"])
        self.organisation = fields(self._organisation_shape(LEGAL_FORMS))
        self.any_organisation = fields(self._organisation_shape(LEGAL_FORMS + FORMS_NEVER_PUBLISHED))

    def check(self, kind: str, value: Any, report: Report) -> Record:
        """The clean record; what is wrong stands in `report`."""
        if kind == "opportunities_invalid":
            return self._check_invalid(value, report)
        shape, contradictions = {
            "organisations": (self.organisation, self._organisation_contradictions),
            "opportunities": (self.opportunity, self._opportunity_contradictions),
            "volunteers": (self.volunteer, self._volunteer_contradictions),
        }[kind]
        record: Record = shape(value, "", report)
        if record is not WRONG:
            contradictions(_Facts(record), report)
            record = self._rounded(kind, record, report)
        return record

    def _check_invalid(self, value: Any, report: Report) -> Record:
        """Records that must be stopped at publication: two legal forms more, and no rule about working alone."""
        expected = fields({"outcome": one_of(OUTCOMES), "codes": list_of_texts, "reason_nl": text()})
        record: Record = fields(
            {
                "id": text(form="X[0-9]{2,6}"),
                "organisation": self.any_organisation,
                "organisation_verified": boolean,
                "opportunity": self.opportunity,
                "expected": expected,
            }
        )(value, "", report)
        return record

    def _place_shape(self) -> dict[str, Check]:
        box = self.city.box
        return {
            "neighbourhood": one_of(self.city.neighbourhoods),
            "postcode": one_of(self.city.postcodes),
            "lat": number(box["south"], box["north"]),
            "lon": number(box["west"], box["east"]),
        }

    def _organisation_shape(self, legal_forms: tuple[str, ...]) -> dict[str, Check]:
        walk_in = fields(
            {
                "freq": one_of(("WEEKLY", "MONTHLY")),
                "byday": text(longest=40),
                "opens_at": clock,
                "closes_at": clock,
            }
        )
        contact = fields(
            {
                "label": text(longest=120),
                "email": nothing_or(text(longest=254, form=r"[^@\s]+@[^@\s]+\.[^@\s]+")),
                "phone": nothing_or(text(longest=40)),
            }
        )
        return {
            "id": text(form="[A-Z]{1,2}[0-9]{2,6}"),
            "name": text(longest=120),
            "legal_form": one_of(legal_forms),
            "youth_work": boolean,
            "description": text(longest=300),
            **self._place_shape(),
            "welcome_languages": list_of(self.catalogue.languages, low=1),
            "walk_in": list_of_fields(walk_in),
            "wheelchair": one_of((*WHEELCHAIR, "not_applicable")),
            "vcode": nothing_or(text(form="V[0-9]{7}")),
            "liability_insurance": boolean,
            "accident_insurance": boolean,
            "contact": contact,
        }

    def _opportunity_shape(self) -> dict[str, Check]:
        catalogue = self.catalogue
        return {
            "id": text(form="[A-Z][0-9]{2,6}"),
            "organisation": text(form="[A-Z]{1,2}[0-9]{2,6}"),
            "title": text(longest=80),
            "text": text(longest=600),
            "themes": list_of(catalogue.themes, 1, 3),
            "talents_any_of": list_of(catalogue.talents),
            "talents_welcome": list_of(catalogue.talents),
            "dutch_min": one_of(LEVELS),
            "languages_any_of": list_of(catalogue.languages),
            "languages_welcome": list_of(catalogue.languages),
            "times": fields(
                {"slots": list_of(SLOTS, 1, 21), "choose": one_of(CHOOSE), "frequency": one_of(FREQUENCIES)}
            ),
            "commitment": fields(
                {
                    "type": one_of(COMMITMENTS),
                    "min_weeks": integer(0, 52),
                    "hours_per_time": number(0.5, 12),
                    "period": nothing_or(fields({"from": day, "until": day})),
                }
            ),
            "place": fields({**self._place_shape(), "at_home": boolean, "own_neighbourhood": boolean}),
            "features": list_of(catalogue.features),
            "wheelchair": one_of(WHEELCHAIR),
            "min_age": integer(0, 99),
            "extract_596_2": boolean,
            "driving_licence_b": boolean,
            "costs": one_of(COSTS),
            "expenses": list_of(EXPENSES),
            "flat_rate_per_day_eur": nothing_or(number(0, 9999)),
            "support": list_of(catalogue.support),
            "company": one_of(COMPANY),
            "places": integer(1, 200),
            "reserved_places": integer(0, 200),
        }

    def _volunteer_shape(self) -> dict[str, Check]:
        catalogue = self.catalogue
        return {
            "id": text(form="[A-Z][0-9]{2,6}"),
            "first_name": text(longest=40),
            "age": integer(15, 110),
            **self._place_shape(),
            "languages": map_of(catalogue.languages, one_of(LEVELS)),
            "talents": map_of(catalogue.talents, integer(1, 3), low=1),
            "talents_point_only": list_of(catalogue.talents),
            "themes": list_of(catalogue.themes),
            "themes_excluded": list_of(catalogue.themes),
            "available": list_of(SLOTS),
            "max_hours_per_week": number(0.5, 40),
            "transport": one_of(TRANSPORT),
            "max_km": number(0.5, 50),
            "max_commitment": one_of(COMMITMENTS),
            "boundaries": list_of(catalogue.boundaries),
            "wishes": list_of(catalogue.wishes),
            "driving_licence_b": boolean,
            "own_car": boolean,
            "declared_statuses": list_of(self.city.statuses),
            "channel": one_of(CHANNELS),
            "digital": one_of(DIGITAL),
            "guided_by": nothing_or(text(longest=120)),
            "story": nothing_or(any_text),
        }

    # --- two fields that contradict ---

    def _organisation_contradictions(self, facts: "_Facts", report: Report) -> None:
        if facts["vcode"] and facts["legal_form"] in ("public_body", "school"):
            report.error("inconsistent", "vcode", facts["vcode"], other="legal_form")
        elif facts["vcode"] and int(facts["vcode"][1:]) < LOWEST_VCODE:
            report.error("out_of_range", "vcode", facts["vcode"], min=f"V{LOWEST_VCODE:07}", max="V9999999")
        if facts.is_sound("contact.email", "contact.phone"):
            if facts["contact.email"] is None and facts["contact.phone"] is None:
                report.error("missing", "contact.email")
        for place, hours in enumerate(facts["walk_in"] or []):
            _check_walk_in(_Facts(hours), f"walk_in[{place}]", report)
        self._check_place("", facts, report)

    def _opportunity_contradictions(self, facts: "_Facts", report: Report) -> None:
        _check_opportunity(facts, report)
        features = facts["features"] or []
        if facts.is_sound("features", "company") and ("alleen" in features) != (facts["company"] == "alone"):
            report.error("inconsistent", "features", features, other="company")
        self._check_place("place.", facts, report)

    def _volunteer_contradictions(self, facts: "_Facts", report: Report) -> None:
        if facts.is_sound("languages") and LOCAL_LANGUAGE not in facts["languages"]:
            report.error("missing", f"languages.{LOCAL_LANGUAGE}")
        for place, code in enumerate(facts["talents_point_only"] or []):
            if facts.is_sound("talents") and code not in facts["talents"]:
                report.error("inconsistent", f"talents_point_only[{place}]", code, other="talents")
        for place, code in enumerate(facts["themes_excluded"] or []):
            if code in (facts["themes"] or []):
                report.error("inconsistent", f"themes_excluded[{place}]", code, other="themes")
        if facts["own_car"] and facts["driving_licence_b"] is False:
            report.error("inconsistent", "own_car", True, other="driving_licence_b")
        if facts["channel"] == "via_guide" and facts.is_sound("guided_by") and facts["guided_by"] is None:
            report.error("inconsistent", "channel", "via_guide", other="guided_by")
        if facts["channel"] in ("app", "email") and facts["digital"] == "none":
            report.error("inconsistent", "channel", facts["channel"], other="digital")
        self._check_place("", facts, report)
        if facts["available"] == []:
            report.warn("no_times", "available")
        if facts["talents"] and facts.is_sound("talents_point_only"):
            if set(facts["talents"]) <= set(facts["talents_point_only"]):
                report.warn("no_talents_shared", "talents_point_only")

    def _check_place(self, prefix: str, facts: "_Facts", report: Report) -> None:
        if facts.is_sound(f"{prefix}neighbourhood", f"{prefix}lat", f"{prefix}lon"):
            neighbourhood = facts[f"{prefix}neighbourhood"]
            point = Point(float(facts[f"{prefix}lat"]), float(facts[f"{prefix}lon"]))
            if great_circle_km(point, self.city.neighbourhoods[neighbourhood]) > NEIGHBOURHOOD_FAR_KM:
                report.warn("neighbourhood_far", f"{prefix}lat", point.lat, other=neighbourhood)

    def _rounded(self, kind: str, record: Record, report: Report) -> Record:
        """Ages as the product keeps them; the story is never taken over."""
        if kind == "volunteers":
            record.pop("story", None)
            if record["age"] is not WRONG:
                record["age"] = max(age for age in AGES_KEPT if age <= record["age"])
        if kind == "opportunities" and record["min_age"] is not WRONG:
            asked = record["min_age"]
            higher = [age for age in PUBLISHED_AGES if age >= asked]
            if PUBLISHED_AGES[0] <= asked and higher and higher[0] != asked:
                record["min_age"] = higher[0]
                report.warn("age_rounded", "min_age", asked, other=higher[0])
        return record


class _Facts:
    """A record by dotted path; what is missing or refused reads as None, so one mistake gives one error."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def __getitem__(self, path: str) -> Any:
        value = self._find(path)
        return None if value is WRONG else value

    def is_sound(self, *paths: str) -> bool:
        return all(self._find(path) is not WRONG for path in paths)

    def _find(self, path: str) -> Any:
        value: Any = self._record
        for key in path.split("."):
            if not isinstance(value, dict) or key not in value:
                return WRONG
            value = value[key]
        return value


def _check_opportunity(facts: _Facts, report: Report) -> None:
    for place, code in enumerate(facts["talents_welcome"] or []):
        if code in (facts["talents_any_of"] or []):
            report.error("inconsistent", f"talents_welcome[{place}]", code, other="talents_any_of")
    for name in ("languages_any_of", "languages_welcome"):
        for place, code in enumerate(facts[name] or []):
            if code == LOCAL_LANGUAGE:
                report.error("inconsistent", f"{name}[{place}]", code, other="dutch_min")
    _check_commitment(facts, report)
    features = facts["features"] or []
    if "schrijven" in features and "lezen" not in features:
        report.error("inconsistent", "features", "schrijven", other="lezen")
    if "eigen_auto" in features and facts["driving_licence_b"] is False:
        report.error("inconsistent", "features", "eigen_auto", other="driving_licence_b")
    if facts["place.at_home"] and facts["place.own_neighbourhood"]:
        report.error("inconsistent", "place.at_home", True, other="place.own_neighbourhood")
    if facts["flat_rate_per_day_eur"] is not None and facts.is_sound("expenses"):
        if "flat_rate" not in facts["expenses"]:
            report.error("inconsistent", "flat_rate_per_day_eur", facts["flat_rate_per_day_eur"], other="expenses")
    if facts.is_sound("places", "reserved_places") and facts["reserved_places"] > facts["places"]:
        report.error("inconsistent", "reserved_places", facts["reserved_places"], other="places")


def _check_commitment(facts: _Facts, report: Report) -> None:
    kind, frequency, period = facts["commitment.type"], facts["times.frequency"], facts["commitment.period"]
    if kind and frequency and (kind == "once") != (frequency == "once"):
        report.error("inconsistent", "commitment.type", kind, other="times.frequency")
    weeks = facts["commitment.min_weeks"]
    if kind and weeks is not None and (weeks == 0) != (kind in ("once", "flexible")):
        report.error("inconsistent", "commitment.min_weeks", weeks, other="commitment.type")
    if kind == "once" and facts.is_sound("commitment.period") and period is None:
        report.error("missing", "commitment.period")
    starts, ends = facts["commitment.period.from"], facts["commitment.period.until"]
    if not (starts and ends):
        return
    if ends < starts:
        report.error("inconsistent", "commitment.period.until", ends.isoformat(), other="commitment.period.from")
    elif kind == "once":
        if starts != ends:
            report.error("inconsistent", "commitment.period.until", ends.isoformat(), other="commitment.period.from")
        for place, slot in enumerate(facts["times.slots"] or []):
            if slot.partition("-")[0] != DAYS[starts.weekday()]:
                report.error("inconsistent", f"times.slots[{place}]", slot, other="commitment.period.from")


def _check_walk_in(facts: _Facts, path: str, report: Report) -> None:
    opens, closes = facts["opens_at"], facts["closes_at"]
    if opens and closes and opens >= closes:
        report.error("inconsistent", f"{path}.opens_at", opens, other=f"{path}.closes_at")
    days = facts["byday"]
    if not days or not facts["freq"]:
        return
    form = "(-1|[1-5])(MO|TU|WE|TH|FR|SA|SU)" if facts["freq"] == "MONTHLY" else "(MO|TU|WE|TH|FR|SA|SU)"
    found = days.split(",")
    for one in found:
        if not re.fullmatch(form, one):
            report.error("not_in_list", f"{path}.byday", one)
    for place, one in enumerate(found):
        if one in found[:place]:
            report.error("duplicate_value", f"{path}.byday", one)


# --- the file --------------------------------------------------------------------------------------------------


def read(
    content: bytes,
    *,
    file: str,
    kind: str,
    form: Format,
    known_organisations: Iterable[str] = (),
    is_fiction_welcome: bool = True,
) -> Sample:
    """Read one file of a city sample. Raises SampleErrors with every error found, at most 200."""
    data = _parse(content, file)
    header = _check_header(data, file, kind, is_fiction_welcome=is_fiction_welcome)
    known = frozenset(known_organisations)
    errors: list[Problem] = []
    warnings: list[Problem] = []
    records: list[Record] = []
    seen: dict[str, set[Any]] = {"id": set(), "name": set()}
    for place, item in enumerate(data["items"]):
        report = Report(file, _name_of(item, place))
        record = form.check(kind, item, report)
        if record is not WRONG:
            _check_against_others(kind, _Facts(record), seen, known, report)
        records.append(record)
        errors += report.errors
        warnings += report.warnings
        if len(errors) >= ERRORS_MAX:
            break
    if errors:
        raise SampleErrors(errors[:ERRORS_MAX])
    return Sample(kind, records, warnings, header["reference_date"], header["fictional"])


def _check_against_others(
    kind: str, facts: _Facts, seen: dict[str, set[Any]], known: frozenset[str], report: Report
) -> None:
    if facts["id"] in seen["id"]:
        report.error("duplicate_id", "id", facts["id"])
    seen["id"].add(facts["id"])
    if kind == "organisations" and facts["name"]:
        name = (facts["name"], facts["postcode"])
        if name in seen["name"]:
            report.error("duplicate_value", "name", facts["name"])
        seen["name"].add(name)
    if kind == "opportunities" and facts["organisation"] and facts["organisation"] not in known:
        report.error("unknown_reference", "organisation", facts["organisation"])


def _parse(content: bytes, file: str) -> Any:
    def no_double_key(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands there twice")
        return found

    def no_constant(name: str) -> None:
        raise ValueError(f"{name} is no number")

    try:
        return json.loads(
            content.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=no_constant,
            object_pairs_hook=no_double_key,
        )
    except (ValueError, RecursionError) as error:
        report = Report(file, "")
        report.error("bad_json", "", str(error)[:200])
        raise SampleErrors(report.errors) from None


def _check_header(data: Any, file: str, kind: str, *, is_fiction_welcome: bool) -> Record:
    report = Report(file, "")
    if not isinstance(data, dict):
        report.error("bad_header", "", type(data).__name__)
        raise SampleErrors(report.errors)
    shape: dict[str, Check] = {
        "format": anything,
        "version": anything,
        "kind": anything,
        "fictional": boolean,
        "reference_date": day,
        "items": list_of_fields(anything),
    }
    header: Record = fields(shape)(data, "", report)
    expected = {"format": FORMAT, "version": VERSION, "kind": kind}
    for key, value in expected.items():
        given = data.get(key)
        if key in data and given is not None and (isinstance(given, bool) or given != value):
            report.error("bad_header", key, given)
    if header["fictional"] is True and not is_fiction_welcome:
        report.error("bad_header", "fictional", True)
    if report.errors:
        raise SampleErrors(report.errors)
    return header


def _name_of(item: Any, place: int) -> str:
    name = item.get("id") if isinstance(item, dict) else None
    return name if isinstance(name, str) and name.strip() else str(place)


# --- records as matching values --------------------------------------------------------------------------------


def to_profile(record: Record) -> TalentProfile:
    """A clean volunteer record as the value matching knows. Names, statuses, channel and guide stay behind."""
    return TalentProfile(
        id=record["id"],
        age=record["age"],
        neighbourhood=record["neighbourhood"],
        point=Point(float(record["lat"]), float(record["lon"])),
        languages=dict(record["languages"]),
        talents=dict(record["talents"]),
        talents_point_only=frozenset(record["talents_point_only"]),
        themes=frozenset(record["themes"]),
        themes_excluded=frozenset(record["themes_excluded"]),
        available=frozenset(record["available"]),
        max_hours_per_week=record["max_hours_per_week"],
        max_km=float(record["max_km"]),
        max_commitment=record["max_commitment"],
        boundaries=frozenset(record["boundaries"]),
        wishes=frozenset(record["wishes"]),
        driving_licence_b=record["driving_licence_b"],
        own_car=record["own_car"],
    )


def to_opportunity(record: Record) -> Opportunity:
    """A clean opportunity record as the value matching knows."""
    times, commitment, place = record["times"], record["commitment"], record["place"]
    period = commitment["period"]
    return Opportunity(
        id=record["id"],
        organisation=record["organisation"],
        themes=frozenset(record["themes"]),
        talents_any_of=frozenset(record["talents_any_of"]),
        talents_welcome=frozenset(record["talents_welcome"]),
        dutch_min=record["dutch_min"],
        languages_any_of=frozenset(record["languages_any_of"]),
        languages_welcome=frozenset(record["languages_welcome"]),
        slots=tuple(times["slots"]),
        choose=times["choose"],
        frequency=times["frequency"],
        commitment=commitment["type"],
        hours_per_time=commitment["hours_per_time"],
        period_until=period["until"] if period else None,
        neighbourhood=place["neighbourhood"],
        postcode=place["postcode"],
        point=Point(float(place["lat"]), float(place["lon"])),
        at_home=place["at_home"],
        own_neighbourhood=place["own_neighbourhood"],
        features=frozenset(record["features"]),
        wheelchair=record["wheelchair"],
        min_age=record["min_age"],
        extract_596_2=record["extract_596_2"],
        driving_licence_b=record["driving_licence_b"],
        costs=record["costs"],
        expenses=frozenset(record["expenses"]),
        support=frozenset(record["support"]),
        company=record["company"],
        places=record["places"],
        reserved_places=record["reserved_places"],
    )


def unpublishable(record: Record, organisation: Record | None, catalogue: Catalogue) -> str | None:
    """Why the format itself keeps an opportunity a draft, or None. Texts and ceilings are the server's to check."""
    if any(catalogue.talents[code].group == CHARACTER_GROUP for code in record["talents_any_of"]):
        return "character_needed"
    if organisation and not organisation["liability_insurance"]:
        return "no_liability_insurance"
    if record["min_age"] < PUBLISHED_AGES[0]:
        return "below_minimum_age"
    if record["min_age"] > PUBLISHED_AGES[-1]:
        return "age_above_21"
    return None if record["support"] else "missing_support"
