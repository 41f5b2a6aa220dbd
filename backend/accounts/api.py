"""Start an account over the API; who is known is never told."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.actions import WrongCode, begin_email_change, confirm_email_change, start_account
from backend.accounts.phones import as_e164
from backend.common import limits
from backend.common.api import ApiMixin, asked_in
from backend.common.idempotency import once_per_key
from backend.common.problems import Problem, issue
from backend.common.serializers import StrictSerializer, TextField


class StartSerializer(StrictSerializer):
    """One contact, phone or e-mail, and the language for messages."""

    phone = TextField(required=False, max_length=40)
    email = serializers.EmailField(required=False, max_length=254)
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES])

    def validate_phone(self, value: str) -> str:
        try:
            return as_e164(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="invalid_phone") from None

    def validate(self, data: dict[str, str]) -> dict[str, str]:
        if len({"phone", "email"} & set(data)) != 1:
            raise serializers.ValidationError("", code="contact_needed")
        return data


class AccountsView(ApiMixin, APIView):
    limits = {"POST": limits.ACCOUNTS}
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=StartSerializer, responses={202: None}, operation_id="accounts_start")
    def post(self, request: Request, **_kwargs: object) -> Response:
        """Begin; then ask for a code. The answer is the same for somebody who is known already."""
        asked = asked_in(StartSerializer, request)
        contact = asked
        if limits.count(limits.CONTACT, contact.get("phone") or contact["email"].lower()).left < 0:
            raise Problem("too_many")
        start_account(phone=contact.get("phone"), email=contact.get("email"), language=contact["language"])
        return Response(status=status.HTTP_202_ACCEPTED)


class NewEmailSerializer(StrictSerializer):
    email = serializers.EmailField(max_length=254)


class CodeSerializer(StrictSerializer):
    code = TextField(max_length=20)


class MyEmailView(ApiMixin, APIView):
    limits = {"POST": limits.ACCOUNTS}

    @extend_schema(request=NewEmailSerializer, responses={202: None}, operation_id="me_email_change")
    @once_per_key
    def post(self, request: Any, **_kwargs: object) -> Response:
        """Another address: a code goes there, and works for ten minutes. The old address stays until it is given."""
        email = asked_in(NewEmailSerializer, request)["email"]
        if limits.count(limits.CONTACT, email.lower()).left < 0:
            raise Problem("too_many")
        begin_email_change(request.user, email, now=timezone.now())
        return Response(status=status.HTTP_202_ACCEPTED)


class MyEmailConfirmView(ApiMixin, APIView):
    limits = {"POST": limits.ACCOUNTS}

    @extend_schema(request=CodeSerializer, responses={204: None}, operation_id="me_email_confirm")
    def post(self, request: Any, **_kwargs: object) -> Response:
        """The code from the new address. Three wrong ones, and a new code is needed."""
        try:
            confirm_email_change(request.user, asked_in(CodeSerializer, request)["code"], now=timezone.now())
        except WrongCode:
            raise Problem("invalid", issues=[issue("/code", "wrong_code")]) from None
        return Response(status=status.HTTP_204_NO_CONTENT)
