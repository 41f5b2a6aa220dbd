"""The work screen of a guide: the people who chose them, what comes next for each, and what they must still tell."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.accounts import journal
from backend.accounts.access import is_guide
from backend.city.load import city
from backend.me import actions
from backend.placements import formalities, shown, states
from backend.placements.access import proposals_of_people
from backend.placements.models import Proposal
from backend.talent.access import guided_by
from backend.talent.models import Volunteer
from backend.ui.spoken import spoken_at_work

SHOWN = 200


@login_required
@spoken_at_work
@never_cache
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Each of them can read that their guide looked (R088). Raises Http404 for who is no guide."""
    user: Any = request.user
    if not is_guide(user):
        raise Http404
    found = list(guided_by(user)[:SHOWN])
    actions.note_guide(user, found, journal.LOOKED)
    proposals = defaultdict(list)
    for one in proposals_of_people(found):
        proposals[one.volunteer_id].append(one)
    return render(request, "me/guided.html", {"rows": [_row(one, proposals[one.pk]) for one in found]})


def _row(volunteer: Volunteer, proposals: list[Proposal]) -> dict[str, Any]:
    today = city(volunteer.city).local(timezone.now()).date()
    to_tell = []
    for one in proposals:
        if one.state == states.ACCEPTED:
            one.volunteer = volunteer
            to_tell += [told.advice for told in formalities.to_do(one, today) if not told.state]
    return {"volunteer": volunteer, "next": [_next(one) for one in proposals if _next(one)], "to_tell": to_tell}


def _next(proposal: Proposal) -> str:
    """One sentence for what waits; none for what is over."""
    title, visit = proposal.opportunity.title, shown.planned_visit(proposal)
    if proposal.state in states.ANSWERABLE:
        return gettext("Kiest nog: “{title}”.").format(title=title)
    if proposal.state != states.ACCEPTED:
        return ""
    if shown.running_placement(proposal):
        return gettext("Is welkom bij “{title}”.").format(title=title)
    if visit:
        return gettext("Gaat proberen: “{title}”.").format(title=title)
    return gettext("Zei ja op “{title}”. Zoek samen een moment.").format(title=title)
