"""A volunteer reads when they helped, says "I was there", and shows it to whom they like."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.city.load import cities, city
from backend.engagements import actions, badge, queries
from backend.engagements.access import engagements_of, own_active_placements, own_helped_at, raised_asked, tokens_of
from backend.engagements.certificate import LANGUAGES, certificate_of, helped
from backend.engagements.forms import NOT_THEN, HoursForm
from backend.engagements.models import BY_ORGANISATION, DAYS_NEEDED, Engagement
from backend.placements.access import own_placement
from backend.placements.models import Placement
from backend.ui.spoken import spoken

CERTIFICATES = ("pdf", "jwt", "json")


@login_required
@spoken
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """When I helped, "I was there", what I got this year, and a certificate when I want one."""
    placements = own_active_placements(request.user)
    today = timezone.localdate()
    form = HoursForm(placements, request.POST if request.method == "POST" else None, initial={"day": today})
    if form.is_valid():
        try:
            actions.say_i_helped(
                form.cleaned_data["placement"].pk, form.cleaned_data["day"], form.cleaned_data["hours"], today=today
            )
        except actions.NotThatDay:
            form.add_error("day", NOT_THEN)
        else:
            messages.success(request, gettext("Bewaard. Dank je wel!"))
            return redirect("my_engagements")
    days = list(engagements_of(request.user))
    seen = {
        "raised": raised_asked(request.user), "form": form, "placements": placements, "today": today,
        "groups": _by_placement(days), "has_tokens": tokens_of(request.user) is not None,
        "hours": sum((one.hours for one in days), Decimal(0)), "times": len(days), **_money(days, today),
    }  # fmt: skip
    return render(request, "engagements/mine.html", seen, status=422 if form.errors else 200)


def _by_placement(days: list[Engagement]) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for one in days:
        group = found.setdefault(one.placement_id, {"placement": one.placement, "days": []})
        group["days"].append(one)
    for group in found.values():
        confirmed = sum(one.confirmed_by == BY_ORGANISATION for one in group["days"])
        group["may_show"], group["more"] = confirmed >= DAYS_NEEDED, DAYS_NEEDED - confirmed
    return list(found.values())


def _money(days: list[Engagement], today: date) -> dict[str, Any]:
    """What was given without proof this year, of all organisations, and the most that may be."""
    got = [one for one in days if one.flat_rate_eur and one.day.year == today.year]
    if not got or got[0].placement is None:
        return {}
    volunteer = got[0].placement.proposal.volunteer
    return {
        "got": sum((one.flat_rate_eur for one in got), Decimal(0)),
        "ceilings": queries.ceilings_for(volunteer, today.year),
        "warning": queries.warning_for(volunteer, today.year),
    }


@login_required
@spoken
@require_POST
def raised_ceiling(request: HttpRequest, placement_id: UUID) -> HttpResponse:
    """ "Het verhoogde plafond mag voor mij", or not; no reason is asked."""
    placement = own_placement(request.user, placement_id)
    is_yes = request.POST.get("may") == "yes"
    actions.answer_raised_ceiling(placement.pk, is_yes=is_yes, now=timezone.now())
    messages.success(request, gettext("Bewaard."))
    return redirect("my_engagements")


@login_required
@spoken
@never_cache
@require_safe
def certificate(request: HttpRequest, placement_id: UUID, kind: str) -> HttpResponse:
    """One's own, as paper (PDF), as a badge for a wallet (JWT) or as what stands in that badge (JSON)."""
    return certificate_for(request, own_helped_at(request.user, placement_id), kind)


def certificate_for(request: HttpRequest, placement: Placement, kind: str) -> HttpResponse:
    """For a placement that was found through an access. Raises Http404 before the third confirmed day."""
    told, now = helped(placement), timezone.now()
    if told is None or kind not in CERTIFICATES:
        raise Http404
    if kind == "pdf":
        language = request.GET.get("taal", LANGUAGES[0])
        if language not in LANGUAGES:
            raise Http404
        answer = HttpResponse(
            certificate_of(placement, told, language, timezone.localdate()), content_type="application/pdf"
        )
        answer["Content-Disposition"] = 'inline; filename="attest.pdf"'
        return answer
    credential = badge.credential_of(placement, told, now)
    if kind == "jwt":
        answer = HttpResponse(badge.signed(credential), content_type=badge.MEDIA_TYPE)
        answer["Content-Disposition"] = 'attachment; filename="attest.jwt"'
        return answer
    return JsonResponse(credential, json_dumps_params={"ensure_ascii": False, "indent": 2})


@require_safe
def issuer(_request: HttpRequest, city_slug: str) -> HttpResponse:
    """Who signed: the profile of the volunteer point of a city."""
    if city_slug not in cities():
        raise Http404
    return JsonResponse({"@context": list(badge.CONTEXTS), **badge.issuer_of(city(city_slug))})


@require_safe
def keys(_request: HttpRequest) -> HttpResponse:
    """With which a certificate is checked (RFC 7517)."""
    return JsonResponse({"keys": badge.public_keys()})
