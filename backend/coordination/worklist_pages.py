"""The worklist: who is stuck, by when, who looks after it and how it ended."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.access import CASES, ONLINE, REPORTS, cities_behind, is_behind
from backend.accounts.models import StaffRole
from backend.coordination import access
from backend.coordination.queries import ROLE_WORDS
from backend.coordination.worklist import Item, items
from backend.placements import actions, care
from backend.placements.models import (
    CLOSED_CASE,
    ELSEWHERE,
    GIVEN,
    LET_GO,
    NOT_REACHED,
    NOTE_LONGEST,
    SOLVED,
    SPOKE,
    TAKEN,
    CareStep,
)
from backend.ui.spoken import spoken_at_work

ON_A_PAGE = 25
STEP_WORDS = {
    GIVEN: _("Gegeven aan"), TAKEN: _("Genomen door"), LET_GO: _("Losgelaten door"), CLOSED_CASE: _("Gesloten door"),
}  # fmt: skip
OF_ME, OF_NOBODY = "mij", "niemand"
OUTCOME_WORDS = {
    SPOKE: _("We spraken elkaar"), SOLVED: _("Het is geregeld"), ELSEWHERE: _("We zoeken een andere plek"),
    NOT_REACHED: _("We kregen de persoon niet te pakken"),
}  # fmt: skip


@login_required
@spoken_at_work
@require_safe
def worklist(request: HttpRequest) -> HttpResponse:
    """Everybody for whom somebody of the point has to do something, most urgent first."""
    lines, whose = worklist_of(request), request.GET.get("van", "")
    own = set(access.own_roles(request).values_list("pk", flat=True))
    if whose == OF_ME:
        lines = [one for one in lines if one.care and one.care.owner_id in own]
    elif whose == OF_NOBODY:
        lines = [one for one in lines if one.care is None]
    page, now = Paginator(lines, ON_A_PAGE).get_page(request.GET.get("page")), timezone.now()
    steps = access.steps_of([one.about for one in page])
    rows = [{**_line(one, own, now), "steps": [_step(step) for step in steps[one.about]]} for one in page]
    seen = {
        "page": page, "rows": rows, "whose": whose, "outcomes": OUTCOME_WORDS.items(),
        "address": urlencode({"van": whose}) if whose else "", "note_longest": NOTE_LONGEST,
        "choices": [("", _("Alles")), (OF_ME, _("Van mij")), (OF_NOBODY, _("Nog van niemand"))],
    }  # fmt: skip
    return render(request, "coordination/worklist.html", seen)


def _line(one: Item, own: set[UUID], now: datetime) -> dict[str, Any]:
    owner = one.care.owner if one.care else None
    return {
        "one": one,
        "due_on": one.due_on,
        "is_late": one.is_late(now),
        "is_mine": owner is not None and owner.pk in own,
        "owner": _name_of(owner) if owner else "",
    }


def _name_of(role: StaffRole) -> str:
    return role.label or role.contact or str(ROLE_WORDS[role.role]).partition(":")[0]


def _step(step: CareStep) -> dict[str, Any]:
    return {
        "at": step.created_at,
        "what": STEP_WORDS[step.what],
        "by": _name_of(step.by) if step.by else "",
        "note": step.note,
    }


@login_required
@spoken_at_work
@require_POST
def take_line(request: HttpRequest) -> HttpResponse:
    """ "Ik neem dit", with what comes next; or nobody's again. Raises Http404 for a line that is not there any more."""
    asked = request.POST.get("kind", ""), request.POST.get("about", "")
    line = next((one for one in worklist_of(request) if (one.kind, str(one.about)) == asked), None)
    role = access.own_roles(request).filter(city=line.city).first() if line else None
    if line is None or role is None:
        raise Http404
    if request.POST.get("what") == "let_go":
        care.let_go_of(line.kind, line.about, role)
    else:
        try:
            care.take(line.kind, line.about, role, request.POST.get("note", "").strip())
        except ValueError:
            messages.error(request, gettext("Schrijf hoogstens 300 tekens."))
    return redirect("worklist")


def worklist_of(request: HttpRequest) -> list[Item]:
    """Raises Http404 for who looks after nobody."""
    cities = cities_behind(request, CASES)
    may = {"may_review": is_behind(request, ONLINE, cities), "may_read_reports": is_behind(request, REPORTS, cities)}
    return items(cities, timezone.now(), **may)


@login_required
@spoken_at_work
@require_POST
def close_case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """With an outcome that the person hears, or knows already."""
    try:
        case = access.case_for(request, pk)
        role = access.own_roles(request).filter(city=case.volunteer.city).first()
        actions.close_case(case.pk, request.POST.get("outcome", ""), now=timezone.now(), by=role)
        messages.success(request, gettext("Klaar. Goed gedaan."))
    except ValueError:
        messages.error(request, gettext("Kies hoe het afliep."))
    return redirect("worklist")
