"""A distribution round in the open: ask for one, see what it would do, leave pairs out, publish, and stop in time."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.access import MATCHES, cities_behind
from backend.city.load import city
from backend.coordination import access
from backend.placements import actions, planned, states
from backend.placements.models import FAIR, FAST, WAITING, PlannedRound
from backend.ui.spoken import spoken_at_work

ON_A_PAGE, EARLIER_SHOWN = 50, 10
PRESET_WORDS = {
    FAIR: _("Eerlijk gespreid: iedereen iets, en over alle organisaties"),
    FAST: _("Vlug: zo goed mogelijk passend, zonder te spreiden"),
    WAITING: _("Eerst wie lang wacht: alleen wie 4 weken niets kreeg"),
}
STATE_WORDS = {
    states.ASKED: _("De computer rekent"), states.READY: _("Klaar om te bekijken"), states.GOING: _("Vertrekt straks"),
    states.DONE: _("Verstuurd"), states.STOPPED: _("Gestopt"),
}  # fmt: skip
PUBLISH, STOP, LEAVE_OUT, TAKE_IN = "publish", "stop", "leave_out", "take_in"


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def planned_rounds(request: HttpRequest) -> HttpResponse:
    """What was planned before, and a new one."""
    cities = {slug: city(slug) for slug in cities_behind(request, MATCHES)}
    if request.method == "POST":
        slug, preset = request.POST.get("city", ""), request.POST.get("preset", "")
        if slug not in cities or preset not in PRESET_WORDS:
            messages.error(request, gettext("Kies hoe we verdelen."))
            return redirect("planned_rounds")
        try:
            made = planned.ask_for(slug, preset)
        except actions.StepNotAllowed:
            messages.error(request, gettext("Er vertrekt net een verdeling. Wacht tot die verstuurd is, of stop ze."))
            return redirect("planned_rounds")
        return redirect("planned_round", made.pk)
    rows = [
        {"planned": one, "words": STATE_WORDS[one.state], "preset": PRESET_WORDS[one.preset].partition(":")[0]}
        for one in access.planned_rounds_for(request)[:EARLIER_SHOWN]
    ]
    seen = {
        "rows": rows,
        "cities": [(slug, one.matching.name, one.proposes_by_itself) for slug, one in cities.items()],
        "presets": PRESET_WORDS.items(),
        "chosen": FAIR,
    }
    return render(request, "coordination/planned_rounds.html", seen)


@login_required
@spoken_at_work
@never_cache
@require_safe
def planned_round(request: HttpRequest, planned_id: UUID) -> HttpResponse:
    """How far it is, or what it would do. While the machine works the page asks again by itself."""
    found = access.planned_round(request, planned_id)
    pairs = found.pairs.select_related("volunteer", "opportunity__organisation").order_by("-points", "pk")
    page = Paginator(pairs, ON_A_PAGE).get_page(request.GET.get("page"))
    left_out = found.pairs.filter(is_kept=False).count()
    seen: dict[str, Any] = {
        "planned": found,
        "words": STATE_WORDS[found.state],
        "preset": PRESET_WORDS[found.preset].partition(":")[0],
        "city": city(found.city).matching.name,
        "percent": planned.progress_of(found) if found.state == states.ASKED else 100,
        "page": page,
        "left_out": left_out,
        "kept": page.paginator.count - left_out,
        "is_due": planned.is_due(found, now=timezone.now()),
    }
    return render(request, "coordination/planned_round.html", seen)


@login_required
@spoken_at_work
@require_POST
def decide(request: HttpRequest, planned_id: UUID) -> HttpResponse:
    """Publish, stop, leave a pair out or take it in again."""
    found, what = access.planned_round(request, planned_id), request.POST.get("what", "")
    try:
        _decide(request, found, what)
    except actions.StepNotAllowed:
        messages.error(request, gettext("Dit kan niet meer: er is intussen iets veranderd."))
    page = request.POST.get("page", "")
    response = redirect("planned_round", found.pk)
    if page.isdecimal():
        response["Location"] += f"?page={page}"
    return response


def _decide(request: HttpRequest, found: PlannedRound, what: str) -> None:
    if what == PUBLISH:
        planned.publish(found.pk, now=timezone.now())
        messages.success(request, gettext("De voorstellen vertrekken over 10 minuten. Je kan nog stoppen."))
    elif what == STOP:
        planned.stop(found.pk)
        messages.success(request, gettext("Gestopt. Niemand krijgt een bericht."))
    elif what in (LEAVE_OUT, TAKE_IN) and request.POST.get("pair", "").isdecimal():
        planned.keep(found, int(request.POST["pair"]), is_kept=what == TAKE_IN)
    else:
        raise Http404
