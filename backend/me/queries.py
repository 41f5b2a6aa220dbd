"""Everything that is kept about one person, for the export. A test holds the list against the tables."""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Q, QuerySet

from backend.accounts.journal import sentence_of
from backend.accounts.models import Device, JournalEntry, StaffRole, User
from backend.engagements.models import Engagement, LearningGoal, RaisedCeiling, ShiftPlace, TokenEntry
from backend.listening.models import Story, TrainingPlace
from backend.organisations.models import Membership
from backend.placements.care import lines_of
from backend.placements.models import (
    Buddy,
    CareStep,
    Case,
    CheckIn,
    Formality,
    PairPlacement,
    Placement,
    Proposal,
    Question,
    Thanks,
    TrialVisit,
)
from backend.talent.case import own_record_of
from backend.talent.models import Consent, Volunteer
from notifications.models import Delivery
from notifications.states import DONE, SENT, UNKNOWN

TOLD = (SENT, DONE, UNKNOWN)
# What stays out: keys of a second factor and of sessions, because whoever reads them can come in.


def everything_about(user: User) -> dict[str, Any]:
    """Plain values, by what they are: of an account, with the card that belongs to it."""
    volunteer = Volunteer.objects.filter(user=user).select_related("profile").first()
    lines = JournalEntry.objects.filter(person=user)
    return {
        "account": _columns(user, "id", "email", "phone", "phone_verified", "language", "created_at", "last_login"),
        "addresses": _rows(EmailAddress.objects.filter(user=user), "email verified primary"),
        "second_factors": _rows(Authenticator.objects.filter(user=user), "type created_at last_used_at"),
        "connections": _rows(SocialAccount.objects.filter(user=user), "provider uid date_joined last_login"),
        "devices": _rows(Device.objects.filter(user=user), "platform language app_version created_at"),
        "sessions": _rows(UserSession.objects.filter(user=user), "user_agent ip created_at last_seen_at"),
        "roles": _rows(StaffRole.objects.filter(user=user), "city role label contact"),
        "organisations": _rows(Membership.objects.filter(user=user), "organisation__name role contact"),
        "trainings": _rows(
            TrainingPlace.objects.filter(user=user), "training__title training__starts_at state asked_at came"
        ),
        **_of_a_card(volunteer, [user.pk, *([volunteer.pk] if volunteer else [])]),
        "journal": _journal(lines),
    }


def everything_on(volunteer: Volunteer) -> dict[str, Any]:
    """The same of somebody without an account, whose card was made at the desk (R111)."""
    lines = JournalEntry.objects.filter(waits_for=volunteer.pk)
    return {**_of_a_card(volunteer, [volunteer.pk]), "journal": _journal(lines)}


def _journal(lines: QuerySet[JournalEntry]) -> list[dict[str, Any]]:
    return [{"at": one.created_at, "what": sentence_of(one)} for one in lines.order_by("created_at", "pk")]


def _of_a_card(volunteer: Volunteer | None, recipients: list[UUID]) -> dict[str, Any]:
    of_person: dict[str, Any] = {"volunteer": volunteer} if volunteer else {"pk__in": []}
    mine = Proposal.objects.filter(**of_person)
    told = Delivery.objects.filter(recipient__in=recipients).order_by("created_at")
    return {
        "volunteer": _volunteer(volunteer),
        "consents": _rows(
            Consent.objects.filter(**of_person),
            "purpose party text_version language given_how given_at until withdrawn_at",
        ),
        "proposals": _rows(
            mine.order_by("made_at"),
            "id opportunity__title opportunity__organisation__name state made_at answer_until answered_at answered_by"
            " by_hand why_not told_boundaries offered_at"
            " points distance_km is_surprise parts reasons not_perfect easy_start for_organisation place",
        ),
        "questions": _rows(Question.objects.filter(proposal__in=mine), "text answer created_at answered_at"),
        "pairs": _rows(
            PairPlacement.objects.filter(Q(first__in=mine) | Q(second__in=mine)), "created_at first_id second_id"
        ),
        "buddies": _rows(
            Buddy.objects.filter(Q(newcomer__in=mine) | Q(placement__proposal__in=mine)),
            "chosen_at newcomer_id placement_id",
        ),
        "trial_visits": _rows(TrialVisit.objects.filter(proposal__in=mine), "starts_at state felt"),
        "placements": _rows(
            Placement.objects.filter(proposal__in=mine),
            "state confirmed_at information_note_version information_note_confirmed_at information_note_source"
            " agreement_signed_on extract_shown_on ended_at is_buddy",
        ),
        "formalities": _rows(Formality.objects.filter(proposal__in=mine), "formality state filed_on"),
        "check_ins": _rows(
            CheckIn.objects.filter(placement__proposal__in=mine), "days felt words created_at answered_at"
        ),
        "cases": _rows(Case.objects.filter(**of_person), "kind created_at closed_at outcome"),
        "looked_after": _rows(
            CareStep.objects.filter(about__in=lines_of(volunteer) if volunteer else []).order_by("created_at"),
            "kind what note created_at",
        ),
        "engagements": _rows(
            Engagement.objects.filter(placement__proposal__in=mine).order_by("day"),
            "day hours confirmed_by flat_rate_eur real_costs_eur km km_by travel_eur organisation__name",
        ),
        "tokens": _rows(
            TokenEntry.objects.filter(**of_person).order_by("created_at"),
            "created_at amount year reward__name handed_at",
        ),
        "raised_ceilings": _rows(RaisedCeiling.objects.filter(placement__proposal__in=mine), "created_at confirmed_at"),
        "learning_goals": _rows(
            LearningGoal.objects.filter(placement__proposal__in=mine).order_by("created_at"),
            "created_at text learned_on placement__proposal__opportunity__title",
        ),
        "shift_places": _rows(
            ShiftPlace.objects.filter(placement__proposal__in=mine).order_by("shift__starts_at"),
            "created_at shift__starts_at shift__ends_at shift__opportunity__title",
        ),
        "thanks": _rows(Thanks.objects.filter(placement__proposal__in=mine), "text created_at hidden_at"),
        "stories": _rows(Story.objects.filter(**of_person), "text created_at published_at"),
        "messages": _rows(told, "kind channel address language values state created_at finished_at"),
    }


def told_to(volunteer: Volunteer) -> QuerySet[Delivery]:
    """What was told to somebody over any channel, newest first; codes to sign in are gone by then."""
    mine = Delivery.objects.filter(recipient=volunteer.pk, state__in=TOLD, expires_at=None)
    return mine.order_by("-created_at", "pk")


def _rows(rows: QuerySet[Any], names: str) -> list[dict[str, Any]]:
    return list(rows.values(*names.split()))


def _volunteer(volunteer: Volunteer | None) -> dict[str, Any] | None:
    if volunteer is None:
        return None
    record = own_record_of(volunteer) if hasattr(volunteer, "profile") else {"first_name": volunteer.first_name}
    more = ("id", "city", "state", "language", "age_asked_on", "guided_by", "paused_until", "proposals_per_week",
            "wants_surprise", "muted", "crisis_calls", "heard_at", "statuses_asked_on",
            "profession_elsewhere", "created_at")  # fmt: skip
    return {**record, **_columns(volunteer, *more)}


def _columns(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
