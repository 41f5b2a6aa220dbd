"""The few pages that belong to no room: the front door, and kind pages when something went wrong."""

import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from backend.common import problems

AWAY_SECONDS = 5


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/front.html")


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """At the top of the site: a browser lets it speak only for what lies below it."""
    found = finders.find("ui/sw.js") or settings.STATIC_ROOT / "ui" / "sw.js"
    return HttpResponse(Path(str(found)).read_bytes(), content_type="text/javascript")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    if request.path.startswith("/api/"):
        return problems.answer(request, "not_found")
    return render(request, "ui/not_found.html", status=404)


def our_fault(request: HttpRequest) -> HttpResponse:
    """503 while the database is away or full: it passes, and whoever asks again may. 500 for everything else."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if request.path.startswith("/api/"):
        response: HttpResponse = problems.answer(request, "away" if is_away else "our_fault")
    else:
        # Nothing that may be broken too.
        response = HttpResponse(render_to_string("ui/our_fault.html"), status=503 if is_away else 500)
    if is_away:
        response["Retry-After"] = str(AWAY_SECONDS)
    return response


def too_long_open(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF check failed: most often the page stood open for a long time."""
    del reason
    return render(request, "ui/too_long_open.html", status=403)
