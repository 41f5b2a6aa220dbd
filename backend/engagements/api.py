"""Moments and days over the API: a volunteer says "I come" and "I was there", an organisation confirms a day."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.city.load import city
from backend.common.api import ApiMixin, asked_in
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem
from backend.common.serializers import StrictSerializer, TextField
from backend.engagements import actions, goals, shifts
from backend.engagements.access import (
    engagements_of,
    goal_of_candidate,
    own_goal,
    own_goals,
    own_shift,
    own_shifts,
)
from backend.engagements.ceilings import WARNINGS
from backend.engagements.models import CAR, CONFIRMED_BY, GOAL_LONGEST, KM_BY, Engagement, Shift
from backend.placements.access import own_placement, placement_at
from backend.placements.api import step
from backend.placements.models import Placement


class EngagementSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    placement = serializers.UUIDField(source="placement_id")
    day = serializers.DateField()
    hours = serializers.DecimalField(max_digits=4, decimal_places=2)
    confirmed_by = serializers.ChoiceField(choices=CONFIRMED_BY)
    flat_rate_eur = serializers.DecimalField(max_digits=7, decimal_places=2)
    real_costs_eur = serializers.DecimalField(max_digits=7, decimal_places=2)
    km = serializers.DecimalField(max_digits=5, decimal_places=1)
    travel_eur = serializers.DecimalField(max_digits=7, decimal_places=2)


class OwnEngagementSerializer(EngagementSerializer):
    """`effect` is what that day meant to somebody, in the words of the organisation."""

    effect = serializers.CharField(allow_null=True)


class ConfirmedSerializer(EngagementSerializer):
    """The day as it is kept, and what to warn of."""

    warnings = serializers.ListField(child=serializers.ChoiceField(choices=WARNINGS))


class HoursSerializer(StrictSerializer):
    """Money is for an organisation to say: a flat rate or real costs, in euro."""

    day = serializers.DateField()
    hours = serializers.DecimalField(max_digits=4, decimal_places=2, min_value=Decimal("0.25"), max_value=Decimal(24))
    flat_rate_eur = serializers.DecimalField(
        required=False, default=Decimal(0), max_digits=6, decimal_places=2, min_value=Decimal(0)
    )
    real_costs_eur = serializers.DecimalField(
        required=False, default=Decimal(0), max_digits=6, decimal_places=2, min_value=Decimal(0)
    )
    km = serializers.DecimalField(
        required=False, default=Decimal(0), max_digits=5, decimal_places=1, min_value=Decimal(0)
    )
    km_by = serializers.ChoiceField(required=False, default=CAR, choices=KM_BY)
    despite_ceiling = serializers.BooleanField(
        required=False, default=False, help_text="We read the warning: this was really given."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["flat_rate_eur"] and attrs["real_costs_eur"]:
            raise Problem("two_ways_of_paying")
        return attrs


class EngagementViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """When I helped, newest first."""

    serializer_class = OwnEngagementSerializer
    queryset = Engagement.objects.none()
    page_field = "created_at"

    def get_queryset(self) -> Any:
        return engagements_of(self.request.user)


def _today_at(placement: Placement) -> date:
    """By the clock of the city: the API itself speaks UTC, where it is still yesterday just after midnight."""
    return city(placement.proposal.opportunity.city).local(timezone.now()).date()


class HoursView(ApiMixin, APIView):
    @extend_schema(request=HoursSerializer, responses={201: ConfirmedSerializer}, operation_id="placements_hours")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """A day: "I was there" by the volunteer, or confirmed by a member of the organisation, whose word stands. The
        same day again corrects it. 422 `ceiling_passed` names the ceilings; with `despite_ceiling` it is kept.
        """
        asked = asked_in(HoursSerializer, request)
        try:
            placement, is_own = own_placement(request.user, pk), True
        except Http404:
            placement, is_own = placement_at(request.user, pk), False
        today = _today_at(placement)
        try:
            if is_own:
                engagement = step(lambda: actions.say_i_helped(placement.pk, asked["day"], asked["hours"], today=today))
                confirmed = actions.Confirmed(engagement, [])
            else:
                confirmed = step(lambda: actions.confirm(placement.pk, today=today, **asked))
        except actions.NotThatDay:
            raise Problem("not_that_day") from None
        except actions.TwoWaysOfPaying:
            raise Problem("two_ways_of_paying") from None
        except actions.NoKmRate:
            raise Problem("no_km_rate") from None
        except actions.CeilingPassed as passed:
            raise Problem("ceiling_passed", warnings=passed.warnings) from None
        told = {**EngagementSerializer(confirmed.engagement).data, "warnings": confirmed.warnings}
        return Response(told, status=status.HTTP_201_CREATED)


class GoalSerializer(serializers.Serializer):
    """What somebody wants to learn where they help; `learned_on`: the organisation says that they can."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    learned_on = serializers.DateField(allow_null=True)


class AddGoalSerializer(StrictSerializer):
    text = TextField(max_length=GOAL_LONGEST)


class GoalsView(ApiMixin, APIView):
    @extend_schema(responses=GoalSerializer(many=True), operation_id="placements_goals", filters=False)
    def get(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """What I want to learn here, and what I learned."""
        rows = own_goals(request.user).filter(placement=own_placement(request.user, pk))
        return Response(GoalSerializer(rows, many=True).data)

    @extend_schema(request=AddGoalSerializer, responses={201: GoalSerializer}, operation_id="placements_add_goal")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """I want to learn this; at most five at one place wait at the same time. The same words twice are one goal."""
        placement = own_placement(request.user, pk)
        text = asked_in(AddGoalSerializer, request)["text"]
        try:
            goal = step(lambda: goals.add(placement.pk, text))
        except goals.TooMany:
            raise Problem("too_many_goals") from None
        return Response(GoalSerializer(goal).data, status=status.HTTP_201_CREATED)


class GoalView(ApiMixin, APIView):
    @extend_schema(request=None, responses={204: None}, operation_id="goals_drop")
    @once_per_key
    def delete(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Not on my list, and not on my certificate."""
        goals.drop(own_goal(request.user, pk).pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LearnedView(ApiMixin, APIView):
    @extend_schema(request=None, responses={200: GoalSerializer}, operation_id="goals_learned")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """By a member of the organisation: this person can do it now. It stands on their certificate."""
        goal = goal_of_candidate(request.user, pk)
        goals.say_learned(goal.pk, today=_today_at(goal.placement))
        return Response(GoalSerializer(goal_of_candidate(request.user, pk)).data)


class ShiftSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    opportunity = serializers.UUIDField(source="opportunity_id")
    title = serializers.CharField(source="opportunity.title")
    organisation = serializers.CharField(source="opportunity.organisation.name")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    least = serializers.IntegerField(help_text="For fewer people it does not work.")
    most = serializers.IntegerField()
    taken = serializers.IntegerField(help_text="How many people come so far.")
    is_mine = serializers.BooleanField(help_text="I said that I come.")


class ShiftViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Moments to come at the places where I help, first one first."""

    serializer_class = ShiftSerializer
    queryset = Shift.objects.none()
    page_field = "starts_at"
    acts = ("place",)
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        return own_shifts(self.request.user, timezone.now())

    @extend_schema(request=None, responses={200: ShiftSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def place(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I come. 409 `enough_people` when enough people come, `collides` when I said that I am elsewhere then."""
        now = timezone.now()
        shift, placement = own_shift(request.user, pk, now)
        try:
            step(lambda: shifts.take(shift.pk, placement, now=now))
        except shifts.NoPlace:
            raise Problem("enough_people") from None
        except shifts.Collides:
            raise Problem("collides") from None
        except shifts.TooLate:
            raise Problem("link_expired") from None
        return Response(ShiftSerializer(own_shift(request.user, pk, now)[0]).data)

    @extend_schema(request=None, responses={204: None})
    @place.mapping.delete
    def give_back(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I cannot come. Twice is once."""
        now = timezone.now()
        shift, placement = own_shift(request.user, pk, now)
        try:
            shifts.give_back(shift.pk, placement, now=now)
        except shifts.TooLate:
            raise Problem("link_expired") from None
        return Response(status=status.HTTP_204_NO_CONTENT)
