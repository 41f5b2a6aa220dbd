""" "Mag ik helpen?": five questions about what somebody must tell whom before they start (law of 3 July 2005).

Nobody is asked for papers or a nationality, and no answer is kept anywhere. Questions, answers and advice are data
(`may_i.csv`); where sources differ, the city's `statuses_formalities.csv` says which one was followed.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.ui.spoken import spoken_language

TOO_YOUNG = ("age", "younger")
FILE = Path(__file__).parent / "may_i.csv"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one question; `advice` is empty when nothing has to be done."""

    question: str
    code: str
    says_in: dict[str, str]
    advice_in: dict[str, str]

    @property
    def says(self) -> str:
        """In the language of the page."""
        return self.says_in[spoken_language()]

    @property
    def advice(self) -> str:
        return self.advice_in[spoken_language()]


@cache
def answers() -> dict[tuple[str, str], Answer]:
    """(question, code) -> answer, in the order of the screen."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {
            (row["question"], row["code"]): Answer(
                row["question"], row["code"], _by_language(row, "says_"), _by_language(row, "advice_")
            )
            for row in csv.DictReader(file)
        }


def _by_language(row: dict[str, str], start: str) -> dict[str, str]:
    return {name.removeprefix(start): value for name, value in row.items() if name.startswith(start)}


def to_do(chosen: Iterable[Answer]) -> list[str]:
    """What has to be done first, each thing once; too young comes alone, for nothing else matters then."""
    given = list(chosen)
    too_young = [one for one in given if (one.question, one.code) == TOO_YOUNG]
    return list(dict.fromkeys(one.advice for one in too_young or given if one.advice))
