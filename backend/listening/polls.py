"""A short question on a screen in an open house: a picture is tapped, and only the counts are kept (R061)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from backend.listening.models import CHOICE_LONGEST, TITLE_LONGEST, Poll, PollChoice

CHOICES_LEAST, CHOICES_MOST = 2, 4


@transaction.atomic
def ask(slug: str, question: str, choices: Sequence[tuple[str, str]]) -> Poll:
    """`choices`: (words, file of a picture), in the order of the screen. The same question that still runs is one.

    Raises ValueError naming what is wrong.
    """
    if not 0 < len(question) <= TITLE_LONGEST:
        raise ValueError(f"question: 1 to {TITLE_LONGEST} signs")
    if not CHOICES_LEAST <= len(choices) <= CHOICES_MOST:
        raise ValueError(f"choices: {CHOICES_LEAST} to {CHOICES_MOST}")
    if any(not 0 < len(words) <= CHOICE_LONGEST for words, _picture in choices):
        raise ValueError(f"choices: 1 to {CHOICE_LONGEST} signs each")
    poll, is_new = Poll.objects.get_or_create(city=slug, question=question, closed_at=None)
    if is_new:
        PollChoice.objects.bulk_create(
            PollChoice(poll=poll, position=place, text=words, picture=picture)
            for place, (words, picture) in enumerate(choices)
        )
    return poll


def answer(poll: Poll, choice_id: UUID) -> bool:
    """One more for a choice; nothing about who tapped. False for no choice of a poll that runs."""
    running = PollChoice.objects.filter(pk=choice_id, poll=poll, poll__closed_at=None)
    return bool(running.update(count=F("count") + 1))


def close(poll: Poll, *, now: datetime) -> None:
    """Nobody can answer any more; the counts stay. Twice is once."""
    Poll.objects.filter(pk=poll.pk, closed_at=None).update(closed_at=now)
