"""An invented city of any size, from a seed: packed people at once, opportunities one by one, and their plain rows.

The mix is invented but keeps the proportions of the invented Antwerp of the demonstration: about one pair in ten is
eligible. Ratios move with that share, so every report prints it.
"""

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from matching import packing
from matching.catalogue import Catalogue
from matching.city import City
from matching.packing import Layout, Records
from matching.types import AGES_KEPT, LEVELS, SLOTS, Opportunity, Point

TODAY = date(2027, 3, 1)
DUTCH_SHARES = (0.03, 0.08, 0.12, 0.17, 0.15, 0.15, 0.30)
KM = (1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20)
HOURS = (2, 3, 4, 5, 6, 8, 10, 16)


def people(
    rng: np.random.Generator, count: int, layout: Layout, catalogue: Catalogue, city: City, shift_km: float = 0
) -> Records:
    """`count` packed people; `shift_km` moves the whole city to the south, out of reach of the others."""
    records = np.zeros(count, layout.profile)
    records["who"] = np.frombuffer(rng.bytes(16 * count), "V16")
    records["lot"] = rng.integers(0, 2**63, count, dtype=np.uint64)
    names = list(city.neighbourhoods)
    weights = 1 / (3 + rng.permutation(len(names)))
    home = rng.choice(len(names), count, p=weights / weights.sum())
    points = [moved(city.neighbourhoods[name], shift_km) for name in names]
    records["lat"], records["lon"] = (np.array([[p.lat, p.lon] for p in points])[home, axis] for axis in (0, 1))
    records["neighbourhood"] = np.array([packing.number_of(name) for name in names], np.uint64)[home]
    places = [packing.number_of(repr((p.lat, p.lon, name))) for p, name in zip(points, names, strict=True)]
    records["place"] = np.array(places, np.uint64)[home]
    records["max_km"] = rng.choice(KM, count)
    records["dutch"] = rng.choice(len(LEVELS), count, p=DUTCH_SHARES)
    other = _some(rng, count, len(catalogue.languages) - 1, 0, 3) << np.uint64(1)
    dutch = (records["dutch"] >= 3).astype(np.uint64) << np.uint64(layout.languages["nl"])
    records["spoken"] = (other & ~np.uint64(1 << layout.languages["nl"])) | dutch
    records["slots"] = _some(rng, count, len(SLOTS), 1, 11)
    records["themes"] = _some(rng, count, len(layout.themes), 1, 5)
    records["themes_excluded"] = _some(rng, count, len(layout.themes), 0, 1) & ~records["themes"]
    records["boundaries"] = _some(rng, count, len(layout.boundaries), 0, 2)
    records["wishes"] = _some(rng, count, len(layout.wishes), 0, 4)
    records["hours"] = 1000 * rng.choice(HOURS, count)
    records["commitment"] = rng.choice(4, count, p=(0.15, 0.2, 0.35, 0.3))
    records["age_from"] = rng.choice(AGES_KEPT, count, p=(0.02, 0.04, 0.06, 0.88))
    records["age_asked_on"] = TODAY.toordinal()
    licence = rng.random(count) < 0.55
    records["flags"] = (
        packing.ACTIVE
        + packing.LICENCE * licence
        + packing.OWN_CAR * (licence & (rng.random(count) < 0.6))
        + packing.GUIDED * (rng.random(count) < 0.12)
    )
    _give_talents(rng, records, len(layout.talents))
    return records


def moved(point: Point, shift_km: float) -> Point:
    return Point(point.lat - shift_km / 111.2, point.lon)


def _some(rng: np.random.Generator, count: int, codes: int, least: int, most: int) -> Any:
    """Between `least` and about `most` of the first `codes` bits, popular ones more often."""
    weights = np.cumsum(1 / (4 + np.arange(codes)))
    wanted = rng.integers(least, most + 1, count)
    bits = np.zeros(count, np.uint64)
    for turn in range(most):
        place = np.searchsorted(weights, rng.random(count) * weights[-1]).astype(np.uint64)
        bits |= np.where(turn < wanted, np.uint64(1) << place, np.uint64(0))
    return bits


def _give_talents(rng: np.random.Generator, records: Records, codes: int) -> None:
    count, weights = len(records), np.cumsum(1 / (10 + np.arange(codes)))
    order = rng.permutation(codes)
    wanted = rng.integers(2, 10, count)
    held = np.zeros((count, codes), np.uint8) if count <= 200_000 else None
    if held is None:  # in parts, so that a million people stay small
        for begin in range(0, count, 200_000):
            _give_talents(rng, records[begin : begin + 200_000], codes)
        return
    for turn in range(9):
        place = order[np.searchsorted(weights, rng.random(count) * weights[-1])]
        level = np.where(turn < wanted, rng.choice(3, count, p=(0.25, 0.45, 0.3)) + 1, 0).astype(np.uint8)
        who = np.arange(count)
        held[who, place] = np.maximum(held[who, place], level)
    for least in (1, 2, 3):
        packed = np.packbits(held >= least, axis=1, bitorder="little")
        wide = np.zeros((count, records.dtype["talents"].shape[1] * 8), np.uint8)
        wide[:, : packed.shape[1]] = packed
        records["talents"][:, least - 1] = wide.view("<u8")


def opportunities(
    rng: np.random.Generator,
    count: int,
    samples: list[Opportunity],
    catalogue: Catalogue,
    city: City,
    shift_km: float = 0,
    organisations: int = 0,
) -> Iterator[Opportunity]:
    """`count` opportunities, each mixed from the samples: what it asks of one, its hours of another, and so on.

    `organisations`: so many have at least one each; 0: a fifth of `count` to draw from, some of which get none.
    """
    names = list(city.neighbourhoods)
    talents = rng.permutation(list(catalogue.talents))
    weights = 1 / (10 + np.arange(len(talents)))
    drawn_from = organisations or max(1, count // 5)
    for number in range(count):
        what, when, where, how = (samples[one] for one in rng.integers(0, len(samples), 4))
        name = names[rng.integers(len(names))]
        point = moved(city.neighbourhoods[name], shift_km)
        drawn = int(drawn_from * rng.random() ** 2)
        asked = [str(one) for one in rng.choice(talents, rng.integers(1, 6), replace=False, p=weights / weights.sum())]
        needed = frozenset(asked[: len(what.talents_any_of) and 2])
        slots = rng.choice(SLOTS, len(when.slots), replace=False)
        yield dataclasses.replace(
            how,
            id=f"T{shift_km:.0f}-{number:06d}",
            organisation=f"O{shift_km:.0f}-{number if number < organisations else drawn}",
            themes=frozenset(str(one) for one in rng.choice(list(catalogue.themes), rng.integers(1, 4), replace=False)),
            talents_any_of=needed,
            talents_welcome=frozenset(asked) - needed,
            dutch_min=what.dutch_min,
            languages_any_of=what.languages_any_of,
            languages_welcome=what.languages_welcome,
            slots=tuple(slot for slot in SLOTS if slot in slots),
            choose=when.choose,
            frequency=when.frequency,
            commitment=when.commitment,
            hours_per_time=when.hours_per_time,
            period_until=TODAY.replace(month=12) if when.commitment == "once" else None,
            neighbourhood=name,
            point=Point(round(point.lat + rng.normal(0, 0.006), 6), round(point.lon + rng.normal(0, 0.009), 6)),
            at_home=where.at_home and shift_km == 0,
            own_neighbourhood=where.own_neighbourhood and shift_km == 0,
            min_age=int(rng.choice((15, 16, 16, 18))),
            places=int(rng.integers(1, 8)),
            reserved_places=0,
        )
