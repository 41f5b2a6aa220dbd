"""How a round treated people, opportunities and organisations: counts and shares, nobody by name."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from matching.assignment import NOT_CHOSEN, RESERVED, Candidates, Distribution, Places, Wanted
from matching.columns import Column, People
from matching.languages import RANK
from matching.packing import GUIDED, number_of
from matching.spread import gini


def report(
    people: People, candidates: Candidates, wanted: Wanted, places: Places, result: Distribution,
    without_spread: Distribution, neighbourhoods: Iterable[str],
) -> dict[str, Any]:  # fmt: skip
    """Who has at least one proposal, among those who may get one now: `[served, all]` for everybody, per group.

    `gini` holds the spread of proposals per opportunity and per organisation, with and without the spread terms.
    """
    is_served = np.zeros(people.count, bool)
    is_served[candidates.person[result.door != NOT_CHOSEN]] = True
    may = wanted.limit > 0
    is_guided = (people.flags & GUIDED) != 0
    names = {number_of(name): name for name in neighbourhoods}
    home = [names.get(int(one), "?") for one in people.neighbourhood]

    def counts(group: Column) -> list[int]:
        return [int((group & may & is_served).sum()), int((group & may).sum())]

    per_language = {
        code: counts((people.spoken >> np.uint64(place)) & np.uint64(1) != 0)
        for code, place in people.layout.languages.items()
    }
    return {
        "everybody": counts(np.ones(people.count, bool)),
        "guided": counts(is_guided),
        "not_guided": counts(~is_guided),
        "little_dutch": counts(people.dutch < RANK["B1"]),
        "neighbourhoods": _known({name: counts(people.group == place) for place, name in enumerate(home)}),
        "languages": _known(per_language),
        "reserved": [int((result.door == RESERVED).sum()), int(places.reserved.sum())],
        "gini": {
            "opportunities": [gini_of(one, candidates, len(places.open)) for one in (result, without_spread)],
            "organisations": [
                gini_of(one, candidates, len(places.room), places.organisation) for one in (result, without_spread)
            ],
        },
    }


def gini_of(result: Distribution, candidates: Candidates, count: int, organisation: Column | None = None) -> float:
    """The Gini of proposals per opportunity, or per organisation when told which is whose."""
    chosen = candidates.opportunity[result.door != NOT_CHOSEN]
    whose = chosen if organisation is None else organisation[chosen]
    return round(gini(np.bincount(whose, minlength=count).tolist()), 4)


def _known(groups: Mapping[str, list[int]]) -> dict[str, list[int]]:
    return {name: found for name, found in groups.items() if found[1]}
