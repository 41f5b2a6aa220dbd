"""What somebody wants to learn where they help: chosen by themselves, said to be learned by the organisation (R013)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from backend.engagements.models import GOAL_LONGEST, LearningGoal
from backend.placements import states
from backend.placements.actions import StepNotAllowed
from backend.placements.models import Placement

GOALS_MAX = 5  # at one placement, not learned yet


class TooMany(Exception):
    """As many goals wait already as somebody can work at."""


@transaction.atomic
def add(placement_id: UUID, text: str) -> LearningGoal:
    """By the volunteer. The same words twice are one goal. Raises ValueError, TooMany, StepNotAllowed."""
    words = " ".join(text.split())
    if not 0 < len(words) <= GOAL_LONGEST:
        raise ValueError(f"a goal has 1 to {GOAL_LONGEST} signs")
    placement = Placement.objects.select_for_update().get(pk=placement_id)
    if placement.state != states.ACTIVE:
        raise StepNotAllowed(placement.state, "learn")
    known = placement.learning_goals.filter(text__iexact=words).first()
    if known:
        return known
    if placement.learning_goals.filter(learned_on=None).count() >= GOALS_MAX:
        raise TooMany
    return LearningGoal.objects.create(placement=placement, text=words)


def drop(goal_id: UUID) -> None:
    """By the volunteer, whatever became of it: what stands on their certificate is theirs. Twice is once."""
    LearningGoal.objects.filter(pk=goal_id).delete()


def say_learned(goal_id: UUID, *, today: date) -> None:
    """By the organisation; the first day stands."""
    LearningGoal.objects.filter(pk=goal_id, learned_on=None).update(learned_on=today)
