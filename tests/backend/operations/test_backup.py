"""A copy comes back whole into an empty database, and nobody is told anything twice."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from backend.operations import backup
from backend.operations.migration import patiently
from backend.outbox.models import Event
from backend.placements import actions
from backend.placements.models import Proposal
from notifications.models import Delivery

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty_database(another_connection):
    """The URL of a new database on the same server."""
    name = f"{connection.settings_dict['NAME']}_back"
    another_connection.execute(f"create database {name}")
    head, _, query = os.environ["DATABASE_URL"].partition("?")
    yield head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else ""), name
    another_connection.execute(f"drop database {name} with (force)")


def restored(url, folder):
    command = [sys.executable, "-m", "backend", "restore", str(folder)]
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "backend.settings"}
    return subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)


def rows(name, statement):
    import psycopg
    from django.conf import settings

    its = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=name, user=its["USER"], host=its["HOST"], port=its["PORT"] or None, password=its["PASSWORD"] or None
    ) as one:
        return one.execute(statement).fetchall()


def test_a_copy_comes_back_whole_and_what_waited_is_told_by_nobody(
    tmp_path, empty_database, opportunity, volunteer, now
):
    from backend.opportunities.actions import publish_opportunity

    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    waiting = Delivery.objects.create(
        occasion="x", kind="place_taken", recipient=volunteer.pk, language="nl", time_zone="Europe/Brussels",
        channel="email", address="a@voorbeeld.example", due_at=now, values={"first_name": "Marc"},
    )  # fmt: skip
    Delivery.objects.create(
        occasion="y", kind="sign_in_code", recipient=volunteer.pk, language="nl", time_zone="Europe/Brussels",
        channel="email", due_at=now, expires_at=now, values={"code": "123456"},
    )  # fmt: skip
    Event.objects.exclude(name="proposal.made").delete()
    url, name = empty_database

    call_command("backup", tmp_path / "copy", verbosity=0)
    manifest = json.loads((tmp_path / "copy" / "manifest.json").read_text())
    Proposal.objects.all().delete()  # what happens afterwards belongs to no copy
    done = restored(url, tmp_path / "copy")

    assert done.returncode == 0, done.stderr
    assert "every table is the same" in done.stdout
    assert manifest["tables"]["placements_proposal"]["rows"] == 1
    assert rows(name, "select count(*) from placements_proposal") == [(1,)]
    states = dict(rows(name, "select occasion, state from notifications_delivery"))
    assert states == {"x": "unknown", "y": "dropped", f"proposal_made:{made.pk}": "unknown"}
    assert rows(name, "select count(*) from outbox_event where done_at is null") == [(0,)]
    assert rows(name, "select values::text from notifications_delivery where occasion = 'y'") == [("{}",)]
    assert waiting.state == "pending"


def test_a_copy_comes_back_into_an_empty_database_only(tmp_path, small_city):
    call_command("backup", tmp_path / "copy", verbosity=0)

    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", tmp_path / "copy")
    with pytest.raises(CommandError, match="never written over"):
        call_command("backup", tmp_path / "copy")


def test_a_copy_that_was_tampered_with_is_refused(tmp_path, empty_database, small_city):
    call_command("backup", tmp_path / "copy", verbosity=0)
    file = tmp_path / "copy" / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["tables"]["talent_volunteer"]["sum"] = "1.1"
    file.write_text(json.dumps(manifest))

    done = restored(empty_database[0], tmp_path / "copy")

    assert done.returncode == 1
    assert "not as they were: talent_volunteer" in done.stderr


def test_what_cannot_follow_after_a_restore_is_parked_and_whoever_held_an_event_is_no_more(db):
    Event.objects.all().delete()
    lost = Event.objects.create(name="proposal.made", payload={"proposal_id": str(uuid4())})
    newer = Event.objects.create(name="something.later", payload={})
    held = Event.objects.create(name="city.changed", payload={"city": "antwerpen"}, attempts=1, lease_token=uuid4())
    Event.objects.filter(pk=held.pk).update(lease_until=timezone.now() + timedelta(hours=1))

    backup.freeze()
    backup.follow_all()

    found = {one.pk: (one.done_at is not None, one.parked_at is not None) for one in Event.objects.all()}
    assert found[lost.pk] == found[newer.pk] == (False, True)
    assert found[held.pk] == (True, False)


def test_one_changed_letter_changes_the_sum(small_city, volunteer):
    before = backup.sums()["talent_volunteer"]
    type(volunteer).objects.filter(pk=volunteer.pk).update(first_name="Mark")

    after = backup.sums()["talent_volunteer"]
    assert (before["rows"], before["sum"] != after["sum"]) == (after["rows"], True)


def test_a_change_of_a_table_lets_others_go_first(another_connection, db):
    """Somebody reads the table for a while: the change gives up, waits, and comes through when they are done."""
    tries = []
    with another_connection.transaction():
        another_connection.execute("select count(*) from placements_thanks")

        def change():
            tries.append(1)
            if len(tries) == 3:
                another_connection.execute("commit")
            with connection.cursor() as cursor:
                cursor.execute("alter table placements_thanks add column for_a_test text")

        said = []
        patiently(change, said.append)
        another_connection.execute("begin")
    with connection.cursor() as cursor:
        cursor.execute("alter table placements_thanks drop column for_a_test")

    assert (len(tries), len(said)) == (3, 2)
