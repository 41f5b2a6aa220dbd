"""allauth's part of the OpenAPI document: the doors we keep, and no others."""

import json
from collections.abc import Iterator
from typing import Any

from allauth.headless.spec.internal.schema import get_schema

from backend.accounts.app_urls import DOORS

AUTH = "/_allauth/app/v1/"
EXAMPLE_ID = "3f2f7c0e-5b0c-4d4e-9a51-000000000001"


def with_sign_in(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """The doors of allauth that we keep, each with a name of its own, and only the components they use."""
    theirs = get_schema()
    for name, (_view, methods) in DOORS.items():
        item = theirs["paths"][f"{AUTH}{name}"]
        kept: dict[str, Any] = {}
        for method in methods.lower().split():
            operation = item[method]
            words = name.replace("/", "_").replace("-", "_").replace("2fa", "second_factor")
            operation["operationId"] = f"auth_{words}_{method}".replace("auth_auth_", "auth_")
            operation["tags"] = ["sign-in"]
            operation["parameters"] = [*item.get("parameters", []), *operation.get("parameters", [])]
            operation["security"] = [{"sessionToken": []}, {}]
            for response in operation.get("responses", {}).values():
                response.setdefault("description", "") if "$ref" not in response else None
            kept[method] = operation
        result["paths"][f"{AUTH}{name}"] = kept
    _take_components(result, theirs)
    # allauth makes its example anew each time; the document must stay the same.
    random_id = theirs["components"]["schemas"]["User"]["properties"]["id"]["example"]
    replaced: dict[str, Any] = json.loads(
        json.dumps(result, default=str).replace(json.dumps(random_id), json.dumps(EXAMPLE_ID))
    )
    return replaced


def _take_components(result: dict[str, Any], theirs: dict[str, Any]) -> None:
    ours = result["components"]
    waiting = list(_references([result["paths"][f"{AUTH}{name}"] for name in DOORS]))
    while waiting:
        _hash, _components, kind, name = waiting.pop().split("/")
        if name in ours.setdefault(kind, {}):
            if ours[kind][name] is not theirs["components"][kind].get(name):
                raise ValueError(f"{kind}/{name} is a component of ours and of allauth")
            continue
        ours[kind][name] = theirs["components"][kind][name]
        waiting += _references(ours[kind][name])


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
