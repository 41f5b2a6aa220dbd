"""Whatever a page says through gettext exists in every language, compiled; and every drawing has its word."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

from backend.common.sentences import LANGUAGES
from backend.ui.pictures import pictures
from matching.catalogue import FOLDER, load_catalogue, read_rows
from matching.words import small_words

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES if language != "nl"]
MARKED = {"_", "gettext", "gettext_lazy"}
IN_TEMPLATE = re.compile(r"\b_?gettext\((u?)(['\"])(.*?)(?<!\\)\2\)", re.DOTALL)
ENTRY = re.compile(r'^msgid "((?:[^"\\]|\\.)+)"\nmsgstr "((?:[^"\\]|\\.)*)"', re.MULTILINE)
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+[^>]*>")


def said_in_code():
    for file in (ROOT / "backend").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKED:
                [words] = node.args
                if isinstance(words, ast.Constant):
                    yield words.value
                else:
                    raise AssertionError(f"{file.name}:{node.lineno}: only written words can be translated")


def said_in_templates():
    for file in (ROOT / "backend").rglob("*.html"):
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

    assert set(words) == {*said_in_code(), *said_in_templates()}
    assert all(words.values())
    assert not is_fuzzy


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_filled_in_later_stands_in_every_language(language):
    words, _is_fuzzy = catalogue(language)

    for dutch, other in words.items():
        assert sorted(PLACEHOLDER.findall(dutch)) == sorted(PLACEHOLDER.findall(other)), dutch


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


COLUMNS = {
    "sentences": "sentence_", "threshold_reducers": "explanation_", "talents": "label_", "themes": "label_",
}  # fmt: skip


@pytest.mark.parametrize(("file", "start"), COLUMNS.items())
def test_what_the_rules_say_to_a_volunteer_exists_in_every_language(file, start):
    for row in read_rows(FOLDER / f"{file}.csv", ("code", f"{start}nl")):
        if row.values.get("audience") == "organisation":
            continue
        for language in OTHERS:
            words = row.values[start + language]
            assert words, (row.values["code"], language)
            assert sorted(PLACEHOLDER.findall(words)) == sorted(PLACEHOLDER.findall(row.values[start + "nl"]))


def test_days_and_distances_have_words_in_every_language():
    assert {language for language, _code in small_words()} == set(LANGUAGES)
    assert all(small_words().values())
