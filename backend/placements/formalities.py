"""Whom somebody must tell something before they start, what they did of it, and until when an answer may come (R031).

It is worked out from what the person declared; a row exists only for what they noted themselves. It helps and never
stops anybody: who starts before a form is handed in reads that the form comes first. Terms are the city's data.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.city.load import CityFile, city
from backend.placements import states
from backend.placements.models import ANSWERED, FILED, FORMALITY_STATES, Formality, Proposal
from backend.talent.may_i import Answer, answers
from backend.talent.models import Volunteer

ASKED_AGAIN = timedelta(days=183)  # half a year: benefits end and change (law, 2026 reform)
WITH_A_SHEET = "file_c45b"
PARENTS = "tell_parents"
ADULT = 18
SAME_ADVICE = {"equivalent_leefloon": "leefloon"}
QUESTIONS = ("benefit", "day")  # of "Mag ik helpen?", whose words serve here too
SOON_DAYS, OVER_DAYS = 2, 1  # working days before and after the term, when somebody hears of it
TOLD_LATE_DAYS = 10  # after a stop of the installation: better not at all than out of place


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to tell. `state` is empty as long as nothing was noted; `starts_on` is set when that comes first."""

    formality: str
    advice: str
    state: str
    filed_on: date | None
    answer_by: date | None
    is_answer_late: bool
    starts_on: date | None

    @property
    def has_sheet(self) -> bool:
        return self.formality == WITH_A_SHEET


def choices(place: CityFile) -> list[tuple[str, str]]:
    """(status, words in the language of the page) of what asks something of somebody here."""
    return [(code, one.says) for code, one in _advised().items() if code in place.to_tell]


def is_asked(volunteer: Volunteer, today: date) -> bool:
    """Said lately enough to lean on."""
    asked = volunteer.statuses_asked_on
    return asked is not None and today - asked < ASKED_AGAIN


def to_do(proposal: Proposal, today: date) -> list[ToDo]:
    """What comes with this yes, each thing once, in the language of the page."""
    volunteer = proposal.volunteer
    place = city(volunteer.city)
    kept = {one.formality: one for one in proposal.formalities.all()}
    starts_on = first_day(proposal, place)
    found: dict[str, ToDo] = {}
    for status in volunteer.declared_statuses:
        told, advised = place.to_tell.get(status), _advised().get(SAME_ADVICE.get(status, status))
        if told is None or advised is None or told.formality in found:
            continue
        row = kept.get(told.formality)
        found[told.formality] = _one(
            place, told.formality, advised.advice, row, told.answer_working_days, starts_on, today
        )
    if volunteer.age_on(today) < ADULT:
        says = answers()["age", "16" if volunteer.age_on(today) > 15 else "15"].advice
        found[PARENTS] = _one(place, PARENTS, says, kept.get(PARENTS), None, starts_on, today)
    return list(found.values())


def first_day(proposal: Proposal, place: CityFile) -> date | None:
    """When somebody is first there, as far as is known: a visit to try, or the note that was read."""
    moments = [one.starts_at for one in proposal.trial_visits.all() if one.state in states.VISITED]
    moments += [
        one.information_note_confirmed_at for one in proposal.placements.all() if one.information_note_confirmed_at
    ]
    return min(place.local(one).date() for one in moments) if moments else None


def answer_by(place: CityFile, filed_on: date, working_days: int) -> date:
    """The last of so many working days, counted from the day after handing in: Monday to Friday, without holidays."""
    return place.rhythm.working_day(filed_on, working_days)


@transaction.atomic
def note(proposal_id: UUID, formality: str, state: str, filed_on: date | None, *, today: date) -> None:
    """By the person; an empty state is "still to do" again. The last word counts.

    Raises ValueError for an unknown state, and for a day of handing in that is missing or still to come.
    """
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    kept = Formality.objects.filter(proposal=proposal, formality=formality)
    if not state:
        kept.delete()
        return
    if state not in FORMALITY_STATES:
        raise ValueError(f"state: {state!r} is not one of {', '.join(FORMALITY_STATES)}")
    if state == FILED and (filed_on is None or filed_on > today):
        raise ValueError("filed_on: the day of handing in is missing or still to come")
    told = {"state": state, "filed_on": filed_on} if state == FILED else {"state": state}
    Formality.objects.update_or_create(proposal=proposal, formality=formality, defaults=told)


def waiting(place: CityFile, today: date) -> Iterable[tuple[str, QuerySet[Formality]]]:
    """("soon", ...) shortly before the term of an answer ends and ("over", ...) the day after: whom to tell so."""
    for formality, days in sorted({(one.formality, one.answer_working_days or 0) for one in place.to_tell.values()}):
        if days:
            filed = Formality.objects.filter(
                state=FILED, formality=formality, proposal__state=states.ACCEPTED, proposal__volunteer__city=place.slug
            )
            soon, over = (place.rhythm.working_day(today, 1 - many) for many in (days - SOON_DAYS, days + OVER_DAYS))
            oldest = over - timedelta(days=TOLD_LATE_DAYS)
            yield "soon", filed.filter(filed_on__lt=soon, filed_on__gte=over)
            yield "over", filed.filter(filed_on__lt=over, filed_on__gte=oldest)


def _one(
    place: CityFile, formality: str, advice: str, row: Formality | None, days: int | None, starts_on: date | None,
    today: date,
) -> ToDo:  # fmt: skip
    filed_on = row.filed_on if row else None
    ends = answer_by(place, filed_on, days) if row and row.state == FILED and filed_on and days else None
    is_before = starts_on is not None and (row is None or (row.state == FILED and filed_on and filed_on > starts_on))
    return ToDo(
        formality=formality,
        advice=advice,
        state=row.state if row else "",
        filed_on=filed_on if row and row.state in (FILED, ANSWERED) else None,
        answer_by=ends,
        is_answer_late=ends is not None and today > ends,
        starts_on=starts_on if is_before else None,
    )


def _advised() -> dict[str, Answer]:
    return {code: one for (question, code), one in answers().items() if question in QUESTIONS and one.advice}
