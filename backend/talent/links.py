"""The button "unsubscribe" of a mail program, and the same with one tap on a page. Looking changes nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from backend.talent import actions, messages
from backend.ui.spoken import spoken

WORDS = {
    "proposals": _("voorstellen"),
    "reminders": _("herinneringen"),
    "thanks": _("bedankjes"),
    "check_ins": _("vragen hoe het gaat"),
    "crisis": _("oproepen bij nood"),
}


@csrf_exempt  # the mail program posts, and it has no cookie of ours (RFC 8058); the signed token says who and what
@spoken
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    found = messages.behind(token)
    if found is None:
        return render(request, "talent/unsubscribe.html", {"is_unknown": True}, status=404)
    who, group = found
    if request.method == "POST":
        actions.unsubscribe(who, group, now=timezone.now())
    response = render(request, "talent/unsubscribe.html", {"what": WORDS[group], "is_done": request.method == "POST"})
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
