"""The fault matrix of docs/reliability.md: what breaks, what must hold, and which guard its twin lacks.

A play gets the rig with a fresh stage, starts the processes (through `start`, which puts the sabotage in), breaks
something, and returns figures. It raises Broken when a promise is not kept.
"""

import contextlib
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from tests.faults.rig import LEASE_SECONDS, ROOT, Broken, Load, judge, promise
from tests.little_server import listening

FAULTS = {}
ANSWER_SECONDS = 5  # whoever answers waits at most so long, also when everybody answers at once
BROKER_SECONDS, WORKER_SECONDS, DATABASE_SECONDS, ALL_SECONDS = 12, LEASE_SECONDS + 5, 15, 40


@dataclass(frozen=True)
class Fault:
    code: str
    words: str
    play: object
    twin: str
    stage: tuple[int, int]
    quick: bool
    needs: str
    alone: bool  # its twin is told by how long people wait: nothing else may keep the computer busy


def fault(code, words, *, twin, stage=(160, 200), quick=False, needs="", alone=False):
    def keep(play):
        FAULTS[code] = Fault(code, words, play, twin, stage, quick, needs, alone)
        return play

    return keep


def wait(low, high):
    time.sleep(random.uniform(low, high))


def recover(rig, load, seconds):
    """Everything follows within so many seconds after the fault, and the invariants hold."""
    took = rig.drain(seconds)
    return {**judge(rig, load), "recovered after s": round(took, 1)}


def everybody(rig):
    """Whoever said yes, as the load of a play that is over."""
    said_yes = rig.rows("select id::text from placements_proposal where state = 'accepted'")
    return SimpleNamespace(acknowledged=dict.fromkeys(one for (one,) in said_yes))


# --- workers ---------------------------------------------------------------------------------------------------


@fault("F01", "workers are killed in the middle of their work", twin="no_reaping", quick=True)
def workers_killed(rig, start):
    start("web", "relay", "worker", "mailer")
    rig.sink.behave = lambda moment, address, name: 0.08
    with Load(rig, 120, a_second=20) as load:
        for name in ("mailer", "worker") * 3:
            _while_somebody_hands_over(rig)
            rig.kill(name)
    rig.sink.behave = lambda moment, address, name: None
    return recover(rig, load, WORKER_SECONDS)


def _while_somebody_hands_over(rig):
    rig.until(lambda: rig.sink.busy, 15, "nothing was handed over")
    wait(0, 0.05)


@fault("F02", "children of the pool are killed, as the kernel does when memory runs out", twin="no_reaping")
def children_killed(rig, start):
    start("web", "relay", "worker", "mailer")
    rig.sink.behave = lambda moment, address, name: 0.08
    parents = rig.pid("worker"), rig.pid("mailer")
    with Load(rig, 120, a_second=20) as load:
        for name in ("mailer", "worker") * 4:
            _while_somebody_hands_over(rig)
            for child in rig.children(name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
    rig.sink.behave = lambda moment, address, name: None
    figures = recover(rig, load, WORKER_SECONDS)
    promise((rig.pid("worker"), rig.pid("mailer")) == parents, "a parent died with its child")
    return figures


@fault("F03", "the worker is killed exactly after the claim, after 354, and after the words were taken",
       twin="no_hand_over", stage=(30, 200), quick=True)  # fmt: skip
def exact_moments(rig, start):
    start("web", "relay", "worker", "mailer", MAIL_LOG=str(rig.mail_log))
    moments = iter(("rcpt", "words lost", "words taken"))
    doing = {"what": next(moments), "victims": Counter()}
    turn = threading.Lock()

    def behave(moment, _address, name):
        with turn:
            # The log settles something only when it reaches back to a mail before it.
            what = doing["what"] if len(rig.sink.accepted) >= 3 else ""
            if moment == "rcpt" and what == "rcpt":
                doing["what"] = next(moments, None)
                rig.kill("mailer")
                return rig.sink.DROP
            if moment == "data" and what in ("words lost", "words taken") and name not in doing["victims"]:
                doing["victims"][name] = 1
                doing["what"] = next(moments, None)
                rig.kill("mailer")
                return rig.sink.DROP if what == "words lost" else "take and drop"
        return None

    rig.sink.behave = behave
    with Load(rig, 30, a_second=60) as load:
        pass
    rig.until(lambda: doing["what"] is None, 20, "not every moment was met")
    rig.drain(20)
    judge(rig, load)
    # Postfix wrote down which of the two it took in: nothing stays unknown.
    began = time.monotonic()
    while rig.value("select count(*) from notifications_delivery where state = 'unknown'"):
        _look(rig, "notifications.settle")
        promise(time.monotonic() - began < 20, "the log of the mail server settled nothing")
        time.sleep(0.5)
    figures = recover(rig, load, 20)
    promise(figures["sent"] == len(load.acknowledged), "not everybody was told in the end")
    return figures


def _look(rig, task):
    """What beat does: one hint to look."""
    from backend.celery import app

    with app.connection_for_write(f"redis://127.0.0.1:{rig.redis_port}/0") as line:
        app.send_task(task, queue="steps", connection=line, ignore_result=True)


@fault("F16", "one message kills its worker every time", twin="crashes_do_not_count", stage=(60, 20))
def poison(rig, start):
    start("web", "relay", "worker", "mailer")
    bad = "organisatie0@voorbeeld.example"

    def behave(moment, address, _name):
        if moment == "rcpt" and address == bad:
            rig.kill("mailer")
            return rig.sink.DROP
        return None

    # One opportunity of three is the poisoned one; a single message of it is enough.
    poisoned = {
        str(one) for one, in rig.rows(
            "select p.id from placements_proposal p join opportunities_opportunity o on o.id = p.opportunity_id"
            " where o.title = 'Taak 0'"
        )
    }  # fmt: skip
    links = rig.links()
    one = next(token for proposal, token in links if proposal in poisoned)
    others = [(proposal, token) for proposal, token in links if proposal not in poisoned][:30]
    rig.sink.behave = behave
    rig.answer(one)
    for _proposal, token in others:
        rig.answer(token)
    state = "select state from notifications_delivery where address = %s"
    rig.until(lambda: rig.value(state, bad) == "parked", 5 * (LEASE_SECONDS + 4), "the poison was not parked")
    promise(rig.value("select crashes from notifications_delivery where address = %s", bad) <= 5, "too many tries")
    rig.drain(ALL_SECONDS)
    return judge(rig, everybody(rig))


# --- the broker ------------------------------------------------------------------------------------------------


@fault("F04", "Redis is emptied, six times", twin="hint_once", quick=True)
def flushed(rig, start):
    start("web", "relay", "worker", "mailer")
    rig.sink.behave = lambda moment, address, name: 0.02
    with Load(rig, 140, a_second=50) as load:
        for _ in range(6):
            wait(0.3, 0.6)
            rig.broker.flushall()
    return recover(rig, load, BROKER_SECONDS)


@fault("F05", "Redis is killed and comes back empty, three times", twin="hint_once")
def broker_killed(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 140, a_second=30) as load:
        for _ in range(3):
            wait(0.4, 0.8)
            rig.valkey.kill()
            rig.valkey.wait()
            wait(0.2, 0.8)
            rig.start_valkey()
    figures = recover(rig, load, BROKER_SECONDS)
    promise(set(load.statuses) == {200}, f"a request felt it: {dict(load.statuses)}")
    return figures


@fault("F06", "Redis is frozen for eight seconds", twin="publish_in_request", alone=True)
def broker_frozen(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 24):  # the first answers of a process pay for what is read once
        pass
    rig.valkey.send_signal(signal.SIGSTOP)
    with Load(rig, 120, a_second=20) as load:
        time.sleep(8)
        rig.valkey.send_signal(signal.SIGCONT)
    figures = recover(rig, load, BROKER_SECONDS)
    slow = sorted(load.slowest)[int(len(load.slowest) * 0.99)]
    promise(
        slow < 0.3, f"a request waited {slow:.2f} s for Redis: {[round(one, 2) for one in sorted(load.slowest)[-8:]]}"
    )
    promise(set(load.statuses) == {200}, f"a request felt it: {dict(load.statuses)}")
    return {**figures, "p99 of an answer ms": round(slow * 1000)}


@fault("F07", "Redis has no memory left", twin="hint_once")
def broker_full(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 120, a_second=40) as load:
        wait(0.4, 0.8)
        rig.broker.config_set("maxmemory", "1mb")
        wait(2, 3)
        rig.broker.config_set("maxmemory", "0")
    figures = recover(rig, load, DATABASE_SECONDS)
    promise(set(load.statuses) == {200}, f"a request felt it: {dict(load.statuses)}")
    return figures


@fault("F12", "every hint comes five times", twin="no_fence", quick=True)
def duplicated(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 100, a_second=60) as load:
        seen = set()
        for _ in range(60):
            for name in ("steps", "email"):
                for hint in set(rig.broker.lrange(name, 0, -1)) - seen:
                    rig.broker.lpush(name, *[hint] * 5)
                    seen.add(hint)
            time.sleep(0.03)
    again = [_hint(rig, one) for (one,) in rig.rows("select id from notifications_delivery where channel = 'email'")]
    for hint in again * 5:
        hint()
    rig.until(lambda: not rig.broker.llen("email"), 20, "the doubles were not worked off")
    return recover(rig, load, 10)


def _hint(rig, delivery):
    from backend.celery import app

    def give():
        with app.connection_for_write(f"redis://127.0.0.1:{rig.redis_port}/0") as line:
            app.send_task(
                "notifications.deliver", kwargs={"delivery_id": str(delivery)}, queue="email", connection=line,
                ignore_result=True,
            )  # fmt: skip

    return give


@fault("F13", "hints come in another order, a day late, and as garbage", twin="no_fence")
def garbage(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 60, a_second=60) as load:
        for junk in (b"", b"{", b"[]", b"null", b'{"body": 1}', b'{"body": "e30=", "headers": {}, "properties": {}}'):
            for name in ("steps", "email"):
                rig.broker.lpush(name, junk)
            time.sleep(0.2)
    figures = recover(rig, load, ALL_SECONDS)  # every piece of it ends a worker, which starts again
    old = [_hint(rig, one) for (one,) in rig.rows("select id from notifications_delivery where channel = 'email'")]
    random.shuffle(old)
    for hint in old:
        hint()
    rig.until(lambda: not rig.broker.llen("email"), 20, "old hints were not worked off")
    time.sleep(0.5)
    rig.until(rig._workers_listen, 20, "a worker died of garbage")
    return {**figures, **judge(rig, load)}


@fault("F15", "of three relays two are killed", twin="slow_hints_once")
def relays_killed(rig, start):
    start("web", "relay", "relay2", "relay3", "worker", "mailer")
    with Load(rig, 140, a_second=50) as load:
        wait(0.5, 1.2)
        for name in ("relay2", "relay3"):
            rig.leaves(name)
            wait(0.1, 0.4)
    return recover(rig, load, BROKER_SECONDS)


# --- the database ----------------------------------------------------------------------------------------------


@fault("F08", "a backend of PostgreSQL is killed, and with it every connection", twin="acknowledge_anyway")
def backend_killed(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 140, a_second=50) as load:
        for _ in range(2):
            wait(0.5, 1)
            for (backend,) in rig.rows(
                "select pid from pg_stat_activity where datname = %s and pid <> pg_backend_pid() limit 1", rig.db_name
            ):
                os.kill(backend, signal.SIGKILL)
            rig.until(rig._pg_answers, 15, "PostgreSQL did not come back")
    return recover(rig, load, DATABASE_SECONDS)


@fault("F09", "PostgreSQL stops without a farewell and is away for four seconds", twin="always_our_fault")
def database_away(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 100, a_second=30) as load:
        wait(0.4, 0.8)
        rig.stop_postgres()
        time.sleep(1)
        status, text = rig.request(
            "POST",
            f"/api/v1/links/{'x' * 22}/answer",
            "{}",
            {"Content-Type": "application/json", "Idempotency-Key": "x" * 20},
        )
        promise(status == 503 and json.loads(text)["code"] == "away", f"{status} instead of 503")
        promise(rig.request("GET", "/health/live")[0] == 200, "a process that lives says that it does not")
        promise(rig.request("GET", "/health/ready")[0] == 503, "ready without a database")
        time.sleep(3)
        rig.start_postgres()
    figures = recover(rig, load, DATABASE_SECONDS)
    promise(set(load.statuses) <= {200, 503, 409, 0}, f"somebody saw a fault: {dict(load.statuses)}")
    return figures


@fault("F10", "the disk is full", twin="acknowledge_anyway", needs="mount")
def disk_full(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 150, a_second=25) as load:
        wait(0.4, 0.8)
        rig.fill_disk()
        with contextlib.suppress(Broken):  # pages that are there already take a while to fill
            rig.until(lambda: load.statuses[503] + load.statuses[0], 20, "nothing was refused")
        time.sleep(2)
        rig.free_disk()
        time.sleep(1)
        if rig.postgres.poll() is not None:  # it gave up: whoever runs it starts it again
            rig.start_postgres()
        rig.until(rig._pg_answers, 15, "PostgreSQL did not come back")
    figures = recover(rig, load, DATABASE_SECONDS)
    promise(set(load.statuses) <= {200, 503, 409, 0}, f"somebody saw a fault: {dict(load.statuses)}")
    promise(load.statuses[503] + load.statuses[0] > 0, "the disk was never full")
    return {**figures, "503": load.statuses[503]}


# --- clocks ----------------------------------------------------------------------------------------------------


@fault(
    "F11", "the workers live two hours ahead, then start again two hours behind", twin="host_clock", needs="faketime"
)
def clock_jumps(rig, start):
    start("web", "relay")
    # A clock that jumps under a process breaks its time.sleep in libfaketime; so it starts anew on the other side.
    start("worker", "mailer", LD_PRELOAD=_faketime(), FAKETIME="+2h")
    with Load(rig, 120, a_second=15) as load:
        wait(2, 3)
        for name in ("worker", "mailer"):
            rig.company[name][2]["FAKETIME"] = "-2h"
            rig.kill(name)
    return recover(rig, load, 20)


def _faketime():
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"):
        if Path(f"{folder}/faketime/libfaketime.so.1").exists():
            return f"{folder}/faketime/libfaketime.so.1"
    return None


@fault("F14", "two beats, of which one is killed", twin="tell_every_time", stage=(20, 200))
def two_beats(rig, start):
    long_ago = (
        "update placements_proposal set made_at = now() - interval '4 days', answer_until = now() + interval '3 days'"
        " where id in (select p.id from placements_proposal p join talent_volunteer v on v.id = p.volunteer_id"
        " where v.external_id is null and p.made_at > now() - interval '1 day' order by p.id limit 10)"
    )
    count = "select count(*) from notifications_delivery where kind = 'proposal_reminder' and channel = 'email'"
    rig.rows(long_ago)
    start("relay", "worker", "mailer", "beat", "beat2")
    rig.until(lambda: rig.value(count) >= 10, 35, "nobody was reminded")
    rig.leaves("beat2")
    rig.rows(long_ago)
    rig.until(lambda: rig.value(count) >= 20, 35, "with one beat gone nobody was reminded")
    wait(2, 3)  # looks that find nothing to do
    rig.drain(20)
    promise(rig.value(count) == 20, f"{rig.value(count)} reminders for 20 people")
    doubled = [one for one, times in rig.sink.people.items() if times > 1]
    promise(not doubled, f"{len(doubled)} people heard it twice")
    promise(sum(rig.sink.accepted.values()) == 20, "not everybody heard it")
    return {"reminders": rig.value(count), "doubled": len(doubled)}


# --- mail servers ----------------------------------------------------------------------------------------------


@fault("F17", "the mail server takes its time over bulk mail", twin="one_queue", stage=(160, 200))
def tarpit(rig, start):
    start("web", "relay", "worker", "mailer")
    rig.sink.behave = lambda moment, address, name: (
        1.0 if address.startswith("organisatie") and moment == "rcpt" else None
    )
    with Load(rig, 80, a_second=80):
        pass
    bulk = "select count(*) from notifications_delivery where channel = 'email' and state = 'pending'"
    rig.until(lambda: rig.value(bulk) > 20, 10, "bulk mail does not wait")
    began = time.monotonic()
    body = json.dumps({"email": "persoon3@voorbeeld.example"})
    status, _text = rig.request(
        "POST", "/_allauth/app/v1/auth/code/request", body, {"Content-Type": "application/json"}
    )
    promise(status == 401, f"no code was asked for: {status}")
    rig.until(
        lambda: any(one[0] == "persoon3@voorbeeld.example" for one in list(rig.sink.people)),
        6,
        "a code waited behind bulk mail",
    )
    took = time.monotonic() - began
    promise(rig.waits() > 0, "bulk mail was through already: nothing was shown")
    return {"a code came after s": round(took, 2), "bulk still waiting": rig.waits()}


@fault("F18", "the mail server says later, and never", twin="silence_after_a_no", stage=(60, 20))
def later_and_never(rig, start):
    start("web", "relay", "worker", "mailer")
    tries = Counter()

    def behave(moment, address, _name):
        if moment != "rcpt":
            return None
        tries[address] += 1
        if address == "organisatie0@voorbeeld.example":
            return "550 no such mailbox"
        if address == "organisatie1@voorbeeld.example" and tries[address] <= 12:
            return "451 come back later"
        return None

    rig.sink.behave = behave
    with Load(rig, 60, a_second=60) as load:
        pass
    figures = recover(rig, load, ALL_SECONDS)
    listed = rig.value("select count(*) from notifications_delivery where channel = 'callsheet' and state = 'listed'")
    promise(tries["organisatie0@voorbeeld.example"] == 20, "a never was asked again")
    promise(listed == 20, f"{listed} of 20 stand on the call sheet")
    return {**figures, "tried again": tries["organisatie1@voorbeeld.example"] - 20, "on the call sheet": listed}


# --- people ----------------------------------------------------------------------------------------------------


@fault("F19", "push services say gone, missing, later and broken", twin="keep_dead_subscriptions", stage=(20, 200))
def push_zoo(rig, start):
    from notifications import webpush

    modes = ("ok", "gone", "missing", "later", "broken")
    answers = {"ok": [201], "gone": [410], "missing": [404], "later": [429, 429, 201], "broken": [500, 201]}
    seen, taken = Counter(), Counter()
    phone = webpush.encoded(webpush.public_bytes(webpush.private_key("A" * 42 + "E")))
    proposals = rig.rows(
        "select p.id::text, v.user_id from placements_proposal p join talent_volunteer v on v.id = p.volunteer_id"
        " where v.user_id is not null and p.state = 'open' order by p.id limit 20"
    )
    rig.rows("update talent_volunteer set channel = 'app'")
    with listening(lambda path, _headers, _body: _push_answer(path, answers, seen, taken)) as port:
        for number, (proposal, user) in enumerate(proposals):
            endpoint = f"http://127.0.0.1:{port}/{modes[number % 5]}/{proposal}"
            token = json.dumps({"endpoint": endpoint, "keys": {"p256dh": phone, "auth": "A" * 22}})
            rig.rows(
                "insert into accounts_device (id, created_at, updated_at, platform, token, language, app_version, user_id)"
                " values (gen_random_uuid(), now(), now(), 'web', %s, 'nl', '', %s)",
                token,
                user,
            )
            rig.rows(
                "insert into outbox_event (name, payload, attempts) values ('proposal.made', %s, 0)",
                json.dumps({"proposal_id": proposal}),
            )
        start(
            "relay",
            "worker",
            "mailer",
            VAPID_PRIVATE_KEY=webpush.encoded(b"7" * 32),
            OUTBOUND_ALLOW=f"http://127.0.0.1:{port}",
        )
        took = rig.drain(30)
    by_mode = Counter()
    for path, times in taken.items():
        by_mode[path.split("/")[1]] += 1
        promise(times == 1, "a device got the same push twice")
    promise((by_mode["ok"], by_mode["later"], by_mode["broken"]) == (4, 4, 4), f"{dict(by_mode)}")
    mailed = rig.value("select count(*) from notifications_delivery where channel = 'email' and state = 'sent'")
    promise(mailed == 8 == sum(rig.sink.accepted.values()), f"{mailed} of 8 people without a device got a mail")
    left = rig.value("select count(*) from accounts_device")
    promise(left == 12, f"{20 - left} of 8 devices that are gone were forgotten")
    promise(max(seen.values()) <= 3, "a push service was asked too often")
    return {"pushed": 12, "by mail instead": mailed, "forgotten": 8, "recovered after s": round(took, 1)}


def _push_answer(path, answers, seen, taken):
    mode = path.split("/")[1]
    status = answers[mode][min(seen[path], len(answers[mode]) - 1)]
    seen[path] += 1
    if status == 201:
        taken[path] += 1
    return status, {"Retry-After": "1"} if status == 429 else {}, b""


@fault(
    "F20",
    "the network swallows everything, to Redis, to PostgreSQL, to the mail server",
    twin="no_timeouts",
    needs="iptables",
    alone=True,
)
def partition(rig, start):
    start("web", "relay", "worker", "mailer")
    with Load(rig, 24):
        pass
    with Load(rig, 70, a_second=7) as load:
        for port in (rig.redis_port, rig.smtp_port):
            with rig.cut_off(port):
                wait(4, 5)
    slowest = max(load.slowest)
    promise(slowest < 2, f"an answer waited {slowest:.1f} s for a network that it does not need")
    promise(set(load.statuses) == {200}, f"a request felt it: {dict(load.statuses)}")
    with Load(rig, 120, a_second=12) as load, rig.cut_off(rig.pg_port):
        wait(4, 5)
    figures = recover(rig, load, 60)
    promise(not rig.restarts, f"somebody had to be started again: {dict(rig.restarts)}")
    return {**figures, "slowest answer without Redis and mail s": round(slowest, 2)}


@fault("F21", "tables change and a new version is rolled out while people answer", twin="impatient_migration",
       alone=True)  # fmt: skip
def deploy(rig, start):
    start("relay", "worker", "mailer")
    start("web")
    done = []
    with Load(rig, 24):
        pass

    def migrate():
        done.append(start.run("backend", "migrate", "--noinput", DJANGO_SETTINGS_MODULE="tests.faults.later.settings"))

    with Load(rig, 120, a_second=8) as load:
        wait(0.5, 1)
        with rig.reading("placements_proposal"):
            change = threading.Thread(target=migrate)
            change.start()
            time.sleep(5)
        change.join(60)
        start("web2")  # the new version comes, then the old one leaves
        rig.until(lambda: len(rig.children("web2")) == 2, 20, "the new version did not start")
        time.sleep(3)
        rig.leaves("web", signal.SIGTERM)
    promise(done and done[0].returncode == 0, f"the tables did not change: {done and done[0].stderr[-300:]}")
    promise(
        rig.value("select count(*) from information_schema.columns where column_name = 'only_later'") == 1, "no column"
    )
    figures = recover(rig, load, 60)
    promise(
        set(load.statuses) <= {200, 0}, f"a request felt it: {dict(load.statuses)}"
    )  # 0: a line was cut and tried again
    slow = sorted(load.slowest)[int(len(load.slowest) * 0.99)]
    promise(slow < 1, f"somebody waited {slow:.1f} s")
    return {**figures, "p99 of an answer ms": round(slow * 1000)}


@fault("F22", "10,000 people answer at once for 500 places", twin="read_then_write", stage=(10_000, 0))
def race(rig, start):
    many = 10_000 if start.is_honest else 1_500
    for number, places in enumerate((200, 200, 100)):
        rig.rows("update opportunities_opportunity set places = %s where title = %s", places, f"Taak {number}")
    start("web")  # what follows from the answers begins when the rush is over: both cores are for the people
    tokens = [token for _proposal, token in rig.links()[:many]]
    done = _answers_at_once(rig, tokens)
    statuses = Counter(status for status, _seconds in done)
    slowest = sorted(seconds for _status, seconds in done)
    yes = rig.value("select count(*) from placements_proposal where state = 'accepted'")
    waiting = rig.value("select count(*) from placements_proposal where state = 'waiting'")
    promise(set(statuses) == {200}, f"somebody saw a fault: {dict(statuses)}")
    taken = rig.value("select sum(taken_open) from opportunities_opportunity where title like 'Taak %%'")
    promise(yes == min(500, many) == taken, f"{yes} yeses, {taken} places for 500")
    promise(yes + waiting == many, "somebody is neither in nor waiting")
    slow = slowest[int(len(slowest) * 0.99)]
    promise(slowest[-1] < ANSWER_SECONDS, f"somebody waited {slowest[-1]:.1f} s")
    start("relay", "worker", "mailer", REHINT_SECONDS="4")  # as in production: nothing is lost here
    rig.drain(300)
    told = rig.value(
        "select count(*) from notifications_delivery where kind = 'candidate_new' and channel = 'email' and state = 'sent'"
    )
    kindly = rig.value(
        "select count(*) from notifications_delivery where kind = 'place_taken' and channel = 'email' and state = 'sent'"
    )
    promise((told, kindly) == (500, many - 500), f"{told} organisations and {kindly} people were told")
    promise(max(rig.sink.accepted.values()) == 1, "somebody was told twice")
    return {
        "answers": many,
        "yes": yes,
        "kindly told": kindly,
        "p99 s": round(slow, 2),
        "slowest s": round(slowest[-1], 2),
    }


def _answers_at_once(rig, tokens, *, processes=2, connections=48):
    """(status, seconds) of each; in processes of their own, with kept connections."""
    command = [sys.executable, "-m", "tests.faults.crowd", str(rig.web_port), str(connections)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parts = ["\n".join(tokens[number::processes]) for number in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        crowds = pool.map(
            lambda part: subprocess.run(
                command, check=True, cwd=ROOT, input=part, stdout=subprocess.PIPE, text=True, env=environment
            ),
            parts,
        )
        return [tuple(line) for crowd in crowds for line in json.loads(crowd.stdout)]


@fault("F23", "double clicks, with the same key and with another one", twin="no_lock", stage=(30, 200), quick=True)
def double_clicks(rig, start):
    start("web", "relay", "worker", "mailer")
    for _proposal, token in rig.links()[:12]:
        key = secrets.token_hex(16)
        barrier = threading.Barrier(4)
        answers = []

        def click(key, token=token, barrier=barrier, answers=answers):
            barrier.wait()
            answers.append(rig.answer(token, key=key)[:2])

        keys = (key, key, secrets.token_hex(16), secrets.token_hex(16))
        clicks = [threading.Thread(target=click, args=(one,)) for one in keys]
        for one in clicks:
            one.start()
        for one in clicks:
            one.join()
        promise({status for status, _body in answers} == {200}, f"{answers}")
        states = {json.loads(body)["state"] for _status, body in answers}
        promise(states == {"accepted"}, f"{states}")
    events = rig.value("select count(*) from outbox_event where name = 'proposal.accepted'")
    promise(events == 12, f"{events} yeses were told of for 12")
    taken = rig.value("select sum(taken_open) from opportunities_opportunity")
    promise(taken == 12, f"{taken} places went for 12 people")
    rig.drain(20)
    return judge(rig, everybody(rig))


@fault("F24", "people say no after all while others want their places", twin="keep_the_place", stage=(220, 20))
def refill(rig, start):
    start("web", "relay", "worker", "mailer", "matcher")
    rig.rows("update opportunities_opportunity set places = 4 where title like 'Taak %%'")
    links = rig.links()
    tokens = [token for _proposal, token in links]
    with_place = []
    for token in tokens[:120]:
        if json.loads(rig.answer(token)[1])["state"] == "accepted":
            with_place.append(token)
    leaving, coming = with_place[:20], tokens[120:220]
    todo = [(one, "no") for one in leaving] + [(one, "yes") for one in coming]
    random.shuffle(todo)
    _in_threads(8, lambda one: rig.answer(*one), todo)
    for opportunity, places, taken, held in rig.rows(
        "select o.title, o.places, o.taken_open, count(p.id) filter (where p.state = 'accepted') from"
        " opportunities_opportunity o join placements_proposal p on p.opportunity_id = o.id where o.title like 'Taak %%'"
        " group by 1, 2, 3"
    ):
        promise(taken == held <= places, f"{opportunity}: {held} people hold {taken} of {places} places")
    rig.drain(30)
    return judge(rig, everybody(rig))


def _in_threads(many, act, items):
    items = iter(items)
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                one = next(items, None)
            if one is None:
                return
            act(one)

    threads = [threading.Thread(target=work) for _ in range(many)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


@fault("F25", "old, foreign, altered and used links; scanners that open everything", twin="answer_by_looking",
       stage=(30, 200), quick=True)  # fmt: skip
def scanners(rig, start):
    start("web")
    links = rig.links()
    before = rig.rows("select id, state, updated_at from placements_proposal order by id")
    events = rig.value("select count(*) from outbox_event")
    for _proposal, token in links[:20]:
        for method in ("GET", "HEAD", "OPTIONS"):
            for path in (f"/v/{token}/", f"/v/{token}/antwoord/", f"/v/{token}/moment/", f"/api/v1/links/{token}"):
                status, _text = rig.request(method, path)
                promise(status < 500, f"{method} {path.replace(token, '…')} says {status}")
    promise(
        rig.rows("select id, state, updated_at from placements_proposal order by id") == before,
        "a look changed something",
    )
    promise(rig.value("select count(*) from outbox_event") == events, "a look led to something")
    used, old, revoked, altered = (token for _proposal, token in links[:4])
    rig.answer(used)
    again = json.loads(rig.answer(used)[1])
    promise(again["state"] == "accepted", "a used link does not show what was said")
    proposals = [proposal for proposal, _token in links[:4]]
    rig.rows("update placements_link set expires_at = now() - interval '1 day' where proposal_id = %s", proposals[1])
    rig.rows("update placements_link set revoked_at = now() where proposal_id = %s", proposals[2])
    forged = [old, revoked, altered[:-1] + ("A" if altered[-1] != "A" else "B"), altered[::-1], secrets.token_hex(11)]
    for token in forged:
        status = rig.answer(token)[0]
        promise(status == 404, f"a link that does not work answers {status}")
    promise(
        rig.value("select count(*) from placements_proposal where state = 'accepted'") == 1, "a forged link said yes"
    )
    return {"looks": 240, "forged": len(forged), "changed": 0}


# --- everything at once ----------------------------------------------------------------------------------------


@fault("F26", "the matcher is killed in the middle of a round", twin="tick_before_work", stage=(400, 20))
def matcher_killed(rig, start):
    rig.rows("delete from placements_link")
    rig.rows("delete from placements_proposal")
    start("relay", "worker", "mailer", "matcher")
    rig.until(rig._workers_listen, 30, "the matcher did not start")
    rig.rows(
        "insert into outbox_event (name, payload, attempts) values ('city.changed', '{\"city\": \"antwerpen\"}', 0)"
    )
    took = "select attempts from outbox_event where name = 'city.changed'"
    rig.until(
        lambda: (
            rig.value(took) == 1
            or rig.value("select done_at is not null from outbox_event where name = 'city.changed'")
        ),
        20,
        "the round did not begin",
    )
    wait(0.05, 0.4)
    rig.kill("matcher")
    promise(
        rig.value("select count(*) from placements_proposal") == 0 or not start.is_honest, "the round was over already"
    )
    rig.until(lambda: rig.value("select count(*) from placements_round") == 1, ALL_SECONDS, "the round was never done")
    rig.drain(ALL_SECONDS)
    proposals = rig.value("select count(*) from placements_proposal where state = 'open'")
    events = rig.value("select count(*) from outbox_event where name = 'proposal.made'")
    promise(proposals == events > 0, f"{proposals} proposals, {events} of them told")
    told = rig.value("select count(distinct occasion) from notifications_delivery where kind = 'proposal_made'")
    promise(told == proposals, f"{told} of {proposals} people were told")
    promise(max(rig.sink.accepted.values(), default=0) <= 1, "somebody was told twice")
    return {"proposals": proposals, "told": told, "doubled": sum(times - 1 for times in rig.sink.accepted.values())}


@fault("F27", "everything is killed at once and starts again", twin="hint_once", quick=True)
def all_killed(rig, start):
    start()
    with Load(rig, 120, a_second=40) as load:
        wait(0.8, 1.6)
        names = list(rig.company)
        random.shuffle(names)
        for name in names:
            rig.kill(name)
        rig.valkey.kill()
        rig.postgres.send_signal(signal.SIGQUIT)
        rig.valkey.wait()
        rig.postgres.wait(20)
        rig.start_postgres()
        rig.start_valkey()
    return recover(rig, load, ALL_SECONDS)


@fault("F28", "yesterday's copy comes back", twin="no_freeze", stage=(60, 200))
def restored(rig, start):
    copy = rig.folder / f"copy-{secrets.token_hex(4)}"
    start("web", "relay", "worker", "mailer")
    rig.sink.behave = lambda moment, address, name: 0.15
    with Load(rig, 60, a_second=100) as load:
        pass
    rig.until(lambda: sum(rig.sink.accepted.values()) >= 8, 20, "nothing was sent")
    made = start.run("backend", "backup", str(copy))
    promise(made.returncode == 0, made.stderr[-300:])
    waited = rig.waits()
    promise(waited > 5, "nothing waited when the copy was made")
    rig.sink.behave = lambda moment, address, name: None
    rig.drain(ALL_SECONDS)  # what waited then is sent meanwhile
    judge(rig, load)
    erased = rig.folder / "erased"
    gone = start.run("backend", "shell", "-v", "0", "-c", ERASE_ONE)
    promise(gone.returncode == 0, gone.stderr[-300:])
    erased.write_text(start.run("backend", "erase_again").stdout)
    with rig._guard:
        for process, _command, _environment in rig.company.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        names, rig.company = list(rig.company), {}
    before = sum(rig.sink.accepted.values())
    rig.broker.flushall()
    rig.fresh_database()
    began = time.monotonic()
    back = start.run("backend", "restore", str(copy), "--erased", str(erased))
    took = time.monotonic() - began
    promise(back.returncode == 0, back.stderr[-300:])
    promise("every table is the same" in back.stdout, back.stdout)
    promise("1 erased again" in back.stdout, back.stdout)
    promise(took < 60, f"it took {took:.0f} s")
    for name in names:
        start(name, MAIL_LOG=str(rig.mail_log))
    rig.until(rig._workers_listen, 40, "the workers did not start")
    rig.until(lambda: _settled(rig), 20, "what is in the log of the mail server stays unknown")
    rig.drain(20)
    doubled = [name for name, times in rig.sink.accepted.items() if times > 1]
    doubled += [one for one, times in rig.sink.people.items() if times > 1]
    promise(not doubled, f"{len(doubled)} people were told twice")
    told = sum(rig.sink.accepted.values()) - before
    promise(told <= 1, f"{told} new messages")  # of whoever was erased, an organisation hears that they do not come
    return {"rows back in s": round(took, 1), "waited in the copy": waited, "told again": told, "doubled": len(doubled)}


ERASE_ONE = """
from django.utils import timezone
from backend.accounts.models import User
from backend.me.actions import erase
erase(User.objects.get(email='persoon7@voorbeeld.example'), now=timezone.now())
"""


def _settled(rig):
    _look(rig, "notifications.settle")
    time.sleep(0.4)
    return not rig.value("select count(*) from notifications_delivery where state = 'unknown' and channel = 'email'")
