"""A poll on a screen for everybody who passes by."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.common import limits
from backend.listening import polls
from backend.listening.access import running_poll
from backend.ui.spoken import spoken

THANKED_SECONDS = 4


@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def poll(request: HttpRequest, poll_id: UUID) -> HttpResponse:
    """The question and its pictures; after a tap a thank-you that goes away by itself."""
    found = running_poll(poll_id)
    here = reverse("poll", args=[found.pk])
    if request.method == "POST":
        try:
            chosen = UUID(request.POST.get("choice", ""))
        except ValueError:
            return redirect(here)
        if limits.count(limits.WRITE, limits.address_of(request)).left >= 0 and polls.answer(found, chosen):
            return redirect(f"{here}?dank=1")
        return redirect(here)
    seen = {"poll": found, "choices": found.choices.order_by("position"), "is_thanked": "dank" in request.GET}
    answer = render(request, "listening/poll.html", seen)
    if seen["is_thanked"]:
        answer["Refresh"] = f"{THANKED_SECONDS}; url={here}"
    return answer
