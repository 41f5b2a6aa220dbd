"""The pages of the talent guide: search by talent, in plain words and typed wrong; invite for one's own opportunity."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.city.load import city
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.access import own_opportunity_for
from backend.opportunities.models import Opportunity
from backend.organisations.access import organisations_of
from backend.placements import talent_guide
from backend.talent.models import Consent
from backend.ui.spoken import label_of, spoken_at_work
from matching.catalogue import load_catalogue
from matching.suggest import suggest

ON_A_PAGE = 24
LEVEL_WORDS = {1: _("wil dit leren"), 2: _("kan dit"), 3: _("kan dit goed")}


@login_required
@spoken_at_work
@never_cache
@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """404 for who acts for no verified organisation."""
    own = organisations_of(request.user, may_edit=True).filter(verified_at__isnull=False).order_by("name").first()
    if own is None:
        raise Http404
    place = city(own.city)
    today = place.local(timezone.now()).date()
    asked, where = request.GET.get("zoek", "").strip()[:100], request.GET.get("wijk", "")
    where = where if where in place.matching.neighbourhoods else ""
    talents = suggest(asked) if asked else None
    rows = talent_guide.cards(own.city, talents, where, today)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    online = opportunity_queries.with_a_free_place(opportunity_queries.published(own.city, today))
    seen = {
        "asked": asked, "where": where, "page": page, "address": urlencode({"zoek": asked, "wijk": where}),
        "neighbourhoods": sorted(place.matching.neighbourhoods),
        "meant": [_label(one) for one in talents or ()],
        "cards": [_shown(talent_guide.card_of(one), talents or ()) for one in page],
        "own": online.filter(organisation__in=organisations_of(request.user, may_edit=True)).order_by("title"),
    }  # fmt: skip
    return render(request, "placements/talent_guide.html", seen)


@login_required
@spoken_at_work
@require_POST
def invite(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """For an opportunity of one's own."""
    try:
        opportunity = own_opportunity_for(request.user, UUID(request.POST.get("opportunity", "")))
        today = city(opportunity.city).local(timezone.now()).date()
        _expect_online(opportunity)
        talent_guide.invite(card_id, opportunity, now=timezone.now(), today=today)
    except (ValueError, Consent.DoesNotExist):
        raise Http404 from None
    except talent_guide.NotNow:
        messages.error(request, gettext("Voor deze taak kunnen we deze persoon nu niet vragen. Kies een andere kaart."))
    else:
        messages.success(request, gettext("Gevraagd. Zegt de persoon ja, dan zie je wie het is."))
    return redirect("talent_guide")


def _expect_online(opportunity: Opportunity) -> None:
    if opportunity.state != "published" or opportunity.organisation.verified_at is None:
        raise Http404


def _shown(card: talent_guide.Card, asked: Any) -> dict[str, Any]:
    first = sorted(card.talents, key=lambda one: one[0] not in asked)
    return {"card": card, "talents": [(_label(code), LEVEL_WORDS[level]) for code, level in first]}


def _label(code: str) -> str:
    return label_of("talents", code, load_catalogue().talents[code].label)
