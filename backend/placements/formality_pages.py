"""What must I tell before I start? Asked once, a list to tick off, a sheet to hand in. No organisation sees it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.city.load import CityFile
from backend.placements import formalities, states
from backend.placements.access import with_formalities
from backend.placements.links import behind_link
from backend.placements.messages import place_of
from backend.placements.models import FILED, FORMALITY_STATES, LINK_FOR_VOLUNTEER, Proposal
from backend.placements.sheet import sheet_of
from backend.talent import actions as talent


class StatusesForm(forms.Form):
    """What somebody gets or does; none of it is an answer too."""

    status = forms.MultipleChoiceField(required=False)

    def __init__(self, place: CityFile, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = formalities.choices(place)  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """One line of the list, as the person says it."""

    formality = forms.CharField(max_length=40)
    state = forms.ChoiceField(required=False, choices=[(one, one) for one in FORMALITY_STATES])
    filed_on = forms.DateField(required=False, error_messages={"invalid": _("Kies een dag.")})

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == FILED and not self.errors:
            if data.get("filed_on") is None:
                self.add_error("filed_on", _("Zeg op welke dag je het afgaf."))
            elif data["filed_on"] > self.today:
                self.add_error("filed_on", _("Kies een dag die al voorbij is."))
        return data


@dataclass(frozen=True, slots=True)
class Way:
    """Over which way somebody is at the list: the page around it, and where its links and forms lead."""

    layout: str
    here: str
    sheet: str
    back: str


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_FOR_VOLUNTEER)
def papers(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """After a yes, behind the person's own link."""
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    here, pdf, back = (reverse(name, args=[token]) for name in ("papers", "papers_sheet", "proposal"))
    if proposal.state != states.ACCEPTED:
        return redirect(back)
    return list_of(request, proposal, Way("ui/base.html", here, pdf, back))


def list_of(request: HttpRequest, proposal: Proposal, way: Way) -> HttpResponse:
    """First the question what somebody gets, then the list; both may be changed as often as they like."""
    place, proposal = place_of(proposal), with_formalities(proposal)
    today = place.local(timezone.now()).date()
    wrong: NoteForm | None = None
    if request.method == "POST" and "declare" in request.POST:
        told = StatusesForm(place, request.POST)
        if told.is_valid():
            talent.declare_statuses(proposal.volunteer, told.cleaned_data["status"], today=today)
            return redirect(way.here)
    elif request.method == "POST":
        wrong = NoteForm(today, request.POST)
        if wrong.is_valid():
            if wrong.cleaned_data["formality"] not in {one.formality for one in formalities.to_do(proposal, today)}:
                raise Http404
            formalities.note(proposal.pk, **wrong.cleaned_data, today=today)
            return redirect(way.here)
    asks = "verander" in request.GET or not formalities.is_asked(proposal.volunteer, today)
    seen = {
        "way": way,
        "asks": asks,
        "choices": formalities.choices(place),
        "declared": proposal.volunteer.declared_statuses,
        "to_do": [] if asks else formalities.to_do(proposal, today),
        "today": today,
        "wrong": wrong,
    }
    return render(request, "placements/papers.html", seen, status=422 if request.method == "POST" else 200)


@require_safe
@behind_link(LINK_FOR_VOLUNTEER)
def sheet(_request: HttpRequest, proposal: Proposal) -> HttpResponse:
    return sheet_for(proposal)


def sheet_for(proposal: Proposal) -> HttpResponse:
    """What form C45B asks, filled in as far as we know it, and a letter to sign. Made now, kept nowhere. Raises Http404
    for who has no such form to hand in.
    """
    proposal = with_formalities(proposal)
    today = place_of(proposal).local(timezone.now()).date()
    if proposal.state != states.ACCEPTED or not any(one.has_sheet for one in formalities.to_do(proposal, today)):
        raise Http404
    found = HttpResponse(sheet_of(proposal, today), content_type="application/pdf")
    found["Content-Disposition"] = 'inline; filename="c45b.pdf"'
    return found
