"""What the volunteer point publishes: counts of a city, without small groups."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.city.load import cities, default_city
from backend.common.api import ApiMixin
from backend.common.problems import Problem, issue
from backend.common.small import PUBLISHED
from backend.coordination.queries import published_counts


class CellSerializer(serializers.Serializer):
    code = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class CountSerializer(serializers.Serializer):
    """null is a group that is too small to tell, or one from which such a group could be worked out."""

    count = serializers.IntegerField(allow_null=True)
    by_neighbourhood = CellSerializer(many=True)


class StatisticsSerializer(serializers.Serializer):
    """How many, per neighbourhood of a city."""

    city = serializers.CharField()
    day = serializers.DateField()
    hidden_below = serializers.IntegerField()
    volunteers = CountSerializer()
    placements_this_year = CountSerializer()
    opportunities_online = CountSerializer()


class StatisticsView(ApiMixin, APIView):
    permission_classes = (AllowAny,)
    filters = ("city",)

    @extend_schema(
        responses=StatisticsSerializer,
        operation_id="statistics",
        parameters=[OpenApiParameter("city", str, description="The first city when nobody says.")],
    )
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Counts of people with a profile, placements that began this year and what is online. No small groups."""
        slug = request.query_params.get("city", default_city().slug)
        if slug not in cities():
            raise Problem("invalid", issues=[issue("city", "invalid", place="query")])
        place = cities()[slug]
        now = timezone.now()
        counts = published_counts(place, now)
        told = {"city": slug, "day": place.local(now).date(), "hidden_below": PUBLISHED, **counts}
        return Response(StatisticsSerializer(told).data)
