"""The OpenAPI document: every operation shows its problems, its headers and how to sign in; allauth's part is in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from rest_framework import serializers

from backend.common.paging import SYNC_HEADER
from backend.common.problems import CONTENT_TYPE
from backend.common.sentences import TITLES

ENDINGS = {"_retrieve": "_read", "_partial_update": "_change"}
JSON = "application/json"
METHODS = ("get", "put", "post", "delete", "patch")


class IssueSerializer(serializers.Serializer):
    """One wrong value: where it is, a stable code and a sentence."""

    def get_fields(self) -> dict[str, Any]:
        return {"in": serializers.ChoiceField(choices=("body", "query", "path", "header")), **super().get_fields()}

    name = serializers.CharField(help_text="A JSON pointer for bodies, else the name of the parameter.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457. Logic uses `code` and `status`; `title` and `detail` are sentences for a person to read."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.ChoiceField(choices=tuple(TITLES))
    detail = serializers.CharField(required=False)
    instance = serializers.CharField(required=False, help_text="The number of the request, also in X-Request-Id.")
    issues = IssueSerializer(many=True, required=False)
    outcome = serializers.CharField(required=False, help_text="With publication problems: what the check came to.")
    factors = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="With `does_not_fit`: what stands in the way."
    )
    etag = serializers.CharField(required=False, help_text="With `changed_meanwhile`: the version that is stored.")
    old = serializers.CharField(required=False, help_text="With `step_not_allowed`: the state it is in.")
    new = serializers.CharField(required=False, help_text="With `step_not_allowed`: the state that was asked.")
    taken = serializers.IntegerField(required=False, help_text="How many places are given away already.")


class AutoSchema(SpectacularAutoSchema):
    """Problems as the default response; the headers that an operation needs."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self.resolve_serializer(ProblemSerializer, "response").ref
            bodies["default"] = {"description": "Problem (RFC 9457)", "content": {CONTENT_TYPE: {"schema": problem}}}
        return bodies

    def is_deprecated(self) -> bool:
        ending = getattr(self.view, "ending", None)
        return bool(super().is_deprecated() or (ending and ending(self.method)))

    def get_operation_id(self) -> str:
        """`opportunities_publish`, not `opportunities_publish_create`: acts are called by their own name."""
        found = super().get_operation_id()
        for ending, name in ENDINGS.items():
            found = found.removesuffix(ending) + name if found.endswith(ending) else found
        own = getattr(self.view, "action", None)
        return found.rpartition("_")[0] if own in getattr(self.view, "acts", ()) else found

    def _get_parameters(self) -> list[Any]:
        parameters = super()._get_parameters()
        act = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        if getattr(act, "needs_key", False):
            parameters.append(
                _header(
                    "Idempotency-Key",
                    "16 to 64 letters, digits, - or _: a UUID is fine. The same call with the same key gets the same "
                    "answer and happens once.",
                    pattern="^[A-Za-z0-9_-]{16,64}$",
                )
            )
        if self.method in getattr(self.view, "edits", ()):
            told = "The ETag that was read. Without it 428, when it is stale 412."
            is_needed = self.method != "PUT"  # a PUT may also make it
            parameters.append({**_header("If-Match", told), "required": is_needed})
        return parameters


def _header(name: str, told: str, **schema: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": told, "required": True, "schema": {"type": "string", **schema}}


class SessionScheme(OpenApiAuthenticationExtension):
    """The session cookie of the pages; writing also needs the CSRF header."""

    target_class = "backend.common.authn.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "session"}


class TokenScheme(OpenApiAuthenticationExtension):
    """What `auth/code/confirm` gives: opaque, one per device, for half a year."""

    target_class = "backend.common.authn.SessionToken"
    name = "sessionToken"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token"}


# --- after the document is made --------------------------------------------------------------------------------


def with_headers(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Every answer of ours tells what is left of the limit, its language and its number."""
    text = {"type": "string"}
    result["components"]["headers"] = {
        "RateLimit": {"description": "What is left, and after how many seconds it is whole again.", "schema": text},
        "RateLimit-Policy": {"description": "How many calls in how many seconds.", "schema": text},
        "X-Request-Id": {"description": "To ask about this call.", "schema": {"type": "string", "format": "uuid"}},
        "Content-Language": {"description": "The language of the texts in this answer.", "schema": text},
        SYNC_HEADER: {"description": "On the last page: for `updated_since` the next time.", "schema": text},
        "Retry-After": {"description": "Seconds to wait, with 429.", "schema": {"type": "integer"}},
    }
    usual = ("RateLimit", "RateLimit-Policy", "X-Request-Id", "Content-Language")
    for _path, operation in _operations(result):
        is_followed = any(one.get("name") == "updated_since" for one in operation.get("parameters", []))
        for code, response in operation["responses"].items():
            names = [*usual, *([SYNC_HEADER] if is_followed and code == "200" else [])]
            names += ["Retry-After"] if code == "default" else []
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return result


def with_examples(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """What a journey through the demonstration really said and heard (`examples.json`, written by its test)."""
    examples = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
    for name, told in examples.items():
        method, path = name.split()
        operation = result["paths"].get(path, {}).get(method.lower(), {})
        response = operation.get("responses", {}).get(str(told["status"]), {})
        if told["response"] is not None and JSON in response.get("content", {}):
            response["content"][JSON]["example"] = told["response"]
        if told["request"] is not None and JSON in operation.get("requestBody", {}).get("content", {}):
            operation["requestBody"]["content"][JSON]["example"] = told["request"]
    return result


# Where the things that answers show have acts of their own.
ACTS_ON = {
    "Candidate": "candidates",
    "Consent": "me/consents",
    "Device": "devices",
    "Opportunity": "opportunities",
    "Organisation": "organisations",
    "Placement": "placements",
    "Proposal": "proposals",
    "Question": "questions",
    "TrialVisit": "trial-visits",
}


def with_links(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """From an answer that shows something to all that can be done with it next, the id filled in."""
    links = result["components"].setdefault("links", {})
    for _path, operation in _operations(result):
        for code, response in operation["responses"].items():
            name, pointer = _shown(response.get("content", {}).get(JSON, {}).get("schema", {}))
            if name not in ACTS_ON or not code.startswith("2"):
                continue
            place = pointer.removesuffix("/id").replace("/", "_")
            for act in _acts_on(result, f"/api/v1/{ACTS_ON[name]}/{{id}}"):
                link = {"operationId": act, "parameters": {"id": f"$response.body#{pointer}"}}
                links[f"{act}{place}"] = link
                response.setdefault("links", {})[act] = {"$ref": f"#/components/links/{act}{place}"}
    return result


def _shown(schema: dict[str, Any]) -> tuple[str, str]:
    """What an answer shows, and where its (first) id stands."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if schema.get("type") == "array":
        return str(schema["items"].get("$ref", "")).rpartition("/")[2], "/0/id"
    if name.startswith("Paginated"):
        return name.removeprefix("Paginated").removesuffix("List"), "/results/0/id"
    return name, "/id"


def _acts_on(result: dict[str, Any], prefix: str) -> list[str]:
    """The operations on one thing that need nothing but its id."""
    return [
        operation["operationId"]
        for path, operation in _operations(result)
        if (path + "/").startswith(prefix + "/") and path.count("{") == 1
    ]


def with_tombstones(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A list that is followed may hold tombstones: what is gone for whoever asks."""
    result["components"]["schemas"]["Tombstone"] = {
        "type": "object",
        "description": "Something is gone for you; only with `updated_since`.",
        "required": ["id", "deleted", "updated_at"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "deleted": {"type": "boolean", "enum": [True]},
            "updated_at": {"type": "string", "format": "date-time"},
        },
    }
    for _path, operation in _operations(result):
        if any(one.get("name") == "updated_since" for one in operation.get("parameters", [])):
            name = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            properties = result["components"]["schemas"][name]["properties"]
            if operation["operationId"] == "opportunities_list":
                properties["count"] = {"type": "integer", "description": "How many match; not when following changes."}
            results = properties["results"]
            if "anyOf" not in results["items"]:
                results["items"] = {"anyOf": [results["items"], {"$ref": "#/components/schemas/Tombstone"}]}
    return result


def cleaned(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """What allauth writes in its own way: no empty `required`, no object without a shape, in 3.1 `null` as a type."""
    is_3_1 = result["openapi"].startswith("3.1")
    _clean(result, is_3_1)
    return result


def _clean(value: Any, is_3_1: bool) -> None:  # noqa: FBT001
    if isinstance(value, dict):
        if value.get("required") == []:
            del value["required"]
        if value.get("type") == "object" and not {"properties", "additionalProperties", "allOf"} & set(value):
            value["additionalProperties"] = {}  # what a browser makes for a passkey: any JSON (W3C WebAuthn)
        if is_3_1 and value.pop("nullable", False) and isinstance(value.get("type"), str):
            value["type"] = [value["type"], "null"]
        if not is_3_1 and isinstance(value.get("type"), list):
            [kind] = [one for one in value["type"] if one != "null"]
            value["type"], value["nullable"] = kind, True
        for inner in value.values():
            _clean(inner, is_3_1)
    elif isinstance(value, list):
        for inner in value:
            _clean(inner, is_3_1)


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in result["paths"].items():
        if path.startswith("/api/"):
            for method in METHODS:
                if method in item:
                    yield path, item[method]
