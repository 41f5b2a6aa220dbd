"""The OpenAPI document: every operation shows the problem shape, and how to sign in."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from rest_framework import serializers

from backend.common.problems import CONTENT_TYPE


class IssueSerializer(serializers.Serializer):
    """One wrong value: where it is, a stable code and a sentence."""

    name = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField(required=False)
    issues = IssueSerializer(many=True, required=False)


class AutoSchema(SpectacularAutoSchema):
    """Every operation documents the problem shape as its default response."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self.resolve_serializer(ProblemSerializer, "response").ref
            bodies["default"] = {"description": "Problem (RFC 9457)", "content": {CONTENT_TYPE: {"schema": problem}}}
        return bodies


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie; writing also needs the CSRF header."""

    target_class = "backend.common.authn.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "session"}
