"""Every sentence of matching rules 7, each with the part or limit that causes it."""

import pytest
from make import HERE, north_of, person, task

from matching import engine, words

NEAR, FAR = north_of(HERE, 2.0), north_of(HERE, 8.0)


@pytest.fixture
def told(catalogue, policy, today):
    def explain(who, what, *, spread=False):
        result = engine.rank([who], [what], catalogue=catalogue, policy=policy, today=today, spread=spread)
        return result.explain(who.id, what.id)

    return explain


@pytest.fixture
def said(told, catalogue):
    return lambda who, what, **options: [words.say(line, catalogue) for line in told(who, what, **options).reasons]


@pytest.fixture
def noted(told, catalogue):
    return lambda who, what: [words.say(line, catalogue) for line in told(who, what).not_perfect]


REASONS = [
    ("Dit kan je goed: naaien.", {"talents": {"naaien": 3}}, {"talents_welcome": {"naaien"}}, {"talents_welcome": set()}),
    ("Dit kan je: naaien.", {"talents": {"naaien": 2}}, {"talents_any_of": {"naaien"}}, {"talents_any_of": set()}),
    (
        "Dit wil je leren: naaien. Iemand toont het je.",
        {"talents": {"naaien": 1}},
        {"talents_welcome": {"naaien"}, "support": {"meelopen"}},
        {"talents_welcome": {"naaien"}, "support": {"buddy"}},
    ),
    ("Dit vind je leuk: buurt en ontmoeting.", {"themes": {"buurt"}}, {}, {"themes": {"natuur"}}),
    ("Je doet dit van thuis.", {}, {"at_home": True}, {}),
    ("Het is in je eigen wijk.", {}, {"neighbourhood": "Seefhoek", "point": HERE}, {}),
    ("Het is in je eigen wijk.", {}, {"own_neighbourhood": True}, {}),
    ("Het is dichtbij: 2,0 km.", {}, {}, {"point": FAR}),
    ("Het is dichtbij: om de hoek.", {}, {"point": north_of(HERE, 0.3)}, {}),
    ("Het past in je week: woensdag namiddag.", {}, {}, {"slots": ("sat-evening",)}),
    ("Het is één keer.", {}, {"commitment": "once", "frequency": "once"}, {}),
    ("Je Nederlands is genoeg.", {"languages": {"nl": "B2"}}, {"dutch_min": "B1"}, {"dutch_min": "C1", "support": {"taalbuddy"}}),
    ("Je spreekt Arabisch. Dat helpt hier.", {"languages": {"nl": "C2", "ar": "B1"}}, {"languages_welcome": {"ar"}}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "who", "what", "otherwise"), REASONS)
def test_r069_a_reason_comes_and_goes_with_its_part(sentence, who, what, otherwise, said):
    assert sentence in said(person(**who), task(**what))
    assert sentence not in said(person(**who), task(**otherwise))


def test_every_wish_has_a_sentence_when_it_holds_and_one_when_it_does_not(said, noted, catalogue):
    wishes = [code for code, wish in catalogue.wishes.items() if wish.counts]
    for code in wishes:
        wish = catalogue.wishes[code]
        for condition in wish.satisfied_by_any:
            held = task(**fulfilling(condition))
            assert words.sentences()["volunteer", f"wish_{code}"] in said(person(wishes={code}), held), code
        empty = task(support={"hulp_papieren"}, company="alone" if code != "rustig" else "group", features={"druk"})
        assert words.sentences()["volunteer", f"wish_open_{code}"] in noted(person(wishes={code}), empty), code
    assert words.sentences()["volunteer", "wish_rustig"] in said(person(wishes={"rustig"}), task())


def fulfilling(condition):
    field, value = condition.field, condition.value
    if field == "place.at_home":
        return {"at_home": True}
    if field == "commitment":
        return {"commitment": value, "frequency": "once" if value == "once" else "weekly"}
    if field == "company":
        return {"company": value}
    if field.startswith("languages_any"):
        return {"languages_any_of": set(), "languages_welcome": {value}}
    return {field: {value}}


def test_they_are_still_looking_for_somebody_when_nothing_better_is_left(said):
    lonely = task(point=FAR)

    assert said(person(), lonely, spread=True)[-1] == "Ze zoeken hier nog iemand."
    assert "Ze zoeken hier nog iemand." not in said(person(), lonely, spread=False)


NOT_PERFECT = [
    ("Het is 8,0 km. Kijk eerst hoe je er geraakt.", {}, {"point": FAR}, {"point": NEAR}),
    ("Je Nederlands is nog net te weinig. Iemand helpt je.", {"languages": {"nl": "A1"}},
     {"dutch_min": "A2", "support": {"taalbuddy"}}, {"dutch_min": "A1", "support": {"taalbuddy"}}),
    ("Je toont een uittreksel strafregister. We helpen je.", {}, {"extract_596_2": True}, {}),
    ("Het gebouw is deels toegankelijk. Vraag het na.", {"boundaries": {"rolstoel"}},
     {"wheelchair": "partly"}, {"wheelchair": "yes"}),
    ("De taak wordt aangepast aan wat je kan.", {"boundaries": {"niet_tillen"}},
     {"features": {"tillen"}, "support": {"taken_aanpassen"}}, {"support": {"taken_aanpassen"}}),
    ("Iemand rijdt met je mee. Maak een afspraak.", {}, {"point": FAR, "support": {"vervoer"}}, {"point": NEAR}),
    ("Je talenten gebruik je hier minder.", {}, {}, {"talents_welcome": {"naaien"}}),
    ("Er is alcohol. Jij staat niet aan de toog.", {"age": 16}, {"features": {"alcohol"}}, {}),
    ("Soms komen er foto's. Jij zegt ja of nee.", {"boundaries": {"geen_fotos_van_mij"}},
     {"features": {"in_beeld"}}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "who", "what", "otherwise"), NOT_PERFECT)
def test_what_is_not_yet_perfect_comes_and_goes_with_its_cause(sentence, who, what, otherwise, noted):
    assert sentence in noted(person(**who), task(**what))
    assert sentence not in noted(person(**who), task(**otherwise))


def test_an_adult_reads_nothing_about_the_bar(noted):
    assert "Er is alcohol. Jij staat niet aan de toog." not in noted(person(age=18), task(features={"alcohol"}))


def test_reasons_go_from_most_points_down_with_two_talents_and_one_of_each_other_code_at_most(told):
    who = person(
        talents={"naaien": 3, "breien": 3, "kleren_herstellen": 2, "geduldig": 3},
        themes={"buurt", "natuur"},
        wishes={"begeleider"},
    )

    reasons = told(who, task(talents_welcome=set(who.talents), themes={"buurt", "natuur"})).reasons

    assert [line.code for line in reasons] == ["talent_good", "talent_good", "theme", "wish_begeleider"]


def test_the_support_that_helps_this_person_most_comes_first(told):
    support = {"maaltijd", "taalbuddy", "kinderen_mee", "meelopen", "langskomen"}

    learner = told(person(languages={"nl": "A1"}), task(dutch_min="A1", support=support)).easy_start

    assert [dict(line.values)["support"] for line in learner] == ["taalbuddy", "meelopen", "langskomen"]

    parent = told(person(boundaries={"kinderen_mee_nodig"}), task(support=support)).easy_start

    assert "kinderen_mee" in [dict(line.values)["support"] for line in parent]


@pytest.fixture
def read_by_organisation(told, catalogue):
    def text(who, what):
        return " ".join(words.say(line, catalogue, words.ORGANISATION) for line in told(who, what).for_organisation)

    return text


def test_an_organisation_reads_talents_hours_and_a_rough_distance(read_by_organisation):
    who = person(talents={"naaien": 3}, languages={"nl": "C2", "ar": "B1"})
    what = task(talents_welcome={"naaien"}, languages_welcome={"ar"})

    assert read_by_organisation(who, what) == (
        "Kan dit goed: naaien. Spreekt Arabisch. Kan op woensdag namiddag. Woont op ongeveer 2 km."
    )


def test_a_pair_that_rests_on_a_hidden_talent_says_one_sentence_only(read_by_organisation):
    who = person(talents={"ervaring_rouw": 3, "naaien": 3}, talents_point_only={"ervaring_rouw"})

    assert read_by_organisation(who, task(talents_any_of={"ervaring_rouw"})) == "Past bij wat jullie vragen."


def test_hidden_and_sensitive_talents_wishes_and_boundaries_are_never_in_the_text(read_by_organisation):
    shown = person(talents={"naaien": 2})
    hidden = person(
        talents={"naaien": 2, "ervaring_verslaving": 3, "geduldig": 3},
        talents_point_only={"geduldig"},
        boundaries={"niet_tillen"},
        wishes={"begeleider", "rustig"},
    )
    what = task(
        talents_welcome={"naaien", "ervaring_verslaving", "geduldig"},
        features={"tillen"},
        support={"taken_aanpassen", "begeleider"},
    )

    assert read_by_organisation(hidden, what) == read_by_organisation(shown, what)


def test_sentences_for_people_are_short(catalogue):
    for (audience, code), sentence in words.sentences().items():
        for part in sentence.rstrip(".").split(". "):
            assert len(part.split()) <= 12, (audience, code)
