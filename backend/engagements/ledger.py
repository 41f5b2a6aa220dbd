"""Complementary coins (tokens): booked once for a confirmed day, given for a reward, never more than a cap (R009).

Only where the city has them. They have no value in money, and no counter: a balance is the sum of the lines.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum

from backend.city.load import city
from backend.engagements.models import BY_ORGANISATION, Engagement, Reward, TokenEntry
from backend.opportunities.models import Opportunity
from backend.talent.models import Volunteer


class NotEnough(Exception):
    """A reward that costs more than somebody has."""


class NotOffered(Exception):
    """No such reward in this city, or none left."""


class ChangedMeanwhile(Exception):
    """The balance is another than the one that was shown: a second tap, or a new day."""


def book(engagement: Engagement) -> None:
    """For a day that the organisation confirmed, at an opportunity that gives tokens: whole hours, up to the cap of
    the year. The same day again books nothing more than what it is worth more. In the transaction of whoever confirms.
    """
    placement = engagement.placement
    if placement is None or engagement.confirmed_by != BY_ORGANISATION:
        return
    rules = city(placement.proposal.opportunity.city).tokens
    if rules is None or not placement.proposal.opportunity.gives_tokens:
        return
    volunteer = Volunteer.objects.select_for_update(no_key=True).get(pk=placement.proposal.volunteer_id)
    known = TokenEntry.objects.filter(engagement=engagement).first()
    room = rules.cap_per_year - earned_in(volunteer, engagement.day.year) + (known.amount if known else 0)
    amount = min(int(engagement.hours) * rules.per_hour, room)
    if known and amount > known.amount:
        known.amount = amount
        known.save(update_fields=["amount", "updated_at"])
    elif known is None and amount > 0:
        TokenEntry.objects.create(volunteer=volunteer, amount=amount, year=engagement.day.year, engagement=engagement)


def take_back(engagement: Engagement) -> None:
    """The day was a mistake: its tokens go, unless they were given for something already."""
    known = TokenEntry.objects.filter(engagement=engagement).first()
    if known:
        volunteer = Volunteer.objects.select_for_update(no_key=True).get(pk=known.volunteer_id)
        if balance_of(volunteer) >= known.amount:
            known.delete()


@transaction.atomic
def redeem(volunteer: Volunteer, reward_id: UUID, *, shown: int, now: datetime) -> TokenEntry:
    """Give tokens for a reward. `shown` is the balance that the person saw, so that a second tap is none.

    Raises NotOffered, ChangedMeanwhile, NotEnough.
    """
    Volunteer.objects.select_for_update(no_key=True).get(pk=volunteer.pk)
    reward = Reward.objects.select_for_update().filter(pk=reward_id, city=volunteer.city, is_offered=True).first()
    if reward is None or reward.left == 0 or city(volunteer.city).tokens is None:
        raise NotOffered
    has = balance_of(volunteer)
    if has != shown:
        raise ChangedMeanwhile
    if has < reward.cost:
        raise NotEnough
    if reward.left is not None:
        Reward.objects.filter(pk=reward.pk).update(left=F("left") - 1)
    return TokenEntry.objects.create(volunteer=volunteer, amount=-reward.cost, year=now.year, reward=reward)


def give_at(opportunities: QuerySet[Opportunity], chosen: Collection[str]) -> None:
    """Of these opportunities the chosen ones (ids as text) give tokens from now on, the others do not."""
    ticked = [one.pk for one in opportunities if str(one.pk) in chosen]
    opportunities.filter(pk__in=ticked).update(gives_tokens=True)
    opportunities.exclude(pk__in=ticked).update(gives_tokens=False)


def hand_over(entry: TokenEntry, *, now: datetime) -> None:
    """The reward was given. Twice is once."""
    TokenEntry.objects.filter(pk=entry.pk, amount__lt=0, handed_at=None).update(handed_at=now)


def offer(slug: str, name: str, cost: int, left: int | None) -> Reward:
    """The same name at the same cost is one reward, offered (again) so many times."""
    told = {"left": left, "is_offered": True}
    return Reward.objects.update_or_create(city=slug, name=name, cost=cost, defaults=told)[0]


def stop(reward: Reward) -> None:
    """Nobody can choose it any more; who chose it still gets it."""
    Reward.objects.filter(pk=reward.pk).update(is_offered=False)


def balance_of(volunteer: Volunteer) -> int:
    return _sum(Q(volunteer=volunteer))


def earned_in(volunteer: Volunteer, year: int) -> int:
    """What counts for the cap."""
    return _sum(Q(volunteer=volunteer, year=year, amount__gt=0))


def _sum(which: Q) -> int:
    return TokenEntry.objects.filter(which).aggregate(all=Sum("amount"))["all"] or 0
