"""A volunteer says what they want to learn and reads what they can do now; an organisation says what was learned."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backend.engagements import goals
from backend.engagements.access import own_active_placements, own_goal, own_goals
from backend.engagements.models import GOAL_LONGEST
from backend.placements.actions import StepNotAllowed
from backend.placements.models import Placement
from backend.ui.spoken import spoken

SAY_WHAT = _("Schrijf wat je wil leren. Hou het kort.")


class GoalForm(forms.Form):
    """Where, and what."""

    placement = forms.ModelChoiceField(
        Placement.objects.none(), error_messages=dict.fromkeys(("required", "invalid_choice"), _("Kies waar."))
    )
    text = forms.CharField(max_length=GOAL_LONGEST, error_messages=dict.fromkeys(("required", "max_length"), SAY_WHAT))

    def __init__(self, among: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["placement"].queryset = among  # type: ignore[attr-defined]


@login_required
@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What I want to learn, and what I learned."""
    placements = own_active_placements(request.user)
    form = GoalForm(placements, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            goals.add(form.cleaned_data["placement"].pk, form.cleaned_data["text"])
        except goals.TooMany:
            form.add_error("text", _("Je hebt er al 5. Haal er eerst één weg."))
        except StepNotAllowed:  # it ended this moment
            form.add_error("placement", _("Kies waar."))
        else:
            messages.success(request, gettext("Bewaard."))
            return redirect("my_goals")
    seen = {"form": form, "placements": placements, "goals": own_goals(request.user), "longest": GOAL_LONGEST}
    return render(request, "engagements/my_goals.html", seen, status=422 if form.errors else 200)


@login_required
@spoken
@require_POST
def drop(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """Not on my list, and not on my certificate."""
    goals.drop(own_goal(request.user, goal_id).pk)
    messages.success(request, gettext("Weg."))
    return redirect("my_goals")
