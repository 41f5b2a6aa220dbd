"""What the volunteer point brings in: city samples, and tables of opportunities from elsewhere."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from backend.city.load import city as city_of
from backend.coordination.tables import Mapping, read_table, record_of
from backend.opportunities import actions as opportunities
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.organisations import actions as organisations
from backend.organisations.models import Organisation
from backend.talent import actions as talent
from backend.talent.models import Volunteer
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import Problem, Report

Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _all: int) -> None:
    """No progress shown."""


class Preview(Exception):
    """Rolls back what a preview wrote."""


@dataclass(slots=True)
class Loaded:
    """What one file brought: how many records are new or were there already, and the warnings."""

    kind: str
    new: int = 0
    known: int = 0
    warnings: list[Problem] = field(default_factory=list)


# --- a city sample ---------------------------------------------------------------------------------------------


def load_sample_file(
    content: bytes, *, file: str, kind: str, city: str, now: datetime, progress: Progress = silent
) -> tuple[Loaded, citysample.Sample]:
    """Store one file of a city sample: all of it, or nothing. Raises SampleErrors with every error."""
    place = city_of(city)
    sample = citysample.read(
        content,
        file=file,
        kind=kind,
        form=citysample.Format(load_catalogue(), place.matching),
        known_organisations=[
            str(known) for known in Organisation.objects.filter(city=city).values_list("external_id", flat=True)
        ],
        is_fiction_welcome=settings.FICTION_WELCOME,
    )
    loaded = Loaded(kind, warnings=sample.warnings)
    with transaction.atomic():
        for done, record in enumerate(sample.records, start=1):
            is_new = _store(kind, city, record, sample, file, now)
            loaded.new, loaded.known = loaded.new + is_new, loaded.known + (not is_new)
            progress(kind, done, len(sample.records))
        if kind == "volunteers":
            known = Volunteer.objects.filter(external_id__in=[record["id"] for record in sample.records])
            talent.pack_volunteers(city, known)
    return loaded, sample


def load_sample(folder: Path, *, city: str, now: datetime, progress: Progress = silent) -> list[Loaded]:
    """The three files of a folder, in the order in which they refer to each other; each file all or nothing."""
    told = []
    for kind in ("organisations", "opportunities", "volunteers"):
        file = folder / f"{kind}.json"
        loaded, _ = load_sample_file(
            file.read_bytes(), file=file.name, kind=kind, city=city, now=now, progress=progress
        )
        told.append(loaded)
    return told


def _store(kind: str, city: str, record: Any, sample: citysample.Sample, file: str, now: datetime) -> bool:
    if kind == "organisations":
        return organisations.store_imported(city, record, known_at=now)
    if kind == "volunteers":
        return talent.store_imported(city, record, sample.reference_date)
    organisation = Organisation.objects.get(city=city, external_id=record["organisation"])
    try:
        return opportunities.store_imported(organisation, record)
    except opportunities.PlacesTaken as error:
        report = Report(file, record["id"])
        report.error("out_of_range", "places", record["places"], min=error.taken, max=200)
        raise citysample.SampleErrors(report.errors) from None


def confirm_invented_people(city: str, *, now: datetime) -> int:
    """Invented volunteers of a sample say yes to proposals; the next round looks at them.

    Raises PermissionError in a live city.
    """
    if not settings.FICTION_WELCOME:
        raise PermissionError("nobody says yes for somebody else in a live city")
    waiting = Volunteer.objects.filter(city=city, external_id__isnull=False, state="prospect")
    with transaction.atomic():
        people = [volunteer.pk for volunteer in waiting]
        for volunteer in waiting:
            talent.confirm_profile(volunteer, given_how="sample", now=now, is_alone=False)
        talent.pack_volunteers(city, Volunteer.objects.filter(pk__in=people))
    return len(people)


def publish_drafts(city: str, *, now: datetime, only: Iterable[str] | None = None) -> Counter[str]:
    """Check the drafts that came in by an import and put online what may; one round follows.

    What organisations write themselves is theirs to publish. outcome ("" = online) -> how many.
    """
    drafts = Opportunity.objects.filter(city=city, state=opportunity_states.DRAFT, external_id__isnull=False)
    drafts = drafts.select_related("organisation")
    if only is not None:
        drafts = drafts.filter(external_id__in=only)
    told = opportunities.publish_many(
        list(drafts.order_by("external_id", "pk")), event=("city.changed", {"city": city}), now=now
    )
    return Counter(stopped.outcome if stopped else "" for stopped in told)


# --- a table of opportunities ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row of a table is not taken: its line, the column or field, the reason."""

    line: int
    where: str
    code: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.where}: {self.code}: {self.reason}"


@dataclass(slots=True)
class TableReport:
    """What a table brings. Every row is either stored (new or known) or stands in `refused` with its reasons."""

    rows: int = 0
    new: int = 0
    known: int = 0
    organisations: int = 0
    refused: dict[int, list[Refusal]] = field(default_factory=dict)

    @property
    def stored(self) -> int:
        return self.new + self.known


def import_table(
    path: Path, mapping: Mapping, *, city: str, now: datetime, store: bool, progress: Progress = silent
) -> TableReport:
    """Take over the rows that are right and say why the others are not. Without `store` nothing is kept.

    A row is taken whole or not at all. Raises MappingError when the file as a whole cannot be read; then nothing
    is stored either.
    """
    report = TableReport()
    rows = list(read_table(path, mapping))
    report.rows = len(rows)
    form = citysample.Format(load_catalogue(), city_of(city).matching)
    seen: set[str] = set()
    try:
        with transaction.atomic():
            for done, (line, cells) in enumerate(rows, start=1):
                refusals = _take_row(line, cells, mapping, form, city, now, seen, report)
                if refusals:
                    report.refused[line] = refusals
                progress("rows", done, len(rows))
            if not store:
                raise Preview
    except Preview:
        pass
    return report


def _take_row(
    line: int,
    cells: dict[str, str] | None,
    mapping: Mapping,
    form: citysample.Format,
    city: str,
    now: datetime,
    seen: set[str],
    report: TableReport,
) -> list[Refusal]:
    if cells is None:
        return [Refusal(line, "row", "wrong_type", "has too many or too few cells")]
    raw, wrong = record_of(cells, mapping, form.city)
    if wrong:
        return [Refusal(line, error.column, error.code, str(error)) for error in wrong]
    found = Report(f"line {line}", "")
    record = form.check("opportunities", {**raw, "organisation": "O00"}, found)
    name = cells[mapping.organisation_column].strip()
    if not 1 <= len(name) <= 120:
        found.error("out_of_range", mapping.organisation_column, name, min=1, max=120)
    if raw.get("id") in seen:
        found.error("duplicate_id", "id", raw["id"])
    if found.errors:
        return [Refusal(line, problem.path, problem.code, problem.message_nl) for problem in found.errors]
    seen.add(raw["id"])
    organisation, is_new = _organisation_named(name, record, mapping, city, now)
    report.organisations += is_new
    try:
        is_new = opportunities.store_imported(organisation, record)
    except opportunities.PlacesTaken as error:
        return [Refusal(line, "places", "out_of_range", f"{error.taken} places are given away already")]
    report.new, report.known = report.new + is_new, report.known + (not is_new)
    return []


def _organisation_named(
    name: str, record: citysample.Record, mapping: Mapping, city: str, now: datetime
) -> tuple[Organisation, bool]:
    """The organisation of that name in the city, made with the mapping's defaults when it is not there yet."""
    found = Organisation.objects.filter(city=city, name=name).order_by("created_at").first()
    if found:
        return found, False
    place, defaults = record["place"], dict(mapping.organisation)
    is_known = defaults.pop("verified", False)
    made = Organisation.objects.create(
        city=city,
        name=name,
        search_text=organisations.search_text_of(name, defaults.get("description", "")),
        neighbourhood=place["neighbourhood"],
        postcode=place["postcode"],
        lat=float(place["lat"]),
        lon=float(place["lon"]),
        verified_at=now if is_known else None,
        charter_accepted_at=now if is_known else None,
        **defaults,
    )
    return made, True
