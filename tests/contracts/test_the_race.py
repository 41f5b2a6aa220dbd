"""What the pages say about speed is what the kept figures of a race say, and nothing else."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import data, reads, report

ROOT = Path(__file__).resolve().parents[2]
PAGES = json.loads((ROOT / "benchmarks" / "results" / "full-pages.json").read_text(encoding="utf-8"))
KEPT = json.loads((ROOT / "benchmarks" / "results" / "full.json").read_text(encoding="utf-8"))


def between_marks(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    return text.split(report.BEGIN)[1].split(report.END)[0].strip()


def test_the_tables_are_made_from_the_kept_figures():
    assert between_marks("README.md") == report.short_table(KEPT)
    assert between_marks("docs/performance.md") == f"{report.table(KEPT)}\n\n{report.quality_table(KEPT)}"


def test_the_table_of_pages_is_made_from_the_kept_figures_and_all_are_within_the_bar():
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")

    assert text.split(report.PAGES_BEGIN)[1].split(report.PAGES_END)[0].strip() == report.pages_table(PAGES)
    assert max(one["p95_s"] / one["bare_p50_s"] for one in PAGES["pages"].values()) <= 10


@pytest.mark.parametrize("name", ["people", "opportunities"])
def test_the_pictures_are_there_and_name_their_measure(name):
    picture = (ROOT / "docs" / "pictures" / f"growth-by-{name}.svg").read_text(encoding="utf-8")

    assert "<title>Nanoseconds a pair by" in picture


def test_no_list_of_the_kept_race_was_wrong():
    assert KEPT["differences"] == 0
    assert KEPT["judged"]["faults_seen"] == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"differences": 3}, "lists unlike"),
        ({"memory": {"city": 900.0, "million": 100.0}}, "peak memory"),
        ({"ratios": {**KEPT["ratios"], "matrix": {"median": 9.0, "min": 8.0, "max": 10.0}}}, "matrix"),
    ],
)
def test_a_measure_below_its_bar_is_said_and_fails_the_race(change, words):
    worse = {**copy.deepcopy(KEPT), **change}

    assert any(words in line for line in report.failures(worse))
    assert "**below the bar**" in report.table(worse)


@pytest.mark.django_db(transaction=True)
def test_the_city_of_the_race_can_be_filled_and_every_page_of_it_read(empty_city):
    """A new column without a default of the database stopped the race once, and nobody saw it."""
    data.fill(np.random.default_rng(1), 300, 60)

    found = reads.pages(1)

    assert len(found) > 15
    assert all(one["p95_s"] > 0 for one in found.values())
