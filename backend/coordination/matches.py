"""By hand: what fits somebody or something and why not higher, what stands in the way, a proposal, a review."""

from typing import Any
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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts import journal
from backend.accounts.access import GAPS, MATCHES, ONLINE, doors_of
from backend.city.load import city
from backend.coordination import access, queries
from backend.opportunities import actions as opportunities
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.opportunities.publication import said
from backend.placements import actions, by_hand, states
from backend.placements.by_hand import Choice
from backend.placements.models import Proposal
from backend.placements.shown import NO_WORDS, km_and_minutes
from backend.ui.spoken import spoken_at_work, spoken_language
from matching import words
from matching.catalogue import load_catalogue

FOUND_MAX, ON_A_PAGE = 20, 25
A_POINT = 1000  # scores are whole numbers: thousandths of what people call a point
FACTORS_SHOWN, CHANGES_SHOWN, EARLIER_SHOWN = 5, 3, 10
REASON_WORDS = {
    "spoke_together": _("Ik sprak met de persoon"), "organisation_asked": _("De organisatie vroeg het"),
    "better_support": _("Daar is er betere begeleiding"), "looked_at_it": _("Ik keek het zelf na"),
    "nothing_else": _("Er past niets anders"),
}  # fmt: skip
# What gave fewer points than the first in the list.
BEHIND_WORDS = {
    "talent": _("minder talent dat ze zoeken"),
    "theme": _("minder thema's die boeien"),
    "distance": _("verder weg"),
    "own_wijk": _("niet in de eigen wijk"),
    "language_welcome": _("geen taal die extra welkom is"),
    "wish": _("minder wensen vervuld"),
    "ease": _("moeilijker om te beginnen"),
    "spread": _("hier zijn er al meer voorstellen"),
}
OPPORTUNITY_WORDS = {
    opportunity_states.REVIEW: _("Na te kijken"), opportunity_states.PUBLISHED: _("Online"),
    opportunity_states.DRAFT: _("Niet af"), opportunity_states.PAUSED: _("Even niet online"),
    opportunity_states.BLOCKED: _("Tegengehouden"), opportunity_states.CLOSED: _("Gestopt"),
}  # fmt: skip
NOT_ACTIVE = _("Deze persoon krijgt nu geen voorstellen: op pauze, of nog geen ja.")


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Find somebody on a first name; with an opportunity, also whether it fits. The name stays out of the address."""
    rows = access.people_for(request)
    asked, now = str(request.POST.get("name", "")).strip(), timezone.now()
    opportunity = _opportunity_asked(request)
    found: list[dict[str, Any]] = []
    if asked:
        people = rows.filter(first_name__istartswith=asked).order_by("first_name", "pk")[:FOUND_MAX]
        found = [{"volunteer": one} for one in people]
    if found and opportunity:
        place = city(opportunity.city)
        blocks = by_hand.blocking([row["volunteer"].pk for row in found], opportunity, place, now=now)
        for row in found:
            row.update(_fit_of(blocks.get(row["volunteer"].pk)))
    seen = {"found": found, "asked": asked, "opportunity": opportunity, "reasons": REASON_WORDS.items()}
    return render(request, "coordination/people.html", seen | {"is_searched": request.method == "POST"})


def _opportunity_asked(request: HttpRequest) -> Opportunity | None:
    try:
        asked = UUID(request.POST.get("opportunity") or request.GET.get("taak", ""))
    except ValueError:
        return None
    return access.opportunity_to_match(request, asked)


def _fit_of(codes: list[str] | None) -> dict[str, Any]:
    """None: gets no proposals in the city of the opportunity."""
    if codes is None:
        return {"is_not_active": True}
    return {"blocked": [queries.FACTOR_WORDS[code] for code in codes], "fits": not codes}


@login_required
@spoken_at_work
@never_cache
@require_safe
def person(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """Somebody's list, best first; that the point looked is a line in their journal."""
    volunteer, now = access.one_of_the_people(request, volunteer_id), timezone.now()
    journal.write_once_a_day(volunteer.user, journal.LOOKED, actor=journal.POINT, waits_for=volunteer.pk, now=now)
    place = city(volunteer.city)
    earlier = volunteer.proposals.select_related("opportunity").order_by("-made_at", "pk")[:EARLIER_SHOWN]
    seen: dict[str, Any] = {
        "volunteer": volunteer,
        "earlier": [_earlier(one) for one in earlier],
        "reasons": REASON_WORDS.items(),
        "not_active": NOT_ACTIVE,
    }
    try:
        rows = by_hand.for_person(volunteer.pk, place, now=now)
        stuck = by_hand.stuck_person(volunteer.pk, place, now=now)
    except by_hand.NotActive:
        return render(request, "coordination/person.html", seen | {"is_not_active": True})
    doors = doors_of(request.user)[volunteer.city]
    seen |= {"rows": [_row(one) for one in rows], **_stuck(stuck)}
    seen |= {"may_match": MATCHES in doors, "may_open": GAPS in doors}
    return render(request, "coordination/person.html", seen)


def _earlier(proposal: Proposal) -> dict[str, Any]:
    why = str(NO_WORDS[proposal.why_not]) if proposal.why_not else ""
    return {"proposal": proposal, "words": queries.PROPOSAL_WORDS[proposal.state], "why": why}


@login_required
@spoken_at_work
@require_safe
def opportunities_list(request: HttpRequest) -> HttpResponse:
    """All opportunities of a state; first those that wait for a look."""
    rows = access.opportunities_for(request)
    counted = queries.by_state(rows)
    state = request.GET.get("staat", opportunity_states.REVIEW if counted.get(opportunity_states.REVIEW) else "")
    state = state if state in OPPORTUNITY_WORDS else opportunity_states.PUBLISHED
    page = Paginator(rows.filter(state=state), ON_A_PAGE).get_page(request.GET.get("page"))
    tabs = [(code, say, counted.get(code, 0), code == state) for code, say in OPPORTUNITY_WORDS.items()]
    seen = {"page": page, "tabs": tabs, "address": f"staat={state}"}
    return render(request, "coordination/opportunities.html", seen)


@login_required
@spoken_at_work
@never_cache
@require_safe
def opportunity(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Whom it fits, best first, and what stands in the way of everybody else; names only for who brings together."""
    found, now = access.one_opportunity(request, opportunity_id), timezone.now()
    place, doors = city(found.city), doors_of(request.user).get(found.city, frozenset())
    is_online = found.state == opportunity_states.PUBLISHED
    may_match = is_online and MATCHES in doors
    rows = by_hand.for_opportunity(found, place, now=now) if may_match else []
    seen = {
        "opportunity": found,
        "state": OPPORTUNITY_WORDS[found.state],
        "findings": said(found.findings, place.publication),
        "may_match": may_match,
        "may_open": True,
        "may_review": found.state == opportunity_states.REVIEW and ONLINE in doors,
        "rows": [_row(one) for one in rows],
        "reasons": REASON_WORDS.items(),
        "note_longest": opportunities.NOTE_LONGEST,
        **_stuck(by_hand.stuck_opportunity(found, place, now=now)),
    }
    return render(request, "coordination/opportunity.html", seen)


def _row(choice: Choice) -> dict[str, Any]:
    catalogue = load_catalogue()
    return {
        "volunteer": choice.volunteer,
        "opportunity": choice.opportunity,
        "points": choice.points / A_POINT,
        "far": gettext("thuis") if choice.opportunity.at_home else km_and_minutes(choice.distance_km),
        "reasons": [words.say(line, catalogue, words.VOLUNTEER, spoken_language()) for line in choice.reasons],
        "behind": [(BEHIND_WORDS[code], points / A_POINT) for code, points in choice.behind],
        "state": queries.PROPOSAL_WORDS.get(choice.state, ""),
        "may_propose": choice.has_room and choice.state in ("", states.HELD),
        "has_room": choice.has_room,
    }


def _stuck(found: by_hand.Stuck) -> dict[str, Any]:
    factors = [(queries.FACTOR_WORDS[code], blocks, alone) for code, blocks, alone in found.factors]
    changes = [(queries.change_words(code, value), more) for code, value, more in found.changes]
    return {"factors": factors[:FACTORS_SHOWN], "changes": changes[:CHANGES_SHOWN]}


@login_required
@spoken_at_work
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Back to the page it came from, with what happens next."""
    try:
        volunteer_id = UUID(request.POST.get("volunteer", ""))
        opportunity_id = UUID(request.POST.get("opportunity", ""))
    except ValueError:
        raise Http404 from None
    volunteer = access.one_of_the_people(request, volunteer_id)
    found = access.opportunity_to_match(request, opportunity_id)
    if volunteer.city != found.city:
        raise Http404
    try:
        made = by_hand.propose(volunteer.pk, found, request.POST.get("reason", ""), now=timezone.now())
    except ValueError:
        messages.error(request, gettext("Kies eerst een reden."))
    except by_hand.NotActive:
        messages.error(request, NOT_ACTIVE)
    except actions.StepNotAllowed:
        messages.error(request, gettext("Deze taak was al eens een voorstel voor deze persoon."))
    except actions.DoesNotFit as reason:
        factors = [str(queries.FACTOR_WORDS[code]) for code in reason.factors if code in queries.FACTOR_WORDS]
        why = ", ".join(factors) or gettext("er is geen plaats vrij")
        messages.error(request, gettext("Dit past niet: {why}.").format(why=why))
    except actions.NoRoom:
        messages.error(request, gettext("De persoon of de organisatie heeft voor nu genoeg voorstellen."))
    else:
        journal.write(volunteer.user, journal.PROPOSED, actor=journal.POINT, about=made.pk, waits_for=volunteer.pk)
        messages.success(
            request,
            gettext("Voorgesteld aan {first_name}. De persoon krijgt een bericht en kiest zelf.").format(
                first_name=volunteer.first_name
            ),
        )
    if request.POST.get("back") == "opportunity":
        return redirect("opportunity_matches", found.pk)
    return redirect("person_matches", volunteer.pk)


@login_required
@spoken_at_work
@require_POST
def review(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Yes, or back to the organisation with a word; the organisation hears either."""
    found = access.opportunity_to_review(request, opportunity_id)
    try:
        if request.POST.get("what") == "online":
            opportunities.approve(found, now=timezone.now())
            messages.success(request, gettext("De taak staat online. De organisatie krijgt een bericht."))
        else:
            opportunities.send_back(found, str(request.POST.get("note", "")).strip())
            messages.success(request, gettext("Teruggestuurd. De organisatie krijgt een bericht."))
    except ValueError:
        messages.error(request, gettext("Schrijf wat de organisatie nog moet doen. Hou het kort."))
    except opportunities.PublicationStopped as stopped:
        messages.error(
            request, " ".join([gettext("Dit kan nog niet online."), *(one.sentence for one in stopped.findings)])
        )
    except opportunities.StepNotAllowed:
        messages.error(request, gettext("Deze taak wacht niet meer op jullie."))
    return redirect("opportunity_matches", found.pk)


@login_required
@spoken_at_work
@never_cache
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """What became of them, by state: who thinks it over, who said maybe, what waits for a look."""
    rows = access.proposals_for(request)
    state = request.GET.get("staat", states.OPEN)
    state = state if state in queries.PROPOSAL_WORDS else states.OPEN
    counted = queries.by_state(rows)
    page = Paginator(rows.filter(state=state), ON_A_PAGE).get_page(request.GET.get("page"))
    tabs = [(code, say, counted.get(code, 0), code == state) for code, say in queries.PROPOSAL_WORDS.items()]
    seen = {
        "page": page, "tabs": tabs, "address": f"staat={state}",
        "rows": [(one, REASON_WORDS.get(one.by_hand, "")) for one in page],
    }  # fmt: skip
    return render(request, "coordination/proposals.html", seen)
