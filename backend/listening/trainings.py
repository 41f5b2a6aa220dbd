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
    """It began already."""


def plan(city: str, title: str, starts_at: datetime, **more: Any) -> Training:
    """The same title at the same moment is one training. `more`: the other columns of the table."""
    return Training.objects.get_or_create(city=city, title=title, starts_at=starts_at, defaults=more)[0]


def take_place(training_id: UUID, user: User, *, now: datetime) -> TrainingPlace:
    """A place, or one on the waiting list when all are given. Twice is once. Raises TooLate."""
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
    if now >= training.starts_at:
        raise TooLate
    taken = TrainingPlace.objects.filter(training=training, **whose).first()
    if taken and taken.state != states.GONE:
        return taken
    state = states.IN if _free(training) else states.WAITING
    if taken is None:
        return TrainingPlace.objects.create(training=training, state=state, asked_at=now, **whose)
    taken.state, taken.asked_at = state, now
    taken.save(update_fields=["state", "asked_at", "updated_at"])
    return taken


@transaction.atomic
def give_back(place: TrainingPlace, *, now: datetime) -> None:
    """ "I cannot come": whoever waits longest moves up and hears it. Twice is once. Raises TooLate."""
    training = _locked(place.training_id)
    if now >= training.starts_at:
        raise TooLate
    TrainingPlace.objects.filter(pk=place.pk).exclude(state=states.GONE).update(state=states.GONE)
    move_up(training, now=now)


@transaction.atomic
def fill_up(*, now: datetime) -> None:
    """Places that came free because an account is gone go to whoever waits. Safe to run at any time."""
    waiting = TrainingPlace.objects.filter(state=states.WAITING, training__starts_at__gt=now)
    for training in Training.objects.select_for_update().filter(pk__in=waiting.values("training")).order_by("pk"):
        move_up(training, now=now)


def move_up(training: Training, *, now: datetime) -> None:
    """Give free places to whoever waits longest; each hears it once. For a training that is locked."""
    if now >= training.starts_at:
        return
    waiting = training.taken.filter(state=states.WAITING).select_related("user").order_by("asked_at", "pk")
    for one in waiting[: _free(training)]:
        one.state = states.IN
        one.save(update_fields=["state", "updated_at"])
        one.training = training
        tell(messages.about_place(one), city_of(training.city), now=now)


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
