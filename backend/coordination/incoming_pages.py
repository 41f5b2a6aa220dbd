"""Reading in a list: choose a file, look at what would come of each line, take it over."""

from typing import Any

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

from backend.accounts.access import TALKS, cities_behind
from backend.city.load import city
from backend.coordination.incoming import (
    BYTES_MAX,
    FILLED,
    KNOWN,
    NEW,
    REFUSED,
    ROWS_MAX,
    NotATable,
    decoded,
    take_in,
)
from backend.opportunities.examples import examples
from backend.ui.spoken import spoken_at_work

KIND_WORDS = {"organisations": _("Organisaties"), "opportunities": _("Taken")}
OUTCOME_WORDS = {NEW: _("nieuw"), FILLED: _("vult aan"), KNOWN: _("staat er al"), REFUSED: _("kan niet")}
LINES_SHOWN = 200  # of each outcome; the counts are of all


class IncomingForm(forms.Form):
    """A kind, and a file; the second time its text, so that what is taken is what was looked at."""

    kind = forms.ChoiceField(
        choices=list(KIND_WORDS.items()),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Kies wat erin staat.")),
    )
    file = forms.FileField(required=False, error_messages={"empty": _("Dit bestand is leeg.")})
    table = forms.CharField(required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        file = data.get("file")
        try:
            if file:
                data["table"] = decoded(file.read(BYTES_MAX + 1))
            elif not data.get("table") and "file" not in self.errors:
                self.add_error("file", _("Kies een bestand."))
        except NotATable as error:
            self.add_error("file", str(error))
        return data


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def incoming(request: HttpRequest) -> HttpResponse:
    """Nothing is kept before "take over"."""
    place = city(cities_behind(request, TALKS)[0])
    is_sent = request.method == "POST"
    form = IncomingForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    told = None
    if form.is_valid():
        kind, table = form.cleaned_data["kind"], form.cleaned_data["table"]
        store = "take" in request.POST and not form.cleaned_data["file"]
        try:
            told = take_in(kind, table, place, now=timezone.now(), store=store)
        except NotATable as error:
            form.add_error("file", str(error))
        else:
            if store:
                messages.success(
                    request,
                    gettext("Klaar: %(new)s nieuw, %(filled)s aangevuld, %(refused)s niet overgenomen.") % told.counts,
                )
                return redirect("organisations_at_point")
    seen = {
        "form": form, "kinds": KIND_WORDS.items(), "city_name": place.matching.name, "rows_max": ROWS_MAX,
        "examples": [one.name for one in examples().values()],
        "neighbourhoods": sorted(place.matching.postcode_of.items()), "told": told,
    }  # fmt: skip
    if told:
        groups = [
            {"code": code, "words": words, "count": told.counts[code],
             "lines": [one for one in told.lines if one.outcome == code][:LINES_SHOWN]}
            for code, words in OUTCOME_WORDS.items() if told.counts[code]
        ]  # fmt: skip
        seen |= {"groups": groups, "may_take": told.counts[NEW] + told.counts[FILLED] > 0}
    return render(request, "coordination/incoming.html", seen, status=422 if form.errors else 200)
