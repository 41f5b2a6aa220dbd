"""The volunteer point: today's figures and the call sheet."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts import actions as accounts
from backend.accounts import journal
from backend.accounts.access import (
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
from backend.coordination.forms import TeamForm
from backend.placements import actions
from backend.placements.models import LINK_FOR_VOLUNTEER, Link
from notifications import actions as notifications
from notifications.models import Delivery
from notifications.render import render as words_of

TOLD = "told"
THE_POINT = "Het vrijwilligerspunt"
QUESTION = "proposal_made"  # the one call that asks something; the others only tell


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    cities = cities_behind(request, FIGURES)
    doors = frozenset[str]().union(*doors_of(request.user).values())
    told = {"figures": [queries.figures(slug) for slug in cities], "doors": doors}
    return render(request, "coordination/today.html", told)


@login_required
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """For whom and for what nothing fitted in the last round, what would help, and how fair the round was."""
    cities = cities_behind(request, GAPS)
    return render(request, "coordination/gaps.html", {"cities": [queries.gaps(slug) for slug in cities]})


@login_required
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Check the imported drafts and put online what may; a round follows."""
    for slug in cities_behind(request, ONLINE):
        told = point.publish_drafts(slug, now=timezone.now())
        messages.success(request, f"{told['']} taken online, {told.total() - told['']} niet.")
    return redirect("today")


@login_required
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
        messages.success(request, "Gelukt. Deze persoon krijgt een bericht en komt binnen met een code.")
        return redirect("team")
    told = {
        "form": form,
        "teams": queries.team(members, request.user),
        "roles": queries.ROLE_WORDS.items(),
        "cities": cities.items(),
    }
    return render(request, "coordination/team.html", told)


@login_required
@require_POST
def leave_team(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Take a role away; whoever lets others in keeps at least one colleague who can."""
    role = role_of_team(request, role_id)
    try:
        accounts.take_role(role)
    except accounts.LastOfTeam:
        messages.error(request, "Dit is de laatste die mensen kan binnenlaten. Laat eerst iemand anders binnen.")
    return redirect("home" if role.user == request.user else "team")


@login_required
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
@require_POST
def called(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Somebody of the point spoke with the person; the answer is the person's, given by phone."""
    delivery = access.call_for(request, delivery_id)
    result = request.POST.get("result", "")
    link = _proposal_link(delivery)
    if result not in (actions.ANSWERS if link else (TOLD,)):
        raise Http404
    if link:
        try:
            answered = actions.answer_proposal(link.proposal_id, result, source="phone", now=timezone.now())
        except (actions.TooLate, actions.StepNotAllowed):
            messages.error(request, "Dit voorstel kan niet meer beantwoord worden.")
            notifications.spoke(delivery.pk, "too_late")
            return redirect("call_sheet")
        result = answered.state
        journal.write(answered.volunteer.user, journal.CALLED, actor=THE_POINT, about=answered.pk)
    notifications.spoke(delivery.pk, result)
    messages.success(request, "Genoteerd.")
    return redirect("call_sheet")


def _proposal_link(delivery: Delivery) -> Link | None:
    """The proposal a call asks about; None for calls that only tell something."""
    if delivery.kind != QUESTION:
        return None
    return Link.objects.filter(pk__in=[delivery.link], purpose=LINK_FOR_VOLUNTEER).first()
