"""An organisation opens a place, asks others along, and says whether it comes along itself."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.city.load import city
from backend.organisations import locations
from backend.organisations.access import known_organisation_for, own_part, parts_of, public_organisations
from backend.organisations.hours import DAY_OF, hours_in_words
from backend.organisations.models import STREET_LONGEST, LocationPart
from backend.organisations.pages import WHEELCHAIR_WORDS
from backend.ui.spoken import spoken_at_work, spoken_language
from matching.words import small_words

A_DAY = {"invalid": _("Kies een dag.")}
AN_HOUR = {"invalid": _("Schrijf een uur, bijvoorbeeld 14:00.")}


class LocationForm(forms.Form):
    """A name, where, when, and until which day."""

    name = forms.CharField(max_length=120, error_messages={"required": _("Geef de plek een naam.")})
    text = forms.CharField(max_length=300, error_messages={"required": _("Schrijf in één zin wat er te doen is.")})
    neighbourhood = forms.ChoiceField(error_messages=dict.fromkeys(("required", "invalid_choice"), _("Kies een wijk.")))
    street = forms.CharField(required=False, max_length=STREET_LONGEST)
    wheelchair = forms.ChoiceField(
        choices=list(WHEELCHAIR_WORDS.items()), error_messages={"required": _("Kies ja of nee.")}
    )
    is_warm_place = forms.BooleanField(required=False)
    days = forms.MultipleChoiceField(required=False, choices=[(code, code) for code in DAY_OF])
    opens_at = forms.TimeField(required=False, error_messages=AN_HOUR)
    closes_at = forms.TimeField(required=False, error_messages=AN_HOUR)
    open_from = forms.DateField(required=False, error_messages=A_DAY)
    open_until = forms.DateField(required=False, error_messages=A_DAY)

    def __init__(self, neighbourhoods: list[str], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["neighbourhood"].choices = [(one, one) for one in neighbourhoods]  # type: ignore[attr-defined]
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("open_from"), data.get("open_until")
        if last and last < max(self.today, first or self.today):
            self.add_error("open_until", _("Kies een dag die nog komt, na de eerste dag."))
        opens, closes, days = data.get("opens_at"), data.get("closes_at"), data.get("days")
        is_whole = days and opens and closes and opens < closes
        if (days or opens or closes) and not is_whole and not {"opens_at", "closes_at"} & set(self.errors):
            self.add_error("opens_at", _("Kies dagen, een uur dat het opent en een later uur dat het sluit."))
        return data

    @property
    def told(self) -> dict[str, Any]:
        """The columns."""
        data = dict(self.cleaned_data)
        days, opens, closes = data.pop("days"), data.pop("opens_at"), data.pop("closes_at")
        line = {"freq": "WEEKLY", "byday": ",".join(days)}
        if days:
            line |= {"opens_at": opens.strftime("%H:%M"), "closes_at": closes.strftime("%H:%M")}
        return {**data, "walk_in": [line] if days else []}


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The places of an organisation, where others ask it along, and a new one."""
    organisation = known_organisation_for(request.user, organisation_id)
    place = city(organisation.city)
    now = timezone.now()
    today = place.local(now).date()
    names = sorted(place.matching.neighbourhoods)
    initial = {"neighbourhood": organisation.neighbourhood, "wheelchair": organisation.wheelchair}
    form = LocationForm(names, today, request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        locations.open_place(organisation, now=now, **form.told)
        messages.success(request, gettext("Bewaard. De plek staat op de sociale kaart."))
        return redirect("locations", organisation.pk)
    parts = list(parts_of(organisation))
    others = public_organisations().filter(city=organisation.city).exclude(pk=organisation.pk)
    seen = {
        "organisation": organisation, "form": form, "today": today,
        "mine": [_shown(one, today) for one in parts if one.agreed_at],
        "asked": [_shown(one, today) for one in parts if not one.agreed_at],
        "others": others.order_by("name", "pk"),
        "days": [(code, small_words()[spoken_language(), day]) for code, day in DAY_OF.items()],
        "wheelchair": WHEELCHAIR_WORDS.items(), "neighbourhoods": names,
    }  # fmt: skip
    return render(request, "organisations/locations.html", seen, status=422 if form.errors else 200)


def _shown(part: LocationPart, today: date) -> dict[str, Any]:
    location = part.location
    return {
        "part": part, "location": location, "hours": hours_in_words(location.walk_in),
        "with": location.parts.exclude(pk=part.pk).select_related("organisation"),
        "is_over": bool(location.open_until and location.open_until < today),
    }  # fmt: skip


@login_required
@spoken_at_work
@require_POST
def change(request: HttpRequest, organisation_id: UUID, part_id: UUID) -> HttpResponse:
    """Come along or not, ask somebody along, or close it."""
    organisation = known_organisation_for(request.user, organisation_id)
    part, now, what = own_part(organisation, part_id), timezone.now(), request.POST.get("what", "")
    if what == "agree":
        locations.agree(part, now=now)
        messages.success(request, gettext("Fijn. De plek staat nu ook op jullie kaart."))
    elif what == "leave":
        locations.leave(part)
        messages.success(request, gettext("Goed. De plek staat niet meer op jullie kaart."))
    elif part.agreed_at and what == "close":
        locations.close(part.location, today=city(organisation.city).local(now).date())
        messages.success(request, gettext("De plek is gesloten en staat niet meer op de kaart."))
    elif part.agreed_at and what == "ask":
        others = {str(one.pk): one for one in public_organisations().filter(city=organisation.city)}
        if request.POST.get("other") not in others:
            raise Http404
        locations.ask_along(part.location, others[request.POST["other"]])
        messages.success(request, gettext("Gevraagd. Zij zien het bij hun plekken."))
    else:
        raise Http404
    return redirect("locations", organisation.pk)
