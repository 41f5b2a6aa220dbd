"""An organisation posts an opportunity: an example, three screens, how easy it is to start. It is a draft all along."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.city.load import city
from backend.common.versions import ChangedMeanwhile
from backend.opportunities import actions, shown, states
from backend.opportunities.access import own_opportunity_for
from backend.opportunities.case import checked, plain_record_of
from backend.opportunities.examples import examples, record_from
from backend.opportunities.models import Opportunity
from backend.opportunities.publication import BLOCK, HOLD, REFER, REFUSE, RESTRICTED, REVIEW, said
from backend.opportunities.readability import reading
from backend.organisations.access import organisation_for, organisations_of
from backend.organisations.models import Organisation
from backend.placements.easier import LABEL_WORDS, METER, easier, start_of
from backend.placements.posting_forms import RecordForm, WhatForm, WhenForm, WhoForm
from backend.ui.spoken import spoken_at_work, spoken_language
from matching.types import DAY_PARTS, DAYS
from matching.words import small_words

STEP_COUNT = 5
NO_TITLE, NO_TEXT = "Nieuwe taak", "Zeg in een paar zinnen wat iemand gaat doen."  # stored, so not translated
OUTCOME_WORDS = {
    REFUSE: _("Deze taak kan niet online."),
    REFER: _("Deze taak kan niet online."),
    HOLD: _("Dit moet nog in orde komen:"),
    REVIEW: _("Het vrijwilligerspunt kijkt dit na. Je hoort het binnen 2 werkdagen."),
    BLOCK: _("We zetten dit niet online."),
}
READING_WORDS = {
    "A2": _("Leesbaar: A2. Bijna iedereen kan dit lezen."),
    "B1": _("Leesbaar: B1. De meeste mensen kunnen dit lezen."),
    "hard": _("Dit is moeilijk om te lezen. Maak deze zin korter:"),
}
CHANGED_MEANWHILE = _(
    "Iemand anders veranderde deze taak intussen. Hier staat wat er nu is: kijk na en bewaar nog eens."
)

page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@spoken_at_work
@page
def new(request: HttpRequest) -> HttpResponse:
    """Choose an example, or one's own last opportunity again: that makes a draft."""
    own = list(organisations_of(request.user, may_edit=True).order_by("name"))
    if not own:
        raise Http404
    if request.method == "POST":
        made = _again(request) if "again" in request.POST else _from_example(request, own[0].pk)
        if made:
            return redirect("posting_what", made.pk)
    mine = Opportunity.objects.filter(organisation__in=own).order_by("-created_at")
    seen = {"organisations": own, "examples": examples().values(), "last": mine.first(), **_step_of(1)}
    return render(request, "placements/posting_new.html", seen)


def _from_example(request: HttpRequest, default: UUID) -> Opportunity | None:
    example = examples().get(request.POST.get("example", ""))
    if example is None:
        return None
    try:
        chosen = UUID(request.POST.get("organisation") or str(default))
    except ValueError:
        raise Http404 from None
    organisation = organisation_for(request.user, chosen)
    return _drafted(request, organisation, record_from(example, organisation, title=NO_TITLE, text=NO_TEXT))


def _again(request: HttpRequest) -> Opportunity | None:
    try:
        again = own_opportunity_for(request.user, UUID(request.POST["again"]))
    except ValueError:
        raise Http404 from None
    return _drafted(request, again.organisation, plain_record_of(again))


def _drafted(request: HttpRequest, organisation: Organisation, body: dict[str, Any]) -> Opportunity | None:
    record, errors = checked(body, city(organisation.city).matching)
    if errors:  # the catalogue or the city changed, or the organisation stands where the city has no neighbourhood
        messages.error(request, " ".join(one.message_nl for one in errors))
        return None
    return actions.draft_opportunity(organisation, record)


def _screen(
    name: str, form_class: type[RecordForm], next_: str, number: int, more: Callable[[Opportunity, Any], dict[str, Any]]
) -> Callable[..., HttpResponse]:
    """One screen: what is there now, or what was typed with a sentence at the field that is wrong."""

    @login_required
    @spoken_at_work
    @page
    def show(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
        opportunity = own_opportunity_for(request.user, opportunity_id)
        form = form_class(
            request.POST if request.method == "POST" else None,
            record=plain_record_of(opportunity),
            initial={"version": opportunity.version},
        )  # fmt: skip
        if form.is_valid() and _stored(opportunity, form):
            return redirect(next_, opportunity.pk)
        errors = [(field, sentences[0]) for field, sentences in form.errors.items()]
        seen = {
            "form": form, "opportunity": opportunity, "version": opportunity.version,
            "is_online": opportunity.state == states.PUBLISHED, "errors": errors,
            **_step_of(number), **more(opportunity, form),
        }  # fmt: skip
        return render(request, f"placements/posting_{name}.html", seen, status=422 if errors else 200)

    return show


def _stored(opportunity: Opportunity, form: RecordForm) -> bool:
    """Whether it was taken over; if not, the form says why."""
    record, errors = checked(form.changed(), city(opportunity.city).matching)
    for one in errors:
        form.add_error(None, one.message_nl)
    if errors:
        return False
    try:
        actions.change_opportunity(opportunity, record, version=form.cleaned_data["version"])
    except ChangedMeanwhile:
        form.add_error(None, CHANGED_MEANWHILE)
    except actions.PlacesTaken as taken:
        form.add_error(
            "places",
            gettext("{taken} mensen hebben al een plaats. Minder plaatsen kan niet.").format(taken=taken.taken),
        )
    except actions.StepNotAllowed:
        form.add_error(None, gettext("Deze taak is gestopt. Je kan ze niet meer veranderen."))
    return not form.errors


def _step_of(number: int) -> dict[str, Any]:
    return {"step": number, "steps": range(1, STEP_COUNT + 1)}


def _about_the_text(opportunity: Opportunity, form: WhatForm) -> dict[str, Any]:
    if opportunity.title == NO_TITLE and not form.is_bound:
        form.initial.update({"title": "", "text": ""})
        return {}
    read = reading(opportunity.text)
    return {"read": read, "read_words": READING_WORDS[read.level]}


def _week(_opportunity: Opportunity, form: WhenForm) -> dict[str, Any]:
    """The table of moments: a row for each day."""
    chosen, known, language = form["slots"].value() or [], small_words(), spoken_language()
    parts = [(part, known[language, part]) for part in DAY_PARTS]
    rows = [
        (known[language, day], [(f"{day}-{part}", say, f"{day}-{part}" in chosen) for part, say in parts])
        for day in DAYS
    ]
    return {"week": rows}


what = _screen("what", WhatForm, "posting_when", 2, _about_the_text)
when = _screen("when", WhenForm, "posting_who", 3, _week)
who = _screen("who", WhoForm, "posting_start", 4, lambda _opportunity, _form: {})


@login_required
@spoken_at_work
@page
def start(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """How easy it is to start, what would make it easier, and what a volunteer will see. A hint is one tap."""
    opportunity = own_opportunity_for(request.user, opportunity_id)
    if request.method == "POST":
        code, _, value = request.POST.get("hint", "").partition(":")
        try:
            body = easier(plain_record_of(opportunity), code, value)
        except KeyError:
            raise Http404 from None
        record, errors = checked(body, city(opportunity.city).matching)
        if errors:
            messages.error(request, " ".join(one.message_nl for one in errors))
        elif not _taken_over(opportunity, record, request.POST.get("version", "")):
            messages.error(request, CHANGED_MEANWHILE)
        return redirect("posting_start", opportunity.pk)
    found = start_of(opportunity, timezone.now())
    seen = {
        **shown.whole(opportunity),
        "start": found,
        "findings": said(opportunity.findings, city(opportunity.city).publication),
        "label": LABEL_WORDS[found.label],
        "meter_share": round(100 * found.meter / METER),
        "may_publish": opportunity.state in (states.DRAFT, states.PAUSED),
        "outcome": OUTCOME_WORDS.get(opportunity.outcome, "") if opportunity.state != states.PUBLISHED else "",
        "version": opportunity.version,
        "asks_why": any(one["code"] == RESTRICTED for one in opportunity.findings)
        and opportunity.state in (states.DRAFT, states.PAUSED),
        **_step_of(5),
    }
    return render(request, "placements/posting_start.html", seen)


@login_required
@spoken_at_work
@require_POST
def why_restricted(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Why only some people are asked; then it is checked again, and the volunteer point judges (R078)."""
    opportunity = own_opportunity_for(request.user, opportunity_id)
    try:
        actions.say_why_restricted(opportunity, request.POST.get("reason", "").strip())
        actions.publish_opportunity(opportunity, now=timezone.now())
    except ValueError:
        messages.error(request, gettext("Schrijf in één of twee zinnen waarom. Hoogstens 300 tekens."))
    except actions.PublicationStopped as stopped:
        messages.success(request, str(OUTCOME_WORDS[stopped.outcome]))
    except actions.StepNotAllowed:
        messages.error(request, gettext("Dit kan nu niet."))
    return redirect("posting_start", opportunity.pk)


def _taken_over(opportunity: Opportunity, record: dict[str, Any], version: str) -> bool:
    try:
        actions.change_opportunity(opportunity, record, version=int(version))
    except (ChangedMeanwhile, ValueError, actions.StepNotAllowed):
        return False
    return True


@login_required
@spoken_at_work
@require_POST
def offline(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Not online for now, or stopped for good."""
    opportunity = own_opportunity_for(request.user, opportunity_id)
    try:
        stopped = actions.take_offline(opportunity, request.POST.get("state", states.PAUSED))
    except actions.StepNotAllowed:
        messages.error(request, gettext("Dit kan nu niet."))
    else:
        messages.success(
            request, gettext("Gestopt.") if stopped.state == states.CLOSED else gettext("Even niet online.")
        )
    return redirect("organisation")
