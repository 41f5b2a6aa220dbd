"""Random cities that use every rule: people and opportunities, and the packed index over them."""

import random
from datetime import date
from decimal import Decimal
from hashlib import blake2b

import numpy as np

from matching import columns, index, packing
from matching.citysample import COMMITMENTS
from matching.types import LEVELS, SLOTS, Opportunity, Point, TalentProfile

TODAY = date(2027, 3, 1)
WIJKEN = "abcdefgh"
SPOKEN = ["ar", "fr", "tr", "so"]


def some(chance, codes, least, most):
    codes = sorted(codes)
    return frozenset(chance.sample(codes, min(len(codes), chance.randint(least, most))))


def person(chance, number, catalogue):
    liked, has_licence, wijk = some(chance, catalogue.themes, 0, 5), chance.random() < 0.6, chance.choice(WIJKEN)
    return TalentProfile(
        id=f"P{number}",
        age=chance.choice([0, 15, 16, 18, 21, 21, 21]),
        neighbourhood=wijk,
        point=Point(51.2 + WIJKEN.index(wijk) / 100, 4.4 + WIJKEN.index(wijk) % 5 / 90),
        languages={code: chance.choice(LEVELS) for code in chance.sample(["nl", *SPOKEN], 3)},
        talents={code: chance.randint(1, 3) for code in chance.sample(list(catalogue.talents), chance.randint(0, 9))},
        talents_point_only=frozenset(),
        themes=liked,
        themes_excluded=some(chance, catalogue.themes, 0, 2) - liked,
        available=some(chance, SLOTS, 0, 15),
        max_hours_per_week=Decimal(chance.randint(1, 40)) / 2,
        max_km=chance.choice([1.0, 2.0, 4.0, 8.0, 20.0]),
        max_commitment=chance.choice(COMMITMENTS),
        boundaries=some(chance, catalogue.boundaries, 0, 2),
        wishes=some(chance, catalogue.wishes, 0, 4),
        driving_licence_b=has_licence,
        own_car=has_licence and chance.random() < 0.6,
    )


def opportunity(chance, number, catalogue):
    needed = some(chance, catalogue.talents, 1, 3) if chance.random() < 0.3 else frozenset()
    commitment, home = chance.choice(COMMITMENTS), chance.random()
    return Opportunity(
        id=f"T{number}",
        organisation=f"O{chance.randint(0, 9)}",
        themes=some(chance, catalogue.themes, 1, 3),
        talents_any_of=needed,
        talents_welcome=some(chance, catalogue.talents, 0, 5) - needed,
        dutch_min=chance.choice(LEVELS[:5]),
        languages_any_of=some(chance, SPOKEN, 1, 2) if chance.random() < 0.1 else frozenset(),
        languages_welcome=some(chance, SPOKEN, 0, 3),
        slots=tuple(some(chance, SLOTS, 0 if chance.random() < 0.05 else 1, 4)),
        choose=chance.choice(["all", "one_or_more", "one_or_more"]),
        frequency="once" if commitment == "once" else chance.choice(["weekly", "monthly", "flexible"]),
        commitment=commitment,
        hours_per_time=Decimal(chance.randint(1, 8)) / 2,
        period_until=None,
        neighbourhood=chance.choice(WIJKEN),
        postcode="2000",
        point=Point(51.2 + chance.random() / 10, 4.4 + chance.random() / 15),
        at_home=home < 0.05,
        own_neighbourhood=0.05 < home < 0.1,
        features=some(chance, catalogue.features, 0, 3),
        wheelchair=chance.choice(["yes", "partly", "no"]),
        min_age=chance.choice([15, 16, 16, 17, 18, 22]),
        extract_596_2=chance.random() < 0.2,
        driving_licence_b=chance.random() < 0.1,
        costs=chance.choice(["none", "none", "advance", "own"]),
        expenses=frozenset(),
        support=some(chance, catalogue.support, 1, 5),
        company=chance.choice(["group", "pair", "alone"]),
        places=4,
        reserved_places=2,
    )


def city(seed, people, opportunities, catalogue):
    chance = random.Random(seed)
    return (
        [person(chance, number, catalogue) for number in range(people)],
        [opportunity(chance, number, catalogue) for number in range(opportunities)],
    )


def who(key):
    return blake2b(key.encode(), digest_size=16).digest()


class Packed:
    """An index with the ids of its rows, and lists told in ids."""

    def __init__(self, profiles, opportunities, catalogue, policy, guided=frozenset()):
        layout = packing.layout_of(catalogue, policy)
        people = [
            packing.pack_profile(one, packing.Standing(who(one.id), one.age, TODAY, is_guided=one.id in guided), layout)
            for one in profiles
        ]
        tasks = [packing.pack_opportunity(one, who(one.id), layout, catalogue, policy) for one in opportunities]
        self.people = columns.People(np.frombuffer(b"".join(people), layout.profile), layout, policy, today=TODAY)
        self.opportunities = columns.Opportunities(
            np.frombuffer(b"".join(tasks), layout.opportunity), layout, catalogue, policy
        )
        self.index = index.Index(self.people, self.opportunities, policy)
        names = {who(one.id): one.id for one in [*profiles, *opportunities]}
        self.ids = [names[bytes(one)] for one in self.people.who]
        self.keys = [names[one] for one in self.opportunities.who]

    def circumstances(self, free=index.EVERYBODY, settled=(), spread=None):
        rows = [(self.ids.index(person), self.keys.index(task)) for person, task in settled]
        return index.Circumstances(
            np.full(self.opportunities.count, free), np.array(rows, np.int64).reshape(-1, 2), spread
        )

    def told(self, lists):
        """Per person: [(opportunity id, points)], best first."""
        return {
            person: [
                (self.keys[row], int(points))
                for row, points in zip(lists.rows[place], lists.points[place], strict=True)
                if row >= 0
            ]
            for place, person in enumerate(self.ids)
        }

    def told_people(self, lists):
        return {
            key: [
                (self.ids[row], int(points))
                for row, points in zip(lists.rows[place], lists.points[place], strict=True)
                if row >= 0
            ]
            for place, key in enumerate(self.keys)
        }
