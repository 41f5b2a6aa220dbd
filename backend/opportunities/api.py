"""Opportunities over the API: everybody reads what is online, members draft and publish."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from backend.city.load import cities, city
from backend.common import limits, problems
from backend.common.api import ApiMixin, OrTombstone, version_read, versioned
from backend.common.idempotency import once_per_key
from backend.common.models import Tombstone
from backend.common.paging import Followed, database_now
from backend.common.problems import Problem, issue, pointer_of
from backend.opportunities import actions, case, states
from backend.opportunities.access import opportunity_for, own_opportunity_for
from backend.opportunities.case import facts_of, plain_record_of, record_of
from backend.opportunities.filters import FILTERS, filtered
from backend.opportunities.models import LABELS, Opportunity
from backend.opportunities.publication import HOLD, REVIEW
from backend.opportunities.queries import published_everywhere, with_changes
from backend.organisations.access import organisation_for
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import MESSAGES
from matching.threshold import thresholds
from matching.types import LEVELS, SLOTS
from matching.whatif import easier_starts

DAY = timedelta(days=1)
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


class OpportunityChangeSerializer(ContentSerializer):
    """Some of it; what is left out stays."""

    reserved_places = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        for one in found.values():
            one.required = False
        return found


class FactorSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    level = serializers.IntegerField(help_text="1 medium, 2 high.")


class HintSerializer(serializers.Serializer):
    """One kind of support, which factors it lowers, and the label that would follow."""

    support = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    threshold = serializers.ChoiceField(choices=LABELS)
    lowers = serializers.ListField(child=serializers.CharField())


class ThresholdSerializer(serializers.Serializer):
    threshold = serializers.ChoiceField(choices=LABELS)
    factors = FactorSerializer(many=True)
    hints = HintSerializer(many=True)


class OrganisationNameSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class OpportunitySerializer(OrTombstone, ContentSerializer):
    """What everybody may read. How many places are reserved, and who sits on them, is nobody's business."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    organisation = OrganisationNameSerializer()
    state = serializers.ChoiceField(choices=states.STATES)
    language = serializers.CharField()
    threshold = serializers.ChoiceField(choices=LABELS)
    updated_at = serializers.DateTimeField()

    def to_representation(self, opportunity: Opportunity | Tombstone) -> dict[str, Any]:
        if isinstance(opportunity, Tombstone):
            return dict(super().to_representation(opportunity))
        policy = city(opportunity.organisation.city).matching.policy
        return super().to_representation(
            {
                **record_of(opportunity),
                "id": opportunity.pk,
                "version": opportunity.version,
                "organisation": {"id": opportunity.organisation_id, "name": opportunity.organisation.name},
                "state": opportunity.state,
                "language": opportunity.language,
                "threshold": thresholds(facts_of(opportunity), load_catalogue(), policy).label,
                "updated_at": opportunity.updated_at,
            }
        )


class OpportunityViewSet(ApiMixin, Followed, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Opportunities: everybody reads what is online, members of an organisation draft, change and publish."""

    serializer_class = OpportunitySerializer
    queryset = Opportunity.objects.none()
    page_field = "published_at"
    changed_field = "changed_at"
    resource = "opportunities"
    lookup_value_converter = "uuid"
    filters = tuple(FILTERS)
    edits = ("PATCH",)
    acts = ("publish", "pause", "close", "threshold")
    limits = {"threshold": limits.SEARCH}

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in ("list", "retrieve") else [IsAuthenticated()]

    def get_queryset(self) -> Any:
        return with_changes(published_everywhere(timezone.now()))

    def candidates(self) -> Any:
        """Only what was online once: that a draft exists is nobody's business."""
        return with_changes(Opportunity.objects.filter(published_at__isnull=False, city__in=list(cities())))

    def gone(self, since: datetime) -> Any:
        """And what came to its last day since; nothing in the row changes then."""
        over = self.candidates().filter(
            period_until__gte=since.date() - DAY,
            period_until__lt=timezone.localdate(timezone=timezone.get_default_timezone()),
            changed_at__lt=since,
        )
        now = database_now()
        return [*super().gone(since), *(Tombstone(what=pk, updated_at=now) for pk in over.values_list("pk", flat=True))]

    def filter_queryset(self, queryset: Any) -> Any:
        return filtered(queryset, self.request.query_params)

    @extend_schema(parameters=[OpenApiParameter(name, str, description=told) for name, told in FILTERS.items()])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is online, newest first; `count` says how many match the filters."""
        response = super().list(request, *args, **kwargs)
        if "updated_since" not in request.query_params:
            response.data["count"] = self.filter_queryset(self.get_queryset()).count()
        return response

    @extend_schema(responses=OpportunitySerializer)
    def retrieve(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """One opportunity. Members of the organisation see drafts too."""
        return shown(opportunity_for(request.user, pk))

    @extend_schema(request=OpportunityDraftSerializer, responses={201: OpportunitySerializer})
    @once_per_key
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """A draft for an organisation of one's own."""
        body = request.data if isinstance(request.data, dict) else {}
        asked = OwnOrganisationSerializer(data=body)
        asked.is_valid(raise_exception=True)
        organisation = organisation_for(request.user, asked.validated_data["organisation"])
        record = checked(body, organisation.city)
        return shown(actions.draft_opportunity(organisation, record), status.HTTP_201_CREATED)

    @extend_schema(request=OpportunityChangeSerializer, responses=OpportunitySerializer)
    def partial_update(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Change some of it; what was online becomes a draft again, because what is online was always checked."""
        opportunity = own_opportunity_for(request.user, pk)
        version = version_read(request, opportunity.version)
        body = request.data if isinstance(request.data, dict) else {"": None}
        whole = {
            **plain_record_of(opportunity),
            **{name: value for name, value in body.items() if name != "organisation"},
        }
        if "organisation" in body:
            raise Problem("invalid", issues=[issue("/organisation", "unknown_field")])
        record = checked({**whole, "organisation": None}, opportunity.city)
        try:
            return shown(actions.change_opportunity(opportunity, record, version=version))
        except actions.StepNotAllowed:
            raise Problem("step_not_allowed") from None
        except actions.PlacesTaken as error:
            raise Problem("invalid", issues=[issue("/places", "min_value")], taken=error.taken) from None

    @extend_schema(request=None, responses={200: OpportunitySerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def publish(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Check and put online. 422 with the codes of the publication check when something stops it."""
        opportunity = own_opportunity_for(request.user, pk)
        try:
            actions.publish_opportunity(opportunity, now=timezone.now())
        except actions.PublicationStopped as stopped:
            # An answer, not an error that is raised: what stopped it is stored, and must stay.
            code = PROBLEM_OF_OUTCOME.get(stopped.outcome, "publication_refused")
            issues = [issue("/", finding.code, finding.sentence) for finding in stopped.findings]
            told = problems.body(code, issues=issues, outcome=stopped.outcome)
            return Response(told, status=told["status"], content_type=problems.CONTENT_TYPE)
        except actions.StepNotAllowed:
            raise Problem("step_not_allowed") from None
        return shown(opportunity_for(request.user, pk))

    @extend_schema(request=None, responses={200: OpportunitySerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def pause(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Take it offline for now; publish puts it back."""
        return self._take_offline(request, pk, states.PAUSED)

    @extend_schema(request=None, responses={200: OpportunitySerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def close(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Stop it for good."""
        return self._take_offline(request, pk, states.CLOSED)

    def _take_offline(self, request: Request, pk: Any, state: str) -> Response:
        opportunity = own_opportunity_for(request.user, pk)
        try:
            return shown(actions.take_offline(opportunity, state))
        except actions.StepNotAllowed:
            raise Problem("step_not_allowed") from None

    @extend_schema(request=OpportunityDraftSerializer, responses={200: ThresholdSerializer})
    @action(detail=False, methods=["post"])
    def threshold(self, request: Request, **_kwargs: Any) -> Response:
        """How easy it would be to start, and what would make it easier. Nothing is saved."""
        body = request.data if isinstance(request.data, dict) else {}
        asked = OwnOrganisationSerializer(data=body)
        asked.is_valid(raise_exception=True)
        place = city(organisation_for(request.user, asked.validated_data["organisation"]).city)
        facts = citysample.to_opportunity({**checked(body, place.slug), "id": "T00", "organisation": "O00"})
        return Response(ThresholdSerializer(easier_starts(facts, load_catalogue(), place.matching.policy)).data)


def shown(opportunity: Opportunity, status: int = status.HTTP_200_OK) -> Response:
    return versioned(OpportunitySerializer(opportunity).data, opportunity.version, status)


class OwnOrganisationSerializer(serializers.Serializer):
    organisation = serializers.UUIDField()


def checked(body: dict[str, Any], city_slug: str) -> citysample.Record:
    """The body as a clean record; the format's reader names every wrong field. Raises Problem("invalid")."""
    record, errors = case.checked(body, city(city_slug).matching)
    issues = [issue(pointer_of(one.path), one.code, one.message_nl) for one in errors]
    if "id" in body:
        issues.append(issue("/id", "unknown_key", MESSAGES["unknown_key"].format(key="id")))
    if issues:
        raise Problem("invalid", issues=issues)
    return record
