"""Opportunities from a table (CSV) of another platform: a mapping file says which column is what.

docs/running-a-city.md explains the mapping with a real example. Reading stores nothing.
"""

import copy
import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from matching.city import City
from matching.citysample import LEGAL_FORMS
from matching.geo import great_circle_km
from matching.types import DAYS, Point

ROWS_MAX = 100_000
FILE_BYTES_MAX = 64_000_000
TOP_KEYS = {"encoding", "delimiter", "dates", "organisation", "fields", "defaults", "when"}
FIELD_KEYS = {"column", "prefix", "form", "shorten", "first", "number", "at_most", "date", "values", "otherwise"}
FIELD_KEYS |= {"nearest", "weekday_of", "day_parts"}
WHEN_KEYS = {"column", "equals", "set"}
ORGANISATION_KEYS = {"column", "verified", "legal_form", "youth_work", "description", "welcome_languages", "wheelchair"}
ORGANISATION_KEYS |= {"liability_insurance", "accident_insurance", "contact_label", "contact_email", "contact_phone"}


class MappingError(ValueError):
    """The mapping or the table as a whole is wrong: the message names the file, the place and what to do."""


class CellError(ValueError):
    """One cell is wrong: `code` is one of the sample format's, `column` says where."""

    def __init__(self, code: str, column: str, value: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.column, self.value = code, column, value


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column is what. `fields` maps a dotted path of the opportunity record to how it is found."""

    encoding: str
    delimiter: str
    dates: str
    organisation_column: str
    organisation: dict[str, Any]
    fields: dict[str, dict[str, Any]]
    defaults: dict[str, Any]
    when: tuple[dict[str, Any], ...]

    @property
    def columns(self) -> set[str]:
        found = {self.organisation_column} | {rule["column"] for rule in self.when}
        for how in self.fields.values():
            found |= {how[key] for key in ("column", "weekday_of") if key in how}
        return found


def read_mapping(path: Path) -> Mapping:
    """Raises MappingError naming the key and what is wrong with it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{path.name}: cannot be read ({error})") from None
    _only(data, TOP_KEYS, path.name)
    organisation = data.get("organisation")
    if not isinstance(organisation, dict) or not isinstance(organisation.get("column"), str):
        raise MappingError(f"{path.name}, [organisation]: must name the column that holds the organisation's name")
    _only(organisation, ORGANISATION_KEYS, f"{path.name}, [organisation]")
    if organisation.get("legal_form") not in LEGAL_FORMS:
        raise MappingError(f"{path.name}, [organisation] legal_form: must be one of {', '.join(LEGAL_FORMS)}")
    fields = data.get("fields", {})
    for name, how in fields.items():
        if not isinstance(how, dict):
            raise MappingError(f'{path.name}, [fields] {name}: must be a table such as {{ column = "..." }}')
        _only(how, FIELD_KEYS, f"{path.name}, [fields] {name}")
        if not {"column", "nearest", "weekday_of"} & how.keys():
            raise MappingError(f"{path.name}, [fields] {name}: names no column")
    for place, rule in enumerate(data.get("when", []), start=1):
        _only(rule, WHEN_KEYS, f"{path.name}, [[when]] {place}")
        if rule.keys() != WHEN_KEYS or not isinstance(rule["set"], dict):
            raise MappingError(f"{path.name}, [[when]] {place}: needs column, equals and set")
    return Mapping(
        encoding=data.get("encoding", "utf-8"),
        delimiter=data.get("delimiter", ","),
        dates=data.get("dates", "%Y-%m-%d"),
        organisation_column=organisation["column"],
        organisation={key: value for key, value in organisation.items() if key != "column"},
        fields=fields,
        defaults=data.get("defaults", {}),
        when=tuple(data.get("when", [])),
    )


def _only(data: dict[str, Any], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise MappingError(f"{where}, {key}: this key does not exist; known are {', '.join(sorted(known))}")


def read_table(path: Path, mapping: Mapping) -> Iterator[tuple[int, dict[str, str] | None]]:
    """(line, cells) of every row; None where a row has too many or too few cells. Raises MappingError."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise MappingError(f"{path.name}: is larger than {FILE_BYTES_MAX // 1_000_000} MB; split it")
        with path.open(encoding=mapping.encoding, newline="") as file:
            reader = csv.DictReader(file, delimiter=mapping.delimiter, strict=True)
            header = [name.lstrip("\ufeff") for name in reader.fieldnames or ()]
            reader.fieldnames = header
            missing = sorted(mapping.columns - set(header))
            if missing:
                raise MappingError(f"{path.name}, line 1: the column {missing[0]!r} is missing; there are {header}")
            line = reader.line_num + 1
            for number, cells in enumerate(reader, start=1):
                if number > ROWS_MAX:
                    raise MappingError(f"{path.name}: has more than {ROWS_MAX} rows; split it")
                is_whole = None not in cells and None not in cells.values()
                yield line, dict(cells) if is_whole else None
                line = reader.line_num + 1
    except (OSError, LookupError, UnicodeDecodeError, csv.Error, TypeError) as error:
        raise MappingError(f"{path.name}: cannot be read ({error})") from None


def record_of(cells: dict[str, str], mapping: Mapping, city: City) -> tuple[dict[str, Any], list[CellError]]:
    """The row as a record of the city sample format, for its reader to check, and every cell that is wrong."""
    record: dict[str, Any] = {"flat_rate_per_day_eur": None}  # TOML knows no null
    wrong: list[CellError] = []
    for path, value in mapping.defaults.items():
        _put(record, path, copy.deepcopy(value))
    found = {path: how for path, how in mapping.fields.items() if "nearest" not in how}
    for rule in mapping.when:
        if cells[rule["column"]].strip() == rule["equals"]:
            found |= rule["set"]
    for path, how in found.items():
        try:
            _put(record, path, _value(cells, how, mapping) if isinstance(how, dict) else copy.deepcopy(how))
        except CellError as error:
            if error.column not in [earlier.column for earlier in wrong]:
                wrong.append(error)
    for path, how in mapping.fields.items():
        if "nearest" in how:
            _put(record, path, _nearest(record, city))
    return record, wrong


def _put(record: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for key in outer:
        record = record.setdefault(key, {})
    record[last] = value


def _value(cells: dict[str, str], how: dict[str, Any], mapping: Mapping) -> Any:
    if "weekday_of" in how:
        weekday = DAYS[_date(cells, how["weekday_of"], mapping).weekday()]
        return [f"{weekday}-{part}" for part in how.get("day_parts", ["morning", "afternoon", "evening"])]
    column = how["column"]
    text = cells[column].strip()
    if "values" in how:
        if text not in how["values"] and "otherwise" not in how:
            raise CellError("not_in_list", column, text, f"{text!r} has no value in the mapping")
        return copy.deepcopy(how["values"].get(text, how.get("otherwise")))
    if not text:
        raise CellError("missing", column, text, "is empty")
    if "form" in how and not re.fullmatch(how["form"], text):
        raise CellError("wrong_type", column, text, f"{text!r} does not have the form {how['form']}")
    if how.get("date"):
        return _date(cells, column, mapping).isoformat()
    if how.get("number"):
        return _number(column, text, how.get("at_most"))
    if "first" in how:
        text = text[: how["first"]]
    if "shorten" in how and len(text) > how["shorten"]:
        text = text[: how["shorten"] - 1].rstrip() + "…"
    return how.get("prefix", "") + text


def _date(cells: dict[str, str], column: str, mapping: Mapping) -> date:
    text = cells[column].strip()
    try:
        return datetime.strptime(text, mapping.dates).date()  # noqa: DTZ007  a day has no time zone
    except ValueError:
        raise CellError("wrong_type", column, text, f"{text!r} is no date like {mapping.dates}") from None


def _number(column: str, text: str, at_most: int | None) -> int | Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise CellError("wrong_type", column, text, f"{text!r} is no number")
    if at_most is not None:
        number = min(number, Decimal(at_most))
    return int(number) if number == number.to_integral_value() and "." not in text else number


def _nearest(record: dict[str, Any], city: City) -> str | None:
    """The neighbourhood whose point lies nearest to the record's point."""
    place = record.get("place", {})
    try:
        here = Point(float(place["lat"]), float(place["lon"]))
    except (KeyError, TypeError, ValueError):
        return None
    return min(city.neighbourhoods, key=lambda name: great_circle_km(here, city.neighbourhoods[name]))
