#!/usr/bin/env python3
"""From a fresh clone to a running product: `python3 backend/dev.py demo`, or `... test [pytest arguments]`.

Standard library only. Makes .venv from requirements.lock, every file checked against its hash, then runs
backend.cli inside it. Another lock or another Python makes a new .venv; otherwise nothing is installed.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Python puts a script's own folder first: our celery.py would hide the Celery package, and so on.
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

ROOT = Path(HERE).parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".lock-sha256"


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed. With uv: uv run --no-project --python 3.13 backend/dev.py")
    with (ROOT / ".venv.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two commands at once: the second waits for the first one's install
        wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
        if not STAMP.exists() or STAMP.read_text() != wanted:
            install()
            STAMP.write_text(wanted)  # last: an install that was cut off is done again
    os.chdir(ROOT)
    os.environ["PYTHONPATH"] = str(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "backend.cli", *sys.argv[1:]])


def install() -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable  # not .venv's own python: it is about to go
    count = sum(line[:1].isalnum() for line in LOCK.read_text().splitlines())
    print(f"First time: installing {count} packages into .venv (about half a minute).", flush=True)
    uv = shutil.which("uv")
    if uv:
        run([uv, "venv", "-q", "--clear", "--python", base, str(VENV)])
        sync = [uv, "pip", "sync", "-q", "--require-hashes", "--compile-bytecode"]
        run([*sync, "--python", str(PYTHON), str(LOCK)])
        return
    if subprocess.call([base, "-m", "venv", "--clear", str(VENV)]):
        sys.exit("Python's venv is missing: install python3-venv (Debian, Ubuntu), or install uv.")
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    run_with_count([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)], count)


def run(command: list[str]) -> None:
    if subprocess.call(command):
        sys.exit(f"Installing failed: see the lines above. The command was: {' '.join(command)}")


def run_with_count(command: list[str], count: int) -> None:
    """pip's many lines become one that counts; all of them are shown when it fails."""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        done = 0
        for line in process.stdout or ():
            lines.append(line)
            done += line.startswith("Collecting ")
            if line.startswith("Collecting ") and (sys.stdout.isatty() or done % 20 == 0):
                print(f"  {done} of {count}", end="\r" if sys.stdout.isatty() else "\n", flush=True)
            if line.startswith("Installing collected"):
                print("  unpacking            ", flush=True)
    if process.returncode:
        sys.exit("".join(lines) + "Installing failed: see the lines above.")


main()
