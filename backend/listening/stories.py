"""Stories of people who help: told with a yes, published by the point, gone when the yes is taken back (R084)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.listening.models import LONGEST, Story
from backend.talent import actions as talent
from backend.talent.models import STORY, Volunteer


@transaction.atomic
def tell(volunteer: Volunteer, text: str, *, now: datetime, how: str = "app") -> Story:
    """With the yes that everybody may read it, without a name; `how` that yes was given: by the person in the app, or
    at the desk, where somebody else writes down what they tell (R085). The same words twice are one story.

    Raises ValueError for no words or too many.
    """
    if not 0 < len(text) <= LONGEST:
        raise ValueError(f"text: 1 to {LONGEST} signs")
    known = Story.objects.filter(volunteer=volunteer, text=text, consent__withdrawn_at=None).first()
    if known:
        return known
    story = Story(volunteer=volunteer, text=text)
    story.consent = talent.give_consent(volunteer, STORY, party=str(story.pk), until=None, now=now, how=how)
    story.save()
    return story


@transaction.atomic
def take_back(story: Story, *, now: datetime) -> None:
    """The yes ends and the words go."""
    talent.withdraw_consent(story.consent, now=now)
    Story.objects.filter(pk=story.pk).delete()


def publish(story_id: UUID, *, is_online: bool, now: datetime) -> None:
    """By the volunteer point, after reading that no name stands in it; or not after all."""
    Story.objects.filter(pk=story_id, consent__withdrawn_at=None).update(published_at=now if is_online else None)
