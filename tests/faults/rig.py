"""The whole installation on one computer, made to be broken: its own PostgreSQL, Valkey, mail server and processes.

The processes are those of the Procfile, with a supervisor that starts again what ends. `sabotaged.py` runs the same ones
with one guard taken out.
"""

import contextlib
import http.client
import json
import os
import queue
import random
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psycopg
import redis
from django.conf import settings

from backend.cli import answers, die_with_parent, free_port
from backend.localservices import postgres_binaries, unprivileged, utf8_locale, valkey_binary
from tests.faults.sink import Sink

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 4
DISK_MEGABYTES = 1500
PROCESSES = ("web", "relay", "worker", "mailer", "matcher", "beat")


class Broken(AssertionError):
    """A promise was not kept."""


def promise(is_kept, words):
    if not is_kept:
        raise Broken(words)


class Rig:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.chmod(0o711)
        self.disk = self.folder / "disk"
        self.disk.mkdir(mode=0o711)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m,mode=711", "tmpfs", self.disk],
            check=False,
            capture_output=True,
        )
        self.is_small_disk = mounted.returncode == 0
        self.key = settings.SECRET_KEY  # so that tokens of links can be made here as well
        self.pg_port, self.redis_port, self.smtp_port, self.web_port = (free_port() for _ in range(4))
        self.as_user = unprivileged() if os.geteuid() == 0 else {}
        self.log = Path(os.environ.get("FAULTS_LOG", self.folder / "processes.log")).open("ab")  # noqa: SIM115
        self.mail_log = self.folder / "mail.log"
        self.sink = Sink(self.smtp_port, self.mail_log)
        self.company = {}
        self.extra = {}
        self._guard = threading.Lock()
        self._is_guarding = False
        self.restarts = Counter()
        self._stages, self._has_tables = {}, False
        self.broker = redis.Redis(port=self.redis_port, socket_timeout=2)
        self.db_name = "hh"
        self.start_postgres(first=True)
        self.start_valkey()

    # --- the two servers ---------------------------------------------------------------------------------------

    def start_postgres(self, *, first=False):
        data = self.disk / "pg"
        binaries = postgres_binaries()
        if first:
            data.mkdir(mode=0o700)
            if self.as_user:
                os.chown(data, self.as_user["user"], self.as_user["group"])
            initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
            initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C"]
            subprocess.run(
                [*initdb, f"--lc-ctype={utf8_locale()}"], check=True, capture_output=True, cwd="/", **self.as_user
            )
        command = [binaries / "postgres", "-D", data, "-p", str(self.pg_port), "-c", "listen_addresses=127.0.0.1"]
        command += ["-c", f"unix_socket_directories={data}", "-c", "max_connections=200", "-c", "max_wal_size=128MB"]
        command += ["-c", "fsync=off"]  # the machine itself stays up: what the kernel holds survives every fault here
        self.postgres = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, cwd="/", start_new_session=True,
            preexec_fn=die_with_parent(), **self.as_user,
        )  # fmt: skip
        self.until(self._pg_answers, 30, "PostgreSQL did not start")

    def _pg_answers(self):
        try:
            self._admin("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def _admin(self, *statements):
        with psycopg.connect(
            host="127.0.0.1", port=self.pg_port, user="postgres", dbname="postgres", autocommit=True
        ) as one:
            for statement in statements:
                one.execute(statement)

    def stop_postgres(self):
        """pg_ctl stop -m immediate: no farewell, no checkpoint."""
        self.postgres.send_signal(signal.SIGQUIT)
        self.postgres.wait(20)

    def start_valkey(self, *arguments):
        command = [valkey_binary(), "--bind", "127.0.0.1", "--port", str(self.redis_port), "--save", ""]
        command += ["--maxmemory-policy", "noeviction", "--dir", str(self.folder), *arguments]
        self.valkey = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, start_new_session=True, preexec_fn=die_with_parent()
        )
        self.until(lambda: answers(self.redis_port), 10, "Valkey did not start")

    def fill_disk(self):
        """Nothing more can be written where the database lives; on a file system of its own only."""
        assert self.is_small_disk
        with contextlib.suppress(OSError), (self.disk / "filler").open("wb") as file:
            while True:
                file.write(b"0" * 2**20)
                file.flush()
        with contextlib.suppress(OSError), (self.disk / "last").open("wb") as file:
            while True:
                file.write(b"0" * 512)
                file.flush()

    def free_disk(self):
        for name in ("filler", "last"):
            (self.disk / name).unlink(missing_ok=True)

    # --- the stage ---------------------------------------------------------------------------------------------

    def environment(self, **more):
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.pg_port}/{self.db_name}",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}",
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "PUBLIC_URL": f"http://127.0.0.1:{self.web_port}",
            "SECRET_KEY": self.key,
            "DEBUG": "False",  # as in production
            "FICTION_WELCOME": "True",
            "SERVE_FROM_SOURCE": "True",
            "IGNORE_QUIET_HOURS": "True",
            "RATE_LIMIT_SCALE": "10000",
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "REHINT_SECONDS": "1",
            "EVIDENCE_GRACE_SECONDS": "1",
            "LOG_FORMAT": "line",
            **self.extra,
            **more,
        }

    def stage(self, people=300, places=200):
        """A database of that many proposals; made once, then copied."""
        name = f"stage_{people}_{places}"
        if name not in self._stages:
            self._admin(f"create database {name} template {self._migrated()}")
            url = f"postgresql://postgres@127.0.0.1:{self.pg_port}/{name}"
            command = [sys.executable, "-m", "tests.faults.stage", str(people), str(places)]
            subprocess.run(command, check=True, cwd=ROOT, env=self.environment(DATABASE_URL=url))
            self._stages[name] = True
        self._admin(
            f"drop database if exists {self.db_name} with (force)", f"create database {self.db_name} template {name}"
        )
        # A copied sequence counts numbers as written down that were not, in the copy: a crash would give them out again.
        for (sequence,) in self.rows("select quote_ident(sequencename) from pg_sequences where last_value is not null"):
            self.rows(f"select setval('{sequence}', last_value) from {sequence}")

    def _migrated(self):
        """A database with every table and nothing in them; made once."""
        if not self._has_tables:
            self._admin("create database migrated")
            url = f"postgresql://postgres@127.0.0.1:{self.pg_port}/migrated"
            command = [sys.executable, "-m", "backend", "migrate", "-v", "0"]
            subprocess.run(command, check=True, cwd=ROOT, env=self.environment(DATABASE_URL=url))
            self._has_tables = True
        return "migrated"

    def fresh_database(self):
        self._admin(f"drop database if exists {self.db_name} with (force)", f"create database {self.db_name}")

    @contextlib.contextmanager
    def reading(self, table):
        """Somebody reads a table in a transaction that does not end."""
        with psycopg.connect(host="127.0.0.1", port=self.pg_port, user="postgres", dbname=self.db_name) as reader:
            reader.execute(f"select count(*) from {table}")
            yield

    @contextlib.contextmanager
    def cut_off(self, port):
        """Everything to and from a port of this computer is swallowed, without a word to anybody."""
        rules = [["-p", "tcp", "-i", "lo", way, str(port), "-j", "DROP"] for way in ("--dport", "--sport")]
        for rule in rules:
            subprocess.run(["iptables", "-A", "INPUT", *rule], check=True)
        try:
            yield
        finally:
            for rule in rules:
                subprocess.run(["iptables", "-D", "INPUT", *rule], check=True)

    def rows(self, statement, *values):
        with psycopg.connect(
            host="127.0.0.1", port=self.pg_port, user="postgres", dbname=self.db_name, autocommit=True
        ) as one:
            found = one.execute(statement, values)
            return found.fetchall() if found.description else []

    def value(self, statement, *values):
        return self.rows(statement, *values)[0][0]

    def links(self):
        """(proposal, token) of every proposal, in a shuffled order."""
        from backend.placements.tokens import token_of

        rows = self.rows(
            "select proposal_id, id from placements_link where purpose = 'proposal' order by created_at, id"
        )
        found = [(str(proposal), token_of(link)) for proposal, link in rows]
        random.shuffle(found)
        return found

    # --- the processes -----------------------------------------------------------------------------------------

    def commands(self):
        found = {}
        for line in (ROOT / "Procfile").read_text().splitlines():
            name, _, command = line.partition(": ")
            if name in PROCESSES:
                words = command.replace("0.0.0.0:8000", f"127.0.0.1:{self.web_port}").split()
                words = [word.replace("/run/beat/schedule", str(self.folder / "beat")) for word in words]
                found[name] = words[2:] if words[0] == "python" else words
        return found

    def play(self, *names, sabotage=None, **environment):
        """Start some processes of the Procfile and look after them."""
        commands = self.commands()
        for name in names or PROCESSES:
            kind = name.rstrip("0123456789")
            words = list(commands[kind])
            if kind in ("worker", "mailer", "matcher"):
                words += ["-n", f"{name}@%h"]
            if kind == "beat":
                words = [word.replace("backend", "tests.faults.hasty") for word in words]
                words = [word.replace(str(self.folder / "beat"), str(self.folder / name)) for word in words]
            start = [sys.executable, "-m"]
            start += ["tests.faults.sabotaged", sabotage] if sabotage else []
            self.company[name] = (None, [*start, *words], environment)
            self._launch(name)
        if not self._is_guarding:
            self._is_guarding = True
            threading.Thread(target=self._look_after, daemon=True).start()
        if "web" in (names or PROCESSES):
            self.until(lambda: answers(self.web_port), 30, "the web server did not start")
        if not names or "worker" in names:
            self.until(self._workers_listen, 40, "the workers did not start")

    def leaves(self, name, number=signal.SIGKILL):
        """A process ends, and nobody starts it again."""
        with self._guard:
            process, _command, _environment = self.company.pop(name)
        process.send_signal(number)
        process.wait(30)

    def _workers_listen(self):
        """A worker that listens blocks on its queues."""
        with contextlib.suppress(redis.RedisError):
            waiting = [one for one in self.broker.client_list() if one["cmd"].lower() == "brpop"]
            return len(waiting) >= sum(
                name.rstrip("0123456789") in ("worker", "mailer", "matcher") for name in self.company
            )
        return False

    def _launch(self, name):
        _old, command, environment = self.company[name]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment(**environment), stdout=self.log, stderr=self.log,
            start_new_session=True, preexec_fn=die_with_parent(),
        )  # fmt: skip
        self.company[name] = (process, command, environment)

    def _look_after(self):
        while self._is_guarding:
            with self._guard:
                for name, (process, _command, _environment) in list(self.company.items()):
                    if process and process.poll() is not None:
                        self.restarts[name] += 1
                        self._launch(name)
            time.sleep(0.1)

    def kill(self, name, number=signal.SIGKILL):
        process = self.company[name][0]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)

    def pid(self, name):
        return self.company[name][0].pid

    def children(self, name):
        found = subprocess.run(["pgrep", "-P", str(self.pid(name))], check=False, capture_output=True, text=True)
        return [int(one) for one in found.stdout.split()]

    def close(self):
        """End the processes, not the servers."""
        with self._guard:
            self._is_guarding = False
            for process, _command, _environment in self.company.values():
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            self.company = {}
        self.extra = {}
        self.restarts.clear()
        self.sink.behave = lambda moment, address, name: None
        self.sink.accepted.clear()
        self.sink.people.clear()
        self.sink.words.clear()
        self.mail_log.write_text("")
        self._mend()

    def _mend(self):
        """Whatever a play left broken must not break the next one."""
        self.free_disk()
        with contextlib.suppress(ProcessLookupError):
            self.valkey.send_signal(signal.SIGCONT)
        if self.valkey.poll() is not None:
            self.start_valkey()
        self.broker.config_set("maxmemory", "0")
        self.broker.flushall()
        if self.postgres.poll() is not None:
            self.start_postgres()
        self.until(self._pg_answers, 20, "PostgreSQL did not come back")

    def end(self):
        self.close()
        self.sink.stop()
        for server in (self.valkey, self.postgres):
            server.kill()
            server.wait()
        self.log.close()
        if self.is_small_disk:
            subprocess.run(["umount", "-l", self.disk], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- waiting and asking ------------------------------------------------------------------------------------

    def until(self, is_true, seconds, otherwise):
        """Seconds it took. Raises Broken. The longer it takes the less often it asks: the computer has work to do."""
        began = time.monotonic()
        while not is_true():
            waited = time.monotonic() - began
            if waited > seconds:
                raise Broken(f"{otherwise} within {seconds} s")
            time.sleep(max(0.05, waited / 50))
        return time.monotonic() - began

    def waits(self):
        """What still has to happen by itself."""
        return self.value(
            "select (select count(*) from outbox_event where done_at is null and parked_at is null)"
            " + (select count(*) from notifications_delivery where state in ('pending', 'claimed', 'handing'))"
        )

    def drain(self, seconds):
        def is_quiet():
            try:
                return self.waits() == 0
            except psycopg.Error:
                return False

        try:
            return self.until(is_quiet, seconds, "it did not all follow")
        except Broken as broken:
            left = self.rows("select channel, state, count(*) from notifications_delivery group by 1, 2")
            left += self.rows("select name, attempts, count(*) from outbox_event where done_at is null group by 1, 2")
            raise Broken(f"{broken}: {left}") from None

    def answer(self, token, answer="yes", key=None, patience=30, seen=None):
        """POST until it is acknowledged, always with the same key; `seen` counts every status on the way.

        (status, body, seconds of the slowest try)
        """
        seen = Counter() if seen is None else seen
        body = json.dumps({"answer": answer})
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or secrets.token_hex(16)}
        end = time.monotonic() + patience
        slowest = 0.0
        while True:
            began = time.monotonic()
            try:
                status, text = self.request("POST", f"/api/v1/links/{token}/answer", body, headers)
            except OSError:
                status, text = 0, ""
            except http.client.HTTPException:
                status, text = 0, ""
            slowest = max(slowest, time.monotonic() - began)
            seen[status] += 1
            if status not in (0, 409, 500, 502, 503) or time.monotonic() > end:
                return status, text, slowest
            time.sleep(0.1)

    def request(self, method, path, body=None, headers=None, timeout=40):
        line = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=timeout)
        try:
            line.request(method, path, body, headers or {})
            response = line.getresponse()
            return response.status, response.read().decode()
        finally:
            line.close()


class Load:
    """People who say yes, some at a time, while something breaks."""

    def __init__(self, rig, many, *, threads=6, a_second=40):
        self.rig, self.acknowledged, self.slowest, self.statuses = rig, {}, [], Counter()
        self._todo = queue.SimpleQueue()
        for one in rig.links()[:many]:
            self._todo.put(one)
        self._pause = threads / a_second
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, kind, _error, _trace):
        if kind is not None:
            with contextlib.suppress(queue.Empty):
                while True:
                    self._todo.get_nowait()
        for one in self._threads:
            one.join(60)

    def _work(self):
        while True:
            try:
                proposal, token = self._todo.get_nowait()
            except queue.Empty:
                return
            status, _text, slowest = self.rig.answer(token, seen=self.statuses)
            self.slowest.append(slowest)
            if status == 200:
                self.acknowledged[proposal] = time.time()
            time.sleep(self._pause * random.uniform(0.5, 1.5))


def judge(rig, load):
    """The invariants: what was acknowledged is there, told at most once, and told or shown to a person."""
    wanted = set(load.acknowledged)
    rows = rig.rows(
        "select p.id::text, p.state, d.id::text, d.state, f.state from placements_proposal p"
        " left join notifications_delivery d on d.occasion like 'candidate_new:' || p.id || ':%%' and d.channel = 'email'"
        " left join notifications_delivery f on f.occasion = d.occasion and f.channel = 'callsheet'"
        " where p.id = any(%s::uuid[])", list(wanted),
    )  # fmt: skip
    absent = wanted - {proposal for proposal, state, *_rest in rows if state == "accepted"}
    promise(not absent, f"{len(absent)} acknowledged answers are not there")
    untold = [one for one in rows if one[2] is None]
    promise(not untold, f"{len(untold)} acknowledged answers led to no message")
    promise(len(rows) == len(wanted), "an answer led to two messages")
    lost = [
        one for one in rows
        if not rig.sink.accepted[one[2]] and one[3] not in ("unknown", "parked") and one[4] not in ("listed", "done")
    ]  # fmt: skip
    promise(not lost, f"{len(lost)} messages were lost")
    doubled = [name for name, times in rig.sink.accepted.items() if times > 1]
    doubled += [one for one, times in rig.sink.people.items() if times > 1]
    promise(not doubled, f"{len(doubled)} messages came twice")
    full = rig.value("select count(*) from opportunities_opportunity where taken_open + taken_reserved > places")
    promise(not full, "more people than places")
    return {
        "acknowledged": len(wanted),
        "sent": sum(1 for one in rows if rig.sink.accepted[one[2]]),
        "unknown": sum(one[3] == "unknown" for one in rows),
        "parked": sum(one[3] == "parked" for one in rows),
        "lost": len(lost),
        "doubled": len(doubled),
    }
