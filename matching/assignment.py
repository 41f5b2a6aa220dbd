"""Who gets which proposal now: one round for a whole city, with a certificate of how close to the best it is.

An auction. People bid for places, the person who is outbid bids again, and a price only ever rises. The prices at the
end bound what any distribution could reach, so every answer comes with its own proof.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from matching.blocks import IS_COMPILED
from matching.columns import Column
from matching.policy import Policy

OPEN, FIRST, RESERVED = range(3)  # the doors of an opportunity
DOORS = 3
NOT_CHOSEN = -1
SCALE = 4  # a point is four units, so that a reserved place can be preferred by less than a point
FOR_RESERVED = 1
FAR_AWAY = 1 << 60
COARSER, PHASES = 4, 5  # how much finer each phase is than the one before, and how many come before the finest
BELOW = (4, 8, 16)  # a finer phase begins so many steps of the coarser one below its prices
RUNS = 10
WORTH_COMPILING = 5_000  # candidates


@dataclass(frozen=True, slots=True)
class Places:
    """What can be given away. All counts are proposals, not people: an opportunity asks a few people for each place.

    `open` and `reserved` per opportunity; only guided people use a reserved place. `organisation` is the number of the
    organisation behind each, `room` how many proposals each organisation can still have this month.
    """

    open: Column
    reserved: Column
    organisation: Column
    room: Column


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who may get proposals: how many, and who is guided."""

    limit: Column
    is_guided: Column


@dataclass(frozen=True, slots=True)
class Candidates:
    """The eligible pairs that count, sorted by person and then opportunity: the same pairs give the same answer."""

    person: Column
    opportunity: Column
    points: Column


@dataclass(frozen=True, slots=True)
class Distribution:
    """The answer: a door per candidate (NOT_CHOSEN: none), what it reaches and what nothing can exceed, in points.

    `price` per opportunity and door, `organisation_price` per organisation: what a place is worth to those who did
    not get it.
    """

    door: Column
    value: float
    bound: float
    price: Column
    organisation_price: Column

    @property
    def gap(self) -> float:
        """At most this share below the best of all distributions."""
        return (self.bound - self.value) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy of a round as numbers of the auction."""

    worth: int
    bonuses: Column
    first_place: int
    organisation_first: int
    precision: int

    @classmethod
    def of(cls, policy: Policy) -> "Terms":
        """Rules 6.1: what spread adds through a first place and through its organisation is at most `spread_cap`."""
        half = policy.spread_cap // 2
        bonuses = np.array([policy.first_proposal_bonus, policy.second_proposal_bonus, 0, 0, 0], np.int64)
        return cls(policy.proposal_worth, bonuses, half, half, policy.round_precision)

    def without_spread(self) -> "Terms":
        """The same round if it did not care how proposals spread: what the figures compare with."""
        return replace(self, first_place=0, organisation_first=0)


def distribute(
    candidates: Candidates, wanted: Wanted, places: Places, terms: Terms, *, is_plain: bool | None = None
) -> Distribution:
    """Give out places so that the sum of points and bonuses is as large as it can be, within `precision` a proposal.

    `candidates` must be sorted by person and then opportunity. Raises ValueError when they are not. Compiled or not
    (`is_plain`), the answer is the same; when nobody says, a small round is not worth compiling for.
    """
    if is_plain is None:
        is_plain = len(candidates.person) < WORTH_COMPILING
    person, opportunity = candidates.person.astype(np.int64), candidates.opportunity.astype(np.int64)
    if len(person) and (np.diff(person * (len(places.open) + 1) + opportunity) <= 0).any():
        raise ValueError("candidates must be sorted by person and opportunity, each pair once")
    starts = np.searchsorted(person, np.arange(len(wanted.limit) + 1)).astype(np.int64)
    value = SCALE * worth_of(candidates.points, terms)
    capacity, bonus = doors(places, terms)
    first_slots = first_slots_of(places)
    door, price, organisation_price = _in_phases(
        auction if is_plain or not IS_COMPILED else _compiled_auction(),
        (
            starts, opportunity, person, value, wanted.is_guided.astype(np.bool_),
            np.minimum(wanted.limit, np.diff(starts)).astype(np.int64), SCALE * terms.bonuses, capacity, bonus,
            places.organisation.astype(np.int64), places.room.astype(np.int64), first_slots,
            SCALE * terms.organisation_first,
        ),
        SCALE * terms.precision,
    )  # fmt: skip
    price = price.reshape(-1, DOORS)
    answer = reached(door, person, opportunity, value, len(wanted.limit), terms, bonus, places, first_slots)
    bound = upper_bound(
        person, opportunity, value, wanted, terms, capacity, bonus, places, first_slots, price, organisation_price
    )
    return Distribution(door, answer / SCALE, bound / SCALE, price / SCALE, organisation_price / SCALE)


def spread_points(result: Distribution, candidates: Candidates, places: Places, terms: Terms) -> Column:
    """What spread added to each chosen candidate (rules 6.1): together exactly what it added to the round.

    Inside an organisation the first places count for the pairs that fit best.
    """
    points = np.where(result.door == FIRST, terms.first_place, 0)
    chosen = np.flatnonzero(result.door != NOT_CHOSEN)
    organisation = places.organisation[candidates.opportunity[chosen]]
    chosen = chosen[np.lexsort((chosen, -candidates.points[chosen], organisation))]
    organisation = places.organisation[candidates.opportunity[chosen]]
    rank = np.arange(len(chosen)) - np.searchsorted(organisation, organisation)
    points[chosen] += np.where(rank < first_slots_of(places)[organisation], terms.organisation_first, 0)
    return points


# Why a candidate was not chosen.
ORGANISATION_FULL, RESERVED_ONLY, OTHERS_FIRST, BETTER_CHOSEN = (
    "organisation_full", "reserved_only", "others_first", "better_chosen",
)  # fmt: skip


def why_not(candidate: int, result: Distribution, candidates: Candidates, wanted: Wanted, places: Places) -> str:
    """Why this candidate has no proposal now. Raises ValueError for one that has.

    The organisation can welcome nobody more this month; only reserved places are left; the places went to people for
    whom they were worth more, all in all; or the person got what was worth more.
    """
    if result.door[candidate] != NOT_CHOSEN:
        raise ValueError(f"candidate {candidate} was chosen")
    person, opportunity = int(candidates.person[candidate]), int(candidates.opportunity[candidate])
    if places.room[places.organisation[opportunity]] <= 0:
        return ORGANISATION_FULL
    if places.open[opportunity] <= 0 and not wanted.is_guided[person]:
        return RESERVED_ONLY
    here = candidates.opportunity == opportunity
    total = places.open[opportunity] + (places.reserved[opportunity] if wanted.is_guided[person] else 0)
    usable = (OPEN, FIRST, RESERVED) if wanted.is_guided[person] else (OPEN, FIRST)
    if np.isin(result.door[here], usable).sum() >= total:
        return OTHERS_FIRST
    organisation = places.organisation[candidates.opportunity] == places.organisation[opportunity]
    if (result.door[organisation] != NOT_CHOSEN).sum() >= places.room[places.organisation[opportunity]]:
        return OTHERS_FIRST
    return BETTER_CHOSEN


def _in_phases(solve: Any, problem: Any, precision: int) -> tuple[Column, Column, Column]:
    """Coarse bids first, then finer ones that begin just below the prices found.

    Bids of one step at a time would climb for ever where people are many and places few. A price that began too high
    for a place nobody took is put back to nothing and the finest phase is run again; if that does not end, everything
    begins farther below, and at last without any head start, which always ends.
    """
    for below in BELOW:
        floors = _floors(solve, problem, precision, below)
        for _ in range(RUNS):
            door, price, organisation_price, filled, opens_at = solve(*problem, precision, *floors)
            around = np.repeat(organisation_price[problem[9]], DOORS)
            is_held = (filled < problem[7]) & (floors[0] > around), floors[1] > opens_at
            if not is_held[0].any() and not is_held[1].any():
                return door, price, organisation_price
            floors[0][is_held[0]], floors[1][is_held[1]] = -FAR_AWAY, -FAR_AWAY
    floors = _no_floors(problem)
    return solve(*problem, precision, *floors)[:3]


def _floors(solve: Any, problem: Any, precision: int, below: int) -> tuple[Column, Column]:
    floors = _no_floors(problem)
    step = precision * COARSER**PHASES
    while step > precision:
        _door, price, organisation_price, filled, _opens_at = solve(*problem, step, *floors)
        is_full = (filled == problem[7]) & (problem[7] > 0)
        floors = (
            np.where(is_full, price - below * step, -FAR_AWAY),
            np.where(organisation_price < FAR_AWAY, organisation_price - below * step, -FAR_AWAY),
        )
        step //= COARSER
    return floors


def _no_floors(problem: Any) -> tuple[Column, Column]:
    return np.full(len(problem[7]), -FAR_AWAY, np.int64), np.full(len(problem[10]), -FAR_AWAY, np.int64)


def worth_of(points: Column, terms: Terms) -> Column:
    """What a proposal is worth before any bonus: always something, or a far but fitting place would never be used."""
    worth: Column = np.maximum(1, points.astype(np.int64) + terms.worth)
    return worth


def doors(places: Places, terms: Terms) -> tuple[Column, Column]:
    """Capacity and bonus of every door. The first proposal of an opportunity that has none yet has its own door."""
    first = (places.open > 0).astype(np.int64)
    capacity = np.stack([places.open - first, first, places.reserved], axis=1).astype(np.int64).ravel()
    bonus = np.array([0, SCALE * terms.first_place, FOR_RESERVED], np.int64)
    return capacity, bonus


def first_slots_of(places: Places) -> Column:
    """How many proposals of each organisation count as its first: a quarter of what it can have, at least one."""
    total = np.bincount(places.organisation, weights=places.open + places.reserved, minlength=len(places.room))
    room = np.minimum(total, places.room).astype(np.int64)
    slots: Column = np.where(room > 0, np.maximum(1, room // 4), 0)
    return slots


@cache
def _compiled_auction() -> Any:
    from matching.kernels import compiled

    return compiled(auction)


def auction(
    starts: Any, opportunity: Any, owner: Any, value: Any, is_guided: Any, limit: Any, bonuses: Any, capacity: Any,
    door_bonus: Any, organisation: Any, room: Any, first_slots: Any, first_bonus: Any, precision: Any,
    floor: Any, organisation_floor: Any,
) -> Any:  # fmt: skip
    """Door per candidate, price per door and per organisation. All amounts are in units; sequential, so repeatable."""
    people, candidates, doors = len(starts) - 1, len(opportunity), len(capacity)
    offset = np.zeros(doors + 1, np.int64)
    for j in range(doors):
        offset[j + 1] = offset[j] + capacity[j]
    bid_of, candidate_of = np.zeros(offset[doors], np.int64), np.zeros(offset[doors], np.int64)
    filled = np.zeros(doors, np.int64)
    door = np.full(candidates, -1, np.int8)
    # A tree over the doors of each organisation finds its lowest bid; leaf = place of the door in its organisation.
    organisations = len(room)
    leaves = np.zeros(organisations, np.int64)
    leaf_of = np.zeros(doors, np.int64)
    for j in range(doors):
        o = organisation[j // DOORS]
        leaf_of[j] = leaves[o]
        leaves[o] += 1
    tree_at = np.zeros(organisations + 1, np.int64)
    for o in range(organisations):
        size = 1
        while size < leaves[o]:
            size *= 2
        leaves[o] = size
        tree_at[o + 1] = tree_at[o] + 2 * size
    tree_bid = np.full(tree_at[organisations], FAR_AWAY, np.int64)
    tree_door = np.full(tree_at[organisations], -1, np.int64)
    taken = np.zeros(organisations, np.int64)
    organisation_price = np.zeros(organisations, np.int64)
    for o in range(organisations):
        opens_at = FAR_AWAY if room[o] <= 0 else (-first_bonus if first_slots[o] > 0 else 0)
        organisation_price[o] = max(opens_at, organisation_floor[o])
    have = np.zeros(people, np.int64)
    stack = np.zeros(people + 1, np.int64)
    is_waiting = np.ones(people, np.bool_)
    depth = people
    for v in range(people):
        stack[people - 1 - v] = v
    while depth:
        depth -= 1
        v = stack[depth]
        is_waiting[v] = False
        while have[v] < limit[v]:
            bonus = bonuses[min(have[v], len(bonuses) - 1)]
            best, best_door, first, second = -1, -1, 0, 0
            for e in range(starts[v], starts[v + 1]):
                if door[e] >= 0:
                    continue
                t = opportunity[e]
                around = organisation_price[organisation[t]]
                for d in range(DOORS):
                    j = DOORS * t + d
                    if capacity[j] == 0 or (d == 2 and not is_guided[v]):
                        continue
                    price = bid_of[offset[j]] if filled[j] == capacity[j] else max(around, floor[j])
                    gain = value[e] + door_bonus[d] + bonus - price
                    if gain > first:
                        second, first, best, best_door = first, gain, e, d
                    elif gain > second:
                        second = gain
            if best < 0:
                break
            t = opportunity[best]
            j, o = DOORS * t + best_door, organisation[t]
            base = offset[j]
            is_full = filled[j] == capacity[j]
            bid = (bid_of[base] if is_full else max(organisation_price[o], floor[j])) + (first - second) + precision
            out = -1
            if is_full:
                out = j
            else:
                lowest = tree_bid[tree_at[o] + 1]
                opens_at = FAR_AWAY if taken[o] >= room[o] else (-first_bonus if taken[o] < first_slots[o] else 0)
                if lowest < opens_at:
                    out = tree_door[tree_at[o] + 1]
                else:
                    taken[o] += 1
            if out >= 0:  # the lowest bid of that door leaves
                at0, size = offset[out], filled[out]
                left = candidate_of[at0]
                door[left] = -1
                loser = owner[left]
                have[loser] -= 1
                if loser != v and not is_waiting[loser]:
                    stack[depth] = loser
                    depth += 1
                    is_waiting[loser] = True
                filled[out] = size - 1
                moved_bid, moved = bid_of[at0 + size - 1], candidate_of[at0 + size - 1]
                at = 0
                while True:
                    child = 2 * at + 1
                    if child >= size - 1:
                        break
                    if child + 1 < size - 1 and bid_of[at0 + child + 1] < bid_of[at0 + child]:
                        child += 1
                    if bid_of[at0 + child] >= moved_bid:
                        break
                    bid_of[at0 + at], candidate_of[at0 + at] = bid_of[at0 + child], candidate_of[at0 + child]
                    at = child
                if size > 1:
                    bid_of[at0 + at], candidate_of[at0 + at] = moved_bid, moved
                if out != j:
                    node = leaves[o] + leaf_of[out]
                    tree_bid[tree_at[o] + node] = bid_of[at0] if filled[out] else FAR_AWAY
                    tree_door[tree_at[o] + node] = out
                    while node > 1:
                        node //= 2
                        a, b = tree_at[o] + 2 * node, tree_at[o] + 2 * node + 1
                        c = a if tree_bid[a] <= tree_bid[b] else b
                        tree_bid[tree_at[o] + node], tree_door[tree_at[o] + node] = tree_bid[c], tree_door[c]
            at = filled[j]
            filled[j] += 1
            while at > 0 and bid_of[base + (at - 1) // 2] > bid:
                up = (at - 1) // 2
                bid_of[base + at], candidate_of[base + at] = bid_of[base + up], candidate_of[base + up]
                at = up
            bid_of[base + at], candidate_of[base + at] = bid, best
            node = leaves[o] + leaf_of[j]
            tree_bid[tree_at[o] + node], tree_door[tree_at[o] + node] = bid_of[base], j
            while node > 1:
                node //= 2
                a, b = tree_at[o] + 2 * node, tree_at[o] + 2 * node + 1
                c = a if tree_bid[a] <= tree_bid[b] else b
                tree_bid[tree_at[o] + node], tree_door[tree_at[o] + node] = tree_bid[c], tree_door[c]
            opens_at = FAR_AWAY if taken[o] >= room[o] else (-first_bonus if taken[o] < first_slots[o] else 0)
            organisation_price[o] = max(organisation_price[o], min(opens_at, tree_bid[tree_at[o] + 1]))
            door[best] = best_door
            have[v] += 1
    price = np.zeros(doors, np.int64)
    for j in range(doors):
        o = organisation[j // DOORS]
        price[j] = organisation_price[o]
        if capacity[j] > 0 and filled[j] == capacity[j]:
            price[j] = max(price[j], bid_of[offset[j]])
    last_opens_at = np.full(organisations, FAR_AWAY, np.int64)
    for o in range(organisations):
        if taken[o] < room[o]:
            last_opens_at[o] = -first_bonus if taken[o] < first_slots[o] else 0
    return door, price, organisation_price, filled, last_opens_at


def reached(
    door: Column, person: Column, opportunity: Column, value: Column, people: int, terms: Terms, bonus: Column,
    places: Places, first_slots: Column,
) -> int:  # fmt: skip
    """The sum of everything a distribution is worth, in units."""
    is_chosen = door >= 0
    total = int(value[is_chosen].sum() + bonus[door[is_chosen]].sum())
    have = np.bincount(person[is_chosen], minlength=people)
    earned = np.r_[0, np.cumsum(SCALE * terms.bonuses)]
    total += int(earned[np.minimum(have, len(terms.bonuses))].sum())
    per_organisation = np.bincount(places.organisation[opportunity[is_chosen]], minlength=len(places.room))
    return total + int(SCALE * terms.organisation_first * np.minimum(per_organisation, first_slots).sum())


def upper_bound(
    person: Column, opportunity: Column, value: Column, wanted: Wanted, terms: Terms, capacity: Column, bonus: Column,
    places: Places, first_slots: Column, price: Column, organisation_price: Column,
) -> int:  # fmt: skip
    """What no distribution exceeds, by the duality of linear programming: true for any prices at all.

    Everybody takes what is best at these prices, and every place is sold at its price.
    """
    around = np.where(organisation_price >= FAR_AWAY, 0, organisation_price)
    above = np.maximum(0, np.where(price >= FAR_AWAY, 0, price) - around[places.organisation][:, None])
    capacity = capacity.reshape(-1, DOORS)
    full_price = around[places.organisation][:, None] + above
    is_shut = (capacity == 0) | (places.room[places.organisation] <= 0)[:, None]
    gain_at = np.where(is_shut, -FAR_AWAY, bonus[None, :] - full_price)
    for_most, for_guided = gain_at[:, :RESERVED].max(axis=1), gain_at.max(axis=1)
    gain = value + np.where(wanted.is_guided[person], for_guided[opportunity], for_most[opportunity])
    order = np.lexsort((-gain, person))
    starts = np.searchsorted(person, np.arange(len(wanted.limit) + 1))
    rank = np.arange(len(order)) - starts[person[order]]
    counts = rank < wanted.limit[person[order]]
    extra = SCALE * terms.bonuses[np.minimum(rank[counts], len(terms.bonuses) - 1)]
    total = int(np.maximum(0, gain[order][counts] + extra).sum())
    total += int((capacity * above)[~is_shut].sum())
    seats = np.minimum(
        places.room, np.bincount(places.organisation, weights=capacity.sum(axis=1), minlength=len(places.room))
    ).astype(np.int64)
    seats = np.maximum(0, seats)
    first = np.minimum(first_slots, seats)
    total += int((first * np.maximum(0, around + SCALE * terms.organisation_first)).sum())
    return total + int(((seats - first) * np.maximum(0, around)).sum())
