"""Proposals over the API: the volunteer reads one's own and answers."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.problems import Problem
from backend.opportunities.api import OpportunitySerializer
from backend.placements import actions
from backend.placements.access import proposal_for, proposals_of
from backend.placements.models import Proposal
from matching import words
from matching.catalogue import load_catalogue
from matching.types import Line


class LineSerializer(serializers.Serializer):
    """One reason or note: a stable code, its values, and the sentence for a person."""

    code = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    text = serializers.CharField()


class ProposalSerializer(serializers.Serializer):
    """A proposal as its volunteer sees it: no score, no rank, no kind of place, nobody else."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    opportunity = OpportunitySerializer()
    distance_km = serializers.FloatField()
    reasons = LineSerializer(many=True)
    not_perfect = LineSerializer(many=True)
    easy_start = LineSerializer(many=True)
    made_at = serializers.DateTimeField()
    answer_until = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        return super().to_representation(
            {
                "id": proposal.pk,
                "state": proposal.state,
                "opportunity": proposal.opportunity,
                "distance_km": round(proposal.distance_km, 1),
                "reasons": lines(proposal.reasons),
                "not_perfect": lines(proposal.not_perfect),
                "easy_start": lines(proposal.easy_start),
                "made_at": proposal.made_at,
                "answer_until": proposal.answer_until,
                "answered_at": proposal.answered_at,
            }
        )


def lines(stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored lines with their sentence."""
    catalogue = load_catalogue()
    return [{**one, "text": words.say(Line(one["code"], tuple(one["values"].items())), catalogue)} for one in stored]


class AnswerSerializer(serializers.Serializer):
    answer = serializers.ChoiceField(choices=actions.ANSWERS)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: serializers.ErrorDetail("", "unknown_field") for name in unknown})
        return data


class ProposalViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """The proposals of the person who is signed in."""

    serializer_class = ProposalSerializer
    queryset = Proposal.objects.none()
    page_field = "made_at"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        return proposals_of(self.request.user)

    def retrieve(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        return Response(ProposalSerializer(proposal_for(request.user, pk)).data)

    @extend_schema(request=AnswerSerializer, responses={200: ProposalSerializer})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Yes, maybe or no; the same answer twice changes nothing. A yes too late gives the state `waiting`."""
        proposal = proposal_for(request.user, pk)
        asked = AnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            actions.answer_proposal(proposal.pk, asked.validated_data["answer"], source="app", now=timezone.now())
        except actions.StepNotAllowed as error:
            raise Problem("step_not_allowed", old=error.old, new=error.new) from None
        except actions.TooLate:
            raise Problem("link_expired") from None
        return Response(ProposalSerializer(proposal_for(request.user, pk)).data)
