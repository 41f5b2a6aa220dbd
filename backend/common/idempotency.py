"""A call that comes twice happens once: the answer is kept in the transaction of its effect.

The header is that of the draft "The Idempotency-Key HTTP Header Field".
The key protects the answer, the states of the rows protect the fact: verbs change nothing the second time either.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.models import IdempotencyKey
from backend.common.problems import Problem, issue

HEADER = "Idempotency-Key"
FORM = re.compile(r"[A-Za-z0-9_-]{16,64}")
LOCKED = timedelta(seconds=20)  # nothing takes so long; after a crash somebody waits so long at most
KEPT = timedelta(hours=48)
Act = Callable[..., Response]


def once_per_key(act: Act) -> Act:
    """For a method that acts. Needs the header; the second call gets the first answer, byte for byte.

    400 `idempotency_key_needed`, 422 `key_reused` for another body, 409 `in_flight` while the first still runs.
    """

    @wraps(act)
    def door(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER, "")
        if not FORM.fullmatch(key):
            raise Problem("idempotency_key_needed", issues=[issue(HEADER, "invalid_key", place="header")])
        scope = view.idempotency_scope(request, **kwargs)
        told, owner = _begin(scope, key, fingerprint_of(request))
        if told is not None:
            return told
        mine = IdempotencyKey.objects.filter(scope=scope, key=key, owner=owner, status=None)
        try:
            with transaction.atomic():
                response = act(view, request, *args, **kwargs)
                body = b"" if response.data is None else JSONRenderer().render(response.data)
                if response.status_code >= 400:  # told, and stored by the verb; mended, it may come with the same key
                    mine.delete()
                elif not mine.update(status=response.status_code, body=body.decode()):
                    raise Problem("in_flight")  # it took so long that somebody else began again
        except BaseException:
            mine.delete()
            raise
        return response

    door.needs_key = True  # type: ignore[attr-defined]
    return door


def fingerprint_of(request: Request) -> str:
    said = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.path} {said}".encode()).hexdigest()


def _begin(scope: UUID, key: str, fingerprint: str) -> tuple[HttpResponse | None, UUID]:
    """The answer that was given before, or None and the number of this try."""
    owner = uuid4()
    until = Now() + LOCKED
    entry = IdempotencyKey(scope=scope, key=key, fingerprint=fingerprint, owner=owner, locked_until=until)
    IdempotencyKey.objects.bulk_create([entry], ignore_conflicts=True)
    known = IdempotencyKey.objects.filter(scope=scope, key=key)
    found = known.first()
    if found is None or found.owner == owner:  # None: the first try failed just now
        return None, owner
    if found.fingerprint != fingerprint:
        raise Problem("key_reused")
    if found.status is not None:
        response = HttpResponse(found.body, status=found.status, content_type="application/json")
        response["Idempotent-Replayed"] = "true"
        return response, owner
    if known.filter(status=None, locked_until__lt=Now()).update(owner=owner, locked_until=until):
        return None, owner
    raise Problem("in_flight")
