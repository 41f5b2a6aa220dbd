"""What somebody reports: filed without a name when they wish, followed by a code, closed only with an answer (R059)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.outbox.actions import record
from backend.placements.models import REPORT_LONGEST, UNSAFE, Report
from backend.talent import codes


@transaction.atomic
def file_report(city: str, kind: str, text: str, *, contact: str, code: str) -> Report:
    """The same code twice is one report: a second tap changes nothing. Records "report.unsafe": the point hears."""
    told = {"city": city, "kind": kind, "text": text, "contact": contact}
    made, is_new = Report.objects.get_or_create(code_hash=codes.hash_of(code), defaults=told)
    if is_new and kind == UNSAFE:
        record("report.unsafe", report_id=made.pk)
    return made


@transaction.atomic
def answer_report(report_id: UUID, answer: str, *, now: datetime) -> Report:
    """By the volunteer point; the first answer stands. Raises ValueError without a word or for too many."""
    if not 0 < len(answer) <= REPORT_LONGEST:
        raise ValueError(f"an answer has 1 to {REPORT_LONGEST} signs")
    report = Report.objects.select_for_update().get(pk=report_id)
    if report.answered_at is None:
        report.answer, report.answered_at = answer, now
        report.save(update_fields=["answer", "answered_at", "updated_at"])
    return report
