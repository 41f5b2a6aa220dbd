"""From own words to talents: "ik kook graag voor mijn kleinkinderen" names cooking. In any of the languages.

Nothing is decided here: the person sees what was found and chooses. A word that many talents share says little of each.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import cache

from matching.catalogue import FOLDER, load_catalogue, read_rows

MOST = 6
SHORTEST = 3  # shorter words mean nothing alone
STEM = 3  # so many letters in common at the beginning, and most of the longer word
STEM_SHARE = 0.6
ALIKE = 0.8  # typing errors: how alike two words are
EXACT, SAME_STEM, TYPED_WRONG = 3.0, 2.0, 1.0
LONGEST = 300  # signs of a text that are looked at
LIKELY = 0.35  # of the points of the best one; what is less likely only distracts
ARTICLE = "ال"  # Arabic, written onto the word


def suggest(text: str, more_names: Mapping[str, Iterable[str]] | None = None, most: int = MOST) -> list[str]:
    """Codes of talents that the words of a text may mean, likeliest first; never a sensitive one.

    `more_names` adds names by code, as the words under drawings.
    """
    known = _vocabulary()
    extra: defaultdict[str, set[str]] = defaultdict(set)
    for code, names in (more_names or {}).items():
        for word in _words(" ".join(names)):
            extra[word].add(code)
    points: defaultdict[str, float] = defaultdict(float)
    for word in dict.fromkeys(_words(text[:LONGEST])):
        best: defaultdict[str, float] = defaultdict(float)
        for other in known.keys() | extra.keys():
            worth = _worth(word, other)
            codes = known.get(other, set()) | extra.get(other, set())
            for code in codes if worth else ():
                best[code] = max(best[code], worth / len(codes))
        for code, worth in best.items():
            points[code] += worth
    order = list(load_catalogue().talents)
    found = sorted((code for code in points if code in order), key=lambda code: (-points[code], order.index(code)))
    likely = [code for code in found if points[code] >= LIKELY * points[found[0]]]
    return [code for code in likely if not load_catalogue().talents[code].is_sensitive][:most]


def says_nothing(word: str) -> bool:
    """Is it one that everybody writes, or too short to mean anything alone?"""
    return not _words(word)


def _worth(word: str, other: str) -> float:
    if word == other:
        return EXACT
    shorter, longer = sorted((word, other), key=len)
    common = next((place for place, one in enumerate(shorter) if one != longer[place]), len(shorter))
    if common >= STEM and common >= STEM_SHARE * len(longer):
        return SAME_STEM
    if len(shorter) > STEM + 1 and shorter in longer:  # Dutch writes words together
        return SAME_STEM * len(shorter) / len(longer)
    if (
        len(shorter) > STEM + 1
        and abs(len(word) - len(other)) <= 2
        and SequenceMatcher(None, word, other).ratio() >= ALIKE
    ):
        return TYPED_WRONG
    return 0.0


def _words(text: str) -> list[str]:
    """Those that may name a talent."""
    return [one for one in _plain(text) if len(one) >= SHORTEST and one not in _say_nothing()]


def _plain(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in plain if not unicodedata.combining(one)).replace("ı", "i")
    return [re.sub(r"(.)\1", r"\1", one).removeprefix(ARTICLE) for one in re.findall(r"[^\W\d_]+", plain)]


@cache
def _say_nothing() -> frozenset[str]:
    """Words that everybody writes and that name no talent (`say_nothing.csv`)."""
    rows = read_rows(FOLDER / "say_nothing.csv", ("word",))
    return frozenset(one for row in rows for one in _plain(row.text("word")))


@cache
def _vocabulary() -> dict[str, set[str]]:
    """Word -> talents, from the labels in every language and the words people look for."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in read_rows(FOLDER / "talents.csv", ("code", "label_nl", "search_words_nl")):
        labels = [value for column, value in row.values.items() if column.startswith("label_")]
        for word in _words(" ".join([*labels, row.values["search_words_nl"].replace(";", " ")])):
            found[word].add(row.text("code"))
    return dict(found)
