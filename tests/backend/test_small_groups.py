"""What is published says nothing about few people, not even to somebody who subtracts."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.common.small import PUBLISHED, hide_small
from backend.talent.models import TalentProfile

CELLS = some.dictionaries(some.text("abcdef", min_size=1, max_size=2), some.integers(0, 40), max_size=12)


@given(CELLS)
def test_r042_no_hidden_number_can_be_worked_out_from_what_is_shown(cells):
    total, shown = hide_small(cells)

    assert all(count is None or count >= PUBLISHED for count in shown.values())
    assert {name: count for name, count in shown.items() if count is not None}.items() <= cells.items()
    if total is None:
        assert set(shown.values()) <= {None}
        return
    hidden = [name for name, count in shown.items() if count is None]
    left = total - sum(count for count in shown.values() if count is not None)
    # Whoever subtracts learns only the sum of several groups, and that is a large one or the whole city.
    assert not hidden or (len(hidden) > 1 and left >= PUBLISHED) or len(cells) == 1


@given(CELLS)
def test_a_large_group_is_hidden_only_for_the_sake_of_a_small_one(cells):
    _total, shown = hide_small(cells)

    if cells and all(count >= PUBLISHED for count in cells.values()):
        assert shown == cells


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"a": 3, "b": 50, "c": 20}, (73, {"a": None, "b": 50, "c": None})),
        ({"a": 3, "b": 4, "c": 20, "d": 30}, (57, {"a": None, "b": None, "c": None, "d": 30})),
        ({"a": 6, "b": 7, "c": 20}, (33, {"a": None, "b": None, "c": 20})),
        ({"a": 4, "b": 5}, (None, {"a": None, "b": None})),
    ],
)
def test_the_smallest_of_the_others_is_hidden_with_a_small_group(cells, expected):
    assert hide_small(cells) == expected


@pytest.mark.django_db
def test_the_statistics_of_a_city_add_up_and_hide_small_neighbourhoods(client, small_city):
    told = client.get("/api/v1/statistics").json()

    assert told["city"] == small_city.slug
    assert told["volunteers"]["count"] == TalentProfile.objects.filter(volunteer__city=small_city.slug).count()
    cells = [one["count"] for one in told["volunteers"]["by_neighbourhood"]]
    assert None in cells
    assert all(count is None or count >= PUBLISHED for count in cells)
    assert told["placements_this_year"]["count"] is None
    assert client.get("/api/v1/statistics?city=nergens").status_code == 400
