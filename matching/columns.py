"""Packed records as columns: people sorted by place and reach, opportunities by id. Everything a pair reads is here."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import packing
from matching.blocks import BLOCK, WORDS
from matching.catalogue import Catalogue
from matching.eligibility import COMMITMENT_ORDER
from matching.geo import arc_km, on_sphere
from matching.languages import RANK
from matching.packing import Layout, Records
from matching.policy import Policy
from matching.threshold import COMPANY_WISHES, PHYSICAL, SHORT_WISHES
from matching.types import AGES_KEPT, LEVELS, SLOTS, Point

HIGH = 32  # wishes stand above themes in `soft`
ORDER_OF_COMMITMENT = np.array([COMMITMENT_ORDER[code] for code in packing.COMMITMENTS], np.uint8)
HEAVIEST = max(COMMITMENT_ORDER.values())
# What of a person decides whether a threshold factor counts (rules 8.3); one bit each in `pattern`, in this order.
PERSONAL = ("taal", "lezen_schrijven", "fysiek", "digitaal", "duur", "vaste_uren", "kost", "toegankelijk", "alleen",
            "attest")  # fmt: skip
LOW_BITS = 5
WORTH_TWO_THREADS = 50_000
MOVED_AT_ONCE = 8_192  # records, so that what is moved stays near
NEVER = 255  # an age nobody has
PAIRWISE = ("ervaring", "bereikbaar")  # decided by the pair, not by the person alone

COPIED = ("slots", "languages_any_of", "languages_welcome", "needed", "asked", "clashes", "themes", "dutch", "fulfils",
          "neighbourhood", "min_age", "commitment", "hours", "flags")  # fmt: skip

Column = NDArray[Any]


class Opportunities:
    """Opportunities in the order of their ids, so that a smaller number wins the last tie.

    `asked_full` and `asked_half` are the talents that count whole and half; `ease_low` and `ease_high` the tenths of a
    threshold point for every pattern of a person's low and high bits.
    """

    def __init__(self, records: Records, layout: Layout, catalogue: Catalogue, policy: Policy) -> None:
        records = records[np.argsort(records["key"], kind="stable")]
        self.records, self.policy = records, policy
        self.count = len(records)
        self.who = [bytes(one) for one in records["who"]]
        self.row_of = {who: row for row, who in enumerate(self.who)}
        for name in COPIED:
            setattr(self, name, np.ascontiguousarray(records[name]))
        _known, self.organisation = np.unique(records["organisation"], return_inverse=True)
        self.organisation = self.organisation.astype(np.int32)
        self.is_here, self.is_ridden, self.takes_all, self.is_taught = (
            (self.flags & bit) != 0 for bit in (packing.HERE, packing.RIDE, packing.ALL_SLOTS, packing.TAUGHT)
        )
        self.needs_talent = self.needed.any(axis=1)
        half = [place for code, place in layout.talents.items() if catalogue.talents[code].group in policy.half_groups]
        half_mask = np.zeros(layout.words, np.uint64)
        for place in half:
            half_mask[place // 64] |= np.uint64(1 << (place % 64))
        self.asked_full, self.asked_half = self.asked & ~half_mask, self.asked & half_mask
        self.worth_full = self._worth(lambda weight: weight)
        self.worth_half = self._worth(lambda weight: weight // 2)
        self.ease_low, self.ease_high, self.ease_inexperienced, self.ease_far = self._ease(list(catalogue.thresholds))
        self.sphere = np.array(
            [on_sphere(Point(*point)) for point in records[["lat", "lon"]].tolist()], np.float64
        ).reshape(-1, 3)

    @cached_property
    def words_asked(self) -> tuple[Column, Column, Column, Column]:
        """The asked talents as (starts, words, masks, whether they count half): what is zero is left out."""
        wide = np.concatenate([self.asked_full, self.asked_half], axis=1)
        starts, places = _sparse(wide != 0, 0)
        which = np.repeat(np.arange(self.count), np.diff(starts))
        words = self.asked_full.shape[1]
        return starts, places % words, wide[which, places], places >= words

    flags: Column
    slots: Column
    languages_any_of: Column
    languages_welcome: Column
    needed: Column
    asked: Column
    clashes: Column
    themes: Column
    dutch: Column
    fulfils: Column
    neighbourhood: Column
    min_age: Column
    commitment: Column
    hours: Column

    def _worth(self, weigh: Any) -> Column:
        """What reaching level 1, 2 and 3 of one talent adds; shape (opportunities, 3)."""
        policy = self.policy
        learn = np.where(self.is_taught, weigh(policy.talent_learn_taught), weigh(policy.talent_learn_alone))
        can, good = weigh(policy.talent_can), weigh(policy.talent_good)
        return np.stack([learn, can - learn, np.full(self.count, good - can)], axis=1).astype(np.int64)

    def _ease(self, factors: list[str]) -> tuple[Column, Column, Column, Column]:
        tenths = {factor: self.records["tenths"][:, place].astype(np.int32) for place, factor in enumerate(factors)}
        always = sum((tenths[factor] for factor in factors if factor not in (*PERSONAL, *PAIRWISE)), np.int32(0))
        low, high = (
            sum(
                (
                    tenths[factor][:, None] * ((np.arange(2 ** len(part)) >> place) & 1)
                    for place, factor in enumerate(part)
                ),
                np.zeros((self.count, 2 ** len(part)), np.int32),
            )
            for part in (PERSONAL[:LOW_BITS], PERSONAL[LOW_BITS:])
        )
        return (low + np.reshape(always, (-1, 1))).astype(np.int32), high, tenths["ervaring"], tenths["bereikbaar"]


class People:
    """The active people among the records, by place and, within it, the widest reach first.

    Whoever can come from one place to an opportunity is then the beginning of that place: distance is a cut. The lot
    decides the rest, so that the same people always stand in the same order.
    """

    def __init__(self, records: Records, layout: Layout, policy: Policy, *, today: date, now_seconds: int = 0) -> None:
        day, ends = today.toordinal(), records["consent_until"]
        is_active = (records["flags"] & packing.ACTIVE) != 0
        is_active &= records["paused_until"] < day
        is_active &= (ends == packing.NO_END) | (ends > now_seconds)
        where = np.flatnonzero(is_active)
        where = where[_order(records["place"][where], records["max_km"][where], records["lot"][where])]
        self.policy, self.layout = policy, layout
        self.count = len(where)
        column = _gathered(records, where)
        self.who, self.lot, self.max_km, self.slots = column["who"], column["lot"], column["max_km"], column["slots"]
        self.spoken, self.boundaries, self.hours = column["spoken"], column["boundaries"], column["hours"]
        self.themes_excluded, self.dutch, self.talents = column["themes_excluded"], column["dutch"], column["talents"]
        self.flags, self.order = column["flags"], ORDER_OF_COMMITMENT[column["commitment"]]
        self.near = policy.near_share * self.max_km
        self.soft = column["themes"].astype(np.uint64) | (column["wishes"].astype(np.uint64) << np.uint64(HIGH))
        self.age = _age_kept(column["age_from"], column["age_asked_on"], today)
        self.pattern = self._pattern(column)
        self._group(column)

    def _group(self, column: Mapping[str, Column]) -> None:
        place = column["place"]
        begins = np.flatnonzero(np.r_[True, place[1:] != place[:-1]]) if self.count else np.zeros(0, np.int64)
        self.starts = np.r_[begins, self.count].astype(np.int64)
        self.group = np.repeat(np.arange(len(begins), dtype=np.int32), np.diff(self.starts))
        self.neighbourhood = column["neighbourhood"][begins]
        points = zip(column["lat"][begins].tolist(), column["lon"][begins].tolist(), strict=True)
        self.sphere = np.array([on_sphere(Point(*point)) for point in points], np.float64).reshape(-1, 3)

    def _pattern(self, column: Mapping[str, Column]) -> Column:
        limits, wishes, places = self.boundaries, column["wishes"], self.layout

        def has(of: Column, known: Mapping[str, int], *codes: str) -> Column:
            return (of & np.uint32(sum(1 << known[code] for code in codes if code in known))) != 0

        commitment = column["commitment"]
        is_short = (commitment == packing.COMMITMENTS.index("once")) | (
            commitment == packing.COMMITMENTS.index("short")
        )
        counts = {
            "taal": self.dutch < RANK["B2"],
            "lezen_schrijven": has(limits, places.boundaries, "weinig_lezen") | (self.dutch < RANK["B1"]),
            "fysiek": has(limits, places.boundaries, *PHYSICAL),
            "digitaal": has(limits, places.boundaries, "geen_computer"),
            "duur": is_short | has(wishes, places.wishes, *SHORT_WISHES),
            "vaste_uren": np.bitwise_count(self.slots) <= self.policy.few_slots,
            "kost": has(limits, places.boundaries, "geen_kosten"),
            "toegankelijk": has(limits, places.boundaries, "rolstoel", "geen_trappen"),
            "alleen": has(limits, places.boundaries, "niet_alleen") | has(wishes, places.wishes, *COMPANY_WISHES),
            "attest": (self.flags & packing.LICENCE) == 0,
        }
        pattern = np.zeros(self.count, np.uint16)
        for place, factor in enumerate(PERSONAL):
            pattern |= counts[factor].astype(np.uint16) << np.uint16(place)
        return pattern

    @cached_property
    def rows(self) -> "Rows":
        """Yes-or-no facts as bitmaps; made when somebody asks for them."""
        return Rows(self)


class Rows:
    """Bitmaps over people, one row per fact an opportunity may ask: 64 people to a word, padded to whole blocks."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.width = -(-max(1, people.count) // BLOCK) * WORDS
        layout = people.layout
        self.at: dict[str, int] = {}
        self._asked: list[Callable[[], Column]] = []
        for name, count, ask in (
            ("slots", len(SLOTS), lambda place: _bit(people.slots, place)),
            ("dutch", len(LEVELS), lambda level: people.dutch >= level),
            ("languages", len(layout.languages), lambda place: _bit(people.spoken, place)),
            ("age", len(AGES_KEPT) + 1, lambda place: people.age >= (*AGES_KEPT, NEVER)[place]),
            ("without", len(layout.boundaries), lambda place: ~_bit(people.boundaries, place)),
            ("talents", len(layout.talents), lambda place: _bit(people.talents[:, 1, place // 64], place % 64)),
            ("flags", 3, lambda place: _bit(people.flags, place)),  # licence, own car, guided
            ("commitment", HEAVIEST + 1, lambda order: people.order >= order),
            ("not_excluded", len(layout.themes), lambda place: ~_bit(people.themes_excluded, place)),
        ):
            self.at[name] = len(self._asked)
            self._asked += [partial(ask, place) for place in range(count)]
        self._facts = np.zeros((len(self._asked), self.width), np.uint64)
        self._is_made = np.zeros(len(self._asked), bool)
        self._hours: dict[int, Column] = {}

    def row(self, number: int) -> Column:
        """One bitmap; made the first time somebody asks."""
        if not self._is_made[number]:
            self._facts[number] = self._packed(self._asked[number]())
            self._is_made[number] = True
        return self._facts[number]

    @property
    def is_complete(self) -> bool:
        return bool(self._is_made.all())

    @property
    def facts(self) -> Column:
        """All bitmaps; shape (rows, words)."""
        missing = np.flatnonzero(~self._is_made)
        _at_once(self.row, missing.tolist(), self.people.count)
        return self._facts

    def for_hours(self, hours: int) -> Column:
        """Who gives at least so many thousandths of an hour a week."""
        if hours not in self._hours:
            self._hours[hours] = self._packed(self.people.hours >= hours)
        return self._hours[hours]

    def _packed(self, is_so: Column) -> Column:
        row = np.zeros(self.width, np.uint64)
        packed = np.packbits(is_so, bitorder="little")
        row.view(np.uint8)[: len(packed)] = packed
        return row


class Asked:
    """Which rows each opportunity asks: all of `every`, and at least one of each list in `some`.

    `every` is (starts, rows); `some` holds (starts, rows) for day-parts, languages and talents; no row means no such
    demand, except that somebody who is never free is asked for nothing: `never` marks those.
    """

    def __init__(self, opportunities: Opportunities, at: Mapping[str, int], layout: Layout) -> None:
        one = opportunities
        slots = _expand(one.slots, len(SLOTS))
        takes_all = one.takes_all[:, None]
        age = np.searchsorted(np.array(AGES_KEPT), one.min_age)
        parts = {
            "slots": slots & takes_all,
            "dutch": _one_hot(one.dutch, len(LEVELS), least=1),
            "languages": np.zeros((one.count, len(layout.languages)), bool),
            "age": _one_hot(age, len(AGES_KEPT) + 1, least=0) & (one.min_age > 0)[:, None],
            "without": _expand(one.clashes, len(layout.boundaries)),
            "talents": np.zeros((one.count, len(layout.talents)), bool),
            "flags": np.stack(
                [(one.flags & bit) != 0 for bit in (packing.ASKS_LICENCE, packing.ASKS_OWN_CAR)]
                + [np.zeros(one.count, bool)],
                axis=1,
            ),
            "commitment": _one_hot(one.commitment, HEAVIEST + 1, least=1),
            "not_excluded": _expand(one.themes, len(layout.themes)),
        }
        factors = ("time", "dutch", "language", "age", "boundary", "talent", "", "commitment", "theme_excluded")
        self.factors = [
            factor for factor, part in zip(factors, parts.values(), strict=True) for _ in range(part.shape[1])
        ]
        self.factors[at["flags"] : at["flags"] + 2] = ["licence", "own_car"]
        self.every = _sparse(np.concatenate(list(parts.values()), axis=1), 0)
        self.some = (
            _sparse(slots & ~takes_all, at["slots"]),
            _sparse(_expand(one.languages_any_of, len(layout.languages)), at["languages"]),
            _sparse(expand_words(one.needed, len(layout.talents)), at["talents"]),
        )
        self.never = ~one.takes_all & (one.slots == 0)


def _gathered(records: Records, where: Column) -> dict[str, Column]:
    """The columns of some records, in that order. Whole records are moved part by part: every one is touched once."""
    kind = records.dtype
    column = {name: np.empty((len(where), *kind[name].shape), kind[name].base) for name in kind.names or ()}
    whole = records.view(np.dtype((np.void, kind.itemsize)))
    for begin in range(0, len(where), MOVED_AT_ONCE):
        part = whole[where[begin : begin + MOVED_AT_ONCE]].view(kind)
        for name, values in column.items():
            values[begin : begin + len(part)] = part[name]
    return column


def _at_once(work: Callable[[Any], Column], items: Sequence[Any], people: int) -> list[Column]:
    """The work on every item; with many people on two threads: it waits for memory and lets go of the GIL."""
    if people < WORTH_TWO_THREADS:
        return [work(one) for one in items]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, items))


def _order(place: Column, max_km: Column, lot: Column) -> Column:
    """By place, the widest reach first, then by lot. One sort of one number where that number tells all apart."""
    known, reaches = np.unique(place), np.unique(max_km)
    bits = max(1, len(known).bit_length()) + max(1, len(reaches).bit_length())
    key = np.searchsorted(known, place).astype(np.uint64) << np.uint64(max(1, len(reaches).bit_length()))
    key |= (len(reaches) - 1 - np.searchsorted(reaches, max_km)).astype(np.uint64)
    key = (key << np.uint64(64 - bits)) | (lot >> np.uint64(bits))
    order = np.argsort(key)
    key = key[order]
    if (key[1:] == key[:-1]).any():
        return np.lexsort((lot, -max_km, place))
    return order


def running(records: Records, today: date) -> Records:
    """Packed opportunities whose period is not over: the last day still counts."""
    until = records["period_until"]
    return records[(until == packing.NO_END) | (until >= today.toordinal())]


def distances(
    people: People, opportunities: Opportunities, rows: Column | slice = slice(None), places: slice = slice(None)
) -> Column:
    """Kilometres from (some) places of people to (some) opportunities, 0 at home; shape (opportunities, places)."""
    here = tuple(people.sphere[None, places, axis] for axis in range(3))
    there = tuple(opportunities.sphere[rows, None, axis] for axis in range(3))
    km: Column = arc_km(here, there, np.sqrt)
    km[opportunities.is_here[rows]] = 0.0
    return km


def _age_kept(age_from: Column, asked_on: Column, today: date) -> Column:
    """The highest of the kept ages reached by today, as `Volunteer.age_on` counts; 0 below the lowest."""
    told = (asked_on.astype(np.int64) - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    year = told.astype("datetime64[Y]").astype(np.int64) + 1970
    month = told.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (told - told.astype("datetime64[M]")).astype(np.int64) + 1
    had_anniversary = today.month * 100 + today.day >= month * 100 + day
    reached = age_from + np.maximum(0, today.year - year - ~had_anniversary)
    ages = np.array((0, *AGES_KEPT), np.uint8)
    return ages[np.searchsorted(ages[1:], reached, side="right")]


def _bit(column: Column, place: int) -> Column:
    found: Column = (column >> column.dtype.type(place)) & column.dtype.type(1) != 0
    return found


def _expand(column: Column, count: int) -> Column:
    return np.stack([_bit(column, place) for place in range(count)], axis=1).reshape(len(column), count)


def expand_words(columns: Column, count: int) -> Column:
    """Bits of several words as truths; shape (rows, count)."""
    return np.stack([_bit(columns[:, place // 64], place % 64) for place in range(count)], axis=1)


def _one_hot(column: Column, count: int, *, least: int) -> Column:
    return (column[:, None] == np.arange(count)) & (column >= least)[:, None]


def _sparse(table: Column, first: int) -> tuple[Column, Column]:
    """Where a table is true, as (starts, columns) with `first` added to every column."""
    which, found = np.nonzero(table)
    starts = np.searchsorted(which, np.arange(len(table) + 1)).astype(np.int64)
    return starts, (found + first).astype(np.int64)
