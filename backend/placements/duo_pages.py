"""Somebody got a code of somebody they know: what it is about, and "I come too"."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.common import limits
from backend.placements import actions, duo, shown
from backend.talent.access import volunteer_of
from backend.talent.models import Volunteer
from backend.ui.spoken import spoken


@login_required
@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """The code first, then what it is, then yes."""
    return with_code(request, volunteer_of(request.user), reverse("mine"))


def with_code(request: HttpRequest, volunteer: Volunteer | None, back: str) -> HttpResponse:
    """The same for whoever sits beside somebody at the desk; a yes goes back to where one came from."""
    seen: dict[str, object] = {"has_profile": volunteer is not None, "back": back}
    typed = request.POST.get("code", "")
    if request.method != "POST" or volunteer is None:
        return render(request, "placements/join_pair.html", seen)
    now = timezone.now()
    if limits.count(limits.CODES, str(volunteer.pk)).left < 0:
        seen["error"] = gettext("Te vaak geprobeerd. Wacht 1 uur.")
        return render(request, "placements/join_pair.html", seen, status=429)
    try:
        pair = duo.invited_by(typed, volunteer, now)
        if "yes" not in request.POST:
            return render(request, "placements/join_pair.html", {**seen, "pair": pair, "code": typed})
        duo.join(typed, volunteer, now=now)
    except duo.WrongCode:
        seen["error"] = gettext("Deze code werkt niet. Vraag een nieuwe.")
    except actions.DoesNotFit as error:
        seen["error"] = gettext("Dit past nu niet bij jou.")
        seen["why"] = shown.why_not(error.factors)
    except (actions.NoRoom, actions.StepNotAllowed, duo.NotNow):
        seen["error"] = gettext("Dit lukt hier niet. Bel ons, we kijken samen.")
    else:
        messages.success(request, gettext("Fijn! Jullie doen dit samen."))
        return redirect(back)
    return render(request, "placements/join_pair.html", seen, status=422)
