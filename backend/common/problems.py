"""The one error shape of the API: RFC 9457, application/problem+json, with a stable code and a sentence to read."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from backend.common.sentences import SAME_AS, TITLES, field_sentence, status_of, title_of
from backend.common.versions import ChangedMeanwhile

URN = "urn:problem-type:helpende-handen:"
CONTENT_TYPE = "application/problem+json"

CODE_OF = {
    exceptions.ParseError: "malformed",
    exceptions.ValidationError: "invalid",
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.AuthenticationFailed: "not_signed_in",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "wrong_media_type",
    exceptions.Throttled: "too_many",
}


class Problem(exceptions.APIException):
    """An expected refusal: its code decides status and title; `issues` name fields, `more` adds members."""

    def __init__(self, code: str, detail: str = "", *, issues: Iterable[dict[str, str]] = (), **more: Any) -> None:
        self.code, self.issues, self.more = code, list(issues), more
        self.status_code = status_of(code)
        super().__init__(detail or title_of(code), code)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets an unexpected error rise."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()  # Django's own words name the model
    elif isinstance(error, DjangoPermissionDenied):
        error = Problem(str(error)) if str(error) in TITLES else exceptions.PermissionDenied()
    elif isinstance(error, ChangedMeanwhile):
        error = Problem("changed_meanwhile", etag=f'"{error.version}"')
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, Problem):
        response.data = body(error.code, detail=str(error.detail), issues=error.issues, **error.more)
    else:
        code = next((CODE_OF[kind] for kind in type(error).__mro__ if kind in CODE_OF), "our_fault")
        issues = list(flatten(error.detail)) if isinstance(error, exceptions.ValidationError) else []
        response.data = body(code, issues=issues)
        response.status_code = response.data["status"]
    response.content_type = CONTENT_TYPE
    request = getattr(context.get("request"), "_request", None)
    if number := getattr(request, "id", None):
        response.data["instance"] = f"urn:uuid:{number}"
    return response


def body(code: str, *, detail: str = "", issues: Iterable[dict[str, str]] = (), **more: Any) -> dict[str, Any]:
    """The members of one problem document."""
    title = title_of(code)
    found: dict[str, Any] = {"type": URN + code, "title": title, "status": status_of(code), "code": code}
    if detail and detail != title:
        found["detail"] = detail
    listed = list(issues)
    if listed:
        found["issues"] = listed
    return {**found, **more}


def flatten(found: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as issues, each named by a JSON pointer (/times/slots/0)."""
    if isinstance(found, dict):
        for field, inner in found.items():
            yield from flatten(inner, path if field == "non_field_errors" else f"{path}/{field}")
    elif isinstance(found, (list, tuple)):
        for position, inner in enumerate(found):
            yield from flatten(inner, f"{path}/{position}" if isinstance(inner, (dict, list)) else path)
    else:
        code = getattr(found, "code", "invalid")
        yield issue(path or "/", SAME_AS.get(code, code), str(found))


def issue(name: str, code: str, detail: str = "", place: str = "body") -> dict[str, str]:
    """One wrong value. `place` is body, query, path or header; a sentence of our own goes before `detail`."""
    return {"in": place, "name": name, "code": code, "detail": field_sentence(code) or detail}


def pointer_of(path: str) -> str:
    """`times.slots[2]` of the city sample format as /times/slots/2."""
    return "/" + path.replace("[", ".").replace("]", "").replace(".", "/")


def answer(request: HttpRequest, code: str) -> JsonResponse:
    """The same shape outside DRF, for paths under /api/ that no route knows."""
    del request
    return JsonResponse(body(code), status=status_of(code), content_type=CONTENT_TYPE)
