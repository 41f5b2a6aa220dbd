"""One opportunity for everybody, with what proposals decide about it: is there room, and does it take patience?"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from backend.city.load import city
from backend.opportunities import shown
from backend.opportunities.queries import one_online
from backend.placements import queries
from backend.placements.actions import month_began_at
from backend.ui.spoken import spoken


@spoken
@require_safe
def one(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Full, or of an organisation that can welcome nobody new this month (R033), or open."""
    now = timezone.now()
    opportunity = one_online(opportunity_id, now)
    if opportunity is None:
        raise Http404
    place = city(opportunity.city)
    url = request.build_absolute_uri(reverse("opportunity", args=[opportunity.pk]))
    is_limited = opportunity.organisation.monthly_welcome_capacity is not None
    room = queries.organisation_room([opportunity], month_began_at(place, now)) if is_limited else {}
    seen = {
        **shown.whole(opportunity),
        "posting": shown.as_job_posting(opportunity, url, place.matching.name),
        "url": url,
        "is_full": opportunity.free_open + opportunity.free_reserved == 0,
        "takes_patience": room.get(str(opportunity.organisation_id), 1) <= 0,
    }
    return render(request, "opportunities/one.html", seen)
