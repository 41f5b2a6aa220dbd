"""An opportunity scout speaks with organisations: whom to call, what was said, a draft for them; and what works."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.access import TALKS, cities_behind
from backend.accounts.forms import ColleagueField
from backend.city.load import city
from backend.common import limits
from backend.common.plain_words import words_of
from backend.listening import access, knowledge, talks
from backend.listening.forms import KnowledgeForm
from backend.listening.models import AT_A_MEETING, BY_MAIL, BY_PHONE, BY_VISIT, KNOWLEDGE_LONGEST, LONGEST
from backend.opportunities.examples import examples
from backend.organisations import actions as organisations_actions
from backend.organisations import checklists
from backend.organisations.checklist_pages import RECEPTION_WORDS
from backend.organisations.models import RECEPTION, Organisation
from backend.ui.spoken import label_of, spoken_at_work
from matching.catalogue import load_catalogue

ON_A_PAGE = 25
WAY_WORDS = {
    BY_PHONE: _("Gebeld"), BY_VISIT: _("Langs geweest"), BY_MAIL: _("Geschreven"),
    AT_A_MEETING: _("Op een bijeenkomst"),
}  # fmt: skip


class WelcomeForm(forms.Form):
    """That it said yes to the charter, and who decides for it from now on."""

    charter = forms.BooleanField(required=False)
    contact = ColleagueField(required=False)


class TalkForm(forms.Form):
    """What was said, and when to call again if there is a day."""

    day = forms.DateField(error_messages={"required": _("Kies een dag."), "invalid": _("Kies een dag.")})
    way = forms.ChoiceField(
        choices=list(WAY_WORDS.items()),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Kies hoe jullie spraken.")),
    )
    text = forms.CharField(max_length=LONGEST, error_messages={"required": _("Schrijf wat jullie zeiden.")})
    again_on = forms.DateField(required=False, error_messages={"invalid": _("Kies een dag.")})

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        day, again_on = data.get("day"), data.get("again_on")
        if day and day > self.today:
            self.add_error("day", _("Kies een dag die al voorbij is, of vandaag."))
        elif day and again_on and again_on <= day:
            self.add_error("again_on", _("Kies een latere dag."))
        return data


@login_required
@spoken_at_work
@never_cache
@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """Whom to call today, and every organisation of the city; from the gaps with a talent that nobody asks for."""
    asked, talent = request.GET.get("naam", "").strip(), _talent(request)
    rows = access.organisations_at_point(request)
    for word in words_of(asked):
        rows = rows.filter(search_text__contains=word)
    seen = {
        "asked": asked, "talent": talent, "talent_words": _talent_words(talent),
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "again": access.to_call_again(request, timezone.localdate()),
    }  # fmt: skip
    return render(request, "listening/work_organisations.html", seen)


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """One organisation: how to reach it, what was said, and drafts that wait for it."""
    found = access.organisation_at_point(request, organisation_id)
    today = city(found.city).local(timezone.now()).date()
    form = TalkForm(today, request.POST if request.method == "POST" else None, initial={"day": today})
    if form.is_valid():
        talks.note(found, access.own_role(request, found), today=today, **form.cleaned_data)
        messages.success(request, gettext("Genoteerd."))
        return redirect("organisation_at_point", found.pk)
    talent = _talent(request)
    seen = {
        "organisation": found, "form": form, "today": today, "ways": WAY_WORDS.items(), "longest": LONGEST,
        "talks": [{"talk": one, "way": WAY_WORDS[one.way]} for one in access.talks_with(found)],
        "reception": checklists.last(found, RECEPTION), "reception_items": RECEPTION_WORDS.items(),
        "drafts": access.drafts_waiting(found), "has_owner": access.has_owner(found),
        "examples": examples().values(), "talent": talent, "talent_words": _talent_words(talent),
    }  # fmt: skip
    return render(request, "listening/work_organisation.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_POST
def know(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The point knows it, it said yes to the charter, somebody decides for it: each once, in any order."""
    found = access.organisation_at_point(request, organisation_id)
    form = WelcomeForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences))
        return redirect("organisation_at_point", found.pk)
    contact = "" if access.has_owner(found) else form.cleaned_data["contact"]
    if contact and limits.count(limits.CONTACT, contact.lower()).left < 0:
        messages.error(request, gettext("Te vaak geprobeerd. Wacht 1 uur."))
    else:
        organisations_actions.welcome(
            found, has_charter=form.cleaned_data["charter"], owner=contact, now=timezone.now()
        )
        messages.success(request, gettext("Bewaard. Deze organisatie kan beginnen."))
    return redirect("organisation_at_point", found.pk)


@login_required
@spoken_at_work
@require_POST
def reception(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Somebody went to look how people are received there (R107)."""
    found = access.organisation_at_point(request, organisation_id)
    met = set(request.POST.getlist("met")) & set(RECEPTION_WORDS)
    checklists.fill_in(found, RECEPTION, met, today=city(found.city).local(timezone.now()).date())
    messages.success(request, gettext("Bewaard. De organisatie leest dit ook."))
    return redirect("organisation_at_point", found.pk)


@login_required
@spoken_at_work
@require_POST
def draft(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """From an example; the organisation alone puts it online."""
    found = access.organisation_at_point(request, organisation_id)
    example = examples().get(request.POST.get("example", ""))
    if example is None or found.verified_at is None:
        raise Http404
    talent = request.POST.get("talent", "")
    try:
        talks.draft(found, example, talent if talent in load_catalogue().talents else "", now=timezone.now())
        messages.success(request, gettext("Klaar. De organisatie krijgt een bericht en kijkt het na."))
    except talks.DoesNotStand as error:
        messages.error(request, str(error))
    return redirect("organisation_at_point", found.pk)


def _talent(request: HttpRequest) -> str:
    asked = request.GET.get("talent", "")
    return asked if asked in load_catalogue().talents else ""


def _talent_words(talent: str) -> str:
    return label_of("talents", talent, load_catalogue().talents[talent].label) if talent else ""


# --- what works ------------------------------------------------------------------------------------------------


@spoken_at_work
@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """To search, for everybody."""
    asked = request.GET.get("zoek", "").strip()[:100]
    rows = knowledge.found(access.knowledge_pages(), asked)
    seen = {"page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")), "asked": asked}
    return render(request, "listening/knowledge.html", seen)


@spoken_at_work
@require_safe
def one_page(request: HttpRequest, page_id: UUID) -> HttpResponse:
    return render(request, "listening/knowledge_page.html", {"one": access.knowledge_page(page_id)})


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest) -> HttpResponse:
    """By an organisation: the volunteer point reads it first. 404 for who acts for no verified organisation."""
    own = access.verified_of(request.user)
    if not own:
        raise Http404
    form = KnowledgeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _kept(form, own[0].city, own[0]):
        messages.success(request, gettext("Dank je. Het vrijwilligerspunt leest dit eerst."))
        return redirect("knowledge")
    return render(
        request, "listening/knowledge_offer.html", {"form": form, "longest": KNOWLEDGE_LONGEST},
        status=422 if form.errors else 200,
    )  # fmt: skip


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def at_point(request: HttpRequest) -> HttpResponse:
    """What organisations offered, and a page of one's own."""
    rows = access.pages_to_look_at(request)
    form = KnowledgeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _kept(form, cities_behind(request, TALKS)[0], None):
        messages.success(request, gettext("Bewaard. Kijk na en zet het online."))
        return redirect("knowledge_at_point")
    seen = {
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")), "form": form,
        "longest": KNOWLEDGE_LONGEST,
    }  # fmt: skip
    return render(request, "listening/work_knowledge.html", seen, status=422 if form.errors else 200)


def _kept(form: KnowledgeForm, slug: str, organisation: Organisation | None) -> bool:
    try:
        knowledge.write(slug, organisation, form.cleaned_data["title"], form.cleaned_data["text"])
    except knowledge.TitleTaken:
        form.add_error("title", _("Er is al een pagina met deze titel. Kies een andere."))
    return not form.errors


@login_required
@spoken_at_work
@require_POST
def look_at(request: HttpRequest, page_id: UUID) -> HttpResponse:
    """Online, or away."""
    found = access.page_to_look_at(request, page_id)
    if request.POST.get("what") == "away":
        knowledge.take_away(found.pk)
        messages.success(request, gettext("Weg."))
    else:
        knowledge.publish(found.pk, today=timezone.localdate())
        messages.success(request, gettext("Online. Iedereen kan dit lezen."))
    return redirect("knowledge_at_point")
