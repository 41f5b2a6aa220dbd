"""The worked examples of the city sample, reproduced exactly: 625 pairs, six empty opportunities, 25 thresholds."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from matching import engine
from matching.threshold import thresholds

EXPECTED = Path(__file__).parent / "expected"


def expected(name):
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def result(people, tasks, catalogue, policy, today):
    return engine.rank(people.values(), tasks.values(), catalogue=catalogue, policy=policy, today=today)


def test_all_625_pairs_have_the_expected_eligibility(result):
    eligible = {volunteer: sorted(ranking.fits) for volunteer, ranking in result.rankings.items()}

    assert result.pairs == 625
    assert eligible == {row["volunteer"]: row["eligible_opportunities"].split() for row in expected("eligible")}
    assert sum(len(codes) for codes in eligible.values()) == 109


@pytest.mark.parametrize("row", expected("blocking_factors"), ids=lambda row: row["opportunity"])
def test_an_opportunity_without_candidates_says_what_stands_in_the_way(row, people, tasks, catalogue, policy):
    found = engine.blocking_factors(tasks[row["opportunity"]], people.values(), catalogue=catalogue, policy=policy)

    assert ", ".join(f"{factor.code} {factor.blocks}/{factor.alone}" for factor in found) == row["factors"]


@pytest.mark.parametrize("row", expected("thresholds"), ids=lambda row: row["id"])
def test_r023_the_thresholds_of_each_opportunity_are_as_worked_out(row, tasks, catalogue, policy):
    found = thresholds(tasks[row["id"]], catalogue, policy)

    shown = {
        factor: str(found.before[factor])
        if found.before[factor] == found.after[factor]
        else f"{found.before[factor]}→{found.after[factor]}"
        for factor in catalogue.thresholds
    }
    assert shown == {factor: row[factor] for factor in catalogue.thresholds}
    assert (f"{found.sum_tenths / 10:.1f}", found.label) == (row["sum"], row["label"])


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "matching", *map(str, arguments)], check=False, capture_output=True, text=True
    )


def test_the_command_writes_lists_reasons_and_blocking_factors_for_everybody(tmp_path, result):
    demo = Path(__file__).resolve().parents[2] / "backend" / "city" / "antwerpen" / "demo"

    done = run(demo, "--today", "2027-03-01", "--out", tmp_path / "proposals.json")

    written = json.loads((tmp_path / "proposals.json").read_text(encoding="utf-8"))
    assert (done.returncode, done.stdout) == (0, "")
    assert {code: one["proposals"] for code, one in written.items()} == {
        code: ranking.ids for code, ranking in result.rankings.items()
    }
    for one in written.values():
        assert set(one["reasons"]) == set(one["explanations_for_org"]) == set(one["proposals"])
    assert written["P30"]["blocked"]["time"] == result.rankings["P30"].blocked["time"] > 0


def test_the_command_prints_bare_lists_and_the_same_bytes_every_time():
    demo = Path(__file__).resolve().parents[2] / "backend" / "city" / "antwerpen" / "demo"

    first, second = run(demo), run(demo)

    assert first.stdout == second.stdout
    assert json.loads(first.stdout)["P30"] == ["T19"]


def test_a_past_period_is_not_looked_at(people, tasks, catalogue, policy, today):
    late = today.replace(month=9, day=5)

    result = engine.rank(people.values(), tasks.values(), catalogue=catalogue, policy=policy, today=late)

    assert result.pairs == 25 * 23
    assert not any({"T20", "T21"} & set(ranking.fits) for ranking in result.rankings.values())


def test_a_wrong_sample_ends_with_2_and_names_every_mistake(tmp_path):
    for kind in ("organisations", "opportunities", "volunteers"):
        (tmp_path / f"{kind}.json").write_text('{"format": "city-sample"}')

    done = run(tmp_path)

    assert done.returncode == 2
    assert 'organisations.json items: missing: Vul "items" in.' in done.stderr
