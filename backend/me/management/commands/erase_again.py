"""After a restore of an older copy: erase again whoever was erased since it was made."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.accounts.models import ErasedAccount
from backend.me import actions


class Command(BaseCommand):
    help = "Erase again after a restore. Without --log: print the log of erasures, to keep beside the copies."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--log", help="a file that an earlier run printed, one id and moment a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["log"]:
            for row in ErasedAccount.objects.order_by("erased_at"):
                self.stdout.write(f"{row.who} {row.erased_at.isoformat()}")
            return
        for number, line in enumerate(Path(options["log"]).read_text(encoding="utf-8").splitlines(), 1):
            try:
                who, at = line.split()
                ErasedAccount.objects.get_or_create(who=UUID(who), defaults={"erased_at": at})
            except ValueError:
                raise CommandError(f"{options['log']}, line {number}: expected an id and a moment") from None
        self.stdout.write(f"{actions.erase_again(now=timezone.now())} erased again")
