"""What a newcomer types: the demonstration plays the main job, says why when it cannot, and leaves nothing running."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN_SERVICES = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL", "DEBUG")}


def demo(**environment):
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", "demo", "--once"],
        check=False,
        cwd=ROOT,
        env={**OWN_SERVICES, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demonstration_plays_the_whole_main_job_and_prints_its_table():
    done = demo()

    assert done.returncode == 0, done.stdout + done.stderr
    table = dict(re.findall(r"^  ([a-z].*?) {2,}([\d.]+)$", done.stdout, re.MULTILINE))
    assert (table["people"], table["opportunities"], table["proposals"]) == ("25", "25", "26")
    assert table["answers: accepted"] == "2"
    assert int(table["messages: email sent"]) > 10
    assert int(table["messages: callsheet listed"]) > 5
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"CITIES": "tests/cities/zilverstad"}, "The demonstration stopped: the invented city cannot be loaded"),
        ({"SMTP_URL": "x", "LEASE_SECONDS": "many"}, "LEASE_SECONDS must be a whole number"),
    ],
)
def test_a_demonstration_that_cannot_go_on_ends_with_1_and_the_reason(environment, reason):
    done = demo(**environment)

    assert done.returncode == 1
    assert reason in done.stderr


def test_the_demonstration_starts_again_what_ends_and_gives_up_when_it_goes_on_ending(capsys):
    from backend.cli import RESTARTS_MAX, Demo
    from backend.localservices import LocalServices

    services = LocalServices()
    services.stop()  # none is needed, nor its folder
    show = Demo(services, began=0)
    show.start({"worker": [sys.executable, "-c", "import time; time.sleep(60)"]})
    first = show.processes["worker"]
    first.kill()
    first.wait(20)

    show.restart_what_ended()

    assert show.processes["worker"] is not first
    assert show.processes["worker"].poll() is None
    assert "'worker' ended with -9: it starts again" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="'worker' ended with -9"):
        for _ in range(RESTARTS_MAX):
            show.processes["worker"].kill()
            show.processes["worker"].wait(20)
            show.restart_what_ended()


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(how):
    """Start the services as the commands do, end the launcher, and see the servers go."""
    program = (
        "import signal, sys, time; from backend.localservices import LocalServices; s = LocalServices(); s.start();"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(1)); signal.signal(signal.SIGINT, lambda *_: sys.exit(1));"
        "print(*[process.pid for process, _ in s.processes], flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=OWN_SERVICES, stdout=subprocess.PIPE, text=True
    )
    servers = [int(pid) for pid in launcher.stdout.readline().split()]
    assert [is_running(pid) for pid in servers] == [True, True]

    launcher.send_signal(how)
    launcher.wait(20)
    launcher.stdout.close()

    end = time.monotonic() + 15
    while any(is_running(pid) for pid in servers):
        assert time.monotonic() < end, "a server outlived its launcher"
        time.sleep(0.05)


def test_the_match_command_takes_a_folder_from_where_one_stands(tmp_path):
    demo_folder = ROOT / "backend" / "city" / "antwerpen" / "demo"

    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "match", "."],
        check=False,
        cwd=demo_folder,
        env={**OWN_SERVICES, "PYTHONPATH": str(ROOT), "PWD": str(demo_folder)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert '"P30": [\n  "T19"\n ]' in done.stdout


def test_an_unknown_command_says_what_there_is():
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "dance"], check=False, cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "usage: python3 backend/dev.py demo [--once] | test" in done.stderr
