"""Find opportunities in plain words: with typing errors, without accents, in Dutch, French or Arabic letters.

The words of an opportunity are its title and text and the names of its talents and themes in every language we have;
so "cuisiner" finds what was written in Dutch.
"""

import re
from typing import Any

from django.db.models import Q, QuerySet

from backend.common.plain_words import plain
from backend.opportunities.models import Opportunity
from matching.catalogue import load_catalogue

WORDS_MAX = 8
LISTED = {"talents_any_of": "talents", "talents_welcome": "talents", "themes": "themes"}


def search_text_of(columns: dict[str, Any]) -> str:
    """The words by which an opportunity is found, from its columns."""
    catalogue = load_catalogue()
    names = {"talents": {code: one.label for code, one in catalogue.talents.items()}, "themes": dict(catalogue.themes)}
    words = [columns["title"], columns["text"]]
    for column, listed in LISTED.items():
        for code in columns[column]:
            words.append(names[listed][code])
            words += [
                label for (kind, known, _), label in catalogue.translations.items() if (kind, known) == (listed, code)
            ]
    return plain(" ".join(words))


def matching(opportunities: QuerySet[Opportunity], asked: str) -> QuerySet[Opportunity]:
    """Those that hold every word, or one like it. Nothing is asked by signs alone."""
    for word in re.findall(r"\w+", plain(asked))[:WORDS_MAX]:
        exact = Q(search_text__contains=word)
        opportunities = opportunities.filter(
            exact | Q(search_text__trigram_word_similar=word) if len(word) > 3 else exact
        )
    return opportunities
