"""How many messages a second, and how much memory, beside a bare Celery loop that sends the same mails.

`python3 backend/dev.py faults --deliveries 100000` runs both on this computer, one after the other, against the same
small mail server, and counts what arrived by Message-ID.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from tests.faults.rig import ROOT, Rig

BARE_SHARE = 5  # the bare loop sends a fifth as many: its speed does not depend on how many wait


class Counting(asyncio.Protocol):
    """Takes every mail and counts Message-IDs: as fast as Python can."""

    seen: Counter = Counter()

    def connection_made(self, transport):
        self.line, self.rest, self.is_data = transport, b"", False
        transport.write(b"220 counting\r\n")

    def data_received(self, data):
        self.rest += data
        while True:
            end = b"\r\n.\r\n" if self.is_data else b"\r\n"
            words, found, rest = self.rest.partition(end)
            if not found:
                return
            self.rest = rest
            self.line.write(self._taken(words) if self.is_data else self._answer(words))

    def _taken(self, words):
        self.is_data = False
        at = words.index(b"Message-ID: <") + 13
        self.seen[words[at : at + 36]] += 1
        return b"250 taken\r\n"

    def _answer(self, words):
        verb = words[:4].upper()
        if verb == b"DATA":
            self.is_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.line.write(b"221 bye\r\n")
            self.line.close()
            return b""
        return b"250 ok\r\n"


def serve(port):
    async def run():
        server = await asyncio.get_running_loop().create_server(Counting, "127.0.0.1", port)
        async with server:
            while True:
                line = await asyncio.to_thread(sys.stdin.readline)
                if not line:
                    return
                if line == "forget\n":
                    Counting.seen.clear()
                print(json.dumps([len(Counting.seen), sum(Counting.seen.values())]), flush=True)

    asyncio.run(run())


class Server:
    def __init__(self, port):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.throughput", "serve", str(port)], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, word="count"):
        """(different mails, mails)"""
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return tuple(json.loads(self._process.stdout.readline()))

    def end(self):
        self._process.stdin.close()
        self._process.wait()


class Memory:
    """The largest resident size of a process, in MB, by thirds of the run."""

    def __init__(self, rig, names):
        self.samples = []
        self._rig, self._names, self._is_over = rig, names, threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        while not self._is_over.wait(1):
            pids = [pid for name in self._names for pid in (self._rig.pid(name), *self._rig.children(name))]
            self.samples.append(max((_resident_mb(pid) for pid in pids), default=0))

    def end(self):
        self._is_over.set()
        third = max(1, len(self.samples) // 3)
        return max(self.samples[third : 2 * third] or [0]), max(self.samples[2 * third :] or [0])


def _resident_mb(pid):
    try:
        with Path(f"/proc/{pid}/status").open() as file:
            return next((int(line.split()[1]) // 1024 for line in file if line.startswith("VmRSS")), 0)
    except OSError:
        return 0


MANY = """
insert into notifications_delivery (id, occasion, kind, recipient, language, time_zone, channel, address, next_routes,
  "values", state, due_at, attempts, crashes, result)
select md5('x' || n)::uuid, 'thanks_campaign:' || n, 'thanks_campaign', gen_random_uuid(), 'nl', 'Europe/Brussels',
  'email', 'persoon' || n || '@voorbeeld.example', '[["callsheet", ""]]',
  '{"first_name": "Marc", "city": "Antwerpen", "phone": "03 000 00 00"}', 'pending', now(), 0, 0, ''
from generate_series(1, %s) n
"""


def measure(many):
    rig = Rig(tempfile.mkdtemp(prefix="hh-throughput-"))
    rig.sink.stop()
    server = Server(rig.smtp_port)
    try:
        rig.stage(20, 200)
        rig.rows(MANY, many)
        rig.play("relay", "mailer", REHINT_SECONDS="4")  # as in production
        memory = Memory(rig, ("relay", "mailer"))
        ours = _run(rig, server, many)
        middle, last = memory.end()
        left = rig.value(
            "select count(*) from notifications_delivery where state <> 'sent' and kind = 'thanks_campaign'"
        )
        rig.close()
        server.ask("forget")
        few = many // BARE_SHARE
        rig.company["bare"] = (None, [sys.executable, *BARE_WORKER], {})
        rig._launch("bare")
        rig.until(lambda: any(one["cmd"].lower() == "brpop" for one in rig.broker.client_list()), 30, "no bare worker")
        bare_memory = Memory(rig, ("bare",))
        publisher = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.bare", str(few)], cwd=ROOT, env=rig.environment()
        )
        bare = few / _run(rig, server, few)
        bare_middle, bare_last = bare_memory.end()
        publisher.wait(10)
    finally:
        server.end()
        rig.end()
    return {
        "deliveries": many, "lost": left, "doubled": 0, "a second": round(many / ours), "bare loop a second": round(bare),
        "ratio": round(many / ours / bare, 2), "largest process MB, second and last third": [middle, last],
        "bare loop MB": [bare_middle, bare_last],
    }  # fmt: skip


BARE_WORKER = [
    "-m",
    "celery",
    "-q",
    "-A",
    "tests.faults.bare",
    "worker",
    "-c",
    "2",
    "-l",
    "warning",
    "--without-mingle",
    "--without-gossip",
]


def _run(rig, server, many):
    """Seconds from the first mail that arrived until the last, each once: starting up counts for neither side."""
    rig.until(lambda: server.ask()[0], 60, "no mail arrived")
    began, early = time.perf_counter(), server.ask()[0]
    while True:
        different, all_of_them = server.ask()
        if different >= many:
            break
        if time.perf_counter() - began > 3600:
            raise SystemExit(f"{different} of {many} arrived within an hour")
        time.sleep(0.2)
    if all_of_them != different:
        raise SystemExit(f"{all_of_them - different} mails came twice")
    took = (time.perf_counter() - began) * many / (many - early)
    if "mailer" in rig.company:
        rig.drain(30)
    return took


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        print(json.dumps(measure(int(sys.argv[1])), indent=1))
