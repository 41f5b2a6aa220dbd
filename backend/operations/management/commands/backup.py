"""Copy everything into a new folder."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.operations import backup


class Command(BaseCommand):
    help = "Copy everything into a new folder: the data, and the counts and checksums to compare it with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows = backup.make(options["folder"])
        except (backup.BackupError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{rows} rows in {options['folder']}")
