"""The catalogues that give codes their meaning, read from CSV and checked loudly."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from matching.types import LEVELS, Opportunity

FOLDER = Path(__file__).parent / "catalogue"
ESCO_FORM = "http://data.europa.eu/esco/skill/"
CHARACTER_GROUP = "STERK"
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")

_more_languages: Path | None = None


class CatalogueError(ValueError):
    """A catalogue or city file is wrong: names the file, the line, the column and the reason."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`field=value` over an opportunity; `field=!value` says that a list lacks the value."""

    field: str
    value: str
    is_negated: bool

    def holds(self, opportunity: Opportunity) -> bool:
        return (self.value in FIELDS[self.field](opportunity)) is not self.is_negated


def _truth(value: object) -> frozenset[str]:
    return frozenset({"true" if value else "false"})


FIELDS: dict[str, Callable[[Opportunity], frozenset[str]]] = {
    "support": lambda opportunity: opportunity.support,
    "features": lambda opportunity: opportunity.features,
    "company": lambda opportunity: frozenset({opportunity.company}),
    "commitment": lambda opportunity: frozenset({opportunity.commitment}),
    "expenses": lambda opportunity: opportunity.expenses,
    "languages_welcome": lambda opportunity: opportunity.languages_welcome,
    "languages_any_of": lambda opportunity: opportunity.languages_any_of,
    "place.at_home": lambda opportunity: _truth(opportunity.at_home),
    "wheelchair": lambda opportunity: frozenset({opportunity.wheelchair}),
    "extract_596_2": lambda opportunity: _truth(opportunity.extract_596_2),
    "costs": lambda opportunity: frozenset({opportunity.costs}),
}


@dataclass(frozen=True, slots=True)
class Talent:
    group: str
    label: str
    is_sensitive: bool
    esco_uri: str = ""
    esco_title: str = ""  # in English, as ESCO has it


@dataclass(frozen=True, slots=True)
class Boundary:
    sentence: str
    features: frozenset[str]
    fields: tuple[Condition, ...]
    softened_by: frozenset[str]
    is_hard: bool


@dataclass(frozen=True, slots=True)
class Wish:
    label: str
    satisfied_by_any: tuple[Condition, ...]
    spoiled_by_any: tuple[Condition, ...]

    @property
    def counts(self) -> bool:
        """A wish without conditions is a to-do at the placement, never part of the score."""
        return bool(self.satisfied_by_any or self.spoiled_by_any)


@dataclass(frozen=True, slots=True)
class Threshold:
    label: str
    weight_tenths: int


@dataclass(frozen=True, slots=True)
class Support:
    label: str
    explanation: str
    lowers: tuple[str, ...]
    effect: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every code list of matching, by code, in the order of the files."""

    talents: Mapping[str, Talent]
    talent_groups: Mapping[str, str]
    themes: Mapping[str, str]
    thresholds: Mapping[str, Threshold]
    support: Mapping[str, Support]
    boundaries: Mapping[str, Boundary]
    wishes: Mapping[str, Wish]
    features: Mapping[str, str]
    languages: Mapping[str, str]
    levels: Mapping[str, str]
    own_names: Mapping[str, str]  # of languages, as their speakers call them
    language_names: Mapping[str, tuple[str, ...]]  # every name we know of a language, to find it by
    right_to_left: frozenset[str]
    translations: Mapping[tuple[str, str, str], str]  # (list, code, language) -> label, where there is one

    def label_in(self, language: str, listed: str, code: str, label: str) -> str:
        """The label in a language, else the one that is given."""
        return self.translations.get((listed, code, language), label)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a CSV file; asking for a value checks it and says where it stands when it is wrong."""

    file: str
    line: int
    values: Mapping[str, str]

    def wrong(self, column: str, reason: str) -> CatalogueError:
        return CatalogueError(f"{self.file}, line {self.line}, column {column}: {reason}")

    def text(self, column: str) -> str:
        value = self.values[column].strip()
        if not value:
            raise self.wrong(column, "is empty")
        return value

    def codes(self, column: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.values[column].split(";") if part.strip())

    def known(self, column: str, known: Mapping[str, object]) -> tuple[str, ...]:
        codes = self.codes(column)
        for code in codes:
            if code not in known:
                raise self.wrong(column, f"{code!r} does not exist")
        return codes

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        value = self.text(column)
        if value not in allowed:
            raise self.wrong(column, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def number(self, column: str) -> Decimal:
        try:
            number = Decimal(self.text(column))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self.wrong(column, f"{self.values[column]!r} is not a number")
        return number


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows of a CSV file that has at least `columns`. Raises CatalogueError for anything unreadable."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise CatalogueError(f"{path.name}, line 1: the column {missing[0]!r} is missing")
            for values in reader:
                if None in values or None in values.values():
                    raise CatalogueError(f"{path.name}, line {reader.line_num}: has too many or too few values")
                yield Row(path.name, reader.line_num, values)
    except FileNotFoundError:
        raise CatalogueError(f"{path.name}: the file is missing in {path.parent.name}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CatalogueError(f"{path.name}: cannot be read ({error})") from None


def by_code(path: Path, key: str, *columns: str) -> dict[str, Row]:
    """Rows by their code. Raises CatalogueError when a code is empty or stands there twice."""
    rows: dict[str, Row] = {}
    for row in read_rows(path, (key, *columns)):
        code = row.text(key)
        if code in rows:
            raise row.wrong(key, f"{code!r} stands here twice")
        rows[code] = row
    if not rows:
        raise CatalogueError(f"{path.name}: has no rows")
    return rows


def read_languages_too(path: Path | None) -> None:
    """Rows that an installation adds to `languages.csv`, with the same columns; None: none. Takes hold at the next
    `load_catalogue`, so it comes before anything else (R115).
    """
    global _more_languages
    _more_languages = path
    load_catalogue.cache_clear()


def _languages(folder: Path) -> dict[str, Row]:
    asked = ("code_bcp47", "name_nl", "direction", "kind")
    known = by_code(folder / "languages.csv", *asked)
    added = by_code(_more_languages, *asked) if _more_languages else {}
    for code, row in added.items():
        if code in known:
            raise row.wrong("code_bcp47", f"{code!r} is a language that is known already")
        if not LANGUAGE_CODE.fullmatch(code):
            raise row.wrong("code_bcp47", f"{code!r} is not an ISO 639 code, as nl or ary")
        row.one_of("direction", ("ltr", "rtl"))
    return {**known, **added}


@cache
def load_catalogue(folder: Path = FOLDER) -> Catalogue:
    """The catalogues of `folder`, each code checked against the file it points to. Raises CatalogueError."""
    groups = by_code(folder / "talent_groups.csv", "code", "label_nl")
    features = by_code(folder / "features.csv", "code", "label_nl", "conflicts_with_boundaries")
    themes = by_code(folder / "themes.csv", "code", "label_nl")
    languages = _languages(folder)
    levels = by_code(folder / "language_levels.csv", "cefr", "short_nl")
    if tuple(levels) != LEVELS:
        raise CatalogueError(f"language_levels.csv: must hold exactly {', '.join(LEVELS)}, in this order")
    thresholds, support = _thresholds(folder)
    boundaries = _boundaries(folder, features, support)
    return Catalogue(
        talents=_talents(folder, groups),
        talent_groups={code: row.text("label_nl") for code, row in groups.items()},
        themes={code: row.text("label_nl") for code, row in themes.items()},
        thresholds=thresholds,
        support=support,
        boundaries=boundaries,
        wishes=_wishes(folder, features, support, languages),
        features=_features(features, boundaries),
        languages={code: row.text("name_nl") for code, row in languages.items()},
        levels={code: row.text("short_nl") for code, row in levels.items()},
        own_names={code: row.values.get("name_own") or row.text("name_nl") for code, row in languages.items()},
        language_names={
            code: tuple(value for column, value in row.values.items() if column.startswith("name_") and value)
            for code, row in languages.items()
        },
        right_to_left=frozenset(code for code, row in languages.items() if row.values["direction"] == "rtl"),
        translations=_translations(folder),
    )


def _translations(folder: Path) -> dict[tuple[str, str, str], str]:
    """Labels in other languages, from the columns label_xx that a file happens to have; of support both."""
    columns = dict.fromkeys(("talents", "talent_groups", "themes", "thresholds", "features"), "label_")
    files = {
        **{name: (name, start) for name, start in columns.items()},
        "support": ("threshold_reducers", "explanation_"),
        "boundaries": ("boundaries", "sentence_"),
        "support_labels": ("threshold_reducers", "label_"),
    }
    return {
        (listed, code, column.removeprefix(start)): label
        for listed, (file, start) in files.items()
        for code, row in by_code(folder / f"{file}.csv", "code", f"{start}nl").items()
        for column, label in row.values.items()
        if column.startswith(start) and column != f"{start}nl" and label
    }


def _talents(folder: Path, groups: Mapping[str, Row]) -> dict[str, Talent]:
    talents = {}
    for code, row in by_code(
        folder / "talents.csv", "code", "group", "label_nl", "sentence_nl", "sensitive", "esco_uri"
    ).items():
        row.text("sentence_nl")
        if row.text("group") not in groups:
            raise row.wrong("group", f"{row.text('group')!r} does not exist")
        if row.values["esco_uri"] and not row.values["esco_uri"].startswith(ESCO_FORM):
            raise row.wrong("esco_uri", f"must begin with {ESCO_FORM}")
        is_sensitive = row.one_of("sensitive", ("ja", "nee")) == "ja"
        esco = row.values["esco_uri"], row.values.get("esco_title_en", "")
        talents[code] = Talent(row.text("group"), row.text("label_nl"), is_sensitive, *esco)
    return talents


def _thresholds(folder: Path) -> tuple[dict[str, Threshold], dict[str, Support]]:
    factors = by_code(folder / "thresholds.csv", "code", "label_nl", "question_nl", "lowered_by", "weight")
    reducers = by_code(folder / "threshold_reducers.csv", "code", "label_nl", "explanation_nl", "lowers", "effect")
    thresholds, support = {}, {}
    for code, row in reducers.items():
        effect = row.number("effect")
        if effect not in (-1, -2):
            raise row.wrong("effect", f"must be -1 or -2, not {effect}")
        support[code] = Support(
            row.text("label_nl"), row.text("explanation_nl"), row.known("lowers", factors), int(effect)
        )
    for code, row in factors.items():
        tenths = row.number("weight") * 10
        if tenths != int(tenths) or tenths <= 0:
            raise row.wrong("weight", "must be more than 0, with at most one decimal")
        row.text("question_nl")
        told = set(row.known("lowered_by", reducers))
        real = {reducer for reducer, value in support.items() if code in value.lowers}
        if told != real:
            odd = ", ".join(sorted(told ^ real))
            raise row.wrong("lowered_by", f"does not agree with threshold_reducers.csv about {odd}")
        thresholds[code] = Threshold(row.text("label_nl"), int(tenths))
    return thresholds, support


def _boundaries(folder: Path, features: Mapping[str, Row], support: Mapping[str, Support]) -> dict[str, Boundary]:
    file = folder / "boundaries.csv"
    columns = ("sentence_nl", "conflicts_with_features", "conflicts_with_fields", "softened_by", "kind")
    return {
        code: Boundary(
            sentence=row.text("sentence_nl"),
            features=frozenset(row.known("conflicts_with_features", features)),
            fields=_conditions(row, "conflicts_with_fields", {"support": support}),
            softened_by=frozenset(row.known("softened_by", support)),
            is_hard=row.one_of("kind", ("hard", "zacht")) == "hard",
        )
        for code, row in by_code(file, "code", *columns).items()
    }


def _features(features: Mapping[str, Row], boundaries: Mapping[str, Boundary]) -> dict[str, str]:
    for code, row in features.items():
        told = set(row.known("conflicts_with_boundaries", boundaries))
        real = {name for name, boundary in boundaries.items() if boundary.is_hard and code in boundary.features}
        soft = {name for name, boundary in boundaries.items() if not boundary.is_hard and code in boundary.features}
        if not real <= told <= real | soft:
            odd = ", ".join(sorted(told ^ real))
            raise row.wrong("conflicts_with_boundaries", f"does not agree with boundaries.csv about {odd}")
    return {code: row.text("label_nl") for code, row in features.items()}


def _wishes(
    folder: Path,
    features: Mapping[str, Row],
    support: Mapping[str, Support],
    languages: Mapping[str, Row],
) -> dict[str, Wish]:
    lists = {
        "features": features,
        "support": support,
        "languages_welcome": languages,
        "languages_any_of": languages,
    }
    rows = by_code(folder / "wishes.csv", "code", "label_nl", "satisfied_by_any", "spoiled_by_any")
    return {
        code: Wish(
            row.text("label_nl"),
            _conditions(row, "satisfied_by_any", lists),
            _conditions(row, "spoiled_by_any", lists),
        )
        for code, row in rows.items()
    }


def _conditions(row: Row, column: str, lists: Mapping[str, Mapping[str, object]]) -> tuple[Condition, ...]:
    found = []
    for text in row.codes(column):
        field, equals, value = text.partition("=")
        if not equals or field not in FIELDS:
            raise row.wrong(column, f"{text!r} must be field=value, with one of {', '.join(FIELDS)}")
        is_negated = value.startswith("!")
        value = value.removeprefix("!")
        if field in lists and value not in lists[field]:
            raise row.wrong(column, f"{value!r} does not exist in the list of {field}")
        found.append(Condition(field, value, is_negated))
    return tuple(found)
