"""`manage match_profiles`: are the packed records what the tables say? With --rebuild they are written again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.city.load import cities
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.talent import actions as talent
from backend.talent.models import Volunteer


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="write every record again")

    def handle(self, **options: Any) -> None:
        wrong = 0
        for slug in cities():
            if options["rebuild"]:
                people = talent.pack_volunteers(slug, Volunteer.objects.all())
                tasks = opportunities.pack_opportunities(Opportunity.objects.filter(city=slug))
                self.stdout.write(f"{slug}: {people} volunteers and {tasks} opportunities packed")
            different = [*talent.unlike_their_record(slug), *opportunities.unlike_their_record(slug)]
            wrong += len(different)
            for who in different[:20]:
                self.stdout.write(f"{slug}: the record of {who} is not what the tables say")
            self.stdout.write(f"{slug}: {len(different)} records differ")
        if wrong:
            raise CommandError("Some records differ from the tables. Run this again with --rebuild.")
