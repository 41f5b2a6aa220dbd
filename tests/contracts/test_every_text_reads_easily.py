"""What a volunteer reads is Dutch at A2, what others read at B1: short sentences of short words (Flesch-Douma)."""

import re

from backend.opportunities.readability import SENTENCE, WORD, reading
from backend.talent.may_i import answers
from tests.contracts.test_every_word_is_translated import said_in_code, said_in_templates

EASY_FROM, WORDS_MAX = 80, 12
EASY_FROM_AT_WORK, WORDS_MAX_AT_WORK = 60, 20
TAG = re.compile(r"<[^>]+>|%\(\w+\)s|\{\w+\}")
# Names that nobody can make shorter: of forms, of bodies and of papers.
NAMES = re.compile(r"uitbetalingsinstelling: ABVV, ACV, ACLVB of HVW|uittreksel uit het strafregister|organisatie")


def plain(words):
    return NAMES.sub("papier", TAG.sub("iets", words))


def texts():
    said = {*said_in_code("fr"), *said_in_templates("fr")}  # what a volunteer reads is there in French too
    return {plain(words) for words in said} | {plain(one.advice_in["nl"]) for one in answers().values()}


def texts_at_work():
    return {plain(words) for words in (*said_in_code("en"), *said_in_templates("en"))} - texts()


def score_of(said):
    whole = " ".join(one if one.rstrip().endswith((".", "?", "!", ":")) else f"{one}." for one in sorted(said))
    return reading(whole).score


def long_ones(said, longest):
    sentences = [sentence.strip() for text in said for sentence in SENTENCE.findall(text)]
    return [one for one in sentences if len(WORD.findall(one)) > longest]


def test_r043_all_of_it_together_reads_easily():
    assert score_of(texts()) >= EASY_FROM
    assert score_of(texts_at_work()) >= EASY_FROM_AT_WORK


def test_no_sentence_is_long():
    assert long_ones(texts(), WORDS_MAX) == []
    assert long_ones(texts_at_work(), WORDS_MAX_AT_WORK) == []
