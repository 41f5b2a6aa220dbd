"""Opportunities over the API: everybody reads what is online, members draft and publish."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from backend.city.load import city
from backend.common.problems import Problem, issue, pointer_of
from backend.opportunities import actions
from backend.opportunities.access import opportunity_for, own_opportunity_for
from backend.opportunities.case import facts_of, record_of
from backend.opportunities.models import Opportunity
from backend.opportunities.publication import HOLD, REVIEW
from backend.opportunities.queries import published_everywhere
from backend.organisations.access import organisation_for
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import Report
from matching.threshold import thresholds
from matching.types import LEVELS, SLOTS

PROBLEM_OF_OUTCOME = {HOLD: "publication_on_hold", REVIEW: "publication_in_review"}


def codes() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField())


class TimesSerializer(serializers.Serializer):
    slots = serializers.ListField(child=serializers.ChoiceField(choices=SLOTS))
    choose = serializers.ChoiceField(choices=citysample.CHOOSE)
    frequency = serializers.ChoiceField(choices=citysample.FREQUENCIES)


class PeriodSerializer(serializers.Serializer):
    until = serializers.DateField()

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.DateField(), **super().get_fields()}  # a Python keyword


class CommitmentSerializer(serializers.Serializer):
    type = serializers.ChoiceField(choices=citysample.COMMITMENTS)
    min_weeks = serializers.IntegerField()
    hours_per_time = serializers.FloatField()
    period = PeriodSerializer(allow_null=True)


class PlaceSerializer(serializers.Serializer):
    neighbourhood = serializers.CharField()
    postcode = serializers.CharField()
    lat = serializers.FloatField()
    lon = serializers.FloatField()
    at_home = serializers.BooleanField()
    own_neighbourhood = serializers.BooleanField()


class ContentSerializer(serializers.Serializer):
    """What an opportunity asks and offers, as in the city sample format."""

    title = serializers.CharField(max_length=80)
    text = serializers.CharField(max_length=600)
    themes = codes()
    talents_any_of = codes()
    talents_welcome = codes()
    dutch_min = serializers.ChoiceField(choices=LEVELS)
    languages_any_of = codes()
    languages_welcome = codes()
    times = TimesSerializer()
    commitment = CommitmentSerializer()
    place = PlaceSerializer()
    features = codes()
    wheelchair = serializers.ChoiceField(choices=citysample.WHEELCHAIR)
    min_age = serializers.IntegerField()
    extract_596_2 = serializers.BooleanField()
    driving_licence_b = serializers.BooleanField()
    costs = serializers.ChoiceField(choices=citysample.COSTS)
    expenses = serializers.ListField(child=serializers.ChoiceField(choices=citysample.EXPENSES))
    flat_rate_per_day_eur = serializers.FloatField(allow_null=True)
    support = codes()
    company = serializers.ChoiceField(choices=citysample.COMPANY)
    places = serializers.IntegerField()


class OpportunityDraftSerializer(ContentSerializer):
    """What an organisation posts. It documents the body; the reader of the city sample format checks it."""

    organisation = serializers.UUIDField()
    reserved_places = serializers.IntegerField()


class OrganisationNameSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class OpportunitySerializer(ContentSerializer):
    """What everybody may read. How many places are reserved, and who sits on them, is nobody's business."""

    id = serializers.UUIDField()
    organisation = OrganisationNameSerializer()
    state = serializers.CharField()
    language = serializers.CharField()
    threshold = serializers.ChoiceField(choices=("laag", "midden", "hoog"))
    updated_at = serializers.DateTimeField()

    def to_representation(self, opportunity: Opportunity) -> dict[str, Any]:
        policy = city(opportunity.organisation.city).matching.policy
        return super().to_representation(
            {
                **record_of(opportunity),
                "id": opportunity.pk,
                "organisation": {"id": opportunity.organisation_id, "name": opportunity.organisation.name},
                "state": opportunity.state,
                "language": opportunity.language,
                "threshold": thresholds(facts_of(opportunity), load_catalogue(), policy).label,
                "updated_at": opportunity.updated_at,
            }
        )


class OpportunityViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):
    """Opportunities."""

    serializer_class = OpportunitySerializer
    queryset = Opportunity.objects.none()
    page_field = "published_at"
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in ("list", "retrieve") else [IsAuthenticated()]

    def get_queryset(self) -> Any:
        return published_everywhere(timezone.now())

    def retrieve(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        return Response(OpportunitySerializer(opportunity_for(request.user, pk)).data)

    @extend_schema(request=OpportunityDraftSerializer, responses={201: OpportunitySerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """A draft for an organisation of one's own."""
        body = request.data if isinstance(request.data, dict) else {}
        asked = OwnOrganisationSerializer(data=body)
        asked.is_valid(raise_exception=True)
        organisation = organisation_for(request.user, asked.validated_data["organisation"])
        record = checked(body, organisation.city)
        opportunity = actions.draft_opportunity(organisation, record)
        return Response(OpportunitySerializer(opportunity).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: OpportunitySerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Check and put online. 422 with the codes of the publication check when something stops it."""
        opportunity = own_opportunity_for(request.user, pk)
        try:
            actions.publish_opportunity(opportunity, now=timezone.now())
        except actions.PublicationStopped as stopped:
            raise Problem(
                PROBLEM_OF_OUTCOME.get(stopped.outcome, "publication_refused"),
                issues=[issue("/", finding.code, finding.sentence) for finding in stopped.findings],
                outcome=stopped.outcome,
            ) from None
        except actions.StepNotAllowed:
            raise Problem("step_not_allowed") from None
        return Response(OpportunitySerializer(opportunity).data)


class OwnOrganisationSerializer(serializers.Serializer):
    organisation = serializers.UUIDField()


def checked(body: dict[str, Any], city_slug: str) -> citysample.Record:
    """The body as a clean record; the format's reader names every wrong field. Raises Problem("invalid")."""
    form = citysample.Format(load_catalogue(), city(city_slug).matching)
    report = Report("", "")
    # The format wants its own ids; the API has UUIDs, so these two are filled in for the check.
    record = form.check("opportunities", {**body, "id": "T00", "organisation": "O00"}, report)
    if "id" in body:
        report.error("unknown_key", "id", body["id"])
    if report.errors:
        raise Problem(
            "invalid", issues=[issue(pointer_of(one.path), one.code, one.message_nl) for one in report.errors]
        )
    return record
