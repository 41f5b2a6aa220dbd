"""An organisation lets others see how it works: a visit to book, and who comes (R113)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backend.city.load import city
from backend.listening import states, trainings
from backend.listening.access import own_visit, verified_of, visits_of
from backend.listening.messages import visitors
from backend.listening.models import LONGEST, TITLE_LONGEST, VISIT, Training
from backend.organisations.models import Organisation
from backend.ui.spoken import spoken_at_work

SHOWN, PEOPLE_MOST = 50, 30
HOW_MANY = _("Schrijf een getal van 1 tot 30.")
A_BEGIN, AN_END = _("Kies wanneer het begint."), _("Kies wanneer het stopt.")


class VisitForm(forms.Form):
    """Where, when, for how many, and what there is to see."""

    organisation = forms.ModelChoiceField(Organisation.objects.none())
    text = forms.CharField(max_length=LONGEST, error_messages={"required": _("Schrijf wat er te zien is.")})
    where = forms.CharField(max_length=120, error_messages={"required": _("Schrijf waar het is.")})
    starts_at = forms.DateTimeField(error_messages={"required": A_BEGIN, "invalid": A_BEGIN})
    ends_at = forms.DateTimeField(error_messages={"required": AN_END, "invalid": AN_END})
    places = forms.IntegerField(
        min_value=1, max_value=PEOPLE_MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), HOW_MANY),
    )  # fmt: skip

    def __init__(self, own: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = own  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        begins, ends = data.get("starts_at"), data.get("ends_at")
        if begins and begins <= timezone.now():
            self.add_error("starts_at", _("Kies een dag die nog komt."))
        if begins and ends and ends <= begins:
            self.add_error("ends_at", _("Het einde komt na het begin."))
        return data


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visits(request: HttpRequest) -> HttpResponse:
    """Visits at the own organisations with who comes, and a form. 404 for who acts for no verified organisation."""
    own = verified_of(request.user)
    if not own:
        raise Http404
    first = {"organisation": own[0], "where": _address(own[0]), "places": 4}
    form = VisitForm(own, request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        host = form.cleaned_data["organisation"]
        with translation.override(city(host.city).language):  # everybody reads it, whoever writes it down
            title = gettext("Op bezoek bij %(name)s") % {"name": host.name}
        trainings.plan(host.city, title[:TITLE_LONGEST], kind=VISIT, by=host.name, **form.cleaned_data)
        messages.success(request, gettext("Gepland. Andere organisaties kunnen een plaats nemen."))
        return redirect("visits")
    rows = _with_who_comes(list(visits_of(request.user, timezone.now())[:SHOWN]))
    seen = {"form": form, "own": own, "rows": rows, "longest": LONGEST}
    return render(request, "listening/visits.html", seen, status=422 if form.errors else 200)


def _with_who_comes(planned: list[Training]) -> list[dict[str, Any]]:
    coming = [place for one in planned for place in one.taken.all() if place.state == states.IN]
    names: dict[UUID, list[str]] = {one.pk: [] for one in planned}
    for place, name in zip(coming, visitors(coming), strict=True):
        names[place.training_id].append(name)
    return [{"visit": one, "people": sorted(names[one.pk])} for one in planned]


def _address(organisation: Organisation) -> str:
    return f"{organisation.street}, {organisation.postcode}" if organisation.street else ""


@login_required
@spoken_at_work
@require_POST
def cancel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """It does not go on: who would come hears it."""
    try:
        trainings.cancel(own_visit(request.user, visit_id).pk, now=timezone.now())
        messages.success(request, gettext("Het gaat niet door. Wie zou komen, krijgt een bericht."))
    except trainings.TooLate:
        messages.error(request, gettext("Dit moment is voorbij."))
    return redirect("visits")
