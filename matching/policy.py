"""Every weight and limit of matching, one sentence each: the only file to tune. A city file may change them."""

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Policy:
    """Points are integers: a shared theme is 10,000, so one kilometre (1,000) is a tenth of a theme."""

    # A talent the person is good at; the "full" talent, twice a theme.
    talent_good: int = 20_000
    # A talent the person can do.
    talent_can: int = 16_000
    # A talent the person wants to learn where somebody teaches it (support `vorming` or `meelopen`).
    talent_learn_taught: int = 10_000
    # A talent the person wants to learn where nobody teaches it.
    talent_learn_alone: int = 2_000
    # Talents of these groups count for half: life experience and character are easily claimed of everybody.
    half_groups: frozenset[str] = frozenset({"LEVEN", "STERK"})
    # A shared theme.
    theme: int = 10_000
    # What every kilometre takes off.
    distance_per_km: int = 1_000
    # Own neighbourhood, from home, or in the person's own neighbourhood.
    own_wijk: int = 3_000
    # Speaking a language that is welcome here.
    language_welcome: int = 5_000
    # A wish that holds; at least one threshold point, so that saying a wish never harms.
    wish: int = 4_000
    # What every threshold point that counts for this person takes off.
    ease_per_threshold_point: int = 3_000
    # The most that spread may add or take off: half a shared theme, so that it never beats a clearly better fit.
    spread_cap: int = 5_000
    # So many first choices are neither few nor many.
    spread_target: int = 1
    # How deep in a person's list an opportunity counts as a first choice: people get one proposal at a time.
    spread_depth: int = 1

    # With an arranged ride (`vervoer`) the distance counts as at most this.
    ride_km: float = 6.0
    # Postcodes that are hard to reach without a car.
    hard_to_reach_postcodes: frozenset[str] = frozenset()
    # From this share of `max_km` on we say that it is far.
    far_share: float = 0.7
    # Up to this share of `max_km` we say that it is near.
    near_share: float = 0.5
    # Up to so many slots somebody has fixed hours themselves.
    few_slots: int = 3
    # A list never has more reasons than this, and a pair with fewer than `reasons_min` goes to the matchmaker.
    reasons_max: int = 4
    reasons_min: int = 2
    not_perfect_max: int = 2
    easy_start_max: int = 3

    # What a proposal is worth in a round beside its fit, so that a far but fitting place is still proposed.
    proposal_worth: int = 100_000
    # What a first proposal counts more than a third: nobody is left with nothing while others get three.
    first_proposal_bonus: int = 12_000
    # The same for a second proposal.
    second_proposal_bonus: int = 4_000
    # How exactly a round is solved, in points a proposal; a smaller number takes longer.
    round_precision: int = 8
    # How deep the lists go that a round chooses from: opportunities of a person, people of an opportunity.
    round_depth: int = 20
    round_depth_people: int = 50

    # An opportunity has at most so many open proposals for each free place.
    open_proposals_per_place: int = 3
    # Until the person sets a number: so many open proposals at once, and so many in 14 days.
    open_proposals_at_once: int = 1
    proposals_per_14_days: int = 2
    # After so many proposals without an answer we ask kindly before sending a new one.
    unanswered_before_rest: int = 2
    # The person may answer for so many days.
    answer_days: int = 7


def with_changes(policy: Policy, changes: dict[str, Any]) -> Policy:
    """The policy with a city's own values. Raises ValueError naming the key and what is wrong with it."""
    known = {field.name: getattr(policy, field.name) for field in dataclasses.fields(policy)}
    checked: dict[str, Any] = {}
    for key, value in changes.items():
        if key not in known:
            raise ValueError(f"{key}: matching has no such setting; it knows {', '.join(sorted(known))}")
        checked[key] = _as_type_of(key, known[key], value)
    return dataclasses.replace(policy, **checked)


def _as_type_of(key: str, example: object, value: object) -> object:
    if isinstance(example, frozenset):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError(f"{key}: must be a list of texts, not {value!r}")
        return frozenset(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{key}: must be a number, not {value!r}")
    if isinstance(example, int) and not isinstance(value, int):
        raise ValueError(f"{key}: must be a whole number, not {value!r}")
    if value < 0:
        raise ValueError(f"{key}: must be 0 or more, not {value!r}")
    return float(value) if isinstance(example, float) else value
