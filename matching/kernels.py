"""The hot loops, compiled by numba; `index` loads this file only where it is installed and worth it.

They release the GIL and hold no weight of their own.

numba freezes what a compiled function imports into its cache, so every weight comes as an argument. Loops are never
parallel inside: threads run whole blocks, and each block writes to its own people only.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from matching.blocks import BLOCK, WORDS

Function = TypeVar("Function", bound=Callable[..., Any])


def _has_cache() -> bool:
    """Compiled code is kept between starts where that is possible: NUMBA_CACHE_DIR, or a folder of the user's own.

    The folder carries a fingerprint of this file, so that no other version's code is ever run.
    """
    if os.environ.get("NUMBA_CACHE_DIR"):
        return True
    version = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
    try:
        folder = Path.home() / ".cache" / "helpende-handen" / f"kernels-{version}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return False
    if not os.access(folder, os.W_OK):
        return False
    settings: Any = numba.config
    settings.CACHE_DIR = str(folder)
    return True


def compiled(function: Function) -> Function:
    """The function as machine code that releases the GIL."""
    made: Any = numba.njit(nogil=True, cache=CACHE, error_model="numpy", boundscheck=False)(function)
    return cast(Function, made)


CACHE = _has_cache()


def _count_bits(_context: Any, word: Any) -> Any:
    return numba.types.int64(numba.types.uint64), lambda _c, builder, _s, given: builder.ctpop(given[0])


def _lowest_bit(_context: Any, word: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], ir.Constant(ir.IntType(1), 1))

    return numba.types.int64(numba.types.uint64), code


count_bits: Any = intrinsic(_count_bits)
lowest_bit: Any = intrinsic(_lowest_bit)


@compiled
def is_worse(points: Any, km: Any, tie: Any, other_points: Any, other_km: Any, other_tie: Any) -> Any:
    """Lower points, then farther, then the larger tie."""
    if points != other_points:
        return points < other_points
    if km != other_km:
        return km > other_km
    return tie > other_tie


@compiled
def sift_person(rows: Any, points: Any, size: Any, km: Any, row: Any, new_points: Any) -> Any:
    """Put an opportunity in place of the worst of one person's list; the worst stands on top."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and is_worse(
            points[other], km[rows[other]], rows[other], points[child], km[rows[child]], rows[child]
        ):
            child = other
        if not is_worse(points[child], km[rows[child]], rows[child], new_points, km[row], row):
            break
        rows[at], points[at] = rows[child], points[child]
        at = child
    rows[at], points[at] = row, new_points


@compiled
def sift_opportunity(
    rows: Any, points: Any, size: Any, km: Any, group: Any, lot: Any, row: Any, new_points: Any
) -> Any:
    """The same for a person in the list of one opportunity."""
    at, new_km, new_lot = 0, km[group[row]], lot[row]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and is_worse(
            points[other], km[group[rows[other]]], lot[rows[other]],
            points[child], km[group[rows[child]]], lot[rows[child]],
        ):  # fmt: skip
            child = other
        if not is_worse(points[child], km[group[rows[child]]], lot[rows[child]], new_points, new_km, new_lot):
            break
        rows[at], points[at] = rows[child], points[child]
        at = child
    rows[at], points[at] = row, new_points


@compiled
def rank_block(
    block: Any,
    people: Any,
    rows: Any,
    what: Any,
    pairs: Any,
    today: Any,
    weights: Any,
    for_people: Any,
    for_opportunities: Any,
) -> Any:
    """One block of people against all opportunities. Returns how many pairs are eligible.

    The arguments are tuples of arrays, named where they are taken apart; see `index.Index._bulk`.
    """
    count, group, starts, talents, soft, spoken, pattern, near, lot = people
    facts, hours_facts, guided_row = rows
    (
        every_at,
        every,
        time_at,
        time,
        language_at,
        language,
        talent_at,
        talent,
        never,
        hours_row,
        word_at,
        word,
        mask_of,
        is_half,
        worth_full,
        worth_half,
        themes,
        fulfils,
        welcome,
        ease_low,
        ease_high,
        inexperienced,
        far,
        organisation,
    ) = what
    km_of, cuts, near_points = pairs
    free, settled_at, settled, spread_points, chosen_at, chosen = today
    theme, wish, language_welcome, ease, low_bits = weights
    person_rows, person_points = for_people
    opportunity_rows, opportunity_points = for_opportunities
    most, most_people = person_rows.shape[1], opportunity_rows.shape[1]
    opportunities = km_of.shape[0]
    base, word0 = block * BLOCK, block * WORDS
    end = min(count, base + BLOCK)
    mask, either = np.zeros(WORDS, np.uint64), np.zeros(WORDS, np.uint64)
    ones, low_mask = np.uint64(0xFFFFFFFFFFFFFFFF), (1 << low_bits) - 1
    first_place, last_place = group[base], group[end - 1]
    has_spread = spread_points.shape[0] > 0
    eligible = 0
    for t in range(opportunities):
        if never[t] or free[t] == 0:
            continue
        # 1. distance: of every place the people with the widest reach, so a range of bits
        low, high = WORDS, -1
        for place in range(first_place, last_place + 1):
            begin = max(starts[place], base) - base
            until = min(starts[place] + cuts[place, t], end) - base
            if until <= begin:
                continue
            if high < 0:
                for k in range(WORDS):
                    mask[k] = np.uint64(0)
            first, last = begin >> 6, (until - 1) >> 6
            head = ones << np.uint64(begin & 63)
            tail = ones >> np.uint64(63 - ((until - 1) & 63))
            if first == last:
                mask[first] |= head & tail
            else:
                mask[first] |= head
                for k in range(first + 1, last):
                    mask[k] = ones
                mask[last] |= tail
            low, high = min(low, first), max(high, last)
        if high < 0:
            continue
        # 2. everything that is yes or no
        for at in range(every_at[t], every_at[t + 1]):
            row = facts[every[at]]
            for k in range(low, high + 1):
                mask[k] &= row[word0 + k]
        row = hours_facts[hours_row[t]]
        for k in range(low, high + 1):
            mask[k] &= row[word0 + k]
        if free[t] == 1:
            row = facts[guided_row]
            for k in range(low, high + 1):
                mask[k] &= row[word0 + k]
        for which in range(3):
            if which == 0:
                begin, until = time_at[t], time_at[t + 1]
            elif which == 1:
                begin, until = language_at[t], language_at[t + 1]
            else:
                begin, until = talent_at[t], talent_at[t + 1]
            if begin == until:
                continue
            for k in range(low, high + 1):
                either[k] = np.uint64(0)
            for at in range(begin, until):
                found = time[at] if which == 0 else language[at] if which == 1 else talent[at]
                row = facts[found]
                for k in range(low, high + 1):
                    either[k] |= row[word0 + k]
            for k in range(low, high + 1):
                mask[k] &= either[k]
        for at in range(settled_at[t], settled_at[t + 1]):
            local = settled[at] - base
            if 0 <= local < BLOCK:
                mask[local >> 6] &= ~(np.uint64(1) << np.uint64(local & 63))
        # 3. points of who is left, and the two lists
        words_from, words_to = word_at[t], word_at[t + 1]
        for k in range(low, high + 1):
            bits = mask[k]
            while bits:
                v = base + k * 64 + lowest_bit(bits)
                bits &= bits - np.uint64(1)
                eligible += 1
                place = group[v]
                points = np.int64(near_points[t, place])
                able = np.int64(0)
                for at in range(words_from, words_to):
                    held, w = mask_of[at], word[at]
                    least = count_bits(talents[v, 0, w] & held)
                    if least == 0:
                        continue
                    can, good = count_bits(talents[v, 1, w] & held), count_bits(talents[v, 2, w] & held)
                    able += can
                    if is_half[at]:
                        points += least * worth_half[t, 0] + can * worth_half[t, 1] + good * worth_half[t, 2]
                    else:
                        points += least * worth_full[t, 0] + can * worth_full[t, 1] + good * worth_full[t, 2]
                mine = soft[v]
                points += count_bits(mine & themes[t]) * theme + count_bits(mine & fulfils[t]) * wish
                if welcome[t] and spoken[v] & welcome[t]:
                    points += language_welcome
                shape = np.int64(pattern[v])
                tenths = np.int64(ease_low[t, shape & low_mask]) + np.int64(ease_high[t, shape >> low_bits])
                if able == 0:
                    tenths += inexperienced[t]
                if km_of[t, place] > near[v]:
                    tenths += far[t]
                points -= tenths * ease // 10
                if has_spread:
                    kind = 0
                    for at in range(chosen_at[v], chosen_at[v + 1]):
                        if chosen[at] == t:
                            kind = 2
                        elif kind == 0 and organisation[chosen[at]] == organisation[t]:
                            kind = 1
                    points += spread_points[t, kind]
                if most and points >= person_points[v, 0]:
                    top = person_rows[v, 0]
                    if top < 0 or is_worse(person_points[v, 0], km_of[top, place], top, points, km_of[t, place], t):
                        sift_person(person_rows[v], person_points[v], most, km_of[:, place], t, points)
                if most_people and points >= opportunity_points[t, 0]:
                    top = opportunity_rows[t, 0]
                    if top < 0 or is_worse(
                        opportunity_points[t, 0], km_of[t, group[top]], lot[top], points, km_of[t, place], lot[v]
                    ):
                        sift_opportunity(
                            opportunity_rows[t], opportunity_points[t], most_people, km_of[t], group, lot, v, points
                        )
    return eligible


@compiled
def merge_opportunities(rows: Any, points: Any, more_rows: Any, more_points: Any, km: Any, group: Any, lot: Any) -> Any:
    """Put the people another thread found into the lists of this one."""
    for t in range(rows.shape[0]):
        for at in range(rows.shape[1]):
            row, new_points = more_rows[t, at], more_points[t, at]
            if row < 0 or new_points < points[t, 0]:
                continue
            top = rows[t, 0]
            if top < 0 or is_worse(points[t, 0], km[t, group[top]], lot[top], new_points, km[t, group[row]], lot[row]):
                sift_opportunity(rows[t], points[t], rows.shape[1], km[t], group, lot, row, new_points)


@compiled
def sort_people(rows: Any, points: Any, km: Any, group: Any, begin: Any, end: Any) -> Any:
    """The lists of some people, best first, in place."""
    for v in range(begin, end):
        place = group[v]
        for at in range(1, rows.shape[1]):
            row, mine = rows[v, at], points[v, at]
            to = at
            while (
                to
                and row >= 0
                and is_worse(points[v, to - 1], km[rows[v, to - 1], place], rows[v, to - 1], mine, km[row, place], row)
            ):
                rows[v, to], points[v, to] = rows[v, to - 1], points[v, to - 1]
                to -= 1
            rows[v, to], points[v, to] = row, mine


@compiled
def sort_opportunities(rows: Any, points: Any, km: Any, group: Any, lot: Any) -> Any:
    """The lists of all opportunities, best first, in place."""
    for t in range(rows.shape[0]):
        for at in range(1, rows.shape[1]):
            row, mine = rows[t, at], points[t, at]
            to = at
            while to and row >= 0 and is_worse(
                points[t, to - 1], km[t, group[rows[t, to - 1]]], lot[rows[t, to - 1]],
                mine, km[t, group[row]], lot[row],
            ):  # fmt: skip
                rows[t, to], points[t, to] = rows[t, to - 1], points[t, to - 1]
                to -= 1
            rows[t, to], points[t, to] = row, mine
