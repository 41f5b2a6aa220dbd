"""What is told because a day has come: the day before a visit, once about a proposal, once to a silent organisation."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, Now

from backend.city.load import CityFile
from backend.opportunities.actions import release_reserved
from backend.organisations.models import Organisation
from backend.organisations.queries import ASKED_AFTER, seen_before, seen_on
from backend.placements import actions, formalities, messages, states, waiting_list
from backend.placements.care import open_case
from backend.placements.models import NO_WORD, SILENCE, Case, CheckIn, Formality, Placement, Proposal, TrialVisit
from backend.talent.models import PROPOSALS, Consent
from backend.talent.states import CONFIRMED
from notifications.message import DIGEST, EMAIL, Message
from notifications.models import Delivery
from notifications.queries import was_told
from notifications.render import render
from notifications.states import DONE, LISTED
from notifications.timing import is_quiet

Row = TypeVar("Row", Proposal, TrialVisit, Formality)
ASKED_LATE_DAYS = 5  # after a stop of the installation: better not at all than out of place
BOOKED_BEFORE = timedelta(hours=12)  # who chose a moment today still knows
BOTH_SIDES = ("opportunity__organisation", "volunteer__user")


def remind(place: CityFile, *, now: datetime) -> Counter[str]:
    """Tell what is due in a city by now, each occasion once; how many of each kind. Safe to run at any time.

    In the quiet hours nothing is promised: until the morning it may no longer be true.
    """
    local = place.local(now)
    quiet = place.quiet_hours
    told: Counter[str] = Counter()
    if is_quiet(local.time(), quiet.begins, quiet.ends) and not settings.IGNORE_QUIET_HOURS:
        return told
    tomorrow = visits_on(place, local.date() + timedelta(days=1), booked_before=now - BOOKED_BEFORE)
    unanswered = unanswered_since(place, now - timedelta(days=place.rhythm.proposal_reminder_days), now)
    silent = without_a_word(place, local.date(), place.rhythm.candidate_reminder_working_days)
    told += _tell(place, messages.VISIT_TOMORROW, tomorrow, messages.about_visit_tomorrow, now)
    told += _tell(place, messages.EXPECTED_TOMORROW, tomorrow, messages.about_expected_tomorrow, now)
    told += _tell(place, messages.PROPOSAL_REMINDER, unanswered, messages.about_unanswered_proposal, now)
    told += _tell(place, messages.CANDIDATE_REMINDER, silent, messages.about_silence, now)
    told["card_check"] += _ask_for_cards(place, now)
    told["organisation_digest"] += digests(place, now)
    told[messages.CHECK_IN] += _ask_how_it_is(place, now)
    told += _tell(place, messages.STILL_THERE, long_silent(place, now), messages.about_a_long_silence, now)
    for kind, filed in formalities.waiting(place, local.date()):
        rows = filed.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))
        told += _tell(place, f"formality_{kind}", rows, messages.about_formality(kind), now)
    if place.reserved_days:
        before = now - timedelta(days=place.reserved_days)
        told["released"] += release_reserved(place.slug, online_before=before)
    told[messages.PLACE_FREE] += waiting_list.move_up(place, now=now)
    told["cases"] += _open_cases(NO_WORD, without_a_word(place, local.date(), place.rhythm.candidate_case_working_days))
    told["cases"] += _open_cases(SILENCE, never_answered(place, now))
    return told


def _ask_how_it_is(place: CityFile, now: datetime) -> int:
    """Those who started so many days ago hear it once; who could not be asked in time is not asked late (R007)."""
    today, asked = place.local(now).date(), 0
    for days in place.rhythm.check_in_days:
        first, last = (_midnight(place, today - timedelta(days=days + ago)) for ago in (ASKED_LATE_DAYS, -1))
        started = Placement.objects.annotate(
            started_at=Coalesce("information_note_confirmed_at", "confirmed_at")
        ).filter(started_at__gte=first, started_at__lt=last, proposal__volunteer__city=place.slug)
        started = started.exclude(state=states.ENDED).exclude(
            Exists(CheckIn.objects.filter(placement=OuterRef("pk"), days__gte=days))
        )
        for placement in list(started.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))):
            with transaction.atomic(), suppress(Proposal.DoesNotExist):
                actions.locked(placement.proposal_id)
                check_in, is_new = CheckIn.objects.get_or_create(placement=placement, days=days)
                if is_new:
                    check_in.placement = placement
                    asked += actions.tell(messages.about_how_it_is(check_in), place, now=now)
    return asked


def _ask_for_cards(place: CityFile, now: datetime) -> int:
    """Organisations whose card nobody looked at for half a year are asked once whether it is still right (R073)."""
    due = seen_before(place.slug, place.local(now).date() - ASKED_AFTER)
    asking = [messages.about_card(organisation, seen_on(organisation)) for organisation in due]
    occasions = Delivery.objects.filter(occasion__in=[one.occasion for one in asking])
    told = set(occasions.values_list("occasion", flat=True))
    return sum(actions.tell(one, place, now=now) for one in asking if one.occasion not in told)


def digests(place: CityFile, now: datetime) -> int:
    """Everything that was kept for the one message of the day, per organisation; how many organisations.

    In one transaction with the lines that it takes up: what comes in meanwhile is for tomorrow.
    """
    local = place.local(now)
    if local.time() < place.rhythm.digest_at:
        return 0
    kept = Delivery.objects.filter(channel=DIGEST, state=LISTED)
    sent = 0
    waiting = Organisation.objects.filter(city=place.slug, pk__in=kept.values("recipient")).order_by("pk")
    for organisation in list(waiting):
        with transaction.atomic():
            rows = list(
                kept.filter(recipient=organisation.pk).order_by("created_at").select_for_update(skip_locked=True)
            )
            message = messages.about_the_day(organisation, local.date(), [_line(one) for one in rows])
            if not rows or was_told(message.occasion):
                continue  # another one is due tomorrow
            Delivery.objects.filter(pk__in=[one.pk for one in rows]).update(state=DONE, finished_at=Now())
            actions.tell(message, place, now=now)
            sent += 1
    return sent


def _line(delivery: Delivery) -> str:
    """What the mail would have had as its subject, without the name: who is erased is named nowhere afterwards."""
    delivery.values = {**delivery.values, "first_name": "Iemand"}
    return render(delivery, EMAIL).subject


def _open_cases(kind: str, proposals: QuerySet[Proposal]) -> int:
    """A person of the point looks; a case that was opened once is never opened again. How many are new."""
    new = proposals.exclude(Exists(Case.objects.filter(kind=kind, about=OuterRef("pk"))))
    opened = 0
    for one in new.select_related("volunteer"):
        opened += open_case(kind, one.pk, one.volunteer)
    return opened


def long_silent(place: CityFile, now: datetime) -> QuerySet[Proposal]:
    """The last proposal of people who left two in a row unanswered and are silent for so many days (R117).

    Whoever paused, took the yes to proposals back or is reached by people anyway is left in peace.
    """
    two = place.matching.policy.unanswered_before_rest
    since = now - timedelta(days=place.rhythm.silence_days)
    later = Proposal.objects.filter(volunteer=OuterRef("volunteer"), made_at__gt=OuterRef("made_at"))
    answered = Proposal.objects.filter(volunteer=OuterRef("volunteer"), answered_at__isnull=False)
    unanswered = Proposal.objects.filter(volunteer=OuterRef("volunteer"), state=states.EXPIRED).order_by()
    counted = unanswered.values("volunteer").annotate(many=Count("pk")).values("many")
    found = Proposal.objects.annotate(unanswered=Subquery(counted)).filter(
        Q(volunteer__paused_until=None) | Q(volunteer__paused_until__lt=place.local(now).date()),
        Q(volunteer__heard_at=None) | Q(volunteer__heard_at__lt=F("made_at")),
        state=states.EXPIRED, made_at__lte=since, unanswered__gte=two, volunteer__city=place.slug,
        volunteer__state=CONFIRMED,
    )  # fmt: skip
    wants = Consent.objects.filter(volunteer=OuterRef("volunteer"), purpose=PROPOSALS, withdrawn_at=None)
    found = found.filter(Exists(wants)).exclude(Exists(later)).exclude(Exists(answered.filter(answered_at__gt=since)))
    return found.select_related(*BOTH_SIDES)


def never_answered(place: CityFile, now: datetime) -> QuerySet[Proposal]:
    """Those who were asked kindly so many days ago and stayed silent: a person looks once, and then there is rest."""
    asked_before = now - timedelta(days=place.rhythm.silence_case_days)
    occasion = Concat(Value(f"{messages.STILL_THERE}:"), Cast(OuterRef("pk"), CharField()))
    asked = Delivery.objects.filter(occasion=occasion, due_at__lte=asked_before)
    return long_silent(place, now).filter(Exists(asked))


def visits_on(place: CityFile, day: date, *, booked_before: datetime) -> QuerySet[TrialVisit]:
    """Visits of one local day that somebody may have forgotten by then."""
    begins, ends = _midnight(place, day), _midnight(place, day + timedelta(days=1))
    found = TrialVisit.objects.filter(
        state=states.PLANNED, starts_at__gte=begins, starts_at__lt=ends, created_at__lt=booked_before,
        proposal__state=states.ACCEPTED, proposal__volunteer__city=place.slug,
    )  # fmt: skip
    return found.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))


def unanswered_since(place: CityFile, made_before: datetime, now: datetime) -> QuerySet[Proposal]:
    """Proposals that wait for an answer, of people who read us on a screen and did not pause."""
    found = Proposal.objects.filter(
        Q(volunteer__paused_until=None) | Q(volunteer__paused_until__lt=place.local(now).date()),
        state=states.OPEN, offered_at=None, made_at__lte=made_before, answer_until__gt=now,
        volunteer__city=place.slug,
        volunteer__channel__in=messages.BY_SCREEN,
    )  # fmt: skip
    return found.select_related(*BOTH_SIDES)


def without_a_word(place: CityFile, today: date, days: int) -> QuerySet[Proposal]:
    """Yeses after which neither a visit was booked nor a word came from the organisation for so many working days:
    Monday to Friday, without the holidays of the city (R044)."""
    first_day = place.rhythm.working_day(today, 1 - days)
    found = Proposal.objects.filter(
        state=states.ACCEPTED, answered_at__lt=_midnight(place, first_day), volunteer__city=place.slug
    )
    for follow_up in (TrialVisit, Placement):
        found = found.exclude(Exists(follow_up.objects.filter(proposal=OuterRef("pk"))))
    return found.select_related(*BOTH_SIDES)


def _tell(
    place: CityFile, kind: str, rows: QuerySet[Row], about: Callable[[Row], Message], now: datetime
) -> Counter[str]:
    """One transaction each. With the proposal locked it is looked at once more: somebody may have answered, or have
    had themselves erased, while others were told."""
    occasion = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), CharField()))
    due = rows.exclude(Exists(Delivery.objects.filter(occasion=occasion))).order_by("created_at", "pk")
    told: Counter[str] = Counter()
    for seen in list(due):
        with transaction.atomic(), suppress(Proposal.DoesNotExist):
            actions.locked(seen.pk if isinstance(seen, Proposal) else seen.proposal_id)
            still = due.filter(pk=seen.pk).first()
            if still:
                told[kind] += actions.tell(about(still), place, now=now)
    return told


def _midnight(place: CityFile, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(place.quiet_hours.time_zone))
