"""The few pages that belong to no room: the front door, and kind pages when something went wrong."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.common import problems
from backend.ui.spoken import languages_of, remember, spoken

AWAY_SECONDS = 5


@spoken
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/front.html")


@spoken
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What this is, what happens with what people tell us, and whose drawings these are."""
    return render(request, "ui/about.html")


@spoken
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What we keep, in five sentences."""
    return render(request, "ui/privacy.html")


WHO_WORDS = {
    "volunteer": _("Jij"), "organisation": _("Een organisatie"), "guide": _("De begeleider die jij koos"),
    "point": _("Het vrijwilligerspunt"),
}  # fmt: skip
YES, NO, AFTER_YES, AS_REASON, LOWER_BOUND = (
    _("Ja"), _("Nee"), _("Als jij ja zei"), _("Als reden waarom iets past of niet"), _("Vanaf welke leeftijd"),
)  # fmt: skip
# Field -> who -> what they see. A test looks for each of these on the pages and in the API of each of them.
SEEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "first_name": (_("Je voornaam"), {"volunteer": YES, "organisation": AFTER_YES, "guide": YES, "point": YES}),
    "contact": (_("Je e-mail en je gsm"), {"volunteer": YES, "organisation": AFTER_YES, "guide": NO, "point": YES}),
    "talents": (_("Wat je kan"), {"volunteer": YES, "organisation": AS_REASON, "guide": YES, "point": YES}),
    "boundaries": (
        _("Wat voor jou niet kan"),
        {"volunteer": YES, "organisation": NO, "guide": YES, "point": AS_REASON},
    ),
    "age": (_("Je leeftijd"), {"volunteer": YES, "organisation": NO, "guide": LOWER_BOUND, "point": LOWER_BOUND}),
    "status": (_("Of je een uitkering krijgt"), {"volunteer": YES, "organisation": NO, "guide": YES, "point": NO}),
    "hours": (
        _("Wanneer je hielp, en wat je terugkreeg"),
        {"volunteer": YES, "organisation": AFTER_YES, "guide": NO, "point": NO},
    ),
    "goals": (_("Wat je wil leren"), {"volunteer": YES, "organisation": AFTER_YES, "guide": NO, "point": NO}),
    "felt": (_("Hoe het met je gaat"), {"volunteer": YES, "organisation": NO, "guide": NO, "point": YES}),
}


@spoken
@require_safe
def who_sees_what(request: HttpRequest) -> HttpResponse:
    """Every field and everybody who may see it (R046)."""
    rows = [(say, [cells[who] for who in WHO_WORDS]) for say, cells in SEEN.values()]
    return render(request, "ui/who_sees_what.html", {"who": WHO_WORDS.values(), "rows": rows})


@spoken
@require_safe
def at_home(request: HttpRequest) -> HttpResponse:
    """For the parents of whoever is under 18, to read or to print: no permission is asked, telling is."""
    return render(request, "ui/at_home.html")


@spoken
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The statement that a public service owes (Flemish Bestuursdecreet): what holds, what does not yet, and where to
    complain.
    """
    return render(request, "ui/accessibility.html")


@spoken
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """One question, each language in its own script; then back to where somebody was."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    next_ = asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"
    chosen = request.POST.get("language")
    if chosen in settings.LANGUAGE_CODES:
        return remember(HttpResponseRedirect(next_), chosen)
    known = languages_of(next_)
    offered = [(code, name) for code, name in settings.LANGUAGES if code in known]
    seen = {"languages": offered, "current": translation.get_language(), "next": next_}
    return render(request, "ui/language.html", seen)


@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    """At the top of the site: a browser lets it speak only for what lies below it."""
    found = finders.find("ui/sw.js") or settings.STATIC_ROOT / "ui" / "sw.js"
    return HttpResponse(Path(str(found)).read_bytes(), content_type="text/javascript")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    del exception
    if request.path.startswith("/api/"):
        return problems.answer(request, "not_found")
    return _not_found_page(request)


@spoken
def _not_found_page(request: HttpRequest) -> HttpResponse:
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


@spoken
def too_long_open(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF check failed: most often the page stood open for a long time."""
    del reason
    return render(request, "ui/too_long_open.html", status=403)
