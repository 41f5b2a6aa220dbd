"""About oneself over the API: who am I, who saw what, take it along, have it erased; messages, devices, guides."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import journal
from backend.accounts.actions import register_device
from backend.accounts.journal import sentence_of
from backend.accounts.models import PLATFORMS, STAFF_ROLES, Device, JournalEntry
from backend.common import limits
from backend.common.api import ApiMixin, asked_in
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem, issue
from backend.common.serializers import StrictSerializer, TextField
from backend.me import actions
from backend.me.queries import everything_about, told_to
from backend.organisations.models import MEMBER_ROLES
from backend.placements.access import proposals_of_volunteer
from backend.placements.api import AnswerSerializer, ProposalSerializer, ThanksSerializer, answer
from backend.placements.models import Thanks
from backend.placements.tokens import with_addresses
from backend.talent.access import guided_by, guided_volunteer
from backend.talent.api import ProfileBodySerializer
from backend.talent.case import own_record_of
from backend.talent.models import Volunteer
from notifications.models import Delivery
from notifications.render import render

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class MembershipSerializer(serializers.Serializer):
    organisation = serializers.UUIDField(source="organisation_id")
    name = serializers.CharField(source="organisation.name")
    role = serializers.ChoiceField(choices=MEMBER_ROLES)


class StaffRoleSerializer(serializers.Serializer):
    city = serializers.CharField()
    role = serializers.ChoiceField(choices=STAFF_ROLES)


class MeSerializer(serializers.Serializer):
    """Who is signed in, and as what."""

    id = serializers.UUIDField()
    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    phone_verified = serializers.BooleanField()
    language = serializers.ChoiceField(choices=LANGUAGES)
    has_profile = serializers.SerializerMethodField()
    organisations = MembershipSerializer(many=True, source="memberships")
    roles = StaffRoleSerializer(many=True, source="staff_roles")

    def get_has_profile(self, user: Any) -> bool:
        return Volunteer.objects.filter(user=user, profile__isnull=False).exists()


class MeChangeSerializer(StrictSerializer):
    """The language for messages. A phone changes at `/_allauth/app/v1/account/phone`, an address at `me/email`."""

    language = serializers.ChoiceField(choices=LANGUAGES)


class SureSerializer(StrictSerializer):
    confirm = serializers.BooleanField(help_text="true: erasing cannot be undone.")


class JournalSerializer(serializers.Serializer):
    """One line: who saw or did what, in a sentence."""

    id = serializers.UUIDField()
    created_at = serializers.DateTimeField()
    what = serializers.CharField()
    actor = serializers.CharField(help_text="Empty: you.")
    text = serializers.SerializerMethodField()

    def get_text(self, entry: JournalEntry) -> str:
        return sentence_of(entry)


class MessageSerializer(serializers.Serializer):
    """What was told, over which channel, and when."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField()
    created_at = serializers.DateTimeField()

    def to_representation(self, delivery: Delivery) -> dict[str, Any]:
        text = render(delivery)
        return super().to_representation(
            {"id": delivery.pk, "kind": delivery.kind, "channel": delivery.channel, "subject": text.subject,
             "body": text.body, "created_at": delivery.created_at}
        )  # fmt: skip


class DeviceSerializer(StrictSerializer):
    id = serializers.UUIDField(read_only=True)
    platform = serializers.ChoiceField(choices=PLATFORMS)
    token = TextField(max_length=500, write_only=True)
    language = serializers.ChoiceField(choices=LANGUAGES)
    app_version = TextField(max_length=20, required=False, allow_blank=True, default="")


class GuidedSerializer(serializers.Serializer):
    """Somebody who chose this guide, and their profile."""

    id = serializers.UUIDField()
    profile = ProfileBodySerializer()


class MeView(ApiMixin, APIView):
    @extend_schema(responses=MeSerializer, operation_id="me_read")
    def get(self, request: Any, **_kwargs: object) -> Response:
        """Who am I?"""
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=MeChangeSerializer, responses=MeSerializer, operation_id="me_change")
    def patch(self, request: Any, **_kwargs: object) -> Response:
        """Another language for messages."""
        asked = asked_in(MeChangeSerializer, request)
        actions.choose_language(request.user, asked["language"])
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=SureSerializer, responses={204: None}, operation_id="me_erase")
    def delete(self, request: Any, **_kwargs: object) -> Response:
        """Erase me. Only anonymous counts stay."""
        asked = asked_in(SureSerializer, request)
        if not asked["confirm"]:
            raise Problem("invalid", issues=[issue("/confirm", "confirm_needed")])
        actions.erase(request.user, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportView(ApiMixin, APIView):
    limits = {"GET": limits.EXPORT}
    filters = ("form",)

    @extend_schema(
        parameters=[OpenApiParameter("form", str, enum=["json", "html"], description="html: to read and print.")],
        responses={
            (200, "application/json"): OpenApiResponse(
                {"type": "object", "additionalProperties": {}}, description="Everything, by what it is."
            ),
            (200, "text/html"): OpenApiResponse(str, description="The same, to read and print."),
        },
        operation_id="me_export",
    )
    def get(self, request: Any, **_kwargs: object) -> HttpResponse:
        """Everything that is kept about me."""
        form = request.query_params.get("form", "json")
        if form not in ("json", "html"):
            raise Problem("invalid", issues=[issue("form", "invalid_choice", place="query")])
        journal.write(request.user, journal.EXPORTED)
        content = JSONRenderer().render(everything_about(request.user))
        if form == "html":
            page = render_to_string("me/export.html", {"told": json.loads(content)})
            return HttpResponse(page, headers={"Content-Disposition": "attachment; filename=mijn-gegevens.html"})
        return HttpResponse(content, content_type="application/json")


class JournalViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Who saw or did what with my data."""

    serializer_class = JournalSerializer
    queryset = JournalEntry.objects.none()
    page_field = "created_at"

    def get_queryset(self) -> Any:
        return JournalEntry.objects.filter(person=self.request.user)


class MessageViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """What was told to me, whatever the channel."""

    serializer_class = MessageSerializer
    queryset = Delivery.objects.none()
    page_field = "created_at"

    def get_queryset(self) -> Any:
        volunteer = Volunteer.objects.filter(user=self.request.user).first()
        return told_to(volunteer) if volunteer else Delivery.objects.none()

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        return with_addresses(page)


class ThanksViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """The thank-yous I got."""

    serializer_class = ThanksSerializer
    queryset = Thanks.objects.none()
    page_field = "created_at"

    def get_queryset(self) -> Any:
        return Thanks.objects.filter(placement__proposal__volunteer__user=self.request.user)


class DevicesView(ApiMixin, APIView):
    @extend_schema(
        request=DeviceSerializer,
        responses={200: DeviceSerializer, 201: DeviceSerializer},
        operation_id="devices_register",
    )
    def post(self, request: Any, **_kwargs: object) -> Response:
        """This device may be pushed to. The same token under another person moves."""
        asked = asked_in(DeviceSerializer, request)
        device, is_new = register_device(request.user, **asked)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(DeviceSerializer(device).data, status=code)


class DeviceView(ApiMixin, APIView):
    @extend_schema(responses={204: None}, operation_id="devices_forget")
    def delete(self, request: Any, pk: Any, **_kwargs: object) -> Response:
        """Not this device any more: on signing out."""
        if not Device.objects.filter(user=request.user, pk=pk).delete()[0]:
            raise Problem("not_found")
        return Response(status=status.HTTP_204_NO_CONTENT)


class GuidedView(ApiMixin, APIView):
    @extend_schema(responses=GuidedSerializer(many=True), operation_id="guided_list", filters=False)
    def get(self, request: Any, **_kwargs: object) -> Response:
        """The people who chose me as their guide. Each of them can read that I looked."""
        people = list(guided_by(request.user))
        actions.note_guide(request.user, people, journal.LOOKED)
        rows = [{"id": one.pk, "profile": own_record_of(one)} for one in people]
        return Response(GuidedSerializer(rows, many=True).data)


class GuidedProposalsView(ApiMixin, APIView):
    @extend_schema(responses=ProposalSerializer(many=True), operation_id="guided_proposals", filters=False)
    def get(self, request: Any, pk: Any, **_kwargs: object) -> Response:
        """What was proposed to one of them."""
        volunteer = guided_volunteer(request.user, pk)
        actions.note_guide(request.user, [volunteer], journal.LOOKED)
        return Response(ProposalSerializer(proposals_of_volunteer(volunteer), many=True).data)


class GuidedAnswerView(ApiMixin, APIView):
    @extend_schema(request=AnswerSerializer, responses=ProposalSerializer, operation_id="guided_answer")
    @once_per_key
    def post(self, request: Any, pk: Any, proposal_id: Any, **_kwargs: object) -> Response:
        """Pass on what one of them decided, with the guide beside them; the person can read that it was done so."""
        volunteer = guided_volunteer(request.user, pk)
        proposal = proposals_of_volunteer(volunteer).filter(pk=proposal_id).first()
        if proposal is None:
            raise Problem("not_found")
        answer(proposal.pk, request, source="guide")
        actions.note_guide(request.user, [volunteer], journal.ANSWERED_FOR)
        return Response(ProposalSerializer(proposals_of_volunteer(volunteer).get(pk=proposal_id)).data)
