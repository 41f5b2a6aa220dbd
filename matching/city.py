"""What matching needs to know of one city: its places, its code lists and its policy. All of it is data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from matching.catalogue import CatalogueError, Row, by_code
from matching.policy import Policy, with_changes
from matching.types import Point

CITY_FILE = "city.toml"
BOX_SIDES = ("south", "west", "north", "east")


@dataclass(frozen=True, slots=True)
class City:
    """One city. `neighbourhoods` and `postcodes` map a code to its point; `statuses` may be declared in a profile."""

    slug: str
    name: str
    box: Mapping[str, float]
    neighbourhoods: Mapping[str, Point]
    postcode_of: Mapping[str, str]
    postcodes: Mapping[str, Point]
    statuses: frozenset[str]
    policy: Policy


def read_settings(folder: Path) -> dict[str, Any]:
    """The city file as a dictionary. Raises CatalogueError when it is missing or no TOML."""
    try:
        return tomllib.loads((folder / CITY_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{CITY_FILE}: the file is missing in {folder}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{CITY_FILE}: cannot be read ({error})") from None


@cache
def load_city(folder: Path) -> City:
    """The city of a folder: city.toml, neighbourhoods.csv, postcodes.csv and statuses_formalities.csv.

    Raises CatalogueError naming the file, the line or key, and the reason.
    """
    settings = read_settings(folder)
    box = _box(settings)
    postcodes = {
        code: _point(row, box) for code, row in by_code(folder / "postcodes.csv", "postcode", "lat", "lon").items()
    }
    neighbourhoods = by_code(folder / "neighbourhoods.csv", "neighbourhood", "postcode", "lat", "lon")
    statuses = by_code(folder / "statuses_formalities.csv", "code", "use")
    policy_changes = settings.get("matching", {})
    try:
        policy = with_changes(Policy(), policy_changes)
    except (ValueError, AttributeError) as error:
        raise CatalogueError(f"{CITY_FILE}, [matching] {error}") from None
    for postcode in policy.hard_to_reach_postcodes:
        if postcode not in postcodes:
            raise CatalogueError(f"{CITY_FILE}, [matching] hard_to_reach_postcodes: {postcode!r} is no postcode here")
    return City(
        slug=text(settings, "slug"),
        name=text(settings, "name"),
        box=box,
        neighbourhoods={code: _point(row, box) for code, row in neighbourhoods.items()},
        postcode_of={code: row.known("postcode", postcodes)[0] for code, row in neighbourhoods.items()},
        postcodes=postcodes,
        statuses=frozenset(
            code
            for code, row in statuses.items()
            if row.one_of("use", ("declare", "self_check", "text_only")) == "declare"
        ),
        policy=policy,
    )


def text(settings: Mapping[str, Any], key: str) -> str:
    """A compulsory text of the city file. Raises CatalogueError when it is missing, empty or no text."""
    value = settings.get(key)
    if not isinstance(value, str) or not value.strip():
        raise CatalogueError(f"{CITY_FILE}, {key}: must be a text, not {value!r}")
    return value


def _box(settings: Mapping[str, Any]) -> Mapping[str, float]:
    box = settings.get("box")
    if not isinstance(box, dict) or set(box) != set(BOX_SIDES):
        raise CatalogueError(f"{CITY_FILE}, [box]: must have exactly {', '.join(BOX_SIDES)}")
    for side, value in box.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise CatalogueError(f"{CITY_FILE}, [box] {side}: must be decimal degrees, not {value!r}")
    if box["south"] >= box["north"] or box["west"] >= box["east"]:
        raise CatalogueError(f"{CITY_FILE}, [box]: south must lie below north, and west before east")
    return {side: float(value) for side, value in box.items()}


def _point(row: Row, box: Mapping[str, float]) -> Point:
    point = Point(float(row.number("lat")), float(row.number("lon")))
    if not box["south"] <= point.lat <= box["north"]:
        raise row.wrong("lat", f"{point.lat} lies outside the city's box")
    if not box["west"] <= point.lon <= box["east"]:
        raise row.wrong("lon", f"{point.lon} lies outside the city's box")
    return point
