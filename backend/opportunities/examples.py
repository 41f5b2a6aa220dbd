"""Fourteen opportunities to begin from (`examples.toml`): whoever posts changes an example, and types little."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from backend.organisations.models import Organisation
from backend.ui.pictures import Picture, pictures
from backend.ui.spoken import spoken_language
from matching.types import LOCAL_LANGUAGE

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Example:
    """What is filled in beforehand; everything but the place."""

    code: str
    names: dict[str, str]
    values: dict[str, Any]

    @property
    def name(self) -> str:
        """In the language of the page."""
        return self.names.get(spoken_language(), self.names[LOCAL_LANGUAGE])

    @property
    def picture(self) -> Picture | None:
        return next((pictures()[one] for one in self.values["talents"] if one in pictures()), None)


@cache
def examples() -> dict[str, Example]:
    """Code -> example, in the order of the screen."""
    told = tomllib.loads((Path(__file__).parent / "examples.toml").read_text(encoding="utf-8"))
    return {
        one["code"]: Example(one["code"], {LOCAL_LANGUAGE: one["name"], "en": one["name_en"]}, {**told[DEFAULT], **one})
        for one in told["example"]
    }


def record_from(example: Example, organisation: Organisation, *, title: str, text: str) -> dict[str, Any]:
    """The example as a record of the city sample format, at the place of the organisation; not checked yet."""
    told = example.values
    return {
        "title": told["title"] or title,
        "text": told["text"] or text,
        "themes": told["themes"],
        "talents_any_of": [],
        "talents_welcome": told["talents"],
        "dutch_min": told["dutch_min"],
        "languages_any_of": [],
        "languages_welcome": [],
        "times": {"slots": told["slots"], "choose": "one_or_more", "frequency": told["frequency"]},
        "commitment": {
            "type": told["commitment"],
            "min_weeks": 0,
            "hours_per_time": told["hours_per_time"],
            "period": None,
        },
        "place": {**place_of(organisation), "at_home": False, "own_neighbourhood": False},
        "features": told["features"],
        "wheelchair": told["wheelchair"],
        "min_age": told["min_age"],
        "extract_596_2": False,
        "driving_licence_b": told.get("driving_licence_b", False),
        "costs": "none",
        "expenses": told["expenses"],
        "flat_rate_per_day_eur": None,
        "support": told["support"],
        "company": told["company"],
        "places": told["places"],
        "reserved_places": told["reserved_places"],
    }


def place_of(organisation: Organisation) -> dict[str, Any]:
    return {name: getattr(organisation, name) for name in ("neighbourhood", "postcode", "lat", "lon")}
