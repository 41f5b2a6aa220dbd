"""The own profile over the API: what somebody can and wants, how to be told, and what they agree to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.city.load import city as city_of
from backend.city.load import default_city
from backend.common.api import ApiMixin, asked_in, version_read, versioned
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem, issue, pointer_of
from backend.common.serializers import StrictSerializer, TextField
from backend.talent import actions
from backend.talent.access import guides_in, own_consent, own_volunteer
from backend.talent.case import LEFT_OUT, checked, own_record_of
from backend.talent.models import GUIDE, MUTABLE, PROPOSALS, PURPOSES, TALENT_GUIDE, Consent, Volunteer
from matching import citysample
from matching.types import LEVELS, SLOTS

NOT_YET = 0  # no profile has this version: who makes the first one replaces nobody else's


def codes() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField())


class ProfileBodySerializer(serializers.Serializer):
    """What somebody can and wants, in the words of the city sample format. The reader of that format checks it."""

    first_name = serializers.CharField(max_length=40)
    age = serializers.IntegerField(min_value=15, max_value=110, help_text="Kept as 15, 16, 18 or 21: from that age on.")
    neighbourhood = serializers.CharField()
    postcode = serializers.CharField()
    languages = serializers.DictField(child=serializers.ChoiceField(choices=LEVELS))
    talents = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=3), help_text="1 wants to learn, 2 can, 3 good at it."
    )
    talents_point_only = codes()
    themes = codes()
    themes_excluded = codes()
    available = serializers.ListField(child=serializers.ChoiceField(choices=SLOTS))
    max_hours_per_week = serializers.FloatField(min_value=0.5, max_value=40)
    transport = serializers.ChoiceField(choices=citysample.TRANSPORT)
    max_km = serializers.FloatField(min_value=0.5, max_value=50)
    max_commitment = serializers.ChoiceField(choices=citysample.COMMITMENTS)
    boundaries = codes()
    wishes = codes()
    driving_licence_b = serializers.BooleanField()
    own_car = serializers.BooleanField()
    declared_statuses = codes()
    channel = serializers.ChoiceField(choices=citysample.CHANNELS)
    digital = serializers.ChoiceField(choices=citysample.DIGITAL)


class ProfileSerializer(ProfileBodySerializer):
    version = serializers.IntegerField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, volunteer: Volunteer) -> dict[str, Any]:
        profile = volunteer.profile
        return super().to_representation(
            {**own_record_of(volunteer), "version": profile.version, "updated_at": profile.updated_at}
        )


class ContactRulesSerializer(StrictSerializer):
    """How, how often and whether at all somebody wants to hear from us."""

    channel = serializers.ChoiceField(choices=citysample.CHANNELS)
    proposals_per_week = serializers.IntegerField(min_value=1, max_value=5, allow_null=True)
    paused_until = serializers.DateField(allow_null=True)
    wants_surprise = serializers.BooleanField()
    muted = serializers.ListField(
        child=serializers.ChoiceField(choices=MUTABLE), required=False, help_text="Groups of messages not to send."
    )
    crisis_calls = serializers.BooleanField(
        required=False, help_text="May be called upon when hands are needed at once."
    )


class ConsentSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    purpose = serializers.ChoiceField(choices=PURPOSES)
    party = serializers.CharField()
    text_version = serializers.CharField()
    language = serializers.CharField()
    given_at = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class GiveConsentSerializer(StrictSerializer):
    """`party` is the id of a guide for the purpose `guide`, and empty for `proposals` and `talent_guide`."""

    purpose = serializers.ChoiceField(choices=(PROPOSALS, GUIDE, TALENT_GUIDE))
    party = TextField(required=False, allow_blank=True, default="", max_length=120)
    until = serializers.DateTimeField(allow_null=True, required=False, default=None)


class GuideSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]


class ProfileView(ApiMixin, APIView):
    """The own profile. Coordinates are not asked: the point of the neighbourhood is taken."""

    edits = ("PUT", "PATCH")

    @extend_schema(responses=ProfileSerializer, operation_id="profile_read")
    def get(self, request: Any, **_kwargs: object) -> Response:
        """Read it; the ETag is its version."""
        return shown(own_volunteer(request.user))

    @extend_schema(
        request=ProfileBodySerializer,
        responses={200: ProfileSerializer, 201: ProfileSerializer},
        operation_id="profile_replace",
    )
    def put(self, request: Any, **_kwargs: object) -> Response:
        """Make it, or replace it whole."""
        known = Volunteer.objects.filter(user=request.user, profile__isnull=False).select_related("profile").first()
        version = version_read(request, known.profile.version) if known else NOT_YET
        saved = saved_profile(request, body_of(request), version)
        return shown(saved, status=status.HTTP_200_OK if known else status.HTTP_201_CREATED)

    @extend_schema(
        request=ProfileBodySerializer(partial=True), responses=ProfileSerializer, operation_id="profile_change"
    )
    def patch(self, request: Any, **_kwargs: object) -> Response:
        """Change some of it."""
        known = own_volunteer(request.user)
        version = version_read(request, known.profile.version)
        return shown(saved_profile(request, {**own_record_of(known), **body_of(request)}, version))


def body_of(request: Any) -> dict[str, Any]:
    body = request.data
    if not isinstance(body, dict):
        raise Problem("invalid", issues=[issue("/", "invalid")])
    unknown = sorted(name for name in body if name in LEFT_OUT)
    if unknown:
        raise Problem("invalid", issues=[issue(f"/{name}", "unknown_field") for name in unknown])
    return body


def saved_profile(request: Any, body: dict[str, Any], version: int) -> Volunteer:
    """Checked by the reader of the city sample format, which names every wrong field. Raises Problem("invalid")."""
    known = Volunteer.objects.filter(user=request.user).first()
    place = city_of(known.city) if known else default_city()
    record, errors = checked(body, place.matching)
    if errors:
        raise Problem("invalid", issues=[issue(pointer_of(one.path), one.code, one.message_nl) for one in errors])
    today = place.local(timezone.now()).date()
    with guide_or_problem():
        return actions.save_own_profile(request.user, place.slug, record, today=today, version=version)


@contextmanager
def guide_or_problem() -> Iterator[None]:
    """Who has no guide cannot be reached over one."""
    try:
        yield
    except actions.NoGuide:
        raise Problem("invalid", issues=[issue("/channel", "invalid_choice")]) from None


def shown(volunteer: Volunteer, status: int = status.HTTP_200_OK) -> Response:
    return versioned(ProfileSerializer(volunteer).data, volunteer.profile.version, status)


class ContactRulesView(ApiMixin, APIView):
    @extend_schema(responses=ContactRulesSerializer, operation_id="contact_rules_read")
    def get(self, request: Any, **_kwargs: object) -> Response:
        """How somebody wants to hear from us."""
        return Response(ContactRulesSerializer(own_volunteer(request.user)).data)

    @extend_schema(
        request=ContactRulesSerializer, responses=ContactRulesSerializer, operation_id="contact_rules_replace"
    )
    def put(self, request: Any, **_kwargs: object) -> Response:
        """Say it anew, whole."""
        volunteer = own_volunteer(request.user)
        asked = asked_in(ContactRulesSerializer, request)
        with guide_or_problem():
            actions.set_contact_rules(volunteer, **asked)
        return Response(ContactRulesSerializer(own_volunteer(request.user)).data)


class ConsentsView(ApiMixin, APIView):
    @extend_schema(responses=ConsentSerializer(many=True), operation_id="consents_list", filters=False)
    def get(self, request: Any, **_kwargs: object) -> Response:
        """Every yes that was given, and when it was taken back."""
        rows = Consent.objects.filter(volunteer=own_volunteer(request.user)).order_by("-given_at", "pk")
        return Response(ConsentSerializer(rows, many=True).data)

    @extend_schema(request=GiveConsentSerializer, responses={201: ConsentSerializer}, operation_id="consents_give")
    @once_per_key
    def post(self, request: Any, **_kwargs: object) -> Response:
        """Agree: to proposals, or to one guide who may look with you until a day."""
        volunteer, now = own_volunteer(request.user), timezone.now()
        asked = asked_in(GiveConsentSerializer, request)
        purpose, party, until = (asked[name] for name in ("purpose", "party", "until"))
        known = {str(one.pk) for one in guides_in(volunteer.city)} if purpose == GUIDE else {""}
        if party not in known:
            raise Problem("invalid", issues=[issue("/party", "invalid_choice")])
        if until is not None and until <= now:
            raise Problem("invalid", issues=[issue("/until", "out_of_range")])
        consent = actions.give_consent(volunteer, purpose, party=party, until=until, now=now)
        return Response(ConsentSerializer(consent).data, status=status.HTTP_201_CREATED)


class ConsentView(ApiMixin, APIView):
    @extend_schema(responses={204: None}, operation_id="consents_withdraw")
    def delete(self, request: Any, pk: Any, **_kwargs: object) -> Response:
        """Take it back: whoever leaned on it sees nothing from the next request on."""
        actions.withdraw_consent(own_consent(request.user, pk), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class GuidesView(ApiMixin, APIView):
    @extend_schema(responses=GuideSerializer(many=True), operation_id="guides_list", filters=False)
    def get(self, request: Any, **_kwargs: object) -> Response:
        """Whom one may choose as a guide."""
        return Response(GuideSerializer(guides_in(own_volunteer(request.user).city), many=True).data)
