"""Report what is not right, without a name if somebody wishes, and follow it with a code."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.city.load import city, default_city
from backend.common import limits
from backend.placements import reports
from backend.placements.access import report_behind
from backend.placements.models import DISCRIMINATION, REPORT_LONGEST, UNSAFE
from backend.placements.shown import REPORT_WORDS, safety_of
from backend.talent import codes
from backend.ui.spoken import spoken


class ReportForm(forms.Form):
    """What happened; who tells it may stay unknown. `code` was made with the page, so that two taps are one report."""

    kind = forms.ChoiceField(choices=list(REPORT_WORDS.items()), error_messages={"required": _("Kies er één.")})
    text = forms.CharField(max_length=REPORT_LONGEST, error_messages={"required": _("Schrijf wat er gebeurde.")})
    contact = forms.CharField(max_length=254, required=False)
    code = forms.CharField(max_length=12)

    def clean_code(self) -> str:
        return codes.typed(self.cleaned_data["code"])


@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, and a field for a code that somebody has already."""
    if request.method == "POST" and "follow" in request.POST:
        return redirect("follow_report", codes.plain(request.POST["follow"]) or "-")
    form = ReportForm(request.POST if request.method == "POST" else None, initial={"code": codes.new_code()})
    place, error = default_city(), ""
    if form.is_valid():
        told = form.cleaned_data
        if limits.count(limits.QUESTIONS, limits.address_of(request)).left < 0:
            error = gettext("Te vaak geprobeerd. Wacht 1 uur of bel ons.")
        else:
            reports.file_report(place.slug, told["kind"], told["text"], contact=told["contact"], code=told["code"])
            return redirect("follow_report", told["code"])
    seen: dict[str, Any] = {"form": form, "kinds": REPORT_WORDS.items(), "error": error, "bodies": place.report_bodies}
    status = 429 if error else 422 if form.errors else 200
    return render(request, "placements/report.html", {**seen, "longest": REPORT_LONGEST}, status=status)


@spoken
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """What to do and whom to call, for who was not safe and for who is told so (R071)."""
    return render(request, "placements/safety.html", safety_of(default_city()))


@spoken
@never_cache
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """What became of it. Whoever tries many codes is told to wait."""
    found = report_behind(codes.plain(code))
    if found is None:
        is_guessing = limits.count(limits.CODES, limits.address_of(request)).left < 0
        return render(request, "placements/report_unknown.html", status=429 if is_guessing else 404)
    place = city(found.city)
    bodies = place.report_bodies if found.kind == DISCRIMINATION else ()
    seen = {"report": found, "code": codes.shown(codes.plain(code)), "bodies": bodies}
    seen |= safety_of(place) if found.kind == UNSAFE else {}
    return render(request, "placements/report_followed.html", seen)
