"""Lines become Dutch sentences: the only place that knows how. The sentences are data (`sentences.csv`)."""

from functools import cache
from pathlib import Path

from matching.catalogue import FOLDER, Catalogue, CatalogueError, read_rows
from matching.types import Line

VOLUNTEER, ORGANISATION = "volunteer", "organisation"
DAY_WORDS = {
    "mon": "maandag",
    "tue": "dinsdag",
    "wed": "woensdag",
    "thu": "donderdag",
    "fri": "vrijdag",
    "sat": "zaterdag",
    "sun": "zondag",
}
PART_WORDS = {"morning": "voormiddag", "afternoon": "namiddag", "evening": "avond"}
AROUND_THE_CORNER_KM = 0.5
PROPER_NOUNS = frozenset({"Nederlands", "Word"})  # keep their capital inside a sentence


@cache
def sentences(folder: Path = FOLDER) -> dict[tuple[str, str], str]:
    """(audience, code) -> sentence. Raises CatalogueError for an audience that does not exist or a code said twice."""
    found: dict[tuple[str, str], str] = {}
    for row in read_rows(folder / "sentences.csv", ("code", "audience", "sentence_nl")):
        key = (row.one_of("audience", (VOLUNTEER, ORGANISATION)), row.text("code"))
        if key in found:
            raise row.wrong("code", f"{key[1]!r} stands here twice for {key[0]}")
        found[key] = row.text("sentence_nl")
    if not found:
        raise CatalogueError("sentences.csv: has no rows")
    return found


def say(line: Line, catalogue: Catalogue, audience: str = VOLUNTEER) -> str:
    """The Dutch sentence of one line, with catalogue labels in place of codes."""
    values = dict(line.values)
    if line.code == "support":
        return catalogue.support[values["support"]].explanation
    code = f"wish_open_{values['wish']}" if line.code == "wish_open" else line.code
    words = {name: _word(name, value, catalogue, audience) for name, value in values.items()}
    return sentences()[audience, code].format(**words)


def _word(name: str, value: str, catalogue: Catalogue, audience: str) -> str:
    match name:
        case "talent":
            return _in_sentence(catalogue.talents[value].label)
        case "theme":
            return _in_sentence(catalogue.themes[value])
        case "language":
            return catalogue.languages[value]
        case "slot":
            return slot_words(value)
        case "km" if audience == VOLUNTEER:
            return km_words(float(value))
        case _:
            return value


def slot_words(slot: str) -> str:
    day, part = slot.split("-")
    return f"{DAY_WORDS[day]} {PART_WORDS[part]}"


def km_words(km: float) -> str:
    """One decimal and a comma; under half a kilometre in words (rules 7.3)."""
    return "om de hoek" if km < AROUND_THE_CORNER_KM else f"{km:.1f} km".replace(".", ",")


def _in_sentence(label: str) -> str:
    return label if label.split(maxsplit=1)[0] in PROPER_NOUNS else label[:1].lower() + label[1:]
