"""`manage import_opportunities TABLE.csv --mapping MAPPING.toml`: a preview; with --store for real."""

from argparse import ArgumentParser
from collections import Counter
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from backend.city.load import cities, default_city
from backend.coordination import actions
from backend.coordination.shown import OUTCOME_WORDS, ProgressLine
from backend.coordination.tables import MappingError, read_mapping


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("table", type=Path)
        parser.add_argument("--mapping", type=Path, required=True)
        parser.add_argument("--city", help="which city of this installation; default: the first")
        parser.add_argument("--store", action="store_true", help="take the rows over; without it this is a preview")
        parser.add_argument("--publish", action="store_true", help="with --store: put online what may")
        parser.add_argument("--today", type=parse_date, help="YYYY-MM-DD, for an old table; default: today")

    def handle(self, **options: Any) -> None:
        city = options["city"] or default_city().slug
        if city not in cities():
            raise CommandError(f"There is no city {city!r} here, only {', '.join(cities())}.")
        now = timezone.now()
        if options["today"]:
            zone = ZoneInfo(cities()[city].quiet_hours.time_zone)
            now = datetime.combine(options["today"], time(12), tzinfo=zone)
        try:
            report = actions.import_table(
                options["table"],
                read_mapping(options["mapping"]),
                city=city,
                now=now,
                store=options["store"],
                progress=ProgressLine(self.stderr),
            )
        except MappingError as error:
            raise CommandError(str(error)) from None
        for refusals in report.refused.values():
            for refusal in refusals:
                self.stdout.write(str(refusal))
        reasons = Counter(one.where + ": " + one.code for refusals in report.refused.values() for one in refusals)
        for reason, count in reasons.most_common():
            self.stdout.write(f"refused, {reason}: {count}")
        word = "stored" if options["store"] else "would be stored (preview; add --store)"
        self.stdout.write(
            f"{report.rows} rows read: {report.stored} {word}, {len(report.refused)} refused; "
            f"{report.new} new, {report.known} known; {report.organisations} new organisations"
        )
        if options["store"] and options["publish"]:
            for outcome, count in sorted(actions.publish_drafts(city, now=now).items()):
                self.stdout.write(f"{OUTCOME_WORDS[outcome]}: {count}")
