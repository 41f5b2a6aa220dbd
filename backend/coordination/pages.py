"""The volunteer point: today's figures and the call sheet."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backend.accounts import journal
from backend.accounts.access import cities_of_coordinator
from backend.coordination import access, queries
from backend.coordination import actions as point
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
    cities = cities_of_coordinator(request)
    return render(request, "coordination/today.html", {"figures": [queries.figures(city) for city in cities]})


@login_required
@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """For whom and for what nothing fitted in the last round, what would help, and how fair the round was."""
    cities = cities_of_coordinator(request)
    return render(request, "coordination/gaps.html", {"cities": [queries.gaps(city) for city in cities]})


@login_required
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Check the imported drafts and put online what may; a round follows."""
    for city in cities_of_coordinator(request):
        told = point.publish_drafts(city, now=timezone.now())
        messages.success(request, f"{told['']} taken online, {told.total() - told['']} niet.")
    return redirect("today")


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
