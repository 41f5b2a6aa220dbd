"""An organisation plans moments, sees who comes and says who was there."""

from datetime import date, datetime, timedelta
from typing import Any
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
from django.views.decorators.http import require_http_methods, require_POST

from backend.city.load import city
from backend.engagements import shifts
from backend.engagements.access import opportunities_to_plan, shift_at, shifts_at, shifts_to_say, who_come
from backend.engagements.models import PEOPLE_MOST
from backend.opportunities.models import Opportunity
from backend.organisations.access import known_organisation_for
from backend.placements.models import Placement
from backend.ui.spoken import spoken_at_work

SHOWN = 100
HOW_MANY = _("Schrijf een getal van 1 tot 200.")
A_DAY, AN_HOUR = _("Kies een dag."), _("Schrijf een uur, bijvoorbeeld 14:00.")


class ShiftForm(forms.Form):
    """What, when, for how many, and for how many weeks."""

    opportunity = forms.ModelChoiceField(
        Opportunity.objects.none(), error_messages=dict.fromkeys(("required", "invalid_choice"), _("Kies een taak."))
    )
    day = forms.DateField(error_messages={"required": A_DAY, "invalid": A_DAY})
    begins = forms.TimeField(error_messages={"required": AN_HOUR, "invalid": AN_HOUR})
    ends = forms.TimeField(error_messages={"required": AN_HOUR, "invalid": AN_HOUR})
    least = forms.IntegerField(
        min_value=1, max_value=PEOPLE_MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), HOW_MANY),
    )  # fmt: skip
    most = forms.IntegerField(
        min_value=1, max_value=PEOPLE_MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), HOW_MANY),
    )  # fmt: skip
    weeks = forms.IntegerField(
        required=False, min_value=1, max_value=shifts.WEEKS_MOST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("Schrijf een getal van 1 tot 26.")),
    )  # fmt: skip

    def __init__(self, among: Any, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opportunity"].queryset = among  # type: ignore[attr-defined]
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["weeks"] = data.get("weeks") or 1
        begins, ends, least, most = (data.get(name) for name in ("begins", "ends", "least", "most"))
        if begins and ends and ends <= begins:
            self.add_error("ends", _("Kies een later uur."))
        elif begins and ends and ends.hour * 60 + ends.minute - begins.hour * 60 - begins.minute > shifts.MINUTES_MOST:
            self.add_error("ends", _("Eén moment duurt hoogstens 16 uur."))
        if least and most and least > most:
            self.add_error("most", _("Het hoogste getal is minstens zo groot als het laagste."))
        weeks = timedelta(days=7 * data["weeks"])
        if data.get("day") and not self.today <= data["day"] < self.today + shifts.FAR - weeks:
            self.add_error("day", _("Kies een dag die nog komt, binnen twee jaar."))
        return data


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def at_work(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Plan a moment, see who comes, and say who was there."""
    organisation = known_organisation_for(request.user, organisation_id)
    now = timezone.now()
    today = city(organisation.city).local(now).date()
    opportunities = opportunities_to_plan(organisation)
    form = ShiftForm(
        opportunities, today, request.POST if request.method == "POST" else None, initial={"least": 1, "weeks": 1}
    )
    if form.is_valid() and _plan(form, now):
        messages.success(request, gettext("Gepland. Wie hier helpt, ziet het."))
        return redirect("shifts", organisation.pk)
    to_come = list(shifts_at(organisation).filter(starts_at__gt=now)[:SHOWN])
    to_say = list(shifts_to_say(organisation, now)[:SHOWN])
    people = who_come([*to_come, *to_say])
    seen = {
        "organisation": organisation, "form": form, "opportunities": opportunities, "today": today,
        "to_come": [_shown(one, people[one.pk]) for one in to_come],
        "to_say": [_shown(one, people[one.pk]) for one in to_say if people[one.pk]],
    }  # fmt: skip
    return render(request, "engagements/work_shifts.html", seen, status=422 if form.errors else 200)


def _plan(form: ShiftForm, now: datetime) -> bool:
    """What is wrong stands at its field."""
    data = dict(form.cleaned_data)
    try:
        shifts.plan(data.pop("opportunity"), data.pop("day"), data.pop("begins"), data.pop("ends"), **data, now=now)
    except shifts.TooFew:
        form.add_error("most", _("Er komen al meer mensen dan dat."))
    except ValueError:  # today, and the hour is past: all the rest was looked at before
        form.add_error("begins", _("Kies een uur dat nog komt."))
    return not form.errors


def _shown(shift: Any, people: list[Placement]) -> dict[str, Any]:
    return {"shift": shift, "people": people, "missing": max(0, shift.least - shift.taken)}


@login_required
@spoken_at_work
@require_POST
def done(request: HttpRequest, organisation_id: UUID, shift_id: UUID) -> HttpResponse:
    """Who was there: a confirmed day for each."""
    organisation = known_organisation_for(request.user, organisation_id)
    shift = shift_at(organisation, shift_id)
    came = {one.pk for one in who_come([shift])[shift.pk] if str(one.pk) in request.POST.getlist("came")}
    try:
        new = shifts.say_who_was_there(shift.pk, came, now=timezone.now())
    except (shifts.TooEarly, shifts.TooLate):
        messages.error(request, gettext("Dat kan pas als het moment voorbij is."))
    else:
        messages.success(request, gettext("Genoteerd: %(new)s dagen in de uren.") % {"new": new})
    return redirect("shifts", organisation.pk)


@login_required
@spoken_at_work
@require_POST
def cancel(request: HttpRequest, organisation_id: UUID, shift_id: UUID) -> HttpResponse:
    """It does not go on: who would come hears it."""
    organisation = known_organisation_for(request.user, organisation_id)
    try:
        shifts.cancel(shift_at(organisation, shift_id).pk, now=timezone.now())
        messages.success(request, gettext("Het gaat niet door. Wie zou komen, krijgt een bericht."))
    except shifts.TooLate:
        messages.error(request, gettext("Dit moment is voorbij."))
    return redirect("shifts", organisation.pk)
