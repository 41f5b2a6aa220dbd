"""Days on which somebody helped, over the API: a volunteer reads and says them, an organisation confirms them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.api import ApiMixin, asked_in
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem
from backend.common.serializers import StrictSerializer
from backend.engagements import actions
from backend.engagements.access import engagements_of
from backend.engagements.ceilings import WARNINGS
from backend.engagements.models import CONFIRMED_BY, Engagement
from backend.placements.access import own_placement, placement_at
from backend.placements.api import step


class EngagementSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    placement = serializers.UUIDField(source="placement_id")
    day = serializers.DateField()
    hours = serializers.DecimalField(max_digits=4, decimal_places=2)
    confirmed_by = serializers.ChoiceField(choices=CONFIRMED_BY)
    flat_rate_eur = serializers.DecimalField(max_digits=7, decimal_places=2)
    real_costs_eur = serializers.DecimalField(max_digits=7, decimal_places=2)


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
    despite_ceiling = serializers.BooleanField(
        required=False, default=False, help_text="We read the warning: this was really given."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["flat_rate_eur"] and attrs["real_costs_eur"]:
            raise Problem("two_ways_of_paying")
        return attrs


class EngagementViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """When I helped, newest first."""

    serializer_class = EngagementSerializer
    queryset = Engagement.objects.none()
    page_field = "created_at"

    def get_queryset(self) -> Any:
        return engagements_of(self.request.user)


class HoursView(ApiMixin, APIView):
    @extend_schema(request=HoursSerializer, responses={201: ConfirmedSerializer}, operation_id="placements_hours")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """A day: "I was there" by the volunteer, or confirmed by a member of the organisation, whose word stands. The
        same day again corrects it. 422 `ceiling_passed` names the ceilings; with `despite_ceiling` it is kept.
        """
        asked, today = asked_in(HoursSerializer, request), timezone.localdate()
        try:
            placement, is_own = own_placement(request.user, pk), True
        except Http404:
            placement, is_own = placement_at(request.user, pk), False
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
        except actions.CeilingPassed as passed:
            raise Problem("ceiling_passed", warnings=passed.warnings) from None
        told = {**EngagementSerializer(confirmed.engagement).data, "warnings": confirmed.warnings}
        return Response(told, status=status.HTTP_201_CREATED)
