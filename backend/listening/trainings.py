"""Places at a training: a waiting list that moves up by itself, and who came (R039)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import User
from backend.city.load import city as city_of
from backend.listening import messages, states
from backend.listening.models import GUEST_LONGEST, Training, TrainingPlace
from backend.placements.actions import tell


class TooLate(Exception):
    """It began already, or was cancelled."""


class OwnVisit(Exception):
    """Nobody visits the organisation that they act for."""


def plan(city: str, title: str, starts_at: datetime, **more: Any) -> Training:
    """The same title at the same moment is one training, unless it was cancelled. `more`: the other columns."""
    is_planned = {"city": city, "title": title, "starts_at": starts_at, "cancelled_at": None}
    return Training.objects.get_or_create(**is_planned, defaults=more)[0]


@transaction.atomic
def cancel(training_id: UUID, *, now: datetime) -> None:
    """It does not go on: who had a place or waited hears it once, unless they left no contact. Twice is once. Raises
    TooLate.
    """
    training = Training.objects.select_for_update().get(pk=training_id)
    if training.cancelled_at:
        return
    if now >= training.starts_at:
        raise TooLate
    training.cancelled_at = now
    training.save(update_fields=["cancelled_at", "updated_at"])
    reached = training.taken.exclude(state=states.GONE).exclude(user=None, contact="")
    for one in reached.select_related("user").order_by("asked_at", "pk"):
        one.training = training
        tell(messages.about_cancelled_training(one), city_of(training.city), now=now)


def take_place(training_id: UUID, user: User, *, now: datetime) -> TrainingPlace:
    """A place, or one on the waiting list when all are given. Twice is once. The host of a visit hears who comes.
    Raises TooLate, OwnVisit.
    """
    if user.memberships.filter(organisation__visits=training_id).exists():
        raise OwnVisit
    return _take(training_id, {"user": user}, now)


def take_place_as_guest(training_id: UUID, guest: str, contact: str, *, now: datetime) -> TrainingPlace:
    """The same for somebody without an account: a first name, and a contact or none. Raises ValueError without a name,
    TooLate.
    """
    if not 0 < len(guest) <= GUEST_LONGEST:
        raise ValueError(f"guest: 1 to {GUEST_LONGEST} signs")
    return _take(training_id, {"user": None, "guest": guest, "contact": contact}, now)


@transaction.atomic
def _take(training_id: UUID, whose: dict[str, Any], now: datetime) -> TrainingPlace:
    training = _locked(training_id)
    if now >= training.starts_at or training.cancelled_at:
        raise TooLate
    taken = TrainingPlace.objects.filter(training=training, **whose).first()
    if taken and taken.state != states.GONE:
        return taken
    taken = taken or TrainingPlace(training=training, **whose)
    taken.training, taken.asked_at = training, now
    taken.state = states.IN if _free(training) else states.WAITING
    taken.save()
    _tell_host(taken, now)
    return taken


@transaction.atomic
def give_back(place: TrainingPlace, *, now: datetime) -> None:
    """ "I cannot come": whoever waits longest moves up and hears it. Twice is once. Raises TooLate."""
    training = _locked(place.training_id)
    if now >= training.starts_at:
        raise TooLate
    taken = training.taken.exclude(state=states.GONE).filter(pk=place.pk).select_related("user").first()
    if taken:
        was_coming = taken.state == states.IN
        taken.training, taken.state = training, states.GONE
        taken.save(update_fields=["state", "updated_at"])
        if was_coming:
            _tell_host(taken, now)
    move_up(training, now=now)


@transaction.atomic
def fill_up(*, now: datetime) -> None:
    """Places that came free because an account is gone go to whoever waits. Safe to run at any time."""
    waiting = TrainingPlace.objects.filter(
        state=states.WAITING, training__starts_at__gt=now, training__cancelled_at=None
    )
    for training in Training.objects.select_for_update().filter(pk__in=waiting.values("training")).order_by("pk"):
        move_up(training, now=now)


def move_up(training: Training, *, now: datetime) -> None:
    """Give free places to whoever waits longest; each hears it once. For a training that is locked."""
    if now >= training.starts_at or training.cancelled_at:
        return
    waiting = training.taken.filter(state=states.WAITING).select_related("user").order_by("asked_at", "pk")
    for one in waiting[: _free(training)]:
        one.state = states.IN
        one.save(update_fields=["state", "updated_at"])
        one.training = training
        tell(messages.about_place(one), city_of(training.city), now=now)
        _tell_host(one, now)


def _tell_host(taken: TrainingPlace, now: datetime) -> None:
    """Of a visit: which organisation comes, or does not come after all; not of who waits."""
    host = taken.training.organisation
    if host and taken.state != states.WAITING:
        tell(messages.about_visitor(taken, host), city_of(taken.training.city), now=now)


def note_attendance(place_id: UUID, *, came: bool) -> TrainingPlace:
    """By who gives it. Raises TrainingPlace.DoesNotExist for who had no place."""
    taken = TrainingPlace.objects.get(pk=place_id, state=states.IN)
    taken.came = came
    taken.save(update_fields=["came", "updated_at"])
    return taken


def _locked(training_id: UUID) -> Training:
    return Training.objects.select_for_update().get(pk=training_id)


def _free(training: Training) -> int:
    return max(0, training.places - training.taken.filter(state=states.IN).count())
