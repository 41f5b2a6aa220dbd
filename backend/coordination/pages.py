"""The volunteer point: today's figures and the call sheet."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts import actions as accounts
from backend.accounts import journal
from backend.accounts.access import (
    CAMPAIGNS,
    CASES,
    FIGURES,
    GAPS,
    ONLINE,
    TEAM,
    cities_behind,
    doors_of,
    role_of_team,
    team_of,
)
from backend.city.load import city
from backend.coordination import access, queries
from backend.coordination import actions as point
from backend.coordination.forms import CampaignForm, TeamForm
from backend.coordination.need import LEVEL_WORDS, need_of
from backend.coordination.spread import spread_of
from backend.coordination.worklist_pages import worklist_of
from backend.placements import actions
from backend.placements import reports as reported
from backend.placements.models import LINK_FOR_VOLUNTEER, REPORT_LONGEST, Link
from backend.placements.shown import REPORT_WORDS
from backend.placements.tokens import with_addresses
from backend.talent import actions as talent
from backend.ui.spoken import label_of, spoken_at_work
from matching.catalogue import load_catalogue
from notifications import actions as notifications
from notifications import letters
from notifications.models import Delivery
from notifications.render import render as words_of

TOLD, LATER, STOP = "told", "later", "stop"
A_DAY = timedelta(days=1)
STUCK_SHOWN = 200
FIRST_SHOWN, ON_A_PAGE = 10, 25
QUESTION = "proposal_made"  # the one call that asks something; the others only tell


@login_required
@spoken_at_work
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    cities = cities_behind(request, FIGURES)
    doors = frozenset[str]().union(*doors_of(request.user).values())
    first = worklist_of(request)[:FIRST_SHOWN] if CASES in doors else []
    told = {
        "figures": [queries.figures(slug) for slug in cities],
        "doors": doors,
        "has_polls": any(city(slug).has_polls for slug in cities),
        "has_tokens": any(city(slug).tokens for slug in cities),
        "kpis": queries.figures_to_open(request),
        "first": first,
    }
    return render(request, "coordination/today.html", told)


@login_required
@spoken_at_work
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """For whom and for what nothing fitted in the last round, what would help, and how fair the round was."""
    cities = cities_behind(request, GAPS)
    return render(request, "coordination/gaps.html", {"cities": [queries.gaps(slug) for slug in cities]})


@login_required
@spoken_at_work
@require_safe
def spread(request: HttpRequest) -> HttpResponse:
    """Who gets the proposals: per organisation, and what strikes."""
    now = timezone.now()
    cities = []
    for slug in cities_behind(request, GAPS):
        found = spread_of(city(slug), now)
        cities.append((found, Paginator(found.shares, ON_A_PAGE).get_page(request.GET.get("page"))))
    return render(request, "coordination/spread.html", {"cities": cities})


@login_required
@spoken_at_work
@require_safe
def need(request: HttpRequest) -> HttpResponse:
    """Where hands are needed and where they are, for everything or for one talent."""
    catalogue, now = load_catalogue(), timezone.now()
    talent = request.GET.get("talent", "")
    talent = talent if talent in catalogue.talents else ""
    seen = {
        "cities": [need_of(city(slug), now, talent) for slug in cities_behind(request, GAPS)],
        "talent": talent,
        "talents": sorted(
            ((code, label_of("talents", code, one.label)) for code, one in catalogue.talents.items()),
            key=lambda one: one[1],
        ),
        "levels": list(enumerate(LEVEL_WORDS, start=1)),
    }
    return render(request, "coordination/need.html", seen)


@login_required
@spoken_at_work
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Check the imported drafts and put online what may; a round follows."""
    for slug in cities_behind(request, ONLINE):
        told = point.publish_drafts(slug, now=timezone.now())
        messages.success(
            request,
            gettext("{online} taken online, {not_online} niet.").format(
                online=told[""], not_online=told.total() - told[""]
            ),
        )
    return redirect("today")


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Who works at the volunteer point, and a form to let a colleague or a guide in."""
    members = team_of(request)
    cities = {slug: city(slug).matching.name for slug in cities_behind(request, TEAM)}
    form = TeamForm(request.POST or None, cities=cities)
    if form.is_valid():
        told = form.cleaned_data
        where = queries.name_of_point(told["city"])
        accounts.give_role(told["contact"], told["role"], city=told["city"], where=where, label=told["label"])
        messages.success(request, gettext("Gelukt. Deze persoon krijgt een bericht en komt binnen met een code."))
        return redirect("team")
    told = {
        "form": form,
        "teams": queries.team(members, request.user),
        "roles": queries.ROLE_WORDS.items(),
        "cities": cities.items(),
    }
    return render(request, "coordination/team.html", told)


@login_required
@spoken_at_work
@require_POST
def leave_team(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Take a role away; whoever lets others in keeps at least one colleague who can."""
    role = role_of_team(request, role_id)
    try:
        accounts.take_role(role)
    except accounts.LastOfTeam:
        messages.error(
            request, gettext("Dit is de laatste die mensen kan binnenlaten. Laat eerst iemand anders binnen.")
        )
    return redirect("home" if role.user == request.user else "team")


@login_required
@spoken_at_work
@require_safe
def stuck(request: HttpRequest) -> HttpResponse:
    """Messages that failed too often, and messages of which nobody knows whether they arrived."""
    found = with_addresses(access.stuck_for(request)[:STUCK_SHOWN])
    rows = [{"delivery": one, "subject": words_of(one).subject} for one in found]
    return render(request, "coordination/stuck.html", {"rows": queries.with_people(rows)})


@login_required
@spoken_at_work
@require_POST
def unstick(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try it once more, or note that somebody saw to it; only a person decides that."""
    delivery = access.stuck_one(request, pk)
    verb = {"again": notifications.send_again, "seen_to": notifications.let_go}.get(request.POST.get("what", ""))
    if verb is None:
        raise Http404
    verb(delivery.pk)
    messages.success(request, gettext("Genoteerd."))
    return redirect("stuck")


@login_required
@spoken_at_work
@never_cache
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What somebody told the volunteer point, oldest first. Only who coordinates reads it."""
    page = Paginator(access.reports_for(request), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [{"report": one, "words": REPORT_WORDS[one.kind]} for one in page]
    return render(request, "coordination/reports.html", {"page": page, "rows": rows, "longest": REPORT_LONGEST})


@login_required
@spoken_at_work
@require_POST
def answer_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = access.report_for(request, pk)
    try:
        reported.answer_report(found.pk, request.POST.get("answer", "").strip(), now=timezone.now())
        messages.success(request, gettext("Beantwoord en gesloten."))
    except ValueError:
        messages.error(request, gettext("Schrijf wat we ermee deden. Hoogstens 1000 tekens."))
    return redirect("reports")


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def campaigns(request: HttpRequest) -> HttpResponse:
    """Thank everybody who helps, or call upon those who said that it may."""
    cities = {slug: city(slug).matching.name for slug in cities_behind(request, CAMPAIGNS)}
    form = CampaignForm(request.POST or None, cities=cities)
    if form.is_valid():
        told = form.cleaned_data
        place = city(told.pop("city"))
        actions.start_campaign(place, now=timezone.now(), **told)
        messages.success(request, gettext("Gelukt. De berichten vertrekken nu, elk in de taal van de persoon."))
        return redirect("campaigns")
    own_names = load_catalogue().own_names
    languages = [(code, own_names[code]) for code in city(next(iter(cities))).languages]
    seen = {"form": form, "runs": queries.campaigns(list(cities)), "languages": languages}
    return render(request, "coordination/campaigns.html", seen)


@login_required
@spoken_at_work
@require_safe
def thanks_card(request: HttpRequest) -> HttpResponse:
    """The thank-you of the city on A5, to hand over or to post, in a language of the city (R020)."""
    place = city(cities_behind(request, CAMPAIGNS)[0])
    language = request.GET.get("taal", place.language)
    if language not in place.languages:
        raise Http404
    told = queries.thanks_to_print(place, language)
    _greeting, *parts = told.body.strip().split("\n\n")
    paper = letters.card_of(told.subject, parts, request.build_absolute_uri("/"), language)
    return HttpResponse(paper, content_type="application/pdf")


@login_required
@spoken_at_work
@require_safe
def letter(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """What stands on the call sheet as a letter to print: A4 in large type, or a card on A5."""
    delivery = access.call_for(request, delivery_id)
    paper = request.GET.get("papier", "a4")
    if paper not in letters.PAPERS:
        raise Http404
    return HttpResponse(letters.pdf_of(delivery, paper), content_type="application/pdf")


@login_required
@spoken_at_work
@require_safe
def call_sheet(request: HttpRequest) -> HttpResponse:
    """Whom to call, what to say, and what they answered."""
    rows = []
    for delivery in access.calls_for(request):
        text = words_of(delivery)
        is_question = delivery.kind == QUESTION
        rows.append({"delivery": delivery, "subject": text.subject, "script": text.body, "is_question": is_question})
    return render(request, "coordination/call_sheet.html", {"rows": queries.with_people(rows)})


@login_required
@spoken_at_work
@require_POST
def called(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Somebody of the point spoke with the person; the answer is the person's, given by phone."""
    delivery = access.call_for(request, delivery_id)
    result = request.POST.get("result", "")
    if result == LATER:
        notifications.call_later(delivery.pk, A_DAY)
        messages.success(request, gettext("Genoteerd. Morgen staat dit weer op de lijst."))
        return redirect("call_sheet")
    if result == STOP and access.is_volunteer(delivery):
        talent.stop_everything(delivery.recipient, now=timezone.now())
        messages.success(request, gettext("Genoteerd. Deze persoon krijgt niets meer."))
        return redirect("call_sheet")
    link = _proposal_link(delivery)
    if result not in (actions.ANSWERS if link else (TOLD,)):
        raise Http404
    if link:
        try:
            answered = actions.answer_proposal(link.proposal_id, result, source="phone", now=timezone.now())
        except (actions.TooLate, actions.StepNotAllowed):
            messages.error(request, gettext("Dit voorstel kan niet meer beantwoord worden."))
            notifications.spoke(delivery.pk, "too_late")
            return redirect("call_sheet")
        result = answered.state
        journal.write(answered.volunteer.user, journal.CALLED, actor=journal.POINT, about=answered.pk)
    notifications.spoke(delivery.pk, result)
    messages.success(request, gettext("Genoteerd."))
    return redirect("call_sheet")


def _proposal_link(delivery: Delivery) -> Link | None:
    """The proposal a call asks about; None for calls that only tell something."""
    if delivery.kind != QUESTION:
        return None
    return Link.objects.filter(pk__in=[delivery.link], purpose=LINK_FOR_VOLUNTEER).first()
