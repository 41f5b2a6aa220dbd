"""The one error shape of the API: RFC 9457, application/problem+json, with a stable code and a Dutch sentence."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

URN = "urn:problem-type:helpende-handen:"
CONTENT_TYPE = "application/problem+json"

# code -> (status, title). The titles are what a person may read; clients act on code and status only.
PROBLEMS = {
    "invalid": (400, "Kijk dit even na."),
    "malformed": (400, "We kunnen dit bericht niet lezen."),
    "bad_cursor": (400, "Deze bladzijde bestaat niet. Begin opnieuw."),
    "not_signed_in": (401, "Kom eerst binnen."),
    "not_allowed": (403, "Dit is niet voor jou bedoeld."),
    "not_found": (404, "Dit vinden we niet."),
    "method_not_allowed": (405, "Dit kan hier niet."),
    "not_acceptable": (406, "We geven alleen JSON."),
    "step_not_allowed": (409, "Dit kan nu niet meer."),
    "link_expired": (410, "Dit kan niet meer."),
    "wrong_media_type": (415, "Stuur JSON."),
    "publication_refused": (422, "Deze taak kan niet online."),
    "publication_on_hold": (422, "Er is nog iets in te vullen."),
    "publication_in_review": (422, "Het vrijwilligerspunt kijkt dit na."),
    "too_many": (429, "Te vaak geprobeerd. Wacht even."),
    "our_fault": (500, "Er ging iets fout bij ons. Probeer het straks nog eens."),
}
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
# What DRF's own checks say, in plain words.
SENTENCES = {
    "required": "Vul dit in.",
    "null": "Vul dit in.",
    "blank": "Vul dit in.",
    "empty": "Vul dit in.",
    "invalid": "Dit heeft een fout type.",
    "invalid_choice": "Dit staat niet in de lijst.",
    "not_a_list": "Dit moet een lijst zijn.",
    "max_length": "Dit is te lang.",
    "max_value": "Dit is te groot.",
    "min_value": "Dit is te klein.",
    "unknown_field": "Dit veld kennen we niet.",
    "contact_needed": "Vul je gsm-nummer of je e-mail in, een van de twee.",
}


class Problem(exceptions.APIException):
    """An expected refusal: its code decides status and title; `issues` name fields, `more` adds members."""

    def __init__(self, code: str, detail: str = "", *, issues: Iterable[dict[str, str]] = (), **more: Any) -> None:
        self.code, self.issues, self.more = code, list(issues), more
        self.status_code = PROBLEMS[code][0]
        super().__init__(detail or PROBLEMS[code][1], code)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets an unexpected error rise."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()  # Django's own words name the model
    elif isinstance(error, DjangoPermissionDenied):
        error = exceptions.PermissionDenied()
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
    return response


def body(code: str, *, detail: str = "", issues: Iterable[dict[str, str]] = (), **more: Any) -> dict[str, Any]:
    """The members of one problem document."""
    status, title = PROBLEMS[code]
    found: dict[str, Any] = {"type": URN + code, "title": title, "status": status, "code": code}
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
        yield issue(path or "/", code, SENTENCES.get(code, str(found)))


def issue(pointer: str, code: str, detail: str) -> dict[str, str]:
    return {"in": "body", "name": pointer, "code": code, "detail": detail}


def pointer_of(path: str) -> str:
    """`times.slots[2]` of the city sample format as /times/slots/2."""
    return "/" + path.replace("[", ".").replace("]", "").replace(".", "/")


def answer(request: HttpRequest, code: str) -> JsonResponse:
    """The same shape outside DRF, for paths under /api/ that no route knows."""
    return JsonResponse(body(code), status=PROBLEMS[code][0], content_type=CONTENT_TYPE)
