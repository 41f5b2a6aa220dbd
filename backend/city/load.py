"""Reads the city folders of this installation: what matching needs, and what messages and publication need.

A wrong file stops the start with the file, the line or key, and the reason.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from dateutil.easter import easter
from django.conf import settings

from matching import city as matching_city
from matching.catalogue import CatalogueError, by_code
from matching.city import CITY_FILE, City, read_settings, text
from matching.citysample import OUTCOMES

FOLDER = Path(__file__).parent
TOP_KEYS = {
    "slug", "name", "time_zone", "language", "languages", "phone", "box", "messages", "matching", "proposes",
    "report_bodies", "open_data_licence", "tokens", "polls",
    "reserved_days", "safety",
}  # fmt: skip
LICENCE = "CC-BY-4.0"
TOKEN_KEYS = {"per_hour": 10, "cap_per_year": 1000}  # and the most each may be
SAFETY = ("danger", "violence", "talk", "children")  # what somebody calls for, in the order of the page
BY_ITSELF, AFTER_A_LOOK = PROPOSES = "by_itself", "after_a_look"
QUIET_KEYS = {"quiet_from", "quiet_until"}
DAY_KEYS = {
    "proposal_reminder_days", "candidate_reminder_working_days", "candidate_case_working_days", "silence_days",
    "silence_case_days",
}  # fmt: skip
MESSAGE_KEYS = QUIET_KEYS | DAY_KEYS | {"check_in_days", "fixed_holidays", "easter_holidays", "digest_at"}
PUBLICATION_FILE, TILES_FILE = "publication.toml", "tiles.csv"
STATUSES_FILE = "statuses_formalities.csv"
NOTHING_TO_TELL = ("none", "check_yourself")
RULE_KEYS = {"code", "outcome", "any", "unless", "softer_when", "softer_outcome"}
LIMIT_KEYS = {"hours_per_week"}
# What the publication check can say; a city has a sentence for each.
FILLED_IN = re.compile(r"\{(\w+)\}")
CODES = {
    "profit_organisation", "private_person", "organisation_not_verified", "charter_not_accepted",
    "no_liability_insurance", "too_many_hours", "no_professional_behind", "below_minimum_age", "age_above_21",
    "character_needed", "alone_at_home_visit", "missing_support", "extract_needed", "extract_question",
    "above_day_ceiling", "above_year_ceiling",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nothing is sent from `begins` to `ends`, local time; the same moment twice means never quiet."""

    begins: time
    ends: time
    time_zone: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When somebody hears from us by itself, once: a volunteer of a proposal, an organisation of a yes; how it is going
    so many days after a start; a kind question after so many days of silence. Then a person of the point looks.

    `fixed_holidays` are months and days, `easter_holidays` days counted from Easter Sunday.
    """

    proposal_reminder_days: int = 3
    candidate_reminder_working_days: int = 3
    candidate_case_working_days: int = 5
    check_in_days: tuple[int, ...] = (1, 14, 42, 90)
    silence_days: int = 30
    silence_case_days: int = 14
    digest_at: time = time(8)
    fixed_holidays: tuple[tuple[int, int], ...] = ()
    easter_holidays: tuple[int, ...] = ()

    def holidays(self, year: int) -> list[date]:
        """Days on which nobody works, in that year."""
        fixed = [date(year, month, day) for month, day in self.fixed_holidays]
        return fixed + [easter(year) + timedelta(days=days) for days in self.easter_holidays]

    def working_day(self, day: date, days: int) -> date:
        """So many working days after a day, or before it: Monday to Friday, without holidays. A day on which nobody
        works counts as the last working day before it.
        """
        holidays = [one for year in (day.year - 1, day.year, day.year + 1) for one in self.holidays(year)]
        found: date = np.busday_offset(day, days, roll="backward", holidays=holidays).astype(date)
        return found


@dataclass(frozen=True, slots=True)
class TextRule:
    """Words of a text that decide about publication: one of `any` is found, and none of `unless` in that sentence."""

    code: str
    outcome: str
    any: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    softer_when: tuple[re.Pattern[str], ...]
    softer_outcome: str


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Complementary coins (R009): how many for a whole hour, and how many somebody gets in a year at most."""

    per_hour: int
    cap_per_year: int


@dataclass(frozen=True, slots=True)
class KmRate:
    """Euro per kilometre from a day on; `until` is the last day on which it is certain, None while nobody said."""

    begins: date
    until: date | None
    eur: Decimal


@dataclass(frozen=True, slots=True)
class PublicationRules:
    """What the publication check reads: words, limits, yearly ceilings in euro, and sentences for each code."""

    texts: tuple[TextRule, ...]
    hours_per_week: Decimal
    sentences: Mapping[str, str]
    sentences_en: Mapping[str, str]
    day_ceilings: Mapping[int, Decimal]
    year_ceilings: Mapping[int, Decimal]
    raised_ceilings: Mapping[int, Decimal]  # of a year, for what the decree of 28 December 2018 names
    km_rates: Mapping[str, tuple[KmRate, ...]]  # "car", "bike" -> oldest first


@dataclass(frozen=True, slots=True)
class Tile:
    """Where a neighbourhood stands on the map of equal squares, from the west and from the top; and its short name."""

    short: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class ToTell:
    """What somebody with a status has to do before a start: a word for it, and in how many working days an answer
    comes; None where no term is known.
    """

    formality: str
    answer_working_days: int | None


@dataclass(frozen=True, slots=True)
class CityFile:
    """One city as the server knows it."""

    folder: Path
    matching: City
    language: str
    languages: tuple[str, ...]
    phone: str
    quiet_hours: QuietHours
    rhythm: Rhythm
    publication: PublicationRules
    tiles: Mapping[str, Tile]  # by neighbourhood; empty without a map
    # False: nothing is proposed before somebody of the volunteer point looked at a planned round and published it.
    proposes_by_itself: bool
    to_tell: Mapping[str, ToTell]  # by the status that somebody may declare; nothing for who has nothing to tell
    tokens: TokenRules | None  # None: this city does not have them
    # What is reserved and not taken opens to everybody after so many days online (rules 6.2); None: never by itself.
    reserved_days: int | None
    has_polls: bool  # questions on a screen in an open house (R061)
    open_data_licence: str  # an SPDX id: under which others may use what everybody may read
    report_bodies: tuple[str, ...]  # who else helps with discrimination: a name, and how to reach it
    safety: Mapping[str, str]  # by what somebody calls for (SAFETY): a number (R071)

    @property
    def slug(self) -> str:
        return self.matching.slug

    def local(self, moment: datetime) -> datetime:
        """The moment on this city's clocks."""
        return moment.astimezone(ZoneInfo(self.quiet_hours.time_zone))


@cache
def cities() -> Mapping[str, CityFile]:
    """The cities of this installation by slug, the first one being the default. Raises CatalogueError."""
    names = settings.CITIES or sorted(file.parent.name for file in FOLDER.glob(f"*/{CITY_FILE}"))
    found: dict[str, CityFile] = {}
    for name in names:
        city = load(FOLDER / name if (FOLDER / name).is_dir() else Path(name))
        if city.slug in found:
            raise CatalogueError(f"CITIES: two folders are called {city.slug!r}")
        found[city.slug] = city
    if not found:
        raise CatalogueError("CITIES: there is no city")
    return found


def city(slug: str) -> CityFile:
    """Raises CatalogueError when rows name a city that this installation does not have."""
    try:
        return cities()[slug]
    except KeyError:
        raise CatalogueError(f"CITIES: the database holds {slug!r}, but this installation does not have it") from None


def default_city() -> CityFile:
    return next(iter(cities().values()))


@cache
def load(folder: Path) -> CityFile:
    """Read and check one city folder. Raises CatalogueError."""
    data = read_settings(folder)
    _only(data, TOP_KEYS, CITY_FILE)
    matching = matching_city.load_city(folder)
    if not re.fullmatch("[a-z][a-z0-9-]{0,39}", matching.slug):
        raise CatalogueError(f"{CITY_FILE}, slug: {matching.slug!r} must be small letters, digits and dashes")
    languages = _texts(data, "languages")
    language = text(data, "language")
    if language not in languages:
        raise CatalogueError(f"{CITY_FILE}, language: {language!r} must be one of languages")
    return CityFile(
        folder=folder,
        matching=matching,
        language=language,
        languages=languages,
        phone=text(data, "phone"),
        quiet_hours=_quiet_hours(data),
        rhythm=_rhythm(data["messages"]),
        publication=_publication(folder),
        tiles=_tiles(folder, matching.neighbourhoods),
        proposes_by_itself=_proposes(data),
        to_tell=_to_tell(folder),
        tokens=_tokens(data),
        has_polls=_polls(data),
        reserved_days=_reserved_days(data),
        open_data_licence=_licence(data),
        report_bodies=_texts(data, "report_bodies") if "report_bodies" in data else (),
        safety=_safety(data),
    )


def _only(data: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise CatalogueError(f"{where}, {key}: this key does not exist; known are {', '.join(sorted(known))}")


def _tokens(data: Mapping[str, Any]) -> TokenRules | None:
    told = data.get("tokens")
    if told is None:
        return None
    where = f"{CITY_FILE}, [tokens]"
    if not isinstance(told, dict):
        raise CatalogueError(f"{where}: must be a table with {', '.join(TOKEN_KEYS)}")
    _only(told, set(TOKEN_KEYS), where)
    for key, most in TOKEN_KEYS.items():
        value = told.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise CatalogueError(f"{where} {key}: must be a whole number from 1 to {most}, not {value!r}")
    return TokenRules(**told)


def _polls(data: Mapping[str, Any]) -> bool:
    value = data.get("polls", False)
    if not isinstance(value, bool):
        raise CatalogueError(f"{CITY_FILE}, polls: must be true or false, not {value!r}")
    return value


def _reserved_days(data: Mapping[str, Any]) -> int | None:
    value = data.get("reserved_days")
    if value is not None and not _is_number(value, 1):
        raise CatalogueError(f"{CITY_FILE}, reserved_days: must be a whole number of days, not {value!r}")
    return value


def _licence(data: Mapping[str, Any]) -> str:
    value = data.get("open_data_licence", LICENCE)
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9.+-]+", value):
        raise CatalogueError(f"{CITY_FILE}, open_data_licence: must be an SPDX id such as {LICENCE}, not {value!r}")
    return value


def _safety(data: Mapping[str, Any]) -> dict[str, str]:
    told = data.get("safety", {})
    where = f"{CITY_FILE}, [safety]"
    if not isinstance(told, dict):
        raise CatalogueError(f"{where}: must be a table with {', '.join(SAFETY)}")
    _only(told, set(SAFETY), where)
    for key, number in told.items():
        if not isinstance(number, str) or not re.fullmatch(r"[+0-9][0-9 ]*", number):
            raise CatalogueError(f"{where}, {key}: must be a phone number in quotes, not {number!r}")
    return {key: told[key] for key in SAFETY if key in told}


def _texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = data.get(key)
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise CatalogueError(f"{CITY_FILE}, {key}: must be a list of texts, not {values!r}")
    return tuple(values)


def _quiet_hours(data: Mapping[str, Any]) -> QuietHours:
    messages = data.get("messages")
    if not isinstance(messages, dict):
        raise CatalogueError(f"{CITY_FILE}, [messages]: is missing")
    _only(messages, MESSAGE_KEYS, f"{CITY_FILE}, [messages]")
    moments = {}
    for key in sorted(QUIET_KEYS):
        try:
            moments[key] = time.fromisoformat(messages[key])
        except (KeyError, TypeError, ValueError):
            raise CatalogueError(
                f'{CITY_FILE}, [messages] {key}: must be a time like "21:00", not {messages.get(key)!r}'
            ) from None
    zone = text(data, "time_zone")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise CatalogueError(f"{CITY_FILE}, time_zone: {zone!r} is not a time zone") from None
    return QuietHours(moments["quiet_from"], moments["quiet_until"], zone)


def _rhythm(messages: Mapping[str, Any]) -> Rhythm:
    given = {key: messages[key] for key in sorted(DAY_KEYS) if key in messages}
    for key, days in given.items():
        if not _is_number(days, 1):
            raise CatalogueError(f"{CITY_FILE}, [messages] {key}: must be a whole number of days, not {days!r}")
    for key, least in (("check_in_days", 1), ("easter_holidays", -365)):
        if key in messages:
            days = messages[key]
            if not isinstance(days, list) or not all(_is_number(one, least) for one in days):
                raise CatalogueError(f"{CITY_FILE}, [messages] {key}: must be a list of days, not {days!r}")
            given[key] = tuple(sorted(days))
    if "fixed_holidays" in messages:
        given["fixed_holidays"] = _month_days(messages["fixed_holidays"])
    if "digest_at" in messages:
        try:
            given["digest_at"] = time.fromisoformat(messages["digest_at"])
        except (TypeError, ValueError):
            raise CatalogueError(f'{CITY_FILE}, [messages] digest_at: must be a time like "08:00"') from None
    return Rhythm(**given)


def _is_number(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _month_days(values: Any) -> tuple[tuple[int, int], ...]:
    try:
        return tuple((day.month, day.day) for day in (date.fromisoformat(f"2024-{one}") for one in values))
    except (TypeError, ValueError):
        raise CatalogueError(
            f'{CITY_FILE}, [messages] fixed_holidays: must be a list of months and days like "12-25", not {values!r}'
        ) from None


def _publication(folder: Path) -> PublicationRules:
    try:
        data = tomllib.loads((folder / PUBLICATION_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{PUBLICATION_FILE}: the file is missing in {folder}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{PUBLICATION_FILE}: cannot be read ({error})") from None
    _only(data, {"limits", "text", "sentences", "sentences_en"}, PUBLICATION_FILE)
    limits = data.get("limits", {})
    _only(limits, LIMIT_KEYS, f"{PUBLICATION_FILE}, [limits]")
    hours = limits.get("hours_per_week")
    if isinstance(hours, bool) or not isinstance(hours, int) or hours <= 0:
        raise CatalogueError(f"{PUBLICATION_FILE}, [limits] hours_per_week: must be a whole number, not {hours!r}")
    days, years, raised, km_rates = _ceilings(folder)
    texts = tuple(_text_rule(rule, place) for place, rule in enumerate(data.get("text", []), start=1))
    sentences = data.get("sentences", {})
    for code in sorted(CODES | {rule.code for rule in texts}):
        if not isinstance(sentences.get(code), str) or not sentences[code].strip():
            raise CatalogueError(f"{PUBLICATION_FILE}, [sentences] {code}: there is no sentence")
    return PublicationRules(
        texts=texts,
        hours_per_week=Decimal(hours),
        sentences=sentences,
        sentences_en=_english(data.get("sentences_en", {}), sentences),
        day_ceilings=days,
        year_ceilings=years,
        raised_ceilings=raised,
        km_rates=km_rates,
    )


def _english(said: Mapping[str, Any], sentences: Mapping[str, str]) -> Mapping[str, str]:
    """Every English sentence has a Dutch one, and is filled in with the same."""
    for code, sentence in said.items():
        if code not in sentences:
            raise CatalogueError(f"{PUBLICATION_FILE}, [sentences_en] {code}: there is no such sentence in [sentences]")
        if not isinstance(sentence, str) or set(FILLED_IN.findall(sentence)) != set(FILLED_IN.findall(sentences[code])):
            raise CatalogueError(f"{PUBLICATION_FILE}, [sentences_en] {code}: does not tell the same as [sentences]")
    return said


def _text_rule(rule: Mapping[str, Any], place: int) -> TextRule:
    where = f"{PUBLICATION_FILE}, [[text]] {place}"
    _only(rule, RULE_KEYS, where)
    code, outcome = rule.get("code"), rule.get("outcome")
    softer = rule.get("softer_outcome", outcome)
    if not isinstance(code, str) or not code:
        raise CatalogueError(f"{where} code: must be a text, not {code!r}")
    for name in (outcome, softer):
        if name not in OUTCOMES:
            raise CatalogueError(f"{where} outcome: {name!r} is not one of {', '.join(OUTCOMES)}")
    words = {key: _patterns(rule.get(key, []), f"{where} {key}") for key in ("any", "unless", "softer_when")}
    if not words["any"]:
        raise CatalogueError(f"{where} any: names no words")
    return TextRule(code, str(outcome), words["any"], words["unless"], words["softer_when"], str(softer))


def _patterns(values: Any, where: str) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(value, re.IGNORECASE) for value in values)
    except (TypeError, re.error) as error:
        raise CatalogueError(f"{where}: {error}") from None


def _proposes(data: Mapping[str, Any]) -> bool:
    said = data.get("proposes", BY_ITSELF)
    if said not in PROPOSES:
        raise CatalogueError(f"{CITY_FILE}, proposes: must be one of {', '.join(PROPOSES)}, not {said!r}")
    return bool(said == BY_ITSELF)


def _tiles(folder: Path, neighbourhoods: Collection[str]) -> dict[str, Tile]:
    """Every neighbourhood on a square of its own; a city without this file has no map."""
    file = folder / TILES_FILE
    if not file.exists():
        return {}
    found: dict[str, Tile] = {}
    for name, row in by_code(file, "neighbourhood", "short", "col", "row").items():
        if name not in neighbourhoods:
            raise row.wrong("neighbourhood", f"{name!r} is not in neighbourhoods.csv")
        if not all(row.values[key].isdecimal() for key in ("col", "row")):
            raise row.wrong("col", "col and row must be whole numbers from 0")
        tile = Tile(row.text("short"), int(row.values["col"]), int(row.values["row"]))
        if any((one.column, one.row) == (tile.column, tile.row) for one in found.values()):
            raise row.wrong("col", f"another neighbourhood stands on {tile.column}, {tile.row} already")
        found[name] = tile
    missing = sorted(set(neighbourhoods) - set(found))
    if missing:
        raise CatalogueError(f"{TILES_FILE}: {', '.join(missing)} has no square")
    return found


def _to_tell(folder: Path) -> dict[str, ToTell]:
    found = {}
    for code, row in by_code(folder / STATUSES_FILE, "code", "use", "formality", "answer_working_days").items():
        days, formality = row.values["answer_working_days"], row.text("formality")
        if days and not (days.isdecimal() and int(days)):
            raise row.wrong("answer_working_days", "must be a whole number of working days, or empty")
        if row.values["use"] == "declare" and formality not in NOTHING_TO_TELL:
            found[code] = ToTell(formality, int(days) if days else None)
    return found


Known = dict[int, Decimal]


def _ceilings(folder: Path) -> tuple[Known, Known, Known, dict[str, tuple[KmRate, ...]]]:
    """Ceilings and rates per year; a year without amounts is left out, so the last known one counts."""
    file = folder / "expense_ceilings.csv"
    days, years, raised = {}, {}, {}
    rates: dict[str, list[KmRate]] = {"car": [], "bike": []}
    for row in by_code(file, "year", "flat_rate_per_day_eur", "flat_rate_per_year_eur").values():
        year = int(row.number("year"))
        if row.values["flat_rate_per_day_eur"]:
            days[year] = row.number("flat_rate_per_day_eur")
        if row.values["flat_rate_per_year_eur"]:
            years[year] = row.number("flat_rate_per_year_eur")
        if row.values.get("raised_year_ceiling_eur"):
            raised[year] = row.number("raised_year_ceiling_eur")
        if row.values.get("km_bike_eur"):
            rates["bike"].append(KmRate(date(year, 1, 1), date(year, 12, 31), row.number("km_bike_eur")))
        if row.values.get("km_car_eur"):
            begins, until = _valid(row.values.get("km_car_valid", ""), year, file.name)
            rates["car"].append(KmRate(begins, until, row.number("km_car_eur")))
    return days, years, raised, {name: tuple(sorted(ones, key=_begins)) for name, ones in rates.items()}


def _begins(rate: KmRate) -> date:
    return rate.begins


def _valid(text: str, year: int, file: str) -> tuple[date, date | None]:
    """ "2026-01-01/2026-03-31", "2024-04-01/", or nothing for the whole year."""
    first, _slash, last = text.partition("/")
    try:
        return date.fromisoformat(first) if first else date(year, 1, 1), date.fromisoformat(last) if last else None
    except ValueError:
        raise CatalogueError(f"{file}, {year}, km_car_valid: must be two days with a slash, not {text!r}") from None


def km_rate_of(day: date, rates: Sequence[KmRate]) -> tuple[Decimal, bool] | None:
    """(euro per kilometre, whether it is sure for that day): the last rate that had begun by then. None without one."""
    begun = [one for one in rates if one.begins <= day]
    if not begun:
        return None
    return begun[-1].eur, begun[-1].until is None or day <= begun[-1].until


def ceiling_of(year: int, known: Mapping[int, Decimal]) -> Decimal | None:
    """The ceiling of that year, else of the last year before it that is known; older years keep their own."""
    before = [one for one in known if one <= year]
    return known[max(before)] if before else None
