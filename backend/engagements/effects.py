"""What a day of help meant: said by the organisation, heard once a week by who was there (R112)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from backend.city.load import CityFile
from backend.engagements import actions, messages
from backend.engagements.access import with_effects
from backend.engagements.models import EFFECT_LONGEST, Effect, Engagement
from backend.opportunities.models import Opportunity
from backend.placements.actions import tell
from backend.talent.models import Volunteer
from notifications.models import Delivery
from notifications.timing import is_quiet

DAYS_KEPT = 28  # what is older is no news: neither said nor told any more
MONDAY = 0


def say(opportunity: Opportunity, day: date, text: str, *, today: date) -> Effect:
    """By the organisation; the same day again corrects it. Raises ValueError for no or too many words, NotThatDay."""
    words = " ".join(text.split())
    if not 0 < len(words) <= EFFECT_LONGEST:
        raise ValueError(f"an effect has 1 to {EFFECT_LONGEST} signs")
    if not today - timedelta(days=DAYS_KEPT) <= day <= today:
        raise actions.NotThatDay
    return Effect.objects.update_or_create(opportunity=opportunity, day=day, defaults={"text": words})[0]


def tell_week(place: CityFile, *, now: datetime) -> int:
    """On Mondays, outside the quiet hours: one message for each person with all that was said since the last one. How
    many heard something. What nobody could be told on one Monday is told on the next; twice is once.
    """
    local, quiet = place.local(now), place.quiet_hours
    is_night = is_quiet(local.time(), quiet.begins, quiet.ends) and not settings.IGNORE_QUIET_HOURS
    if local.weekday() != MONDAY or is_night:
        return 0
    told = 0
    due = _untold(place, local.date()).values_list("placement__proposal__volunteer", flat=True)
    for volunteer_id in sorted(set(due)):
        told += _tell_one(volunteer_id, place, now)
    return told


@transaction.atomic
def _tell_one(volunteer_id: UUID, place: CityFile, now: datetime) -> bool:
    people = Volunteer.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    volunteer = people.filter(pk=volunteer_id).first()
    if volunteer is None:
        return False
    today = place.local(now).date()
    days = list(
        _untold(place, today)
        .filter(placement__proposal__volunteer=volunteer)
        .select_related("placement__proposal__opportunity__organisation")
        .order_by("day", "pk")
    )
    message = messages.about_effects(volunteer, days, today)
    if not days or Delivery.objects.filter(occasion=message.occasion).exists():
        return False  # what was written since this morning waits for the next Monday
    Engagement.objects.filter(pk__in=[one.pk for one in days]).update(effect_told_at=now)
    return tell(message, place, now=now)


def _untold(place: CityFile, today: date) -> QuerySet[Engagement]:
    """Days that meant something to somebody, and who helped then did not hear it yet."""
    lately = Engagement.objects.filter(
        placement__proposal__volunteer__city=place.slug, effect_told_at=None,
        day__gte=today - timedelta(days=DAYS_KEPT + 7), day__lt=today,
    )  # fmt: skip
    return with_effects(lately).filter(effect__isnull=False)
