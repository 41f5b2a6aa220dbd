"""The few pages that belong to no room: the front door, and kind pages when something went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from backend.common import problems


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/front.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    if request.path.startswith("/api/"):
        return problems.answer(request, "not_found")
    return render(request, "ui/not_found.html", status=404)


def our_fault(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problems.answer(request, "our_fault")
    return HttpResponse(render_to_string("ui/our_fault.html"), status=500)  # nothing that may be broken too


def too_long_open(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF check failed: most often the page stood open for a long time."""
    del reason
    return render(request, "ui/too_long_open.html", status=403)
