"""Runs inside .venv: demo, test, match, and any Django command, each with real services beneath it."""

import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from backend.localservices import LocalServices

ROOT = Path(__file__).resolve().parent.parent
USAGE = """usage: python3 backend/dev.py demo [--once] | test [pytest arguments]
       | faults [--seeds N,N,N] [--publish] [pytest arguments] | faults --deliveries N
       | match WORLD_DIR [arguments] | bench [--quick] [--pages] [--seed N] [--publish] | manage <django command>"""
PATIENCE_SECONDS = 45
ALONE, PROCESSES_MAX = ("tests/faults", "tests/stories"), 4
TWIN_SHARES, NO_TESTS = 4, 5  # 5: what pytest says when a share has nothing to play
RESTARTS_MAX, RESTARTS_SECONDS = 5, 60


def main(command: str = "help", *arguments: str) -> None:
    if command == "test":
        sys.exit(test(arguments))
    if command == "faults":
        sys.exit(faults(list(arguments)))
    if command == "match":
        sys.exit(subprocess.call([sys.executable, "-m", "matching", *arguments], cwd=os.environ.get("PWD", ROOT)))
    if command not in {"demo", "manage", "bench"} or (command == "demo" and set(arguments) - {"--once"}):
        sys.exit(USAGE)
    os.environ.setdefault("FICTION_WELCOME", "True")
    os.environ.setdefault("SERVE_FROM_SOURCE", "True")
    os.environ.setdefault("LOG_FORMAT", "line")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    (ROOT / ".static").mkdir(exist_ok=True)  # WhiteNoise warns about a missing folder
    is_once = "--once" in arguments
    is_kept = not is_once and command != "bench"
    os.environ.setdefault("SECRET_KEY", secret_key(ROOT / ".data") if is_kept else secrets.token_hex(32))
    # A race is fair only when a commit waits for the disk, as it does in production.
    services = LocalServices(ROOT / ".data" if is_kept else None, durable=is_kept or command == "bench")
    began = time.perf_counter()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: sys.exit(128 + got))  # so that `finally` below runs
    try:
        os.environ.update(services.start())
        if command == "manage":
            sys.exit(subprocess.call([sys.executable, "-m", "backend", *arguments], cwd=ROOT))
        if command == "bench":
            subprocess.check_call([sys.executable, "-m", "backend", "migrate", "-v", "0"], cwd=ROOT)
            sys.exit(subprocess.call([sys.executable, "-m", "benchmarks", *arguments], cwd=ROOT))
        Demo(services, began).run(once=is_once)
    finally:
        services.stop()


def test(arguments: Sequence[str]) -> int:
    """What was asked for; else everything, and pytest's exit status.

    First alone what counts seconds until something recovers, then the rest on as many cores as there are.
    """
    pytest = [sys.executable, "-m", "pytest"]
    if arguments:
        return subprocess.call([*pytest, *arguments], cwd=ROOT)
    together = ["-n", "auto", "--maxprocesses", str(PROCESSES_MAX), "--dist", "loadfile", "--no-loadscope-reorder"]
    left_out = [f"--ignore={folder}" for folder in ALONE]
    return subprocess.call([*pytest, *ALONE], cwd=ROOT) or subprocess.call([*pytest, *together, *left_out], cwd=ROOT)


def faults(arguments: list[str]) -> int:
    """Break everything of the fault matrix, count, and break it once more without the guard. The exit status.

    With several seeds the twins play along in the first run only: a guard that is missing is missing in each.
    """
    if arguments[:1] == ["--deliveries"]:
        # The rig has servers of its own; these values only let it read the settings.
        its = {"DEBUG": "True", "DATABASE_URL": "postgresql://rig@localhost/rig", "REDIS_URL": "redis://localhost"}
        environment = {**os.environ, **its, "DJANGO_SETTINGS_MODULE": "backend.settings"}
        command = [sys.executable, "-m", "tests.faults.throughput", *arguments[1:]]
        return subprocess.call(command, cwd=ROOT, env=environment)
    seeds = [str(secrets.randbelow(10**6))]
    if "--seeds" in arguments:
        at = arguments.index("--seeds")
        seeds = arguments.pop(at + 1).split(",")
        arguments.pop(at)
    is_published = "--publish" in arguments
    arguments = [one for one in arguments if one != "--publish"]
    runs, status = [], 0
    for number, seed in enumerate(seeds):
        began = time.monotonic()
        lines, failed = play(seed, arguments, with_twins=number == 0)
        status = status or failed
        if number == 0:
            status = twins(seed, arguments) or status
        runs.append((seed, lines))
        print(f"seed {seed}: {len(lines)} faults survived, {time.monotonic() - began:.0f} s", flush=True)
    if is_published and not status:
        from tests.faults.report import publish

        publish(runs)
    return status


def play(seed: str, arguments: list[str], *, with_twins: bool) -> tuple[list[dict[str, object]], int]:
    """Every fault, one after the other, and those twins that need the computer to themselves: what each play counted,
    and the exit status of pytest.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        status = _play("alone" if with_twins else "honest", seed, arguments, told).wait()
        lines = [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []
    for line in lines:
        print("  ".join(f"{name} {value}" for name, value in line.items() if name != "fault"))
    return lines, status


def twins(seed: str, arguments: list[str]) -> int:
    """The other twins, in some installations at the same time: what they wait for is mostly time. The exit status."""
    shares = [f"{one + 1}/{TWIN_SHARES}" for one in range(TWIN_SHARES)]
    running = [_play(share, seed, arguments, Path(os.devnull)) for share in shares]
    return max(one.wait() % NO_TESTS for one in running)


def _play(part: str, seed: str, arguments: list[str], told: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/faults", *arguments]
    environment = {**os.environ, "FAULTS": str(told), "FAULTS_SEED": seed, "FAULTS_PART": part}
    return subprocess.Popen(command, cwd=ROOT, env=environment)


class Demo:
    """All processes of production on one computer, with an invented city."""

    def __init__(self, services: LocalServices, began: float) -> None:
        self.services, self.began = services, began
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.commands: dict[str, list[str]] = {}
        self.restarts: list[float] = []
        self.mail = self.services.run / "mail"

    def say(self, text: str) -> None:
        print(f"{time.perf_counter() - self.began:5.1f} s  {text}", flush=True)

    def run(self, *, once: bool) -> None:
        port = free_port() if once else int(os.environ.get("PORT", "8000"))
        address, mail_port = f"127.0.0.1:{port}", free_port()
        os.environ.update(
            PUBLIC_URL=f"http://{address}",
            SMTP_URL=f"smtp://127.0.0.1:{mail_port}",
            IGNORE_QUIET_HOURS="True",
            PYTHONWARNINGS="ignore",  # Celery's advice to root is for servers, not for a try-out
        )
        if not once:
            self.mail = ROOT / ".data" / "mail"
        try:
            self.say("services started: PostgreSQL and a Redis-compatible server")
            self.start_processes(address, mail_port)
            from backend import demoplay  # Django reads its settings here, so not before the services stand

            demoplay.prepare(self.say)
            self.start({"relay": [sys.executable, "-m", "backend", "relay"]})  # it asks for the tables at once
            self.wait_until(lambda: answers(port), "the web server did not answer")
            self.say(f"ready on http://{address}")
            if once:
                demoplay.play(f"http://{address}", self.mail, self.wait_until, self.say)
                self.say("done")
                return
            demoplay.open_doors(f"http://{address}", self.mail)
            while True:
                self.restart_what_ended()
                time.sleep(0.5)
        finally:
            self.stop_processes()

    def start_processes(self, address: str, mail_port: int) -> None:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-q", "-A", "backend"]
        worker = [*celery, "worker", "-l", "warning", "--without-mingle", "--without-gossip"]
        schedule = str(self.services.run / "beat")
        commands = {
            "mail": [*python, "aiosmtpd", "-n", "-l", f"127.0.0.1:{mail_port}", "-c", "aiosmtpd.handlers.Mailbox",
                     str(self.mail)],
            "matcher": [*worker, "-Q", "matching", "-P", "solo", "-n", "matcher@%h"],
            "worker": [*worker, "-Q", "steps,urgent,sms,push,callsheet", "-P", "threads", "-c", "4", "-n", "worker@%h"],
            "mailer": [*worker, "-Q", "email", "-P", "threads", "-c", "2", "-n", "mailer@%h"],
            "web": [*python, "gunicorn", "backend.wsgi", "--bind", address, "--threads", "4", "--log-level", "warning"],
            "beat": [*celery, "beat", "-l", "warning", "-s", schedule],
        }  # fmt: skip
        self.start(commands)

    def start(self, commands: dict[str, list[str]]) -> None:
        self.commands |= commands
        for name, command in commands.items():
            # Their own session: Ctrl-C reaches this process alone, which then stops them in order.
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent()
            )

    def check_processes(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                reason = f"the process {name!r} ended with {process.returncode}: see the lines above"
                sys.exit(f"The demonstration stopped: {reason}")

    def restart_what_ended(self) -> None:
        """As a supervisor does in production. Exits with 1 when it happens too often to be an accident."""
        for name, process in list(self.processes.items()):
            if process.poll() is None:
                continue
            self.restarts = [one for one in self.restarts if time.monotonic() - one < RESTARTS_SECONDS]
            self.restarts.append(time.monotonic())
            if len(self.restarts) > RESTARTS_MAX:
                self.check_processes()
            self.say(f"the process {name!r} ended with {process.returncode}: it starts again")
            self.start({name: self.commands[name]})

    def wait_until(self, is_there: Callable[[], object], otherwise: str) -> None:
        """Exits with 1 and the reason after PATIENCE_SECONDS, or at once when a process ended."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_there():
            self.check_processes()
            if time.monotonic() > end:
                sys.exit(f"The demonstration stopped: {otherwise} within {PATIENCE_SECONDS} s")
            time.sleep(0.05)

    def stop_processes(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        self.say("stopped")


def secret_key(folder: Path) -> str:
    """One secret for this checkout, kept: with another one the links of yesterday's demonstration would be void."""
    folder.mkdir(exist_ok=True)
    file = folder / "secret-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(32))
    return file.read_text()


def die_with_parent() -> Callable[[], object] | None:
    """Linux: the kernel ends the process when this one dies, even by SIGKILL."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, int(signal.SIGTERM), 0, 0, 0)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(*sys.argv[1:])
