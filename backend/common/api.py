"""What every view of the API shares: limits told in headers, unknown filters refused, versions of what is edited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.http import http_date
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.models import Tombstone
from backend.common.paging import PAGING
from backend.common.problems import Problem, issue


class Ending(NamedTuple):
    """When something of the API was announced to end, and the day after which it may be gone (RFC 9745, RFC 8594)."""

    announced: datetime
    gone: datetime

    def headers(self) -> dict[str, str]:
        return {"Deprecation": f"@{int(self.announced.timestamp())}", "Sunset": http_date(self.gone.timestamp())}


class ApiMixin:
    """Before the view: unknown filters are 400. After it: what is left of the rate limit, and an ETag.

    `ends` says of a method or an act that it goes away; answers and the document tell it.
    """

    ends: Mapping[str, Ending] = {}

    filters: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()  # methods that need If-Match
    acts: tuple[str, ...] = ()  # actions beside list, read, create and change
    request: Any

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        is_list = getattr(self, "paginator", None) is not None and not kwargs.get("pk")
        known = {*self.filters, *(PAGING if is_list else ())}
        unknown = sorted(set(request.query_params) - known)
        if unknown and request.method == "GET":
            raise Problem("invalid", issues=[issue(name, "unknown_field", place="query") for name in unknown])

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        rate = getattr(getattr(request, "_request", None), "rate", None)
        for name, value in (rate.headers() if rate else {}).items():
            answer[name] = value
        ending = self.ending(request.method)
        for name, value in (ending.headers() if ending else {}).items():
            answer[name] = value
        return answer

    def ending(self, method: str) -> Ending | None:
        return self.ends.get(getattr(self, "action", None) or "") or self.ends.get(method)

    def idempotency_scope(self, request: Any, **_kwargs: Any) -> UUID:
        """Keys of one person do not meet those of another."""
        scope: UUID = request.user.pk
        return scope


def asked_in(shape: type[serializers.Serializer], request: Any) -> dict[str, Any]:
    """The body of a request as its serializer checked it. Raises ValidationError naming every wrong field."""
    asked = shape(data=request.data)
    asked.is_valid(raise_exception=True)
    found: dict[str, Any] = asked.validated_data
    return found


def versioned(data: Any, version: int, status: int = 200) -> Response:
    """One thing that can be edited, with its version as ETag."""
    return Response(data, status=status, headers={"ETag": f'"{version}"'})


def version_read(request: Request, stored: int) -> int:
    """The version that `If-Match` names; the verb compares it in its own transaction. 428 without the header.

    A proxy or gzip makes a tag weak; the version in it is the same. `*` is whatever is stored. What is no version of
    ours is stale.
    """
    said = request.headers.get("If-Match", "").strip()
    if not said:
        raise Problem("if_match_needed", issues=[issue("If-Match", "required", place="header")])
    number = said.removeprefix("W/").strip('"')
    if said == "*":
        return stored
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1


class TombstoneSerializer(serializers.Serializer):
    """Something is gone for whoever asks; seen only when following changes."""

    id = serializers.UUIDField(source="what")
    deleted = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()

    def get_deleted(self, _row: Tombstone) -> bool:
        return True


class OrTombstone:
    """A serializer mixin: a tombstone among the rows is shown as one."""

    def to_representation(self, row: Any) -> Any:
        if isinstance(row, Tombstone):
            return TombstoneSerializer(row).data
        return super().to_representation(row)  # type: ignore[misc]
