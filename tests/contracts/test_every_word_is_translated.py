"""Whatever a page says through gettext exists in every language of that page, compiled; every drawing has its word."""

import ast
import gettext
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

from backend.city.load import default_city
from backend.common.sentences import LANGUAGES
from backend.placements.shown import NO_DRAWINGS, NO_WORDS
from backend.ui.pictures import pictures
from backend.ui.spoken import WORK_LANGUAGES
from backend.ui.templatetags.icons import FOLDER as FOLDER_OF_ICONS
from backend.ui.templatetags.icons import icon
from matching.catalogue import FOLDER, load_catalogue, read_rows
from matching.words import small_words

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES if language != "nl"]
MARKED = {"_", "gettext", "gettext_lazy"}
IN_TEMPLATE = re.compile(r"\b_?(?:gettext)?\((u?)(['\"])(.*?)(?<!\\)\2\)", re.DOTALL)
ENTRY = re.compile(r'^msgid "((?:[^"\\]|\\.)+)"\nmsgstr "((?:[^"\\]|\\.)*)"', re.MULTILINE)
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+[^>]*>")


# Pages for organisations and the volunteer point; a text that only they say is there in English, and in no other.
FOR_WORK = (ROOT / "locale" / "work.txt").read_text(encoding="utf-8").split()


def files(ending, language):
    for file in sorted((ROOT / "backend").rglob(f"*.{ending}")):
        if language in WORK_LANGUAGES or not any(fnmatch(str(file.relative_to(ROOT)), one) for one in FOR_WORK):
            yield file


def said_in_code(language="en"):
    for file in files("py", language):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKED:
                [words] = node.args
                if isinstance(words, ast.Constant):
                    yield words.value
                else:
                    raise AssertionError(f"{file.name}:{node.lineno}: only written words can be translated")


def said_in_templates(language):
    for file in files("html", language):
        for found in IN_TEMPLATE.finditer(templatize(file.read_text(encoding="utf-8"))):
            yield ast.literal_eval(f"{found[2]}{found[3]}{found[2]}")


def catalogue(language):
    text = (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    return {unquoted(key): unquoted(value) for key, value in ENTRY.findall(text)}, "fuzzy" in text


def unquoted(words):
    return words.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_empty_or_left_over(language):
    words, is_fuzzy = catalogue(language)

    assert set(words) == {*said_in_code(language), *said_in_templates(language)}
    assert all(words.values())
    assert not is_fuzzy


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_filled_in_later_stands_in_every_language(language):
    words, _is_fuzzy = catalogue(language)

    for dutch, other in words.items():
        assert sorted(PLACEHOLDER.findall(dutch)) == sorted(PLACEHOLDER.findall(other)), dutch


def test_every_text_is_filled_in_with_what_it_names():
    wrong = []
    for file in (ROOT / "backend").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="format", value=ast.Call(func=ast.Name(id=said), args=[text]))):
                    names = {one.arg for one in node.keywords}
                    if said in MARKED and names != set(re.findall(r"\{(\w+)\}", text.value)):
                        wrong.append(f"{file.name}:{node.lineno}: {text.value}")
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_words_are_the_written_ones(language):
    words, _is_fuzzy = catalogue(language)
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert {key: compiled.gettext(key) for key in words} == words


def test_every_drawing_has_a_word_in_every_language_and_none_is_a_sensitive_talent():
    talents = load_catalogue().talents
    for code, one in pictures().items():
        assert set(one.labels) == set(LANGUAGES) == set(settings.LANGUAGE_CODES)
        assert all(one.labels.values())
        assert not talents[code].is_sensitive
        assert (ROOT / "backend" / "ui" / "static" / one.file).is_file()


def test_every_reason_for_a_no_has_a_drawing_and_every_icon_is_used_beside_a_word():
    assert set(NO_DRAWINGS) == set(NO_WORDS)
    assert all((ROOT / "backend" / "ui" / "static" / one).is_file() for one in NO_DRAWINGS.values())
    pages = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "backend").rglob("*.html"))
    assert {file.stem for file in FOLDER_OF_ICONS.glob("*.svg")} == set(re.findall(r'{% icon "([\w-]+)" %}', pages))
    assert 'aria-hidden="true"' in icon("clock")
    with pytest.raises(FileNotFoundError):
        icon("unheard-of")


COLUMNS = {
    "sentences": "sentence_", "threshold_reducers": "explanation_", "talents": "label_", "themes": "label_",
}  # fmt: skip


@pytest.mark.parametrize(("file", "start"), COLUMNS.items())
def test_what_the_rules_say_to_a_volunteer_exists_in_every_language(file, start):
    for row in read_rows(FOLDER / f"{file}.csv", ("code", f"{start}nl")):
        for language in OTHERS:
            if row.values.get("audience") == "organisation" and language not in WORK_LANGUAGES:
                continue
            words = row.values[start + language]
            assert words, (row.values["code"], language)
            assert sorted(PLACEHOLDER.findall(words)) == sorted(PLACEHOLDER.findall(row.values[start + "nl"]))


def test_days_and_distances_have_words_in_every_language():
    assert {language for language, _code in small_words()} == set(LANGUAGES)
    assert all(small_words().values())


def test_what_an_organisation_chooses_from_is_there_in_english():
    catalogue = load_catalogue()
    english = {(listed, code) for listed, code, language in catalogue.translations if language == "en"}
    for listed in ("features", "thresholds", "themes", "talents", "support"):
        assert {(listed, code) for code in getattr(catalogue, listed)} <= english
    assert {("support_labels", code) for code in catalogue.support} <= english
    rules = default_city().publication
    assert set(rules.sentences) == set(rules.sentences_en)


def test_no_file_of_the_list_for_work_is_gone():
    names = [str(file.relative_to(ROOT)) for file in (ROOT / "backend").rglob("*.*")]
    assert not [one for one in FOR_WORK if not any(fnmatch(name, one) for name in names)]


UNSAID = re.compile(
    r"\{% blocktranslate.*?endblocktranslate %\}|\{% comment.*?endcomment %\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}"
    r"|<script.*?</script>|<style.*?</style>|&\w+;",
    re.DOTALL,
)
ATTRIBUTE = re.compile(r"(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"")
SAME_EVERYWHERE = {
    "Helpende handen",
    "Nederlands",
    "– Helpende handen",
    "narrow",
    "km",
    "openmoji.org",
    "leafletjs.com",
    "phosphoricons.com",
}
# Shown when nothing else may work, the database and the languages among it.
PLAIN = {"our_fault.html", "429.html"}


def test_a_page_says_its_words_through_gettext():
    bare = []
    for file in (ROOT / "backend").rglob("*.html"):
        if file.name not in PLAIN:
            page = UNSAID.sub("", file.read_text(encoding="utf-8"))
            said = [*ATTRIBUTE.findall(page), *re.sub(r"<[^>]*>", "\n", page).splitlines()]
            bare += [(file.name, one.strip()) for one in said if re.search(r"[^\W\d_]{2,}", one)]

    assert [one for one in bare if one[1] not in SAME_EVERYWHERE] == []
