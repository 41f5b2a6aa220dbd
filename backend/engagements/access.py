"""Who may see at which moments people come, and on which days somebody helped. Stranger and missing look the same."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from backend.city.load import city
from backend.engagements.models import (
    BY_ORGANISATION,
    DAYS_NEEDED,
    Effect,
    Engagement,
    LearningGoal,
    RaisedCeiling,
    Reward,
    Shift,
    ShiftPlace,
    TokenEntry,
)
from backend.opportunities.models import Opportunity
from backend.opportunities.states import CLOSED
from backend.organisations.models import Organisation
from backend.placements import states
from backend.placements.access import own_placement, placement_at
from backend.placements.models import Placement, Proposal
from backend.talent.access import volunteer_of
from backend.talent.models import Volunteer

WITH_NAMES = ("placement__proposal__volunteer", "placement__proposal__opportunity")


def placements_at(organisation: Organisation) -> QuerySet[Placement]:
    """Who helps at an organisation that was found above, and who lately did: everybody who once started."""
    started = Placement.objects.filter(
        proposal__opportunity__organisation=organisation, information_note_confirmed_at__isnull=False
    ).exclude(state=states.AGREED)
    rows = started.select_related("proposal__volunteer", "proposal__opportunity")
    return rows.order_by("proposal__volunteer__first_name", "confirmed_at", "pk")


def engagements_at(organisation: Organisation, year: int) -> QuerySet[Engagement]:
    """All confirmed days of a year at an organisation that was found above."""
    rows = Engagement.objects.filter(organisation=organisation, day__year=year)
    return rows.select_related(*WITH_NAMES).order_by("day", "created_at", "pk")


def engagement_at(organisation: Organisation, engagement_id: UUID) -> Engagement:
    """A day of somebody who is still here; what outlived a person stays. Raises Http404."""
    here = Engagement.objects.filter(organisation=organisation, placement__isnull=False)
    found = here.filter(pk=engagement_id).first()
    if found is None:
        raise Http404
    return found


def engagements_of(user: Any) -> QuerySet[Any]:
    """One's own, newest first; `effect` is what a day meant to somebody, or None."""
    if not user.is_authenticated:
        return Engagement.objects.none()
    mine = Engagement.objects.filter(placement__proposal__volunteer__user=user)
    return with_effects(mine.select_related("placement__proposal__opportunity__organisation").order_by("-day", "pk"))


def with_effects(days: QuerySet[Engagement]) -> QuerySet[Any]:
    """The same days; `effect` is what that day meant to somebody, or None."""
    said = Effect.objects.filter(opportunity=OuterRef("placement__proposal__opportunity"), day=OuterRef("day"))
    return days.annotate(effect=Subquery(said.values("text")[:1]))


def effects_at(organisation: Organisation) -> QuerySet[Effect]:
    """What was said at an organisation that was found above, the last day first."""
    rows = Effect.objects.filter(opportunity__organisation=organisation).select_related("opportunity")
    return rows.order_by("-day", "opportunity__title", "pk")


def tokens_of(user: Any) -> Volunteer | None:
    """The person themselves where their city has tokens (R009); None elsewhere."""
    volunteer = volunteer_of(user)
    return volunteer if volunteer and city(volunteer.city).tokens else None


def with_days_for_a_certificate(volunteer: Volunteer) -> QuerySet[Proposal]:
    """Yeses of somebody at the desk (found through talent.access) that led to enough confirmed days."""
    confirmed = Q(placements__engagements__confirmed_by=BY_ORGANISATION)
    mine = Proposal.objects.filter(volunteer=volunteer)
    mine = mine.annotate(days=Count("placements__engagements", filter=confirmed))
    mine = mine.filter(days__gte=DAYS_NEEDED)
    return mine.select_related("opportunity").order_by("-made_at", "pk")


def raised_asked(user: Any) -> QuerySet[RaisedCeiling]:
    """Where an organisation asked for the raised ceiling, of somebody who helps there now."""
    asked = RaisedCeiling.objects.filter(placement__in=own_active_placements(user))
    return asked.select_related("placement__proposal__opportunity__organisation").order_by("created_at", "pk")


def own_active_placements(user: Any) -> QuerySet[Placement]:
    """Where somebody helps now."""
    if not user.is_authenticated:
        return Placement.objects.none()
    mine = Placement.objects.filter(proposal__volunteer__user=user, state=states.ACTIVE)
    return mine.select_related("proposal__opportunity__organisation").order_by("confirmed_at", "pk")


def own_helped_at(user: Any, placement_id: UUID) -> Placement:
    """One's own, with what a certificate says. Raises Http404."""
    return _with_everything(own_placement(user, placement_id))


def helped_at(volunteer: Volunteer, proposal_id: UUID) -> Placement:
    """The start of somebody at the desk with the most confirmed days. Raises Http404."""
    mine = Placement.objects.filter(proposal__volunteer=volunteer, proposal=proposal_id)
    confirmed = Count("engagements", filter=Q(engagements__confirmed_by=BY_ORGANISATION))
    found = mine.annotate(days=confirmed).order_by("-days", "-confirmed_at").first()
    if found is None:
        raise Http404
    return _with_everything(found)


def own_goals(user: Any) -> QuerySet[LearningGoal]:
    """What somebody wants to learn and learned, wherever they help or helped."""
    if not user.is_authenticated:
        return LearningGoal.objects.none()
    mine = LearningGoal.objects.filter(placement__proposal__volunteer__user=user)
    return mine.select_related("placement__proposal__opportunity__organisation").order_by("created_at", "pk")


def goals_of(placement: Placement | None) -> QuerySet[LearningGoal]:
    """Of a placement that was found above; none without one."""
    return LearningGoal.objects.filter(placement=placement).order_by("created_at", "pk")


def own_goal(user: Any, goal_id: UUID) -> LearningGoal:
    """Raises Http404."""
    return _one_goal(own_goals(user), goal_id)


def goals_at(organisation: Organisation) -> QuerySet[LearningGoal]:
    """What people want to learn, or learned, at an organisation that was found above; also who stopped since."""
    there = LearningGoal.objects.filter(placement__proposal__opportunity__organisation=organisation)
    rows = there.select_related("placement__proposal__volunteer")
    return rows.order_by("placement__proposal__volunteer__first_name", "created_at", "pk")


def goal_at(organisation: Organisation, goal_id: UUID) -> LearningGoal:
    """One of those. Raises Http404."""
    return _one_goal(goals_at(organisation), goal_id)


def goal_of_candidate(user: Any, goal_id: UUID) -> LearningGoal:
    """One at an organisation in which this person may change things. Raises Http404."""
    found = _one_goal(LearningGoal.objects.all(), goal_id)
    placement_at(user, found.placement_id)
    return found


def _one_goal(rows: QuerySet[LearningGoal], goal_id: UUID) -> LearningGoal:
    found = rows.filter(pk=goal_id).first()
    if found is None:
        raise Http404
    return found


def opportunities_to_plan(organisation: Organisation) -> QuerySet[Opportunity]:
    """Where people help at an organisation that was found above, or may begin to."""
    return Opportunity.objects.filter(organisation=organisation).exclude(state=CLOSED).order_by("title", "pk")


def shifts_at(organisation: Organisation) -> QuerySet[Any]:
    """Shifts at an organisation that was found above, first one first; `taken`: how many come."""
    rows = Shift.objects.filter(opportunity__organisation=organisation, cancelled_at=None)
    return _with_taken(rows).select_related("opportunity").order_by("starts_at", "pk")


def shifts_to_say(organisation: Organisation, now: datetime) -> QuerySet[Any]:
    """What is over, somebody came or would have, and nobody said yet who was there; the last one first."""
    somebody = Exists(ShiftPlace.objects.filter(shift=OuterRef("pk")))
    rows = shifts_at(organisation).filter(somebody, ends_at__lte=now, done_at=None)
    return rows.order_by("-starts_at", "pk")


def shift_at(organisation: Organisation, shift_id: UUID) -> Shift:
    """Raises Http404."""
    found = shifts_at(organisation).filter(pk=shift_id).first()
    if found is None:
        raise Http404
    return found


def who_come(rows: Iterable[Shift]) -> dict[UUID, list[Placement]]:
    """Moment -> who comes, or came and stopped later, by first name, in one statement; for moments that were found
    above.
    """
    found: dict[UUID, list[Placement]] = {one.pk: [] for one in rows}
    stopped_later = Q(placement__ended_at__gte=F("shift__starts_at"))
    places = ShiftPlace.objects.filter(Q(placement__state=states.ACTIVE) | stopped_later, shift__in=list(found))
    names = "placement__proposal__volunteer"
    for one in places.select_related(names).order_by(f"{names}__first_name", "placement"):
        found[one.shift_id].append(one.placement)
    return found


def own_shifts(user: Any, now: datetime) -> QuerySet[Any]:
    """Shifts to come where somebody helps now; `taken`, and `is_mine` when they said that they come."""
    mine = own_active_placements(user)
    rows = Shift.objects.filter(
        opportunity__proposals__placements__in=mine, cancelled_at=None, starts_at__gt=now
    ).distinct()
    place = ShiftPlace.objects.filter(shift=OuterRef("pk"), placement__in=mine)
    rows = _with_taken(rows).annotate(is_mine=Exists(place))
    return rows.select_related("opportunity__organisation").order_by("starts_at", "pk")


def own_shift(user: Any, shift_id: UUID, now: datetime) -> tuple[Shift, Placement]:
    """A moment to come, and the placement by which it is one's own. Raises Http404."""
    found = own_shifts(user, now).filter(pk=shift_id).first()
    if found is None:
        raise Http404
    placement = own_active_placements(user).filter(proposal__opportunity=found.opportunity_id).first()
    if placement is None:  # it ended this moment
        raise Http404
    return found, placement


def _with_taken(rows: QuerySet[Shift]) -> QuerySet[Shift]:
    comes = Q(places__placement__state=states.ACTIVE)
    return rows.annotate(taken=Count("places", filter=comes, distinct=True))


def _with_everything(placement: Placement) -> Placement:
    rows = Placement.objects.select_related("proposal__opportunity__organisation", "proposal__volunteer__profile")
    return rows.prefetch_related("engagements", "learning_goals").get(pk=placement.pk)


def own_token_entries(volunteer: Volunteer) -> QuerySet[TokenEntry]:
    """Of somebody found through `tokens_of`, newest first."""
    rows = TokenEntry.objects.filter(volunteer=volunteer)
    rows = rows.select_related("reward", "engagement__placement__proposal__opportunity")
    return rows.order_by("-created_at", "-pk")


def rewards_in(slug: str) -> QuerySet[Reward]:
    """What is offered in a city, the cheapest first."""
    return Reward.objects.filter(city=slug, is_offered=True).order_by("cost", "name")


def to_hand_over(slug: str) -> QuerySet[TokenEntry]:
    """Rewards of a city that somebody chose and nobody gave yet, oldest first; for a door that looked who asks."""
    rows = TokenEntry.objects.filter(reward__city=slug, handed_at=None).select_related("reward", "volunteer")
    return rows.order_by("created_at", "pk")
