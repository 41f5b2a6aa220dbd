"""Bring a copy back into an empty database."""

import json
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.operations import backup


class Command(BaseCommand):
    help = "Bring a copy back into an empty database, before any other process starts."
    requires_system_checks = ()  # the tables are not there yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--erased", help="the log of erasures (see erase_again), kept beside the copies")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = backup.restore(options["folder"])
        except (backup.BackupError, OSError, json.JSONDecodeError, KeyError) as error:
            raise CommandError(str(error)) from None
        moment = done.made_at.isoformat()
        self.stdout.write(f"{done.rows} rows are back, as they were at {moment}: every table is the same")
        self.stdout.write(f"{done.uncertain} messages may have been sent since: none goes out by itself")
        if done.parked:
            self.stdout.write(f"{done.parked} events are parked: see docs/operations.md")
        if options["erased"]:
            call_command("erase_again", log=options["erased"], stdout=self.stdout)
