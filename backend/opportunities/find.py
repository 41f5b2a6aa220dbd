"""Find organisations in plain words: "hulp met papieren, Arabisch, 2060", also typed wrong, in any language (R074).

Names of languages, neighbourhoods and postcodes, "open now" and "a warm place" narrow the list; the other words put it
in order, by how many of them the organisation or what it looks for holds.
"""

import re
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import reduce
from operator import add

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from backend.city.load import CityFile
from backend.common.plain_words import plain
from backend.opportunities.queries import published
from backend.organisations.models import Organisation
from matching.catalogue import load_catalogue
from matching.suggest import says_nothing, suggest

WORDS_MAX, READ_MAX, LONGEST = 8, 20, 200
TYPED = 5  # from so many letters a word may be typed wrong
ALIKE = 0.85
OPEN_WORDS = frozenset(plain(one) for one in ("open", "ouvert", "ouverte", "مفتوح", "açık"))
WARM_PLACE = (
    "warme plekken", "warme plek", "lieux chaleureux", "lieu chaleureux", "warm places", "warm place", "مكان دافئ",
    "sıcak yer",
)  # fmt: skip
STEM = 4  # so many letters at least are compared


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question was understood as."""

    languages: tuple[str, ...]
    neighbourhoods: tuple[str, ...]
    postcodes: tuple[str, ...]
    is_open: bool
    is_warm: bool
    words: tuple[str, ...]
    talents: tuple[str, ...]


def understand(text: str, place: CityFile) -> Asked:
    """Names are taken out first; what is left are words to look for, and the talents that they may mean."""
    text = text[:LONGEST]
    left = _in_words(text)
    neighbourhoods = []
    for name in sorted(place.matching.neighbourhoods, key=len, reverse=True):
        named = _in_words(name)
        if named in left:
            neighbourhoods.append(name)
            left = left.replace(named, " ")
    warm = next((said for one in WARM_PLACE if (said := _in_words(one)) in left), "")
    left = left.replace(warm, " ") if warm else left
    languages, postcodes, words, is_open = [], [], [], False
    for word in left.split()[:READ_MAX]:
        code = _language(word)
        if word in place.matching.postcodes:
            postcodes.append(word)
        elif word in OPEN_WORDS:
            is_open = True
        elif code:
            languages.append(code)
        elif not says_nothing(word):
            words.append(word)
    return Asked(
        tuple(languages), tuple(neighbourhoods), tuple(postcodes), is_open, bool(warm), tuple(words[:WORDS_MAX]),
        tuple(suggest(" ".join(words))) if words else (),
    )  # fmt: skip


def found(rows: QuerySet[Organisation], asked: Asked, place: CityFile, today: date) -> QuerySet[Organisation]:
    """Those that fit, best first; whoever asks words sees only what holds one of them."""
    for code in asked.languages:
        rows = rows.filter(welcome_languages__contains=[code])
    if asked.neighbourhoods or asked.postcodes:
        rows = rows.filter(Q(neighbourhood__in=asked.neighbourhoods) | Q(postcode__in=asked.postcodes))
    if not asked.words:
        return rows.order_by("name", "pk")
    online = published(place.slug, today).filter(organisation=OuterRef("pk"))
    worth = [_worth(Q(_like("search_text", word)), 2) for word in asked.words]
    worth += [_worth(Exists(online.filter(_like("search_text", word))), 1) for word in asked.words]
    if asked.talents:
        talents = list(asked.talents)
        wanted = Q(talents_any_of__overlap=talents) | Q(talents_welcome__overlap=talents)
        worth.append(_worth(Exists(online.filter(wanted)), 1))
    return rows.annotate(worth=reduce(add, worth)).filter(worth__gt=0).order_by(F("worth").desc(), "name", "pk")


def _in_words(text: str) -> str:
    """Plain words with a space before, between and after them: a phrase is found whole."""
    return " ".join(["", *re.findall(r"[^\W_]+", plain(text)), ""])


def _language(word: str) -> str:
    """The code of a language of which this is a name, or nearly; empty for another word."""
    for code, names in load_catalogue().language_names.items():
        if any(word == plain(name) for name in names):
            return code
    if len(word) < TYPED:
        return ""
    for code, names in load_catalogue().language_names.items():
        if any(SequenceMatcher(None, word, plain(name)).ratio() >= ALIKE for name in names):
            return code
    return ""


def _like(column: str, word: str) -> Q:
    """Holds the word, or one like it where it is long enough."""
    exact = Q(**{f"{column}__contains": word})
    return exact | Q(**{f"{column}__trigram_word_similar": word}) if len(word) >= STEM else exact


def _worth(holds: Q | Exists, points: int) -> Case:
    return Case(When(holds, then=Value(points)), default=Value(0), output_field=IntegerField())
