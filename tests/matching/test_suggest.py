"""Own words lead to talents, in every language, with typing errors, and never to a sensitive one."""

import pytest

from matching.catalogue import load_catalogue
from matching.suggest import LONGEST, MOST, suggest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Ik kook graag voor mijn kleinkinderen", "koken_thuis"),
        ("ik was boekhouder", "boekhouding"),
        ("fietsen repareren", "fiets_herstellen"),
        ("huiswrk", "huiswerk"),
        ("ik heb vroeger in de bouw gewerkt, muren schilderen", "muren_schilderen"),
        ("facebook en instagram", "sociale_media"),
        ("ik kan autorijden", "rijden"),
        ("NAAIEN", "naaien"),
        ("J'aime jouer de la musique", "muziek"),
        ("traduire", "vertalen"),
        ("jardiner", "tuinieren"),
        ("I like gardening", "tuinieren"),
        ("أحب الطبخ", "koken_thuis"),
        ("رعاية كبار السن", "ouderen"),
        ("Bahçede çalışmayı seviyorum", "tuinieren"),
        ("yemek yapmak", "koken_thuis"),
    ],
)
def test_words_of_somebody_name_the_talent(text, code):
    assert code in suggest(text)[:3]


@pytest.mark.parametrize("text", ["", "hallo", "ik kan goed met mensen werken", "123 !?", "qqqqqqq"])
def test_words_that_name_nothing_suggest_nothing(text):
    assert suggest(text) == []


def test_what_somebody_lived_through_is_never_suggested():
    talents = load_catalogue().talents
    sensitive = {code for code, one in talents.items() if one.is_sensitive}

    for code in sensitive:
        assert sensitive.isdisjoint(suggest(talents[code].label))


def test_every_other_talent_is_found_by_its_own_label_in_every_language():
    catalogue = load_catalogue()
    missed = [
        (code, language)
        for code, one in catalogue.talents.items()
        for language in ("nl", "fr", "en", "ar", "tr")
        if not one.is_sensitive
        and code not in suggest(catalogue.label_in(language, "talents", code, one.label), most=10)
    ]
    assert len(missed) <= 5, missed


def test_a_whole_story_is_read_up_to_a_limit():
    assert suggest("x " * LONGEST + "naaien") == []
    assert len(suggest("koken naaien muziek fietsen dieren kinderen tuin schilderen")) <= MOST
