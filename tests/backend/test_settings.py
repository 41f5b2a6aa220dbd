"""A wrong setting stops the start and names itself; nothing people told us reaches a log."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.common.logs import HideTokens, WithoutDetails

ROOT = Path(__file__).resolve().parents[2]

WRONG = [
    ({"DEBUG": "yes"}, "DEBUG must be True or False, not 'yes'."),
    ({"DEBUG": "False", "SECRET_KEY": ""}, "SECRET_KEY is missing"),
    ({"DEBUG": "False", "SECRET_KEY": "short"}, "SECRET_KEY is too short"),
    ({"DATABASE_URL": ""}, "DATABASE_URL is missing: set it, for example DATABASE_URL="),
    ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must look like postgresql://"),
    ({"REDIS_URL": "redis://localhost/3"}, "REDIS_URL must look like redis://"),
    ({"SMTP_URL": "localhost"}, "SMTP_URL must look like smtp://"),
    ({"PUBLIC_URL": "example.org"}, "PUBLIC_URL must begin with https://"),
    ({"LEASE_SECONDS": "0"}, "LEASE_SECONDS must be a whole number from 1 to 3600, not '0'."),
    ({"FICTION_WELCOME": "1"}, "FICTION_WELCOME must be True or False, not '1'."),
]


def start(*command, **changes):
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=ROOT,
        env={**os.environ, **changes},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("changes", "words"), WRONG)
def test_a_wrong_setting_stops_the_start_and_says_which(changes, words):
    done = start("-c", "import backend.settings", **changes)

    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]


def test_a_wrong_city_stops_the_start_and_says_which():
    done = start("-m", "backend", "check", CITIES="atlantis")

    assert done.returncode == 1
    assert "city.toml: the file is missing in atlantis" in done.stderr


def line(message, *arguments, error=None):
    info = (type(error), error, None) if error else None
    record = logging.LogRecord("x", logging.ERROR, "x", 1, message, arguments, info)
    HideTokens().filter(record)
    return WithoutDetails("%(message)s").format(record)


def test_tokens_of_links_are_hidden_in_logs():
    assert line('"GET /v/2tZQn5p7i8E6jxhpEwNpCf/antwoord/ HTTP/1.1" %s', 200) == '"GET /v/… HTTP/1.1" 200'
    assert line("/o/%s/", "2tZQn5p7i8E6jxhpEwNpCf") == "/o/…"
    assert line("/binnen/%s/", "abc/def") == "/binnen/…"
    assert line("Service Unavailable: /api/v1/links/2tZQn5p7i8E6jxhpEwNpCf/answer") == (
        "Service Unavailable: /api/v1/links/…"
    )
    assert line("/berichten/sms/%s/", "a-secret") == "/berichten/sms/…"


def test_what_a_database_error_repeats_of_a_row_is_left_out():
    error = ValueError('violates check constraint "x"\nDETAIL:  Failing row contains (Marc, 0470 00 00 00).')

    text = line("task failed", error=error)

    assert "violates check constraint" in text
    assert "Marc" not in text


def test_the_health_page_needs_the_database_only(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1"

    assert client.get("/health/live").json() == {"ok": True}
    assert client.get("/health/ready").json() == {"ok": True, "database": "ok", "queue": "degraded"}


def test_a_broken_page_is_kind_and_says_nothing_technical(client, db, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("backend.ui.context.default_city", lambda: 1 / 0)

    answer = client.get("/")

    assert answer.status_code == 500
    assert "division" not in answer.content.decode()
