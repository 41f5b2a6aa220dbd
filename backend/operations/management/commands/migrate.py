"""Django's own, which never makes everybody wait for a lock."""

from typing import Any

from django.core.management.commands import migrate

from backend.operations.migration import patiently


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        patiently(lambda: super(Command, self).handle(*args, **options), self.stderr.write)
