"""The drawing of each talent, and its short word on a screen, in every language (`pictures.csv`)."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils import translation


@dataclass(frozen=True, slots=True)
class Picture:
    """`page` 1 is what most people choose from; the rest is one tap further."""

    talent: str
    file: str
    page: int
    labels: dict[str, str]

    @property
    def label(self) -> str:
        """The word in the language of this page."""
        return self.labels.get(str(translation.get_language()), self.labels["nl"])


@cache
def pictures() -> dict[str, Picture]:
    """Talent -> picture, in the order of the screen."""
    with (Path(__file__).parent / "pictures.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["talent"]: Picture(
                row["talent"],
                f"ui/pictures/{row['openmoji']}.svg",
                int(row["page"]),
                {name.removeprefix("label_"): value for name, value in row.items() if name.startswith("label_")},
            )
            for row in csv.DictReader(file)
        }
