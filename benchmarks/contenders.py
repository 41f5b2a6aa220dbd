"""Every contender of the race: a fresh process that reads the database, does one job and prints what it took.

`python -m benchmarks.contenders NAME '{"…": …}'` prints one line of JSON. Nothing is handed over but the database.
"""

import hashlib
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django

django.setup()

import numpy as np
import psycopg
from django.conf import settings
from django.db import connection, transaction

from backend.common import packed
from backend.opportunities.models import MatchProfile as OpportunityRecord
from backend.talent.models import MatchProfile as VolunteerRecord
from benchmarks import data, invented, peers
from benchmarks.reads import pages, reads
from matching import assignment, columns, index
from matching.assignment import Candidates, Places, Terms, Wanted
from matching.packing import GUIDED

MOST, MOST_PEOPLE = 20, 50
Answer = dict[str, Any]


def peak_mb() -> float:
    """The most memory this process ever had. `ru_maxrss` would tell that of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def records_of(city: str, people: int | None = None, opportunities: int | None = None) -> tuple[Any, Any]:
    it = data.setting()
    volunteers = np.frombuffer(packed.everything(VolunteerRecord, city), it.layout.profile)
    tasks = np.frombuffer(packed.everything(OpportunityRecord, city), it.layout.opportunity)
    return volunteers[:people], tasks[:opportunities]


def index_of(volunteers: Any, tasks: Any) -> index.Index:
    it = data.setting()
    people = columns.People(volunteers, it.layout, it.policy, today=invented.TODAY)
    opportunities = columns.Opportunities(tasks, it.layout, it.catalogue, it.policy)
    both = index.Index(people, opportunities, it.policy)
    _ = both.asked, both.cuts
    return both


def free_for_all(it: index.Index) -> index.Circumstances:
    return index.Circumstances(np.full(it.opportunities.count, index.EVERYBODY))


def compile_loops(volunteers: Any, tasks: Any) -> None:
    """Compiled code comes from the cache in production too; the first start is reported apart."""
    small = index_of(volunteers[:64], tasks[:16])
    small.lists(2, 2, free_for_all(small), is_plain=False, threads=2)


def fingerprint(*lists: index.Lists) -> str:
    """Equal only when every row and every point is."""
    parts = b"".join(one.tobytes() for pair in lists for one in (pair.rows, pair.points))
    return hashlib.sha256(parts).hexdigest()[:16]


def bulk(city: str, people: int, opportunities: int, *, is_plain: bool, threads: int, shuffle: int = 0) -> Answer:
    """Load, index and rank both sides of a city."""
    load_s, (volunteers, tasks) = clock(lambda: records_of(city, people, opportunities))
    if shuffle:
        chance = np.random.default_rng(shuffle)
        volunteers, tasks = volunteers[chance.permutation(len(volunteers))], tasks[chance.permutation(len(tasks))]
    first_s = 0.0
    if not is_plain:
        first_s, _ = clock(lambda: compile_loops(volunteers, tasks))
    index_s, both = clock(lambda: index_of(volunteers, tasks))
    cpu = time.process_time()
    match_s, lists = clock(
        lambda: both.lists(MOST, MOST_PEOPLE, free_for_all(both), is_plain=is_plain, threads=threads)
    )
    return {
        "seconds": load_s + index_s + match_s, "load_s": load_s, "index_s": index_s, "match_s": match_s,
        "first_call_s": first_s, "match_cpu_s": time.process_time() - cpu, "hash": fingerprint(*lists),
        "rows": [len(volunteers), len(tasks)],
        "checksum": hashlib.sha256(np.sort(volunteers["lot"]).tobytes()).hexdigest()[:12],
    }  # fmt: skip


def matrix(people: int, opportunities: int, width: int = 64) -> Answer:
    """Plain matrix multiplication over the same number of pairs: what any vector similarity costs at best."""
    chance = np.random.default_rng(1)
    left = chance.random((people, width), np.float32)
    right = chance.random((width, opportunities), np.float32)
    out = np.empty((8192, opportunities), np.float32)

    def work() -> None:
        for begin in range(0, people, len(out)):
            part = left[begin : begin + len(out)]
            np.matmul(part, right, out=out[: len(part)])

    work_s, _ = clock(work)
    work_s, _ = clock(work)
    return {"seconds": work_s}


def _database() -> psycopg.Connection[Any]:
    made = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    made.execute(peers.SETTINGS)
    return made


def sql_same(people: int, opportunities: int, all_people: int, all_opportunities: int, seed: int) -> Answer:
    """The same score in SQL over two connections: some people and some opportunities, scaled to all."""
    policy, chance = data.setting().policy, np.random.default_rng(seed)
    first_v = int(chance.integers(0, all_people - 2 * people))
    first_o = int(chance.integers(0, all_opportunities - 2 * opportunities))
    found: dict[str, list[Any]] = {"people": [], "opportunities": []}

    def ask(name: str, of_people: Any, first: int, count: int, most: int) -> None:
        with _database() as made:
            statement = peers.same_score(policy, of_people=of_people, first=first, until=first + count, most=most)
            found[name] += made.execute(statement).fetchall()

    def side(name: str, of_people: Any, first: int, count: int, most: int) -> float:
        both = [
            threading.Thread(target=ask, args=(name, of_people, begin, count, most)) for begin in (first, first + count)
        ]
        began = time.perf_counter()
        for one in both:
            one.start()
        for one in both:
            one.join()
        return time.perf_counter() - began

    people_s = side("people", True, first_v, people, MOST)
    opportunities_s = side("opportunities", False, first_o, opportunities, MOST_PEOPLE)
    scaled = people_s * all_people / (2 * people) + opportunities_s * all_opportunities / (2 * opportunities)
    return {
        "seconds": scaled, "people_s": people_s, "opportunities_s": opportunities_s,
        "lists": {name: sorted(rows) for name, rows in found.items()},
    }  # fmt: skip


def _persons(count: int, seed: int) -> list[dict[str, Any]]:
    with _database() as made:
        rows = made.execute(
            "select v, themes, commitment, wishes, max_km, place from race_v order by md5(v::text || %s) limit %s",
            [str(seed), count],
        ).fetchall()
        held = {v: made.execute("select talent from race_vt where v = %s", [v]).fetchall() for v, *_ in rows}
    found = []
    for v, themes, commitment, wishes, max_km, _place in rows:
        answers = [("domain", bit) for bit in range(32) if themes >> bit & 1]
        answers += [("activity", talent) for (talent,) in held[v]]
        answers += [("rhythm", commitment), *(("motivation", bit) for bit in range(32) if wishes >> bit & 1)]
        found.append({"answers": answers, "themes": themes, "max_km": max_km, "lat": 51.22, "lon": 4.41})
    return found


def sql_peer(name: str, people: int, all_people: int, seed: int) -> Answer:
    """A peer's shape, one statement a person over two connections, scaled to everybody."""
    persons = _persons(2 * people, seed)
    shape = {"api-engagement": peers.shaped_like_api_engagement, "bluebottle": peers.shaped_like_bluebottle}[name]

    def ask(some: list[dict[str, Any]]) -> None:
        with _database() as made:
            for one in some:
                made.execute(shape(one)).fetchall()

    both = [threading.Thread(target=ask, args=(persons[part::2],)) for part in (0, 1)]
    began = time.perf_counter()
    for one in both:
        one.start()
    for one in both:
        one.join()
    return {"seconds": (time.perf_counter() - began) * all_people / (2 * people)}


def resident_memory(city: str) -> Answer:
    """A matcher's whole life: from nothing to the first answer, then new opportunities against everybody."""
    it = data.setting()
    read_s, _ = clock(lambda: _read_bare(city))
    tasks = np.frombuffer(packed.everything(OpportunityRecord, city), it.layout.opportunity)
    began = time.perf_counter()
    volunteers, people = _people_of(city)
    _one_new(people, tasks[0].tobytes())
    cold_s = time.perf_counter() - began
    words = volunteers.view(np.uint8)[: len(volunteers) * volunteers.itemsize // 8 * 8].view("<u8")
    streams = [clock(words.sum)[0] for _ in range(7)]
    del volunteers, words
    all_rows_s, _ = clock(lambda: people.rows.facts)
    new = [tasks[place % len(tasks)].tobytes() for place in range(200)]
    times = [clock(partial(_one_new, people, record))[0] for record in new]
    return {
        "cold_s": cold_s, "read_s": read_s, "stream_s": statistics.median(streams), "all_rows_s": all_rows_s,
        "p50_s": float(np.percentile(times, 50)), "p95_s": float(np.percentile(times, 95)), "people": people.count,
    }  # fmt: skip


def _one_new(people: columns.People, record: bytes) -> Any:
    it = data.setting()
    asked = columns.Opportunities(np.frombuffer(record, it.layout.opportunity), it.layout, it.catalogue, it.policy)
    both = index.Index(people, asked, it.policy)
    return both.lists(0, MOST_PEOPLE, free_for_all(both), threads=2)[1]


def matcher_memory(city: str) -> Answer:
    """Peak memory of the process that only loads, indexes and answers one new opportunity."""
    it = data.setting()
    _volunteers, people = _people_of(city)
    del _volunteers
    _ = people.rows.facts
    tasks = np.frombuffer(packed.everything(OpportunityRecord, city), it.layout.opportunity)
    _one_new(people, tasks[0].tobytes())
    return {"peak_mb": peak_mb(), "people": people.count}


def _read_bare(city: str) -> int:
    with _database() as made, made.cursor(binary=True) as cursor:
        rows = cursor.execute("select record from talent_matchprofile where city = %s", [city]).fetchall()
        return len(rows)


def _people_of(city: str) -> tuple[Any, columns.People]:
    it = data.setting()
    volunteers = np.frombuffer(packed.everything(VolunteerRecord, city), it.layout.profile)
    people = columns.People(volunteers, it.layout, it.policy, today=invented.TODAY)
    return volunteers, people


def changed_person(count: int, seed: int) -> Answer:
    """Somebody changes their profile: pack, match, propose, commit; beside a bare read and commit of one row."""
    from backend.placements import actions
    from backend.talent.actions import pack_volunteers
    from backend.talent.models import TalentProfile, Volunteer

    chance = np.random.default_rng(seed)
    ids = list(Volunteer.objects.filter(city=data.CITY).order_by("pk").values_list("pk", flat=True))
    chosen = [ids[place] for place in chance.choice(len(ids), count + 5, replace=False)]
    full, matching, bare, made = [], [], [], 0
    for place, who in enumerate(chosen):

        def change(who: Any = who) -> None:
            with transaction.atomic():
                TalentProfile.objects.filter(volunteer=who).update(max_km=int(chance.integers(3, 20)))
                pack_volunteers(data.CITY, Volunteer.objects.filter(pk=who))

        def propose(who: Any = who) -> int:
            return len(actions.propose_for_volunteer(who, now=data.NOW))

        def read(who: Any = who) -> None:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select record from talent_matchprofile where who = %s for update", [who])
                cursor.fetchone()

        change_s, _ = clock(change)
        propose_s, proposals = clock(propose)
        read_s, _ = clock(read)
        if place >= 5:
            full.append(change_s + propose_s)
            matching.append(propose_s)
            bare.append(read_s)
            made += proposals
    return {
        "p50_s": float(np.percentile(matching, 50)), "p95_s": float(np.percentile(matching, 95)),
        "with_change_p95_s": float(np.percentile(full, 95)), "bare_p50_s": float(np.percentile(bare, 50)),
        "proposals": made, "count": count,
    }  # fmt: skip


def distribution(people: int, opportunities: int, seed: int, *, exact: bool) -> Answer:
    """The round over a city, with a reserved quarter at some opportunities and organisations that have a limit."""
    it = data.setting()
    volunteers, tasks = records_of(data.CITY, people, opportunities)
    both = index_of(volunteers, tasks)
    for_people, for_opportunities = both.lists(MOST, MOST_PEOPLE, free_for_all(both), is_plain=False, threads=2)
    chance = np.random.default_rng(seed)
    person, place = np.nonzero(for_people.rows >= 0)
    opportunity, other = np.nonzero(for_opportunities.rows >= 0)
    pairs = np.r_[person, for_opportunities.rows[opportunity, other]].astype(np.int64)
    asked = np.r_[for_people.rows[person, place], opportunity].astype(np.int64)
    points = np.r_[for_people.points[person, place], for_opportunities.points[opportunity, other]]
    _known, first = np.unique(pairs * both.opportunities.count + asked, return_index=True)
    candidates = Candidates(pairs[first], asked[first], points[first])
    total = 3 * chance.integers(1, 8, both.opportunities.count)
    reserved = np.where(chance.random(len(total)) < 0.4, total // 3, 0)
    organisations = int(both.opportunities.organisation.max()) + 1
    room = np.where(chance.random(organisations) < 0.3, chance.integers(1, 30, organisations), 10**9)
    is_guided = (both.people.flags & GUIDED) != 0
    places = Places(total - reserved, reserved, both.opportunities.organisation, room)
    wanted, terms = Wanted(np.full(both.people.count, 2), is_guided), Terms.of(it.policy)
    small = Candidates(candidates.person[:9], candidates.opportunity[:9], candidates.points[:9])
    assignment.distribute(small, wanted, places, terms, is_plain=False)
    solve_s, result = clock(lambda: assignment.distribute(candidates, wanted, places, terms, is_plain=False))
    points_only = assignment.Terms(terms.worth, 0 * terms.bonuses, 0, 0, terms.precision)
    most = assignment.distribute(
        candidates, wanted, Places(total, 0 * reserved, places.organisation, room), points_only
    )
    taken = result.door != assignment.NOT_CHOSEN
    have = np.bincount(candidates.person[taken], minlength=both.people.count)
    answer = {
        "seconds": solve_s, "gap": result.gap, "candidates": len(candidates.person), "value": result.value,
        "bound": result.bound, "bound_by_other_code": _bound(candidates, wanted, places, terms, result),
        "guided_served": float((have[is_guided] > 0).mean()), "others_served": float((have[~is_guided] > 0).mean()),
        "reserved_used": int((result.door == assignment.RESERVED).sum()), "reserved": int(reserved.sum()),
        "points_kept": float(
            candidates.points[taken].sum() / candidates.points[most.door != assignment.NOT_CHOSEN].sum()
        ),
        "proposals": int(taken.sum()), "proposals_of_points_alone": int((most.door >= 0).sum()),
    }  # fmt: skip
    if exact:
        from matching.exact import best_value

        answer["exact_s"], answer["best"] = clock(lambda: best_value(candidates, wanted, places, terms))
    return answer


def _bound(candidates: Candidates, wanted: Wanted, places: Places, terms: Terms, result: Any) -> float:
    """The upper bound again, one person at a time in plain Python, from the prices alone."""
    capacity = assignment.doors(places, terms)[0].reshape(-1, assignment.DOORS)
    door_bonus = (0.0, float(terms.first_place), assignment.FOR_RESERVED / assignment.SCALE)
    around = [0.0 if one > 1e12 else float(one) for one in result.organisation_price]
    whose, slots = places.organisation, assignment.first_slots_of(places)
    cheapest: list[tuple[float, float]] = []
    total = 0.0
    for opportunity, doors in enumerate(capacity):
        mine, options = around[whose[opportunity]], []
        for door, count in enumerate(doors):
            if count == 0 or places.room[whose[opportunity]] <= 0:
                options.append(-1e18)
                continue
            above = max(
                0.0, (0.0 if result.price[opportunity, door] > 1e12 else result.price[opportunity, door]) - mine
            )
            total += count * above
            options.append(door_bonus[door] - mine - above)
        cheapest.append((max(options[:2]), max(options)))
    gains: dict[int, list[float]] = {}
    for person, opportunity, points in zip(
        candidates.person.tolist(), candidates.opportunity.tolist(), candidates.points.tolist(), strict=True
    ):
        gain = max(1, points + terms.worth) + cheapest[opportunity][bool(wanted.is_guided[person])]
        gains.setdefault(person, []).append(gain)
    for person, mine_gains in gains.items():
        best = sorted(mine_gains, reverse=True)[: int(wanted.limit[person])]
        total += sum(max(0.0, gain + float(terms.bonuses[place])) for place, gain in enumerate(best))
    per_organisation = np.bincount(whose, weights=capacity.sum(axis=1), minlength=len(places.room))
    for number, price in enumerate(around):
        seats = max(0, min(int(places.room[number]), int(per_organisation[number])))
        first = min(int(slots[number]), seats)
        total += first * max(0.0, price + terms.organisation_first) + (seats - first) * max(0.0, price)
    return total


CONTENDERS: dict[str, Callable[..., Answer]] = {
    "bulk": bulk, "matrix": matrix, "sql_same": sql_same, "sql_peer": sql_peer, "resident": resident_memory,
    "matcher_memory": matcher_memory, "changed_person": changed_person, "distribution": distribution,
    "reads": reads,
    "pages": pages,
}  # fmt: skip


if __name__ == "__main__":
    assert settings.configured
    answer = CONTENDERS[sys.argv[1]](**json.loads(sys.argv[2]))
    answer.setdefault("peak_mb", peak_mb())
    print(json.dumps(answer))
