"""A volunteer says "I come" at moments where they help, or that they cannot after all."""

from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.engagements import shifts
from backend.engagements.access import own_active_placements, own_shift, own_shifts
from backend.placements import buddies
from backend.placements.access import own_placement
from backend.placements.actions import StepNotAllowed
from backend.placements.calendar import event_of, file_of
from backend.ui.spoken import spoken

SHOWN = 100


@login_required
@spoken
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Moments where I help: I come, or I cannot."""
    now = timezone.now()
    rows = list(own_shifts(request.user, now)[:SHOWN])
    seen = {
        "helping": [
            {"placement": one, "expected": buddies.expected_by(one, now) if one.is_buddy else []}
            for one in own_active_placements(request.user)
        ],
        "coming": [one for one in rows if one.is_mine],
        "others": [{"shift": one, "free": max(0, one.most - one.taken)} for one in rows if not one.is_mine],
    }
    return render(request, "engagements/my_shifts.html", seen)


@login_required
@spoken
@require_POST
def be_buddy(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    """I want to take somebody new by the hand where I help; or no longer."""
    placement = own_placement(request.user, placement_id)
    with suppress(StepNotAllowed):
        buddies.want(placement.pk, is_wanted=request.POST.get("wanted") == "yes")
    return redirect("my_shifts")


@login_required
@spoken
@require_POST
def place(request: HttpRequest, own_shift_id: UUID) -> HttpResponse:
    """I come, or with `what=back` I cannot."""
    now = timezone.now()
    shift, placement = own_shift(request.user, own_shift_id, now)
    try:
        if request.POST.get("what") == "back":
            shifts.give_back(shift.pk, placement, now=now)
            messages.success(request, gettext("Goed dat je het zegt. Je staat er niet meer bij."))
        else:
            shifts.take(shift.pk, placement, now=now)
            messages.success(request, gettext("Fijn! Je staat erbij."))
    except shifts.NoPlace:
        messages.error(request, gettext("Er komen al genoeg mensen. Kies een ander moment."))
    except shifts.Collides:
        messages.error(request, gettext("Dan ben je al ergens anders. Kies een ander moment."))
    except (shifts.TooLate, StepNotAllowed):
        messages.error(request, gettext("Dit moment is voorbij."))
    return redirect("my_shifts")


@login_required
@never_cache
@require_safe
def as_calendar(request: HttpRequest) -> HttpResponse:
    """The moments at which I come, for any calendar."""
    rows = [one for one in own_shifts(request.user, timezone.now()) if one.is_mine]
    answer = HttpResponse(
        file_of(event_of(one, one.opportunity, one.ends_at) for one in rows), content_type="text/calendar"
    )
    answer["Content-Disposition"] = 'attachment; filename="momenten.ics"'
    return answer
