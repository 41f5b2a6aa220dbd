"""With whom somebody comes, over the API: two people in one place (duo), and a buddy who is there already."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common import limits
from backend.common.api import ApiMixin, asked_in
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem, issue
from backend.common.serializers import StrictSerializer
from backend.opportunities.api import OpportunitySerializer
from backend.placements import actions, buddies, duo
from backend.placements.access import candidate_for, own_placement, proposal_for
from backend.placements.api import PlacementSerializer, ProposalSerializer, step
from backend.placements.models import Placement, Proposal
from backend.placements.queries import partner_name
from backend.talent.access import own_volunteer
from backend.talent.models import Volunteer

CODE_LONGEST = 20


class CompanySerializer(serializers.Serializer):
    """Who comes along with somebody, by first name; null for nobody. A code works until the moment beside it."""

    buddy = serializers.CharField(allow_null=True)
    partner = serializers.CharField(allow_null=True)
    may_share = serializers.BooleanField()
    code = serializers.CharField(allow_null=True)
    code_works_until = serializers.DateTimeField(allow_null=True)


class PairCodeSerializer(StrictSerializer):
    code = serializers.CharField(max_length=CODE_LONGEST)


class SharedPlaceSerializer(serializers.Serializer):
    """What somebody is asked for, and by whom; nothing else about that person."""

    first_name = serializers.CharField()
    opportunity = OpportunitySerializer()


class WillingSerializer(StrictSerializer):
    wanted = serializers.BooleanField()


class BuddySerializer(serializers.Serializer):
    """Who wants to be a buddy there; `chosen` is who it is."""

    placement = serializers.UUIDField()
    first_name = serializers.CharField()
    chosen = serializers.BooleanField()


class ChooseBuddySerializer(StrictSerializer):
    placement = serializers.UUIDField(allow_null=True)


class CompanyView(ApiMixin, APIView):
    @extend_schema(responses=CompanySerializer, operation_id="proposals_company")
    def get(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """With whom I come: my buddy, and who shares my place."""
        return Response(_company_of(proposal_for(request.user, pk)))


class PairView(ApiMixin, APIView):
    @extend_schema(request=None, responses={200: CompanySerializer}, operation_id="proposals_pair")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """ "Ik doe dit samen met iemand": a code for somebody I know. Asking again shows the same one."""
        proposal = proposal_for(request.user, pk)
        step(lambda: duo.invite(proposal.pk, now=timezone.now()))
        return Response(_company_of(proposal_for(request.user, pk)))


class PairLookView(ApiMixin, APIView):
    @extend_schema(
        request=PairCodeSerializer, responses={200: SharedPlaceSerializer}, operation_id="pairs_look"
    )  # fmt: skip
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """What a code is about, before a yes. A POST, so that a code stands in no address."""
        volunteer = own_volunteer(request.user)
        code = _code_tried(request, volunteer)
        try:
            first = duo.invited_by(code, volunteer, timezone.now()).first
        except duo.WrongCode:
            raise _wrong_code() from None
        shown = {"first_name": first.volunteer.first_name, "opportunity": first.opportunity}
        return Response(SharedPlaceSerializer(shown).data)


class PairsView(ApiMixin, APIView):
    @extend_schema(request=PairCodeSerializer, responses={201: ProposalSerializer}, operation_id="pairs_join")
    @once_per_key
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """ "I come too": a yes that shares the place of who gave the code."""
        volunteer = own_volunteer(request.user)
        code = _code_tried(request, volunteer)
        try:
            proposal = step(lambda: duo.join(code, volunteer, now=timezone.now()))
        except duo.WrongCode:
            raise _wrong_code() from None
        except actions.DoesNotFit as error:
            raise Problem("does_not_fit", factors=error.factors) from None
        except (actions.NoRoom, duo.NotNow):  # that organisation welcomes nobody more this month; or I rest
            raise Problem("step_not_allowed") from None
        found = ProposalSerializer(proposal_for(request.user, proposal.pk)).data
        return Response(found, status=status.HTTP_201_CREATED)


class WillingView(ApiMixin, APIView):
    @extend_schema(request=WillingSerializer, responses={200: PlacementSerializer}, operation_id="placements_buddy")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """I want to take somebody new by the hand where I help, or no longer."""
        placement = own_placement(request.user, pk)
        wanted = asked_in(WillingSerializer, request)["wanted"]
        return Response(PlacementSerializer(step(lambda: buddies.want(placement.pk, is_wanted=wanted))).data)


class CandidateBuddyView(ApiMixin, APIView):
    @extend_schema(responses=BuddySerializer(many=True), operation_id="candidates_buddies", filters=False)
    def get(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Who of those who help here wants to be the buddy of somebody who said yes."""
        return Response(_willing_for(candidate_for(request.user, pk)))

    @extend_schema(
        request=ChooseBuddySerializer, responses={200: BuddySerializer(many=True)}, operation_id="candidates_buddy"
    )
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Choose the buddy; null takes it back. Both hear it, once."""
        proposal = candidate_for(request.user, pk)
        chosen = asked_in(ChooseBuddySerializer, request)["placement"]
        try:
            step(lambda: buddies.choose(proposal.pk, chosen, now=timezone.now()))
        except buddies.NotABuddy:
            raise Problem("invalid", issues=[issue("/placement", "invalid_choice")]) from None
        return Response(_willing_for(candidate_for(request.user, pk)))


def _company_of(proposal: Proposal) -> dict[str, Any]:
    buddy, seen = buddies.buddy_of(proposal), duo.shown_of(proposal, timezone.now())
    shown = {
        "buddy": buddy.proposal.volunteer.first_name if buddy else None,
        "partner": partner_name(proposal) or None,
        "may_share": duo.may_share(proposal),
        "code": seen.get("code"),
        "code_works_until": seen.get("until"),
    }
    return dict(CompanySerializer(shown).data)


def _willing_for(proposal: Proposal) -> Any:
    buddy, willing = buddies.buddy_of(proposal), buddies.willing_at(proposal.opportunity.organisation_id)
    return BuddySerializer([_row(one, buddy) for one in buddies.may_take(proposal, willing)], many=True).data


def _row(placement: Placement, buddy: Placement | None) -> dict[str, Any]:
    name, is_chosen = placement.proposal.volunteer.first_name, buddy is not None and buddy.pk == placement.pk
    return {"placement": placement.pk, "first_name": name, "chosen": is_chosen}


def _code_tried(request: Request, volunteer: Volunteer) -> str:
    code: str = asked_in(PairCodeSerializer, request)["code"]
    if limits.count(limits.CODES, str(volunteer.pk)).left < 0:  # together with the page and the desk
        raise Problem("too_many")
    return code


def _wrong_code() -> Problem:
    return Problem("invalid", issues=[issue("/code", "wrong_code")])
