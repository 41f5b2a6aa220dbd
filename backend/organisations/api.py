"""Organisations over the API: a card for everybody, changes by their own members."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.phones import as_e164
from backend.common import limits
from backend.common.api import ApiMixin, OrTombstone, asked_in, version_read, versioned
from backend.common.idempotency import once_per_key
from backend.common.paging import Followed
from backend.common.problems import Problem, issue
from backend.common.serializers import StrictSerializer, TextField
from backend.organisations import actions
from backend.organisations.access import (
    member_of,
    members_of,
    organisation_for,
    organisations_of,
    owned_by,
    public_organisations,
)
from backend.organisations.models import ACCESSIBLE, MEMBER_ROLES, Membership, Organisation
from matching.catalogue import load_catalogue


class PointSerializer(serializers.Serializer):
    neighbourhood = serializers.CharField()
    postcode = serializers.CharField()
    lat = serializers.FloatField()
    lon = serializers.FloatField()


class OrganisationSerializer(OrTombstone, serializers.Serializer):
    """The card of an organisation. How to reach its people goes through the volunteer point."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    legal_form = serializers.CharField()
    description = serializers.CharField()
    place = PointSerializer(source="*")
    welcome_languages = serializers.ListField(child=serializers.CharField())
    wheelchair = serializers.ChoiceField(choices=ACCESSIBLE)
    is_warm_place = serializers.BooleanField(help_text="Everybody may come in and sit down; it costs nothing.")
    updated_at = serializers.DateTimeField()


class OrganisationChangeSerializer(StrictSerializer):
    """What members change themselves; name and legal form are the volunteer point's, which verified them."""

    description = TextField(required=False, max_length=300, allow_blank=True)
    welcome_languages = serializers.ListField(required=False, child=TextField(max_length=8), max_length=40)
    wheelchair = serializers.ChoiceField(required=False, choices=ACCESSIBLE)
    is_warm_place = serializers.BooleanField(required=False)
    contact_label = TextField(required=False, max_length=120)
    one_message_a_day = serializers.BooleanField(
        required=False, help_text="One message each morning, except for what cannot wait."
    )
    monthly_welcome_capacity = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=1000, help_text="New people a month; null: no limit."
    )

    def validate_welcome_languages(self, value: list[str]) -> list[str]:
        if unknown := sorted(set(value) - set(load_catalogue().languages)):
            raise serializers.ValidationError(", ".join(unknown), code="invalid_choice")
        return value


class OrganisationViewSet(ApiMixin, Followed, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Verified organisations for everybody, and one's own."""

    serializer_class = OrganisationSerializer
    queryset = Organisation.objects.none()
    page_field = "created_at"
    resource = "organisations"
    lookup_value_converter = "uuid"
    filters = ("neighbourhood", "welcome_language", "warm_place")
    edits = ("PATCH",)

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action in ("list", "retrieve") else [IsAuthenticated()]

    def get_queryset(self) -> Any:
        return public_organisations()

    def candidates(self) -> Any:
        return Organisation.objects.filter(verified_at=None, opportunities__published_at__isnull=False).distinct()

    def filter_queryset(self, queryset: Any) -> Any:
        asked = self.request.query_params
        if neighbourhood := asked.get("neighbourhood"):
            queryset = queryset.filter(neighbourhood=checked_text("neighbourhood", neighbourhood))
        if language := asked.get("welcome_language"):
            queryset = queryset.filter(welcome_languages__contains=[checked_text("welcome_language", language)])
        if asked.get("warm_place") == "true":
            queryset = queryset.filter(is_warm_place=True)
        return queryset

    @extend_schema(
        parameters=[
            OpenApiParameter("neighbourhood", str, description="A code of /neighbourhoods."),
            OpenApiParameter("welcome_language", str, description="A code of /languages that the team speaks."),
            OpenApiParameter("warm_place", str, enum=["true"], description="`true`: where everybody may sit down."),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The social map: cards of organisations."""
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """One card."""
        visible = public_organisations() | organisations_of(request.user)
        found = visible.filter(pk=pk).first()
        if found is None:
            raise Problem("not_found")
        return versioned(OrganisationSerializer(found).data, found.version)

    @extend_schema(request=OrganisationChangeSerializer, responses=OrganisationSerializer)
    def partial_update(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Change one's own card. `If-Match` names the version that was read."""
        organisation = organisation_for(request.user, pk)
        version = version_read(request, organisation.version)
        asked = OrganisationChangeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        changed = actions.change_organisation(organisation, asked.validated_data, version=version)
        return versioned(OrganisationSerializer(changed).data, changed.version)


class MemberSerializer(serializers.Serializer):
    """Who acts for an organisation, as its owners see it."""

    id = serializers.UUIDField()
    contact = serializers.CharField(help_text="As it was typed by who let them in; empty when nobody typed it.")
    role = serializers.ChoiceField(choices=MEMBER_ROLES)
    is_me = serializers.SerializerMethodField()
    since = serializers.DateTimeField(source="created_at")

    def get_is_me(self, member: Membership) -> bool:
        return bool(member.user_id == self.context["request"].user.pk)


class NewMemberSerializer(StrictSerializer):
    """An e-mail address or a phone number in any way of writing; whoever owns it comes in with a code."""

    contact = TextField(max_length=254)
    role = serializers.ChoiceField(choices=MEMBER_ROLES)

    def validate_contact(self, value: str) -> str:
        if "@" in value:
            return str(serializers.EmailField(max_length=254).run_validation(value))
        try:
            return as_e164(value)
        except ValueError:
            raise serializers.ValidationError("", code="invalid_phone") from None


class MembersView(ApiMixin, APIView):
    @extend_schema(responses=MemberSerializer(many=True), operation_id="members_list", filters=False)
    def get(self, request: Request, pk: Any, **_kwargs: Any) -> Response:
        """Who acts for an organisation of which one is an owner."""
        members = members_of(owned_by(request.user, pk))
        return Response(MemberSerializer(members, many=True, context={"request": request}).data)

    @extend_schema(request=NewMemberSerializer, responses={201: MemberSerializer}, operation_id="members_add")
    @once_per_key
    def post(self, request: Request, pk: Any, **_kwargs: Any) -> Response:
        """Let somebody in, or give a colleague another role. Who is new hears it, and comes in with a code."""
        organisation = owned_by(request.user, pk)
        asked = asked_in(NewMemberSerializer, request)
        if limits.count(limits.CONTACT, asked["contact"].lower()).left < 0:
            raise Problem("too_many")
        try:
            member = actions.add_member(organisation, asked["contact"], asked["role"])
        except actions.LastOwner:
            raise Problem("last_owner") from None
        told = MemberSerializer(member, context={"request": request}).data
        return Response(told, status=status.HTTP_201_CREATED)


class MemberView(ApiMixin, APIView):
    @extend_schema(responses={204: None}, operation_id="members_remove")
    def delete(self, request: Request, pk: Any, member_id: Any, **_kwargs: Any) -> Response:
        """Take somebody out. The last owner stays."""
        member = member_of(owned_by(request.user, pk), member_id)
        try:
            actions.remove_member(member)
        except actions.LastOwner:
            raise Problem("last_owner") from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def checked_text(name: str, text: str) -> str:
    """A filter as the database can take it. Raises Problem("invalid")."""
    if "\x00" in text or len(text) > 120:
        raise Problem("invalid", issues=[issue(name, "invalid", place="query")])
    return text
