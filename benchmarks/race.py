"""The order of the race: fill, run interleaved rounds of fresh processes, and let the judge compare every list."""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

import numpy as np

from backend.opportunities import actions as opportunity_actions
from backend.talent import actions as talent
from benchmarks import contenders, data, invented, quality, reference
from benchmarks.contenders import MOST, MOST_PEOPLE
from matching import index
from matching.prepared import prepare

Lists = dict[str, list[tuple[str, int]]]


ROOT = Path(__file__).resolve().parent.parent


def contend(name: str, /, **arguments: Any) -> dict[str, Any]:
    """One contender in a process of its own. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", "benchmarks.contenders", name, json.dumps(arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def ratios(rounds: list[dict[str, float]], above: str, below: str) -> dict[str, float]:
    """The ratio of each round, then median, least and most: seconds of different moments are never compared."""
    found = [one[above] / one[below] for one in rounds]
    return {"median": statistics.median(found), "min": min(found), "max": max(found)}


class Race:
    """One run. `found` holds every raw figure; `differences` counts lists that are not what the judge says."""

    def __init__(self, *, quick: bool, seed: int) -> None:
        self.seed, self.quick = seed, quick
        self.chance = np.random.default_rng(seed)
        odd = int(self.chance.integers(1, 90))  # sizes nobody can have prepared for
        self.people, self.tasks = (8_000 + odd, 800 + odd) if quick else (100_000 + odd, 10_000 + odd)
        self.small_people, self.small_tasks = (1_500, 300) if quick else (10_000, 1_000)
        self.many = 100_000 if quick else 1_000_000
        self.rounds = 3 if quick else 5
        self.found: dict[str, Any] = {"differences": 0, "sizes": [self.people, self.tasks, self.many]}

    def say(self, text: str) -> None:
        print(f"- {text}", flush=True)

    def run(self) -> None:
        self.say(f"seed {self.seed}: filling {self.people:,} people and {self.tasks:,} opportunities")
        data.fill(self.chance, self.people, self.tasks)
        unlike = self.found["records_unlike_tables"] = self.unlike_tables()
        self.differ("records and tables", unlike, unlike)
        self.say("flat tables for the SQL peers")
        data.fill_flat_tables()
        with contenders.connection.cursor() as cursor:
            from benchmarks.peers import PEER_TABLES

            cursor.execute(PEER_TABLES)
        self.fill_other_cities()
        self.bulk()
        self.plain_against_compiled()
        self.ten_cities()
        self.one_new_opportunity()
        self.distribution()
        self.growth()
        self.judge()
        self.quality()
        self.one_changed_person()  # from here on what the others read is changed
        self.reads()

    def fill_other_cities(self) -> None:
        it = data.setting()
        self.say(f"{self.many:,} people as packed records, and ten cities far apart")
        tasks = list(invented.opportunities(self.chance, 60, data.samples(), it.catalogue, it.city))
        million = invented.people(self.chance, self.many, it.layout, it.catalogue, it.city)
        data.fill_records_only(self.chance, data.MILLION, million, tasks)
        self.each_people, self.each_tasks = self.people // 10, self.tasks // 10
        for number in range(10):
            shift = 80.0 * (number + 1)  # all ten are moved: nothing in a moved city is done from home
            people = invented.people(self.chance, self.each_people, it.layout, it.catalogue, it.city, shift)
            tasks = list(
                invented.opportunities(self.chance, self.each_tasks, data.samples(), it.catalogue, it.city, shift)
            )
            if number == 0:
                data.fill_records_only(self.chance, data.ONE_OF_TEN, people, tasks)
                people = invented.people(self.chance, self.each_people, it.layout, it.catalogue, it.city, shift)
            data.fill_records_only(self.chance, data.TEN, people, tasks)
        with contenders.connection.cursor() as cursor:
            cursor.execute("vacuum analyze talent_matchprofile")

    def unlike_tables(self) -> int:
        """How many packed records, of people and of opportunities, are not what the tables say."""
        return len(talent.unlike_their_record(data.CITY)) + len(opportunity_actions.unlike_their_record(data.CITY))

    # --- rounds ------------------------------------------------------------------------------------------------

    def bulk(self) -> None:
        """Everybody against everything, both sides, beside SQL and plain matrix multiplication."""
        self.rounds_of_bulk: list[dict[str, Any]] = []
        blocks = (20, 4) if self.quick else (40, 6)
        for number in range(self.rounds):
            self.say(f"round {number + 1} of {self.rounds}: the whole city")
            ours = contend(
                "bulk", city=data.CITY, people=self.people, opportunities=self.tasks, is_plain=False, threads=2
            )
            other = contend("matrix", people=self.people, opportunities=self.tasks)
            same = contend(
                "sql_same", people=blocks[0], opportunities=blocks[1], all_people=self.people,
                all_opportunities=self.tasks, seed=self.seed + number,
            )  # fmt: skip
            peers = {
                name: contend("sql_peer", name=name, people=blocks[1], all_people=self.people, seed=self.seed + number)
                for name in ("api-engagement", "bluebottle")
            }
            self.sql_lists = same.pop("lists")
            self.rounds_of_bulk.append(
                {
                    "ours_s": ours["seconds"], "ours_match_s": ours["match_s"], "ours": ours,
                    "matrix_s": other["seconds"], "same_score_sql_s": same["seconds"],
                    **{f"{name}_s": one["seconds"] for name, one in peers.items()},
                }
            )  # fmt: skip
        self.found["bulk"] = self.rounds_of_bulk
        self.found["ratios"] = {
            "same_score_sql": ratios(self.rounds_of_bulk, "same_score_sql_s", "ours_s"),
            "api_engagement": ratios(self.rounds_of_bulk, "api-engagement_s", "ours_s"),
            "bluebottle": ratios(self.rounds_of_bulk, "bluebottle_s", "ours_s"),
            "matrix": ratios(self.rounds_of_bulk, "ours_match_s", "matrix_s"),
        }

    def plain_against_compiled(self) -> None:
        tasks = min(self.tasks, 2_000)
        found = []
        for number in range(3):
            self.say(f"round {number + 1} of 3: numpy alone against the compiled loops")
            pair = [
                contend("bulk", city=data.CITY, people=self.people, opportunities=tasks, is_plain=way, threads=2)
                for way in (True, False)
            ]
            found.append({"plain_s": pair[0]["match_s"], "compiled_s": pair[1]["match_s"]})
            self.differ("numpy alone", pair[0]["hash"] != pair[1]["hash"])
        self.found["plain"], self.found["ratios"]["plain"] = found, ratios(found, "plain_s", "compiled_s")

    def ten_cities(self) -> None:
        found = []
        for number in range(self.rounds):
            self.say(f"round {number + 1} of {self.rounds}: ten cities against one")
            one, ten = (
                contend("bulk", city=city, people=10 * self.each_people, opportunities=10 * self.each_tasks,
                        is_plain=False, threads=2)
                for city in (data.ONE_OF_TEN, data.TEN)
            )  # fmt: skip
            found.append({"one_s": one["match_s"], "ten_s": ten["match_s"]})
        self.found["cities"], self.found["ratios"]["ten_cities"] = found, ratios(found, "ten_s", "one_s")

    def one_new_opportunity(self) -> None:
        self.found["resident"] = [contend("resident", city=data.MILLION) for _ in range(2 if self.quick else 3)]
        for one in self.found["resident"]:
            one["p95_in_reads"], one["cold_in_reads"] = one["p95_s"] / one["stream_s"], one["cold_s"] / one["read_s"]
        self.found["memory"] = {
            "city": contend("matcher_memory", city=data.CITY)["peak_mb"],
            "million": contend("matcher_memory", city=data.MILLION)["peak_mb"],
        }
        for name in ("p95_in_reads", "cold_in_reads"):
            values = [one[name] for one in self.found["resident"]]
            self.found["ratios"][name] = {"median": statistics.median(values), "min": min(values), "max": max(values)}

    def one_changed_person(self) -> None:
        self.say("changed people, until their proposals are stored")
        found = [contend("changed_person", count=60, seed=self.seed + number) for number in range(3)]
        for one in found:
            one["in_bare_reads"] = one["p95_s"] / one["bare_p50_s"]
        values = [one["in_bare_reads"] for one in found]
        self.found["changed"] = found
        self.found["ratios"]["changed"] = {"median": statistics.median(values), "min": min(values), "max": max(values)}

    def reads(self) -> None:
        self.say("every read of the API, beside its own statements alone")
        found = self.found["reads"] = contend("reads", count=20 if self.quick else 150)
        found.pop("peak_mb", None)
        values = [one["p95_s"] / one["bare_p50_s"] for one in found.values()]
        self.found["ratios"]["reads"] = {"median": statistics.median(values), "min": min(values), "max": max(values)}

    def pages(self) -> None:
        """Only the list pages, on a city of full size."""
        self.say(f"seed {self.seed}: filling {self.people:,} people and {self.tasks:,} opportunities")
        data.fill(self.chance, self.people, self.tasks)
        self.say("every list page, beside its own statements alone")
        self.found["pages"] = contend("pages", count=20 if self.quick else 100)
        self.found["pages"].pop("peak_mb", None)

    def distribution(self) -> None:
        self.say("the distribution round against the exact solver")
        rounds = [
            contend("distribution", people=people, opportunities=tasks, seed=self.seed + number, exact=True)
            for number, (people, tasks) in enumerate(
                [(self.small_people, self.small_tasks)] * 3 + [(self.people, self.tasks)]
            )
        ]
        self.found["distribution"] = rounds
        self.found["ratios"]["distribution_time"] = ratios(rounds, "seconds", "exact_s")
        for one in rounds:
            self.differ("the bound", abs(one["bound"] - one["bound_by_other_code"]) > 1e-6 * one["bound"])
            self.differ("the optimum", not one["value"] - 1e-6 <= one["best"] <= one["bound"] + 1e-6)

    def quality(self) -> None:
        """What others would have proposed to some people of this city, judged by facts and not by any score."""
        self.say("what other ways of ranking would have proposed")
        from backend.opportunities.models import Opportunity
        from backend.talent.models import Volunteer

        policy = data.setting().policy
        drawn = Volunteer.objects.order_by("pk").values_list("pk", flat=True)[:400]
        tasks = Opportunity.objects.order_by("pk").values_list("pk", flat=True)[:300]
        profiles, opportunities = reference.facts(drawn, tasks)
        asked = [prepare(one, data.setting().catalogue, policy) for one in opportunities]
        self.found["quality"] = quality.race(profiles, asked, policy)

    def growth(self) -> None:
        self.say("how it grows")
        sizes = [(people, self.tasks) for people in (1_000, 3_000, 10_000, 30_000) if people < self.people]
        sizes += [(self.people, tasks) for tasks in (100, 300, 1_000, 3_000, self.tasks) if tasks <= self.tasks]
        self.found["growth"] = []
        for people, tasks in sizes:
            pair = {
                "people": people, "tasks": tasks,
                "ours_s": contend("bulk", city=data.CITY, people=people, opportunities=tasks, is_plain=False,
                                  threads=2)["match_s"],
                "matrix_s": contend("matrix", people=people, opportunities=tasks)["seconds"],
            }  # fmt: skip
            self.found["growth"].append(pair)

    # --- the judge ---------------------------------------------------------------------------------------------

    def differ(self, what: str, is_different: Any, count: int = 1) -> None:
        if is_different:
            print(f"  DIFFERENT: {what} ({count})", flush=True)
            self.found["differences"] += count

    def judge(self) -> None:
        """After the clock has stopped: every list of a small city, drawn lists of the large one, planted faults."""
        self.say(f"the judge ranks {self.small_people:,} x {self.small_tasks:,} pairs one by one")
        it = data.setting()
        volunteers, tasks = contenders.records_of(data.CITY, self.small_people, self.small_tasks)
        small = contenders.index_of(volunteers, tasks)
        ids = [id_of(one) for one in small.people.who]
        keys = [id_of(one) for one in small.opportunities.who]
        profiles, opportunities = reference.facts(ids, keys)
        by_person, by_opportunity = reference.lists(profiles, opportunities, it.policy, MOST, MOST_PEOPLE)
        hashes = set()
        for way in ({"is_plain": True}, {"is_plain": False, "threads": 1}, {"is_plain": False, "threads": 2}):
            lists = small.lists(MOST, MOST_PEOPLE, contenders.free_for_all(small), **way)
            hashes.add(contenders.fingerprint(*lists))
            self.compare(f"all rows, {way}", small, lists, by_person, by_opportunity)
        shuffled = contend(
            "bulk", city=data.CITY, people=self.people, opportunities=self.tasks, is_plain=False, threads=1,
            shuffle=self.seed + 1,
        )  # fmt: skip
        timed = {one["ours"]["hash"] for one in self.rounds_of_bulk}
        self.differ("one thread, shuffled input", {shuffled["hash"]} != timed)
        self.differ("numpy, one thread, two threads", len(hashes) != 1)
        self.found["judged"] = {
            "lists": len(by_person) + len(by_opportunity),
            "eligible_share": self.eligible_share(small),
        }  # fmt: skip
        self.judge_drawn()
        self.plant_a_fault(small, by_person)

    def compare(self, what: str, both: index.Index, lists: Any, by_person: Lists, by_opportunity: Lists) -> None:
        people = [str(id_of(one)) for one in both.people.who]
        keys = [one.decode() for one in both.opportunities.records["key"]]
        wrong = sum(told(lists[0], row, keys) != by_person[name] for row, name in enumerate(people))
        wrong += sum(told(lists[1], row, people) != by_opportunity[key] for row, key in enumerate(keys))
        self.differ(what, wrong > 0, wrong)

    def eligible_share(self, both: index.Index) -> float:
        total = sum(len(both.eligible_people(row)) for row in range(both.opportunities.count))
        return total / (both.people.count * both.opportunities.count)

    def judge_drawn(self) -> None:
        """Lists of the large city, drawn only now, pair by pair and once more as SQL."""
        self.say("the judge draws lists of the large city")
        it = data.setting()
        both = contenders.index_of(*contenders.records_of(data.CITY))
        lists = both.lists(MOST, MOST_PEOPLE, contenders.free_for_all(both), is_plain=False, threads=2)
        self.differ(
            "the timed lists", {contenders.fingerprint(*lists)} != {r["ours"]["hash"] for r in self.rounds_of_bulk}
        )
        drawn = np.random.default_rng().choice(both.people.count, 40 if self.quick else 80, replace=False)
        people = [id_of(both.people.who[row]) for row in drawn]
        profiles, opportunities = reference.facts(people, None)
        by_person, _ = reference.lists(profiles, opportunities, it.policy, MOST, 0)
        keys = [one.decode() for one in both.opportunities.records["key"]]
        wrong = sum(told(lists[0], row, keys) != by_person[str(who)] for row, who in zip(drawn, people, strict=True))
        self.differ("drawn lists", wrong > 0, wrong)
        wrong = 0
        for name, which in (("people", lists[0]), ("opportunities", lists[1])):
            for row, others, points in self.sql_lists[name]:
                mine = [int(one) for one in which.rows[row] if one >= 0]
                wrong += (mine, [int(one) for one in which.points[row][: len(mine)]]) != (
                    others,
                    [int(p) for p in points],
                )
        self.differ("lists of the same score in SQL", wrong > 0, wrong)
        self.found["judged"]["drawn"] = len(drawn)
        self.found["judged"]["as_sql"] = sum(len(rows) for rows in self.sql_lists.values())
        self.sums_of_parts(profiles, opportunities, by_person)

    def sums_of_parts(self, profiles: list[Any], opportunities: list[Any], by_person: Lists) -> None:
        """The parts that are shown add up to the points that were ranked with."""
        from matching import geo
        from matching.prepared import prepare
        from matching.scoring import score

        it, people = data.setting(), {one.id: one for one in profiles}
        asked = {one.id: one for one in opportunities}
        pairs = [(name, key, points) for name, found in by_person.items() for key, points in found]
        wrong = 0
        for name, key, points in pairs:
            ready = prepare(asked[key], it.catalogue, it.policy)
            fit = score(people[name], ready, geo.distance_km(people[name], ready.opportunity), it.catalogue, it.policy)
            wrong += sum(part.points for part in fit.parts) != points
        self.differ("sums of parts", wrong > 0, wrong)
        self.found["judged"]["sums"] = len(pairs)

    def plant_a_fault(self, both: index.Index, by_person: Lists) -> None:
        """One broken rule at a time in a copy of the index: the judge must see every one, or it sees nothing."""
        volunteers, tasks = contenders.records_of(data.CITY, self.small_people, self.small_tasks)
        keys = [one.decode() for one in both.opportunities.records["key"]]
        unseen = []
        for name, change in FAULTS.items():
            broken = contenders.index_of(volunteers, tasks)
            change(broken)
            lists, _ = broken.lists(MOST, 0, contenders.free_for_all(broken), is_plain=True)
            people = [str(id_of(one)) for one in broken.people.who]
            if all(told(lists, row, keys) == by_person[who] for row, who in enumerate(people)):
                unseen.append(name)
        self.differ(f"planted faults that nobody saw: {unseen}", bool(unseen), len(unseen))
        self.found["judged"]["faults_seen"] = len(FAULTS) - len(unseen)


def _no_hours(both: index.Index) -> None:
    both.opportunities.hours[:] = 0


def _no_boundary(both: index.Index) -> None:
    both.people.rows.facts[both.people.rows.at["without"] + np.arange(len(both.people.layout.boundaries))] = ~np.uint64(
        0
    )


def _a_meter_off(both: index.Index) -> None:
    both.near_points[:, 0] -= 1


def _ease_forgotten(both: index.Index) -> None:
    both.opportunities.ease_far[:] = 0


FAULTS = {"hours": _no_hours, "boundaries": _no_boundary, "a metre": _a_meter_off, "ease": _ease_forgotten}


def told(lists: Any, row: int, names: list[str]) -> list[tuple[str, int]]:
    return [
        (names[other], int(points))
        for other, points in zip(lists.rows[row], lists.points[row], strict=True)
        if other >= 0
    ]


def id_of(raw: Any) -> Any:
    from uuid import UUID

    return UUID(bytes=bytes(raw))
