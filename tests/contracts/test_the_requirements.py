"""Each requirement has a test that is its acceptance check, or a written reason; docs/requirements.md tells which.

`python3 -m tests.contracts.test_the_requirements` writes that page from `requirements.csv`.
"""

import ast
import csv
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "requirements.md"
HANDBOOK = TESTS.parents[1] / "shared" / "domain" / "requirements.csv"
INTRODUCTION = """# What was asked, and what holds

Written from `tests/contracts/requirements.csv`; a test checks that every test named here exists and that the page is the
file. The requirements come from the workshops of the citizens' congress; each has an acceptance check. *Holds*: the tests
named are that check. *In part*: some of it, with what is missing. *Not yet*: nothing that a person could use.
"""


TITLES = {"core": "Core requirements", "extension": "Extensions"}
SAID = {"Holds": "hold", "In part": "hold in part", "Not yet": "do not yet"}


def rows():
    with (Path(__file__).parent / "requirements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def named(row):
    return [one.split("::") for one in row["tests"].split(";") if one]


def state_of(row):
    return "Not yet" if not row["tests"] else "In part" if row["missing"] else "Holds"


def page():
    lines = [INTRODUCTION]
    for priority, title in TITLES.items():
        lines += told(title, [row for row in rows() if row["priority"] == priority])
    return "\n".join(lines) + "\n"


def told(title, some):
    counted = [state_of(row) for row in some]
    counts = ", ".join(f"{counted.count(state)} {said}" for state, said in SAID.items())
    yield f"## {title}\n\nOf {len(counted)}: {counts}.\n"
    yield "| | Requirement | State | Checked by, and what is missing |\n|---|---|---|---|"
    for row in some:
        tests = [f"`{Path(file).stem}`: {name.replace('_', ' ')}" for file, name in named(row)]
        checked = "<br>".join([*tests, *([f"*{row['missing']}*"] if row["missing"] else [])])
        yield f"| {row['id']} | {row['title']} | {state_of(row)} | {checked} |"
    yield ""


@cache
def found_in(file):
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name.removeprefix("test_") for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_a_requirement_has_a_test_or_a_reason(row):
    assert row["tests"] or row["missing"]
    for file, name in named(row):
        assert name in found_in(file), f"{row['id']}: {file} has no test {name}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_a_requirement_that_holds_has_a_test_named_after_it(row):
    """So that who runs `-k r072` sees it hold, or fail."""
    ids = re.compile(rf"(r\d{{3}}_)*{row['id'].lower()}_")
    assert row["missing"] or any(ids.match(name) for _file, name in named(row))


def test_the_page_tells_what_the_file_says():
    assert PAGE.read_text(encoding="utf-8") == page()


def test_no_requirement_of_the_handbook_is_forgotten():
    if not HANDBOOK.is_file():
        pytest.skip("the handbook is not here")
    with HANDBOOK.open(encoding="utf-8", newline="") as file:
        asked = {row["id"]: (row["title"], row["priority"]) for row in csv.DictReader(file)}

    assert {row["id"]: (row["title"], row["priority"]) for row in rows()} == asked


def test_r109_each_b_names_tests_that_are_there():
    text = (TESTS.parent / "docs" / "7B.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| B\w+,", text, re.MULTILINE)) == 6 + 1
    for file, names in re.findall(r"`(test_\w+)`: ([^|`]+)", text):
        found = set().union(*(found_in(path.relative_to(TESTS)) for path in TESTS.rglob(f"{file}.py")))
        plain = {re.sub(r"^(r\d{3}_)+", "", one) for one in found}  # the page reads without the ids
        for name in filter(None, (one.strip() for one in names.split(";"))):
            assert name.replace(" ", "_") in plain, (file, name)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
