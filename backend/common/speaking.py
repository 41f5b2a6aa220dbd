"""What every answer of the API carries: its language, a number to ask about, and how long it may be kept."""

from collections.abc import Callable
from datetime import UTC
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

PREFIXES = ("/api/", "/_allauth/")
PUBLIC_SECONDS = 60


def speak(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the API speaks the language that is asked for, and UTC; pages have a clock of their own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIXES):
            return get_response(request)
        language = translation.get_language_from_request(request)
        request.id = uuid4()  # type: ignore[attr-defined]
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
