"""The house rules that a machine can see: layers, migrations, style, types, words, and no host in the lock."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
CODE = [path for room in ("backend", "matching", "notifications") for path in (ROOT / room).rglob("*.py")]


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, "-m", *command],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_every_import_keeps_the_layers():
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_the_style_is_kept():
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = run("ruff", *command, ".")
        assert done.returncode == 0, done.stdout


def test_the_types_hold():
    done = run("mypy", "--cache-dir", str(ROOT / ".mypy_cache"))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "module", ["matching.engine", "matching.__main__", "notifications.message", "notifications.timing"]
)
def test_pure_modules_load_without_the_server(module):
    forbidden = ["django", "rest_framework", "allauth", "celery", "kombu", "redis"]
    program = f"import sys, {module}; found = [n for n in {forbidden} if n in sys.modules]; sys.exit(str(found) if found else 0)"

    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_no_model_lacks_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_migration_goes_back_and_forth_again():
    """On a database of its own: all the way up, down to nothing, and up again."""
    from django.db import connections

    name = "there_and_back"
    parameters = {**connections["default"].settings_dict}
    import psycopg

    def connect(database):
        return psycopg.connect(
            dbname=database,
            user=parameters["USER"],
            host=parameters["HOST"],
            port=parameters["PORT"] or None,
            password=parameters["PASSWORD"] or None,
            autocommit=True,
        )

    with connect("postgres") as server:
        server.execute(f"drop database if exists {name}")
        server.execute(f"create database {name}")
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    url = head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    try:
        apps = ["notifications", "placements", "talent", "opportunities", "organisations", "accounts", "outbox"]
        steps = [["migrate"], *[["migrate", app, "zero"] for app in apps], ["migrate"]]
        program = (
            "import django; django.setup(); from django.core.management import call_command;"
            f"[call_command(*step, verbosity=0) for step in {steps!r}]"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            check=False,
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "backend.settings"},
        )
        assert done.returncode == 0, done.stderr
        with connect(name) as database:
            tables = database.execute(
                "select count(*) from pg_tables where tablename = 'placements_proposal'"
            ).fetchone()
        assert tables == (1,)
    finally:
        with connect("postgres") as server:
            server.execute(f"drop database if exists {name} with (force)")


def test_every_constraint_of_the_database_reads_as_a_sentence():
    from django.apps import apps

    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in ("backend", "notifications")]
    names = [constraint.name for model in ours for constraint in model._meta.constraints]
    assert len(names) > 60
    for name in names:
        assert re.fullmatch(r"[a-z0-9_]+", name)
        assert len(name.split("_")) >= 4, f"{name} is no sentence"


def test_no_code_names_a_city():
    names = {"antwerp", "borgerhout", "merksem", "new york"}
    for path in CODE:
        text = path.read_text(encoding="utf-8").lower()
        assert not [name for name in names if name in text], path


def screen_texts():
    for template in [*ROOT.glob("backend/**/templates/**/*.html"), *ROOT.glob("notifications/templates/**/nl.*.txt")]:
        yield template.relative_to(ROOT), re.sub(r"{[{%#].*?[%#}]}|<[^>]+>", " ", template.read_text(encoding="utf-8"))
    for path in (ROOT / "matching/catalogue/sentences.csv", ROOT / "matching/catalogue/threshold_reducers.csv"):
        yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
    publication = (ROOT / "backend/city/antwerpen/publication.toml").read_text(encoding="utf-8")
    yield "sentences of publication", publication.split("[sentences]")[1]


def test_r056_no_word_to_avoid_stands_on_a_screen():
    with (Path(__file__).parent / "words_to_avoid.csv").open(encoding="utf-8", newline="") as file:
        words = [row["word_nl"] for row in csv.DictReader(file)]
    pattern = re.compile(r"\b(" + "|".join(re.escape(word) for word in words) + r")(s|en|e|'s)?\b", re.IGNORECASE)
    looked_at = 0
    for name, text in screen_texts():
        found = pattern.search(text)
        assert not found, f"{name}: {found[0]}"
        looked_at += 1
    assert looked_at > 20


def test_only_the_relay_and_the_timetable_give_hints():
    for path in CODE:
        if path.name in ("relay.py",):
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\.(delay|apply_async|send_task|delay_on_commit)\(", text), path


def test_nobody_uses_signals_or_logic_in_save():
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        assert "django.db.models.signals" not in text, path
        assert "def save(" not in text, path


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-production.lock"])
def test_the_lock_names_no_host_and_no_path(name):
    lock = (ROOT / name).read_text(encoding="utf-8")

    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock
    packages = re.findall(r"^([a-z0-9][\w.-]*)==", lock, re.MULTILINE)
    assert len(packages) == len(set(packages)) > 30
    assert lock.count("--hash=sha256:") >= len(packages)


def test_production_runs_the_versions_that_were_tested():
    tested, production = (
        dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-production.lock")
    )

    assert {name: tested.get(name) for name in production} == production


def test_no_name_of_a_test_holds_a_signature_or_a_drawn_id(request):
    """Processes that share the tests refuse each other's list when a name changes from run to run."""
    changing = re.compile(r":[A-Za-z0-9]{6}:[\w-]{20,}|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-")

    assert [item.nodeid for item in request.session.items if changing.search(item.nodeid)] == []


def test_every_file_says_its_job_on_its_first_line():
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        if text.strip() and "migrations" not in path.parts:
            assert text.removeprefix("#!/usr/bin/env python3\n").startswith('"""'), path


def test_every_event_that_is_recorded_is_followed_and_told_in_the_docs():
    from backend.relay import FOLLOWS

    recorded = set()
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        recorded |= set(re.findall(r'record(?:_event|_many)?\(\s*"([a-z_.]+)"', text))
        recorded |= set(re.findall(r'event=\("([a-z_.]+)"', text))
    flow = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")

    assert recorded == set(FOLLOWS)
    for name, (task, queue) in FOLLOWS.items():
        assert f"| `{name}` | `{task}` | `{queue}` |" in flow


def test_every_setting_of_the_environment_is_told_in_the_docs():
    text = (ROOT / "backend" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'(?:flag|number|required|environ\.get)\(\s*"([A-Z_]+)"', text))
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert len(names) > 10
    assert {name for name in names if f"`{name}`" not in operations} == set()


def test_every_task_that_the_relay_hints_at_exists():
    from backend.celery import QUEUES, app
    from backend.relay import FOLLOWS, QUEUE_OF_CHANNEL
    from notifications.tasks import CHANNELS

    app.loader.import_default_modules()
    for task, queue in FOLLOWS.values():
        assert task in app.tasks
        assert queue in QUEUES
    assert set(QUEUE_OF_CHANNEL) == set(CHANNELS)
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_the_compose_file_runs_every_process_and_queue_and_holds_no_secret():
    import yaml

    from backend.celery import QUEUES

    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    operations = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert set(services) == {"db", "redis", "mail", "migrate", "web", "relay", "worker", "mailer", "matcher", "beat"}
    queues = [queue for service in services.values() for queue in re.findall(r"-Q (\S+)", str(service.get("command")))]
    assert sorted(",".join(queues).split(",")) == sorted(QUEUES)
    procfile = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text(encoding="utf-8").splitlines())
    procfile["migrate"] = procfile.pop("release")
    assert procfile == {name: one["command"] for name, one in services.items() if name not in ("db", "redis", "mail")}
    for name in ("db", "redis", "mail", "web", "worker", "mailer", "matcher"):
        assert "healthcheck" in services[name], name
    for name, value in services["web"]["environment"].items():
        assert f"`{name}`" in operations
        assert value.startswith("${") or "${" in value or name == "REDIS_URL", f"{name} is written out"
    assert ":?" in services["web"]["environment"]["SECRET_KEY"]
    assert ":?" in services["db"]["environment"]["POSTGRES_PASSWORD"]
