"""Erase a person: what they told us goes, how many there were stays."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from backend.accounts import journal
from backend.accounts.messages import CODE, UNKNOWN
from backend.accounts.models import GUIDE, AnonymousCount, EmailChange, ErasedAccount, JournalEntry, User
from backend.common import idempotency
from backend.common.models import IdempotencyKey, Tombstone
from backend.common.paging import TOMBSTONES_KEPT
from backend.engagements.actions import let_go, no_longer_kept
from backend.listening.models import Signal, Story, TrainingPlace
from backend.outbox.models import Event
from backend.placements import actions as placements
from backend.placements import messages, states
from backend.placements.care import forget
from backend.placements.models import (
    Care,
    CareStep,
    Case,
    Placement,
    Proposal,
    Question,
    Report,
    Round,
    Thanks,
    TrialVisit,
)
from backend.talent.models import Volunteer
from notifications import actions as notifications
from notifications.models import Delivery
from notifications.queries import was_told

UNCONFIRMED_KEPT, JOURNAL_KEPT = timedelta(days=1), timedelta(days=730)
REPORTS_KEPT = timedelta(days=365)  # from the answer
GUESTS_KEPT = timedelta(days=30)
DELIVERIES_KEPT = timedelta(days=400)  # long enough that no occasion of a year comes back
EVENTS_KEPT = timedelta(days=30)  # what is done, to look back at; what waits or is parked stays


@transaction.atomic
def choose_language(user: User, language: str) -> None:
    """Messages, and codes to sign in, come in this language from now on."""
    user.language = language
    user.save(update_fields=["language", "updated_at"])
    Volunteer.objects.filter(user=user).update(language=language)


def note_guide(guide: User, people: list[Volunteer], what: str) -> None:
    """Each of them can read what their guide did."""
    role = guide.staff_roles.filter(role=GUIDE).first()
    if people and role:
        journal.write_many([one.user for one in people], what, actor=role.label)


@transaction.atomic
def erase(user: User, *, now: datetime) -> None:
    """Everything about one person is gone; anonymous counts of the month stay (R068). Twice is once.

    An organisation that expects them hears that somebody cannot come, without a word about why. What may be told
    about them and was not yet told is dropped.
    """
    volunteer = Volunteer.objects.filter(user=user).first()
    if volunteer:
        _forget(volunteer, now)
    Delivery.objects.filter(recipient=user.pk).delete()
    contacts = [contact for contact in (user.email, user.phone) if contact]
    # Only what was told to them: the address of an organisation may be that of one of its members.
    Delivery.objects.filter(address__in=contacts, kind__in=(CODE, UNKNOWN)).delete()
    IdempotencyKey.objects.filter(scope=user.pk).delete()
    Tombstone.objects.filter(audience=user.pk).delete()
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    ErasedAccount.objects.get_or_create(who=user.pk, defaults={"erased_at": now})
    user.delete()


@transaction.atomic
def erase_card(volunteer: Volunteer, *, now: datetime) -> None:
    """The same for somebody without an account, whose card was made at the desk."""
    who = volunteer.pk  # gone from the object with its row
    _forget(volunteer, now)
    JournalEntry.objects.filter(waits_for=who).delete()
    ErasedAccount.objects.get_or_create(who=who, defaults={"erased_at": now})


def _forget(volunteer: Volunteer, now: datetime) -> None:
    _count(volunteer)
    _take_leave(volunteer, now)
    Delivery.objects.filter(recipient=volunteer.pk).delete()
    _forget_in_notes(volunteer.pk)
    forget(volunteer)
    let_go(volunteer)
    volunteer.delete()


@transaction.atomic
def tidy(*, now: datetime) -> Counter[str]:
    """What was kept long enough goes (docs/privacy.md); safe to run at any time. Returns how many of what."""
    unconfirmed = User.objects.filter(
        created_at__lt=now - UNCONFIRMED_KEPT, last_login=None, phone_verified=False, volunteer=None
    ).filter(memberships=None, staff_roles=None)
    unconfirmed = unconfirmed.exclude(pk__in=EmailAddress.objects.filter(verified=True).values("user"))
    dead = UserSession.objects.exclude(session_key__in=Session.objects.filter(expire_date__gte=now).values("pk"))
    kept = {
        "unconfirmed accounts": unconfirmed,
        "idempotency keys": IdempotencyKey.objects.filter(created_at__lt=now - idempotency.KEPT),
        "tombstones": Tombstone.objects.filter(updated_at__lt=now - TOMBSTONES_KEPT),
        "sessions": Session.objects.filter(expire_date__lt=now),
        "devices signed in": dead,
        "changes of address": EmailChange.objects.filter(expires_at__lt=now),
        "deliveries": Delivery.objects.filter(finished_at__lt=now - DELIVERIES_KEPT),
        "events": Event.objects.filter(done_at__lt=now - EVENTS_KEPT),
        "guests of trainings": TrainingPlace.objects.filter(user=None, training__ends_at__lt=now - GUESTS_KEPT),
        "expenses of people who are gone": no_longer_kept(now.date()),
        "who looks after what": Care.objects.filter(updated_at__lt=now - REPORTS_KEPT),
        "what happened to a line of the worklist": CareStep.objects.filter(created_at__lt=now - REPORTS_KEPT),
        "stories": Story.objects.filter(consent__withdrawn_at__isnull=False),
        "signals": Signal.objects.filter(group__decided_at__lt=now - REPORTS_KEPT),
        "reports": Report.objects.filter(answered_at__lt=now - REPORTS_KEPT),
        "journal lines": JournalEntry.objects.filter(created_at__lt=now - JOURNAL_KEPT),
    }
    return Counter({name: rows.delete()[0] for name, rows in kept.items()})


def erase_again(*, now: datetime) -> int:
    """After a restore: whoever was erased since the copy was made is erased once more. Returns how many."""
    erased = ErasedAccount.objects.values("who")
    users, cards = User.objects.filter(pk__in=erased), Volunteer.objects.filter(pk__in=erased, user=None)
    count = 0
    with notifications.uncertain():  # whoever expected them may have heard it before the restore
        for user in users:
            erase(user, now=now)
            count += 1
        for card in cards:
            erase_card(card, now=now)
            count += 1
    return count


def _take_leave(volunteer: Volunteer, now: datetime) -> None:
    """Give places back, tell who expects them, and see that nobody is told anything about them any more."""
    _follow_no_more(volunteer)  # first: who is telling something by now has finished, and nobody begins again
    for proposal in Proposal.objects.filter(volunteer=volunteer).select_related(
        "opportunity__organisation", "volunteer__user"
    ):
        for occasion in messages.occasions_with_name(proposal):
            notifications.drop(occasion)
            Delivery.objects.filter(occasion__startswith=occasion).delete()
        occasions = messages.occasions_of_yes(proposal)
        is_expected = proposal.state == states.ACCEPTED and any(was_told(occasion) for occasion in occasions)
        if proposal.state == states.ACCEPTED:
            placements.answer_proposal(proposal.pk, placements.NO, source="app", now=now)
        for occasion in occasions:
            notifications.drop(occasion)
        told = Delivery.objects.filter(recipient=proposal.opportunity.organisation_id)
        told.filter(link__in=proposal.links.values("pk")).delete()
        if is_expected:
            proposal.refresh_from_db()
            leaving = messages.about_erased_candidate(proposal)
            placements.tell(leaving, messages.place_of(proposal), now=now)
    _follow_no_more(volunteer)  # nor does anything follow from the no of just now


def _follow_no_more(volunteer: Volunteer) -> None:
    """Nothing follows any more from what happened around somebody; waits for what is following right now."""
    proposals = Proposal.objects.filter(volunteer=volunteer)
    around = {
        "volunteer_id": [volunteer.pk],
        "proposal_id": proposals.values_list("pk", flat=True),
        "trial_visit_id": TrialVisit.objects.filter(proposal__in=proposals).values_list("pk", flat=True),
        "placement_id": Placement.objects.filter(proposal__in=proposals).values_list("pk", flat=True),
        "question_id": Question.objects.filter(proposal__in=proposals).values_list("pk", flat=True),
        "case_id": Case.objects.filter(volunteer=volunteer).values_list("pk", flat=True),
        "thanks_id": Thanks.objects.filter(placement__proposal__in=proposals).values_list("pk", flat=True),
    }
    for name, ids in around.items():
        Event.objects.filter(**{f"payload__{name}__in": [str(pk) for pk in ids]}).delete()


def _count(volunteer: Volunteer) -> None:
    """How many of what, per month: the sums of reports stay what they were."""
    found: Counter[tuple[date, str]] = Counter()
    found[_month(volunteer.created_at), "volunteers"] += 1
    for made_at, state in Proposal.objects.filter(volunteer=volunteer).values_list("made_at", "state"):
        found[_month(made_at), f"proposals.{state}"] += 1
    for at, state in TrialVisit.objects.filter(proposal__volunteer=volunteer).values_list("starts_at", "state"):
        found[_month(at), f"trial_visits.{state}"] += 1
    for at in Placement.objects.filter(proposal__volunteer=volunteer).values_list("confirmed_at", flat=True):
        found[_month(at), "placements"] += 1
    for (month, what), count in found.items():
        row, _ = AnonymousCount.objects.get_or_create(
            city=volunteer.city, month=month, what=what, defaults={"count": 0}
        )
        AnonymousCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def _month(moment: datetime) -> date:
    return moment.date().replace(day=1)


def _forget_in_notes(volunteer_id: UUID) -> None:
    """Rounds keep the ids of people for whom nothing fitted."""
    for row in Round.objects.filter(gaps__icontains=str(volunteer_id)):
        row.gaps = _without(row.gaps, str(volunteer_id))
        row.save(update_fields=["gaps"])


def _without(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, text) for key, inner in value.items() if key != text}
    if isinstance(value, list):
        kept = [one for one in value if one != text and not (isinstance(one, dict) and text in one.values())]
        return [_without(one, text) for one in kept]
    return value
