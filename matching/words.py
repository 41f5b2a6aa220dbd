"""Lines become sentences: the only place that knows how. The sentences are data (`sentences.csv`, `words.csv`)."""

from functools import cache
from pathlib import Path

from matching.catalogue import FOLDER, Catalogue, CatalogueError, read_rows
from matching.types import LOCAL_LANGUAGE, Line

VOLUNTEER, ORGANISATION = "volunteer", "organisation"
AROUND_THE_CORNER_KM = 0.5
PROPER_NOUNS = frozenset({"Nederlands", "Dutch", "Word"})  # keep their capital inside a sentence
LANGUAGES = ("nl", "fr", "en", "ar", "tr")
SMALL_INSIDE = ("nl", "fr", "en")  # Turkish has letters of its own for this, Arabic none


@cache
def sentences(folder: Path = FOLDER, language: str = LOCAL_LANGUAGE) -> dict[tuple[str, str], str]:
    """(audience, code) -> sentence, the Dutch one where another language has none.

    Raises CatalogueError for an audience that does not exist or a code said twice.
    """
    found: dict[tuple[str, str], str] = {}
    for row in read_rows(folder / "sentences.csv", ("code", "audience", "sentence_nl")):
        key = (row.one_of("audience", (VOLUNTEER, ORGANISATION)), row.text("code"))
        if key in found:
            raise row.wrong("code", f"{key[1]!r} stands here twice for {key[0]}")
        found[key] = row.values.get(f"sentence_{language}") or row.text("sentence_nl")
    if not found:
        raise CatalogueError("sentences.csv: has no rows")
    return found


@cache
def small_words(folder: Path = FOLDER) -> dict[tuple[str, str], str]:
    """(language, code) -> word: days and parts of them, and how far."""
    rows = read_rows(folder / "words.csv", ("code", *LANGUAGES))
    return {(language, row.text("code")): row.text(language) for row in rows for language in LANGUAGES}


def say(line: Line, catalogue: Catalogue, audience: str = VOLUNTEER, language: str = LOCAL_LANGUAGE) -> str:
    """The sentence of one line, with catalogue labels in place of codes."""
    values = dict(line.values)
    if line.code == "support":
        code = values["support"]
        return catalogue.label_in(language, "support", code, catalogue.support[code].explanation)
    code = f"wish_open_{values['wish']}" if line.code == "wish_open" else line.code
    words = {name: _word(name, value, catalogue, audience, language) for name, value in values.items()}
    return sentences(FOLDER, language)[audience, code].format(**words)


def _word(name: str, value: str, catalogue: Catalogue, audience: str, language: str) -> str:
    match name:
        case "talent":
            label = catalogue.label_in(language, "talents", value, catalogue.talents[value].label)
            return _in_sentence(label, language)
        case "theme":
            return _in_sentence(catalogue.label_in(language, "themes", value, catalogue.themes[value]), language)
        case "language" if language != LOCAL_LANGUAGE:
            return catalogue.own_names[value]
        case "language":
            return catalogue.languages[value]
        case "slot":
            return slot_words(value, language)
        case "km" if audience == VOLUNTEER:
            return km_words(float(value), language)
        case _:
            return value


def slot_words(slot: str, language: str = LOCAL_LANGUAGE) -> str:
    day, part = slot.split("-")
    return f"{small_words()[language, day]} {small_words()[language, part]}"


def km_words(km: float, language: str = LOCAL_LANGUAGE) -> str:
    """One decimal, with a comma but in English; under half a kilometre in words (rules 7.3)."""
    if km < AROUND_THE_CORNER_KM:
        return small_words()[language, "around_the_corner"]
    number = f"{km:.1f}" if language == "en" else f"{km:.1f}".replace(".", ",")
    return small_words()[language, "km"].format(km=number)


def _in_sentence(label: str, language: str) -> str:
    """Without its capital, where a language has them and the word is no name."""
    if language not in SMALL_INSIDE or label.split(maxsplit=1)[0] in PROPER_NOUNS:
        return label
    return label[:1].lower() + label[1:]
