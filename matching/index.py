"""The same answers as `engine.rank`, for a whole city at once: exact lists for both sides, from columns in memory."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Thread

import numpy as np

from matching import blocks, columns, packing
from matching.columns import HIGH, LOW_BITS, Asked, Column, Opportunities, People
from matching.policy import Policy

NOBODY, GUIDED_ONLY, EVERYBODY = 0, 1, 2  # who may still take a place (rules 6.2)
LEAST_POINTS = np.iinfo(np.int32).min
FIRST_BATCH = 128


@dataclass(frozen=True, slots=True)
class Lists:
    """The best of each, first one first: rows of the other side, -1 where the list is shorter, and their points."""

    rows: Column
    points: Column


@dataclass(frozen=True, slots=True)
class Spread:
    """Spread points per opportunity (rules 6.1), and what each person chose, because nobody counts against themselves.

    `points[t]` is what a person gets at opportunity t who chose nothing there, something else of its organisation,
    or t itself. `starts` and `chosen` list the choices of each person.
    """

    points: Column
    starts: Column
    chosen: Column


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is true today beside the profiles: who may still come in, which pairs are settled, and the spread.

    `free` holds NOBODY, GUIDED_ONLY or EVERYBODY per opportunity; `settled` pairs of (person, opportunity) rows.
    """

    free: Column
    settled: Column = field(default_factory=lambda: np.zeros((0, 2), np.int64))
    spread: Spread | None = None


def most_blocking_first(blocking: Mapping[str, tuple[int, int]]) -> list[tuple[str, int, int]]:
    """(factor, how many it blocks, for how many it is the only one), in the order in which they are shown (rules 9)."""
    found = [(factor, blocks, alone) for factor, (blocks, alone) in blocking.items()]
    return sorted(found, key=lambda one: (-one[2], -one[1], one[0]))


def spread_of(choices: Iterable[tuple[int, int]], people: int, opportunities: Opportunities, policy: Policy) -> Spread:
    """Spread for (person, opportunity) rows that people have among their first choices; see `spread.Demand`."""
    pairs = np.array(sorted(set(choices)), np.int64).reshape(-1, 2)
    wanted = np.bincount(pairs[:, 1], minlength=opportunities.count)
    by_organisation = np.unique(np.stack([pairs[:, 0], opportunities.organisation[pairs[:, 1]]], axis=1), axis=0)
    organisations = int(opportunities.organisation.max(initial=-1)) + 1
    organisation_wanted = np.bincount(by_organisation[:, 1], minlength=organisations)[opportunities.organisation]

    def worth(count: Column) -> Column:
        cap, target = policy.spread_cap // 2, policy.spread_target
        together = target + count
        return np.where(together > 0, cap * (target - count) // np.maximum(together, 1), 0)

    points = np.stack(
        [
            worth(wanted) + worth(organisation_wanted),
            worth(wanted) + worth(organisation_wanted - 1),
            worth(wanted - 1) + worth(organisation_wanted - 1),
        ],
        axis=1,
    )
    starts = np.searchsorted(pairs[:, 0], np.arange(people + 1)).astype(np.int64)
    return Spread(points.astype(np.int32), starts, pairs[:, 1].copy())


class Index:
    """People against opportunities. Nothing here changes after it was made, so threads may share it."""

    def __init__(self, people: People, opportunities: Opportunities, policy: Policy) -> None:
        self.people, self.opportunities, self.policy = people, opportunities, policy

    @cached_property
    def km(self) -> Column:
        """From every place of people to every opportunity; shape (opportunities, places), as the next two."""
        return columns.distances(self.people, self.opportunities)

    @cached_property
    def limited_km(self) -> Column:
        return self._limited(self.km, slice(None))

    @cached_property
    def near_points(self) -> Column:
        return self._worth_of(self.km, slice(None), slice(None))

    def _limited(self, km: Column, opportunities: Column | slice) -> Column:
        ridden = self.opportunities.is_ridden[opportunities, None] & (km > self.policy.ride_km)
        return np.where(ridden, self.policy.ride_km, km)

    def _worth_of(self, km: Column, opportunities: Column | slice, places: slice) -> Column:
        what, policy = self.opportunities, self.policy
        is_own = what.neighbourhood[opportunities, None] == self.people.neighbourhood[None, places]
        own_wijk = np.where(is_own | what.is_here[opportunities, None], policy.own_wijk, 0)
        return (own_wijk - np.rint(km * policy.distance_per_km)).astype(np.int32)

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.opportunities, self.people.rows.at, self.people.layout)

    @cached_property
    def cuts(self) -> Column:
        """How many people of each place reach each opportunity: always those at the beginning of the place.

        Shape (places, opportunities), because a block of people asks few places about every opportunity.
        """
        cuts = np.zeros(self.km.shape[::-1], np.int32)
        for place in range(len(self.people.starts) - 1):
            reach = self.people.max_km[self.people.starts[place] : self.people.starts[place + 1]]
            cuts[place] = np.searchsorted(-reach, -self.limited_km[:, place], side="right")
        return cuts

    # --- who is eligible ---------------------------------------------------------------------------------------

    def eligible_people(self, opportunity: int, free: int = EVERYBODY) -> Column:
        """The rows of everybody without a blocking factor, in rising order (rules 3)."""
        rows = self.people.rows
        mask = self._within_reach(opportunity)
        for _factor, passes in self._demands(opportunity):
            mask &= passes
        if free != EVERYBODY:
            mask &= rows.row(rows.at["flags"] + 2) if free == GUIDED_ONLY else np.uint64(0)
        return np.flatnonzero(np.unpackbits(mask.view(np.uint8), bitorder="little", count=self.people.count))

    def _demands(self, opportunity: int) -> Iterable[tuple[str, Column]]:
        """A bitmap of who passes, with its factor, for every demand of the opportunity but distance."""
        rows, asked = self.people.rows, self.asked
        starts, every = asked.every
        for row in every[starts[opportunity] : starts[opportunity + 1]]:
            yield asked.factors[row], rows.row(row)
        for factor, (starts, some) in zip(("time", "language", "talent"), asked.some, strict=True):
            chosen = some[starts[opportunity] : starts[opportunity + 1]]
            if len(chosen):
                yield factor, np.bitwise_or.reduce([rows.row(row) for row in chosen], axis=0)
        if asked.never[opportunity]:
            yield "time", np.zeros(rows.width, np.uint64)
        yield "hours", rows.for_hours(int(self.opportunities.hours[opportunity]))

    def blocking(self, opportunity: int) -> dict[str, tuple[int, int]]:
        """Per factor: how many people it blocks, and for how many it is the only one (rules 9)."""
        everybody = np.zeros(self.people.rows.width * 8, np.uint8)
        packed = np.packbits(np.ones(self.people.count, bool), bitorder="little")
        everybody[: len(packed)] = packed
        present = everybody.view(np.uint64)
        passes = {"distance": self._within_reach(opportunity)}
        for factor, mask in self._demands(opportunity):
            passes[factor] = passes[factor] & mask if factor in passes else mask
        fails = {factor: present & ~mask for factor, mask in passes.items()}
        seen, twice = np.zeros_like(present), np.zeros_like(present)
        for mask in fails.values():
            twice |= seen & mask
            seen |= mask
        return {
            factor: (int(np.bitwise_count(mask).sum()), int(np.bitwise_count(mask & ~twice).sum()))
            for factor, mask in fails.items()
            if mask.any()
        }

    def blocking_person(self, person: int) -> dict[str, tuple[int, int]]:
        """The same for one person: how many opportunities each factor blocks, and how many it alone."""
        fails = self.fails_of(person)
        total = np.sum(list(fails.values()), axis=0)
        return {
            factor: (int(stops.sum()), int((stops & (total == 1)).sum()))
            for factor, stops in fails.items()
            if stops.any()
        }

    def _within_reach(self, opportunity: int) -> Column:
        starts, cuts = self.people.starts, self.cuts[:, opportunity]
        within = np.zeros(self.people.rows.width * 64, bool)
        for place in np.flatnonzero(cuts):
            within[starts[place] : starts[place] + cuts[place]] = True
        return np.packbits(within, bitorder="little").view(np.uint64)

    def eligible_opportunities(self, person: int) -> Column:
        """The rows of every opportunity without a blocking factor for one person, in rising order."""
        fails = self.fails_of(person)
        return np.flatnonzero(~np.logical_or.reduce(list(fails.values())))

    def fails_of(self, person: int) -> dict[str, Column]:
        """Per factor, at which opportunities it stops this person (rules 3); boundaries together."""
        too_far = self.limited_km[:, self.people.group[person]] > self.people.max_km[person]
        return {"distance": too_far, **self._fails_anywhere(person)}

    def _fails_anywhere(self, person: int) -> dict[str, Column]:
        """The same without distance, the only factor that has to be computed."""
        one, what = self.people, self.opportunities
        free = what.slots & one.slots[person]
        flags = int(one.flags[person])
        return {
            "time": np.where(what.takes_all, free != what.slots, free == 0),
            "dutch": what.dutch > one.dutch[person],
            "language": (what.languages_any_of != 0) & (what.languages_any_of & one.spoken[person] == 0),
            "age": what.min_age > one.age[person],
            "boundary": (what.clashes & one.boundaries[person]) != 0,
            "talent": what.needs_talent & ~_any_bit(what.needed, one.talents[person, 1]),
            "licence": (what.flags & packing.ASKS_LICENCE != 0) & (not flags & packing.LICENCE),
            "own_car": (what.flags & packing.ASKS_OWN_CAR != 0) & (not flags & packing.OWN_CAR),
            "commitment": what.commitment > one.order[person],
            "hours": what.hours > one.hours[person],
            "theme_excluded": (what.themes & one.themes_excluded[person]) != 0,
        }

    # --- how well it fits --------------------------------------------------------------------------------------

    def points(self, people: Column | int, opportunities: Column | int, spread: Spread | None = None) -> Column:
        """The fit of eligible pairs (rules 5): two rows, a row and an array of rows, or two arrays of one length."""
        at = opportunities, self.people.group[people]
        return self._points(people, opportunities, self.km[at], self.near_points[at], spread)

    def _points(
        self, people: Column | int, opportunities: Column | int, km: Column, near_points: Column, spread: Spread | None
    ) -> Column:
        one, what, policy = self.people, self.opportunities, self.policy
        talents = one.talents[people]
        asked = np.asarray(what.asked_full[opportunities])[..., None, :]
        held = np.bitwise_count(talents & asked).sum(axis=-1, dtype=np.int64)
        points = (held * what.worth_full[opportunities]).sum(axis=-1)
        half = np.asarray(what.asked_half[opportunities])[..., None, :]
        if half.any():
            held_half = np.bitwise_count(talents & half).sum(axis=-1, dtype=np.int64)
            points = points + (held_half * what.worth_half[opportunities]).sum(axis=-1)
            held = held + held_half
        soft = one.soft[people]
        liked = soft & what.themes[opportunities].astype(np.uint64)
        wished = soft & (what.fulfils[opportunities].astype(np.uint64) << np.uint64(HIGH))
        points = points + np.bitwise_count(liked).astype(np.int64) * policy.theme
        points = points + np.bitwise_count(wished).astype(np.int64) * policy.wish
        points = points + near_points
        is_welcome = (one.spoken[people] & what.languages_welcome[opportunities]) != 0
        points = points + is_welcome * policy.language_welcome
        pattern = one.pattern[people].astype(np.int64)
        tenths = what.ease_low[opportunities, pattern & (2**LOW_BITS - 1)]
        tenths = tenths + what.ease_high[opportunities, pattern >> LOW_BITS]
        tenths = tenths + np.where(held[..., 1] == 0, what.ease_inexperienced[opportunities], 0)
        is_far = km > one.near[people]
        tenths = tenths + np.where(is_far, what.ease_far[opportunities], 0)
        points = points - tenths.astype(np.int64) * policy.ease_per_threshold_point // 10
        if spread is not None:
            points = points + self._spread_points(people, opportunities, spread)
        return np.asarray(points, np.int32)

    def _spread_points(self, people: Column | int, opportunities: Column | int, spread: Spread) -> Column:
        people, opportunities = np.broadcast_arrays(people, opportunities)
        organisation, kind = self.opportunities.organisation, np.zeros(people.shape, np.int64)
        for place in range(int(np.diff(spread.starts).max(initial=0))):
            at = spread.starts[people] + place
            has = at < spread.starts[people + 1]
            chosen = spread.chosen[np.where(has, at, 0)]
            kind = np.maximum(kind, has & (organisation[chosen] == organisation[opportunities]))
            kind = np.maximum(kind, 2 * (has & (chosen == opportunities)))
        return spread.points[opportunities, kind]

    # --- lists -------------------------------------------------------------------------------------------------

    def list_of_person(self, person: int, circumstances: Circumstances) -> tuple[Column, Column]:
        """Everything eligible for one person, best first: (opportunity rows, points). Settled pairs are left out.

        Distances are computed last, for what is left: of ten thousand opportunities that is a tenth.
        """
        one, what = self.people, self.opportunities
        is_guided = bool(one.flags[person] & packing.GUIDED)
        stops = circumstances.free < (GUIDED_ONLY if is_guided else EVERYBODY)
        for fails in self._fails_anywhere(person).values():
            stops |= fails
        settled = circumstances.settled
        stops[settled[settled[:, 0] == person, 1]] = True
        rows = np.flatnonzero(~stops)
        place = slice(one.group[person], one.group[person] + 1)
        km = columns.distances(one, what, rows, place)
        is_near = self._limited(km, rows)[:, 0] <= one.max_km[person]
        rows, km = rows[is_near], km[is_near]
        near_points = self._worth_of(km, rows, place)[:, 0]
        points = self._points(person, rows, km[:, 0], near_points, circumstances.spread)
        order = np.lexsort((rows, km[:, 0], -points))
        return rows[order], points[order]

    def lists(
        self,
        most: int,
        most_people: int,
        circumstances: Circumstances,
        *,
        threads: int = 1,
        is_plain: bool | None = None,
        part: tuple[int, int] = (0, 1),
    ) -> tuple[Lists, Lists]:
        """The best `most` opportunities of everybody and the best `most_people` people of every opportunity.

        Exact: the lists of `engine.rank`, cut, however many threads and whether compiled or not (`is_plain`; when
        nobody says, a small city is done sooner than the loops are compiled). `part` (number, of) looks at every
        `of`-th block of people only: the parts of several matchers are independent of each other.
        """
        if is_plain is None:
            worth = blocks.WORTH_CALLING if self.people.rows.is_complete else blocks.WORTH_COMPILING
            is_plain = self.people.count * self.opportunities.count < worth
        if blocks.IS_COMPILED and not is_plain:
            return self._compiled_lists(most, most_people, circumstances, threads, part)
        return self._plain_lists(most, most_people, circumstances, part)

    def _compiled_lists(
        self, most: int, most_people: int, circumstances: Circumstances, threads: int, part: tuple[int, int]
    ) -> tuple[Lists, Lists]:
        from matching import kernels

        one, what, rows, asked, policy = self.people, self.opportunities, self.people.rows, self.asked, self.policy
        hours, hours_row = np.unique(what.hours, return_inverse=True)
        hours_facts = np.stack([rows.for_hours(int(value)) for value in hours]) if len(hours) else rows.facts[:0]
        settled = circumstances.settled[np.argsort(circumstances.settled[:, 1], kind="stable")]
        settled_at = np.searchsorted(settled[:, 1], np.arange(what.count + 1))
        spread = circumstances.spread or Spread(
            np.zeros((0, 3), np.int32), np.zeros(1, np.int64), np.zeros(0, np.int64)
        )
        shared = (
            (one.count, one.group, one.starts, one.talents, one.soft, one.spoken, one.pattern, one.near, one.lot),
            (rows.facts, hours_facts, rows.at["flags"] + 2),
            (*asked.every, *asked.some[0], *asked.some[1], *asked.some[2], asked.never, hours_row, *what.words_asked,
             what.worth_full, what.worth_half, what.themes.astype(np.uint64),
             what.fulfils.astype(np.uint64) << np.uint64(HIGH), what.languages_welcome, what.ease_low, what.ease_high,
             what.ease_inexperienced, what.ease_far, what.organisation),
            (self.km, self.cuts, self.near_points),
            (circumstances.free.astype(np.uint8), settled_at, settled[:, 0].copy(), spread.points, spread.starts,
             spread.chosen),
            (policy.theme, policy.wish, policy.language_welcome, policy.ease_per_threshold_point, LOW_BITS),
        )  # fmt: skip
        for_people = _empty(one.count, most)
        founds = [_empty(what.count, most_people) for _ in range(threads)]
        parts = iter(range(part[0], -(-one.count // blocks.BLOCK), part[1]))

        def rank(thread: int) -> None:
            found = founds[thread]
            for block in parts:  # the threads share one iterator: `next` on a range is atomic
                kernels.rank_block(block, *shared, (for_people.rows, for_people.points), (found.rows, found.points))
                begin = block * blocks.BLOCK
                kernels.sort_people(
                    for_people.rows, for_people.points, self.km, one.group, begin, min(one.count, begin + blocks.BLOCK)
                )

        first = founds[0]

        def merge(thread: int) -> None:
            mine = slice(what.count * thread // threads, what.count * (thread + 1) // threads)
            rows, points, km = first.rows[mine], first.points[mine], self.km[mine]
            for found in founds[1:]:
                kernels.merge_opportunities(rows, points, found.rows[mine], found.points[mine], km, one.group, one.lot)
            kernels.sort_opportunities(rows, points, km, one.group, one.lot)

        _on_threads(rank, threads)
        _on_threads(merge, threads)
        return for_people, first

    def _plain_lists(
        self, most: int, most_people: int, circumstances: Circumstances, part: tuple[int, int]
    ) -> tuple[Lists, Lists]:
        """With numpy alone. Opportunities are looked at in batches, each twice as large as the one
        before; after each batch everybody's worst kept points are known, and what lies below them is not kept.
        """
        one, what = self.people, self.opportunities
        for_people, for_opportunities = _empty(one.count, most), _empty(what.count, most_people)
        begin, batch = 0, FIRST_BATCH
        while begin < what.count:
            found = []
            for opportunity in range(begin, min(begin + batch, what.count)):
                people = self._candidates(opportunity, circumstances)
                if part[1] > 1:
                    people = people[people // blocks.BLOCK % part[1] == part[0]]
                points = self.points(people, opportunity, circumstances.spread)
                if most:
                    is_kept = points >= for_people.points[people, -1]
                    kept = people[is_kept]
                    found.append((kept, np.full(len(kept), opportunity, np.int32), points[is_kept]))
                if most_people:
                    best, best_points = self._best_people(opportunity, people, points, most_people)
                    for_opportunities.rows[opportunity, : len(best)] = best
                    for_opportunities.points[opportunity, : len(best)] = best_points
            if most:
                self._keep_best(for_people, found, most)
            begin, batch = begin + batch, 2 * batch
        return for_people, for_opportunities

    def _candidates(self, opportunity: int, circumstances: Circumstances) -> Column:
        people = self.eligible_people(opportunity, int(circumstances.free[opportunity]))
        settled = circumstances.settled
        if len(settled):
            people = people[~np.isin(people, settled[settled[:, 1] == opportunity, 0])]
        return people

    def _best_people(self, opportunity: int, people: Column, points: Column, most: int) -> tuple[Column, Column]:
        if len(points) > most:
            is_near_top = points >= np.partition(points, -most)[-most]
            people, points = people[is_near_top], points[is_near_top]
        km = self.km[opportunity, self.people.group[people]]
        order = np.lexsort((self.people.lot[people], km, -points))[:most]
        return people[order], points[order]

    def _keep_best(self, lists: Lists, found: list[tuple[Column, Column, Column]], most: int) -> None:
        """Merge what a batch found into everybody's list, and keep the best."""
        has = lists.rows >= 0
        people = np.concatenate([np.nonzero(has)[0], *(one[0] for one in found)])
        rows = np.concatenate([lists.rows[has], *(one[1] for one in found)])
        points = np.concatenate([lists.points[has], *(one[2] for one in found)])
        # One sort over (person, points) first, so that the slow one over ties sees only what is near the top.
        order = np.argsort((people << 32) - points.astype(np.int64))
        people, rows, points = people[order], rows[order], points[order]
        begins = np.searchsorted(people, np.arange(self.people.count + 1))
        last = np.minimum(begins[:-1] + most, begins[1:]) - 1
        worst = np.where(begins[1:] > begins[:-1], points[np.maximum(last, 0)], 0) if len(points) else last
        is_near_top = points >= worst[people]
        people, rows, points = people[is_near_top], rows[is_near_top], points[is_near_top]
        order = np.lexsort((rows, self.km[rows, self.people.group[people]], -points, people))
        people, rows, points = people[order], rows[order], points[order]
        place = np.arange(len(people)) - np.searchsorted(people, np.arange(self.people.count + 1))[people]
        is_kept = place < most
        lists.rows[people[is_kept], place[is_kept]] = rows[is_kept]
        lists.points[people[is_kept], place[is_kept]] = points[is_kept]


def _empty(count: int, most: int) -> Lists:
    return Lists(*(np.full((count, most), fill, np.int32) for fill in (-1, LEAST_POINTS)))


def _on_threads(work: Callable[[int], None], threads: int) -> None:
    """The work of every thread by its number, the first one here."""
    helpers = [Thread(target=work, args=(thread,)) for thread in range(1, threads)]
    for helper in helpers:
        helper.start()
    work(0)
    for helper in helpers:
        helper.join()


def _any_bit(columns: Column, bits: Column) -> Column:
    """Which rows share a bit with some words; a loop over few words is quicker than a reduction."""
    shared = columns[:, 0] & bits[0]
    for word in range(1, columns.shape[1]):
        shared = shared | (columns[:, word] & bits[word])
    return shared != 0
