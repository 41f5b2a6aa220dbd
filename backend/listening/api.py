"""Trainings and meet-ups over the API.

A signal for policy is left on a page: what is kept of a repeated call (its key) would name who left it.
"""

from typing import Any, cast

from django.db.models import Count, Q
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.models import User
from backend.common.api import ApiMixin
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem
from backend.listening import states
from backend.listening import trainings as training_verbs
from backend.listening.access import places_of, training_to_come, trainings_to_come
from backend.listening.models import TRAINING_KINDS, Training


class TrainingSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=TRAINING_KINDS)
    title = serializers.CharField()
    by = serializers.CharField()
    where = serializers.CharField()
    text = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    places = serializers.IntegerField()
    given = serializers.IntegerField(help_text="Places that are taken; the rest is free.")


class TrainingPlaceSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=states.PLACE_STATES)


class TrainingViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Trainings and meet-ups to come. Everybody reads them; who is signed in takes a place."""

    serializer_class = TrainingSerializer
    queryset = Training.objects.none()
    page_field = "starts_at"
    acts = ("place",)
    lookup_value_converter = "uuid"

    def get_permissions(self) -> Any:
        return [AllowAny()] if self.action == "list" else [IsAuthenticated()]

    def get_queryset(self) -> Any:
        given = Count("taken", filter=Q(taken__state=states.IN))
        return trainings_to_come(self.request.user, timezone.now()).annotate(given=given)

    @extend_schema(request=None, responses={200: TrainingPlaceSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def place(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I come: a place, or one on the waiting list (`waiting`), which moves up by itself."""
        now, user = timezone.now(), cast(User, request.user)  # see get_permissions
        training = training_to_come(user, pk, now)
        try:
            taken = training_verbs.take_place(training.pk, user, now=now)
        except training_verbs.TooLate:
            raise Problem("link_expired") from None
        except training_verbs.OwnVisit:
            raise Problem("not_allowed") from None
        return Response(TrainingPlaceSerializer(taken).data)

    @extend_schema(request=None, responses={204: None})
    @place.mapping.delete
    def give_back(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I do not come: whoever waits longest moves up. Twice is once."""
        now = timezone.now()
        taken = places_of(request.user).filter(training=training_to_come(request.user, pk, now).pk).first()
        if taken is None:
            raise Problem("not_found")
        try:
            training_verbs.give_back(taken, now=now)
        except training_verbs.TooLate:
            raise Problem("link_expired") from None
        return Response(status=status.HTTP_204_NO_CONTENT)
