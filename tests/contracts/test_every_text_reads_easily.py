"""What a volunteer reads is Dutch at A2: short sentences of short words (Flesch-Douma)."""

import re

from backend.opportunities.readability import SENTENCE, WORD, reading
from backend.talent.may_i import answers
from tests.contracts.test_every_word_is_translated import said_in_code, said_in_templates

EASY_FROM, WORDS_MAX = 80, 12
TAG = re.compile(r"<[^>]+>|%\(\w+\)s|\{\w+\}")
# Names that nobody can make shorter: of forms, of bodies and of papers.
NAMES = re.compile(r"uitbetalingsinstelling: ABVV, ACV, ACLVB of HVW|uittreksel uit het strafregister|organisatie")


def plain(words):
    return NAMES.sub("papier", TAG.sub("iets", words))


def texts():
    return {plain(words) for words in (*said_in_code(), *said_in_templates())} | {
        plain(one.advice_in["nl"]) for one in answers().values()
    }


def test_all_of_it_together_reads_easily():
    whole = " ".join(one if one.rstrip().endswith((".", "?", "!", ":")) else f"{one}." for one in sorted(texts()))

    assert reading(whole).score >= EASY_FROM


def test_no_sentence_is_long():
    long = [
        sentence.strip()
        for text in texts()
        for sentence in SENTENCE.findall(text)
        if len(WORD.findall(sentence)) > WORDS_MAX
    ]
    assert long == []
