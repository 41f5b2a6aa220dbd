"""Colours can be read: those of the house, light and dark, and those of every city, which sets colours and no more."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "backend" / "ui" / "static" / "ui"
HOUSE = (STATIC / "hh.css").read_text(encoding="utf-8")
THEMES = sorted(STATIC.glob("theme-*.css"))
TOKEN = re.compile(r"(--hh-[a-z0-9-]+):\s*(#[0-9a-f]{3,6})\b")
# Text on its ground needs 4.5, a line 3 (WCAG 1.4.3 and 1.4.11).
PAIRS = [
    ("text", "bg", 4.5), ("text-soft", "bg", 4.5), ("text-soft", "surface", 4.5), ("brand", "bg", 4.5),
    ("on-brand", "brand", 4.5), ("on-brand", "brand-strong", 4.5), ("on-brand", "yes", 4.5), ("text", "brand-tint", 4.5),
    ("brand", "brand-tint", 4.5), ("yes", "yes-tint", 4.5), ("maybe", "maybe-tint", 4.5), ("error", "error-tint", 4.5),
    ("line", "bg", 3),
]  # fmt: skip


def tokens(css):
    return {name.removeprefix("--hh-"): value for name, value in TOKEN.findall(css)}


def light(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


IN_THE_LIGHT, _, IN_THE_DARK = HOUSE.partition("@media (prefers-color-scheme: dark)")
DAY = tokens(IN_THE_LIGHT)
NIGHT = {**DAY, **tokens(IN_THE_DARK.partition("@media (prefers-contrast")[0])}
PALETTES = {"day": DAY, "night": NIGHT, **{one.stem: {**DAY, **tokens(one.read_text())} for one in THEMES}}


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_a_colour_can_be_read_on_its_ground(name, front, ground, least):
    palette = PALETTES[name]
    assert contrast(palette[front], palette[ground]) >= least


def test_black_on_white_is_21():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", THEMES, ids=lambda one: one.stem)
def test_a_theme_sets_properties_of_the_house_and_nothing_else(theme):
    css = re.sub(r"/\*.*?\*/", "", theme.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert set(re.findall(r"([\w-]+)\s*:\s*[^;{}()]+[;}\n]", css)) <= set(re.findall(r"--hh-[a-z0-9-]+", HOUSE))
    assert not re.search(r"url\(|@import", css)


def test_the_stylesheet_knows_no_left_and_no_right():
    assert re.findall(r"[;{\s](?:margin|padding|border)?-?(?:left|right)\s*:", HOUSE) == []
