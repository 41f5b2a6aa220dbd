"""Short sentences of short words read easily; syllables are counted as Dutch says them."""

import pytest

from backend.opportunities.readability import reading, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [("koffie", 2), ("ijs", 1), ("bijzonder", 3), ("België", 3), ("ideeën", 3), ("vrijwilliger", 4), ("brr", 1)],
)
def test_syllables_are_groups_of_vowels(word, count):
    assert syllables(word) == count


def test_short_sentences_are_a2():
    assert reading("Je schenkt koffie. Je maakt een praatje.").level == "A2"


def test_the_formula_is_that_of_douma():
    # 2 sentences, 5 words, 6 syllables
    assert reading("Je wacht. Je kijkt even.").score == pytest.approx(206.84 - 0.93 * 5 / 2 - 77 * 6 / 5)


def test_a_long_sentence_is_named():
    long = "Wij verwachten verantwoordelijkheidszin bij het administratief ondersteunen van onze dienstverlening."
    read = reading(f"Je helpt. {long}")

    assert (read.level, read.longest) == ("hard", long)


def test_a_text_without_words_is_no_reason_to_complain():
    assert reading("12 – 14").level == "A2"
