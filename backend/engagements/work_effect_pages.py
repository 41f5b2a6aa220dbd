"""An organisation tells those who helped what it meant: one line for a day."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.city.load import city
from backend.engagements import actions, effects
from backend.engagements.access import effects_at, opportunities_to_plan
from backend.engagements.models import EFFECT_LONGEST
from backend.opportunities.models import Opportunity
from backend.organisations.access import known_organisation_for
from backend.ui.spoken import spoken_at_work

SHOWN = 50
A_DAY = _("Kies een dag van de laatste 4 weken.")
A_LINE = _("Schrijf één zin van hoogstens 80 tekens.")


class EffectForm(forms.Form):
    """Where, when and what."""

    opportunity = forms.ModelChoiceField(
        Opportunity.objects.none(), error_messages=dict.fromkeys(("required", "invalid_choice"), _("Kies een taak."))
    )
    day = forms.DateField(error_messages={"required": A_DAY, "invalid": A_DAY})
    text = forms.CharField(
        max_length=EFFECT_LONGEST,
        error_messages=dict.fromkeys(("required", "max_length", "null_characters_not_allowed"), A_LINE),
    )


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def at_work(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Say what a day meant, and read what was said."""
    organisation = known_organisation_for(request.user, organisation_id)
    today = city(organisation.city).local(timezone.now()).date()
    opportunities = opportunities_to_plan(organisation)
    form = EffectForm(request.POST if request.method == "POST" else None, initial={"day": today})
    form.fields["opportunity"].queryset = opportunities  # type: ignore[attr-defined]
    if form.is_valid():
        try:
            effects.say(**form.cleaned_data, today=today)
        except actions.NotThatDay:
            form.add_error("day", A_DAY)
        else:
            messages.success(request, gettext("Bewaard. Wie die dag hielp, leest het maandag."))
            return redirect("effects", organisation.pk)
    seen = {
        "organisation": organisation, "form": form, "opportunities": opportunities, "today": today,
        "said": effects_at(organisation)[:SHOWN],
    }  # fmt: skip
    return render(request, "engagements/work_effects.html", seen, status=422 if form.errors else 200)
