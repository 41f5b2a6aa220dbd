"""What waits, for operators who are signed in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.access import OPERATIONS, cities_behind
from backend.common.api import ApiMixin
from backend.operations import queries


class DeliveryCountSerializer(serializers.Serializer):
    channel = serializers.CharField()
    state = serializers.CharField()
    count = serializers.IntegerField()


class EventCountsSerializer(serializers.Serializer):
    due = serializers.IntegerField()
    parked = serializers.IntegerField()


class QueueSerializer(serializers.Serializer):
    """What waits. Ages in seconds; `hints` is null while Redis is away, which loses nothing."""

    events = EventCountsSerializer()
    oldest_event_seconds = serializers.FloatField()
    deliveries = DeliveryCountSerializer(many=True)
    oldest_delivery_seconds = serializers.FloatField()
    hints = serializers.DictField(child=serializers.IntegerField(), allow_null=True)


class QueueView(ApiMixin, APIView):
    @extend_schema(responses=QueueSerializer, operation_id="ops_queue")
    def get(self, request: Any, **_kwargs: object) -> Response:
        """Counts per state and the age of the oldest that is due, for the whole installation."""
        cities_behind(request, OPERATIONS)
        found = queries.queue()
        deliveries = [
            {"channel": channel, "state": state, "count": many}
            for (channel, state), many in sorted(found.deliveries.items())
        ]
        told = {
            "events": found.events,
            "oldest_event_seconds": found.oldest_event_seconds,
            "deliveries": deliveries,
            "oldest_delivery_seconds": found.oldest_delivery_seconds,
            "hints": found.hints,
        }
        return Response(QueueSerializer(told).data)
