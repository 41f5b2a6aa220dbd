"""`manage load_city_sample FOLDER`: organisations, opportunities and volunteers of a city sample."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from backend.city.load import cities, default_city
from backend.coordination import actions
from backend.coordination.shown import OUTCOME_WORDS, ProgressLine
from matching.citysample import SampleErrors


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--city", help="which city of this installation; default: the first")
        parser.add_argument("--publish", action="store_true", help="check the drafts and put online what may")
        parser.add_argument(
            "--confirm-invented",
            action="store_true",
            help="invented people say yes to proposals (never in a live city)",
        )

    def handle(self, **options: Any) -> None:
        city = options["city"] or default_city().slug
        if city not in cities():
            raise CommandError(f"There is no city {city!r} here, only {', '.join(cities())}.")
        now = timezone.now()
        try:
            told = actions.load_sample(options["folder"], city=city, now=now, progress=ProgressLine(self.stderr))
        except (SampleErrors, OSError) as error:
            raise CommandError(str(error)) from None
        for loaded in told:
            self.stdout.write(f"{loaded.kind}: {loaded.new} new, {loaded.known} updated")
            for warning in loaded.warnings:
                self.stdout.write(f"  warning: {warning}")
        if options["confirm_invented"]:
            self.stdout.write(f"confirmed: {actions.confirm_invented_people(city, now=now)}")
        if options["publish"]:
            for outcome, count in sorted(actions.publish_drafts(city, now=now).items()):
                self.stdout.write(f"{OUTCOME_WORDS[outcome]}: {count}")
