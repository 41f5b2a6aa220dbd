"""What every answer of the API carries: its language, a number to ask about, and how long it may be kept."""

import logging
from collections.abc import Callable
from datetime import UTC
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from structlog.contextvars import bind_contextvars, clear_contextvars

logger = logging.getLogger(__name__)
PREFIXES = ("/api/", "/_allauth/")
PUBLIC_SECONDS = 60


def speak(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every call gets a number; the API speaks the language that is asked for, and UTC. Pages have a clock
    of their own.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.id = uuid4()  # type: ignore[attr-defined]
        clear_contextvars()  # bound until the next call: Django logs a refusal after all middleware
        bind_contextvars(request_id=str(request.id))  # type: ignore[attr-defined]
        response = _spoken(request) if request.path.startswith(PREFIXES) else get_response(request)
        match = request.resolver_match  # the route, not the path: a path may hold a token
        logger.info("%s %s %s", request.method, match.route if match else "?", response.status_code)
        return response

    def _spoken(request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language), timezone.override(UTC):
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        response["X-Request-Id"] = str(request.id)  # type: ignore[attr-defined]
        patch_vary_headers(response, ["Accept-Language", "X-Session-Token"])
        is_public = request.method in ("GET", "HEAD") and response.status_code == 200 and not _is_somebody(request)
        kept = f"public, max-age={PUBLIC_SECONDS}" if is_public else "private, no-cache"
        response.headers.setdefault("Cache-Control", kept)
        if settings.SANDBOX:
            response["X-Sandbox"] = "true"
        return response

    return middleware


def _is_somebody(request: HttpRequest) -> bool:
    return "X-Session-Token" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
