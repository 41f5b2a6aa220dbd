"""Whom an organisation may welcome: why somebody fits, without a name before the yes, and what it can do in one tap."""

from collections.abc import Callable
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.opportunities.access import own_opportunity_for
from backend.placements import actions, buddies, candidates, shown, states
from backend.placements.access import candidate_for, candidates_at
from backend.placements.agreement import agreement_of
from backend.placements.models import NOT_FOR_US, Placement, Proposal
from backend.placements.note import note_of
from backend.ui.spoken import spoken_at_work
from matching import words

NOT_FOR_US_WORDS = {
    "no_place_now": _("Er is nu geen plaats"), "other_hours": _("We zoeken andere uren"),
    "other_talent": _("We zoeken een ander talent"), "not_enough_support": _("We kunnen nu niet genoeg begeleiden"),
}  # fmt: skip
STATE_WORDS = {
    states.OPEN: _("Denkt erover na"), states.MAYBE: _("Zei misschien"), states.ACCEPTED: _("Zei ja"),
    states.WAITING: _("Zei ja, maar er was geen plaats meer"),
}  # fmt: skip


@login_required
@spoken_at_work
@require_safe
def candidates_of(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Everybody to whom this was proposed and who did not say no."""
    opportunity, now = own_opportunity_for(request.user, opportunity_id), timezone.now()
    willing = list(buddies.willing_at(opportunity.organisation_id))
    rows = [_candidate(one, place, willing, now) for place, one in enumerate(candidates_at(opportunity))]
    seen = {
        "opportunity": opportunity, "rows": rows, "reasons": NOT_FOR_US_WORDS.items(),
    }  # fmt: skip
    return render(request, "placements/candidates.html", seen)


def _candidate(proposal: Proposal, place: int, willing: list[Placement], now: Any) -> dict[str, Any]:
    found = shown.candidate(proposal)
    visit, placement, name = found["visit"], found["placement"], found["first_name"]
    was_there = visit is not None and visit.starts_at <= now
    return {
        **found,
        "buddies": [(one.pk, one.proposal.volunteer.first_name) for one in buddies.may_take(proposal, willing)],
        "buddy": buddies.buddy_of(proposal),
        "name": name or gettext("Vrijwilliger {letter}").format(letter=_letter(place)),
        "state": STATE_WORDS[proposal.state],
        "facts": shown.sentences(proposal.for_organisation, words.ORGANISATION),
        "may_invite": proposal.state in states.ANSWERABLE and not proposal.invited_at and now <= proposal.answer_until,
        "may_decline": placement is None,
        "may_welcome": found["is_yes"] and placement is None,
        "may_say_came": was_there,
        "asks_agreement": placement is not None and proposal.opportunity.organisation.flemish_welfare_decree,
        "asks_extract": placement is not None and proposal.opportunity.extract_596_2,
        "thanks": [str(one).format(name=name) for one in shown.THANKS_WORDS] if placement else [],
        "is_thanked": placement is not None and bool(placement.thanks.all()),
    }


def _letter(place: int) -> str:
    """A to Z, then A1: a name for a row and for nobody."""
    more = place // len(ascii_uppercase)
    return ascii_uppercase[place % len(ascii_uppercase)] + (str(more) if more else "")


def _act(verb: Callable[[Proposal, HttpRequest], str]) -> Callable[..., HttpResponse]:
    """One thing to do with a candidate of one's own; back to the list, with what happens next."""

    @login_required
    @spoken_at_work
    @require_POST
    def act(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
        proposal = candidate_for(request.user, proposal_id)
        try:
            messages.success(request, verb(proposal, request))
        except (actions.StepNotAllowed, actions.TooLate):
            messages.error(request, gettext("Dit kan niet meer: er is intussen iets veranderd."))
        return redirect("candidates", proposal.opportunity_id)

    return act


def _invite(proposal: Proposal, _request: HttpRequest) -> str:
    candidates.invite(proposal.pk, now=timezone.now())
    return gettext("Uitgenodigd. Deze persoon krijgt een bericht.")


def _decline(proposal: Proposal, request: HttpRequest) -> str:
    reason = request.POST.get("reason", "")
    if reason not in NOT_FOR_US:
        raise Http404
    candidates.decline(proposal.pk, reason, now=timezone.now())
    return gettext("Goed. We zoeken iets anders voor deze persoon, en iemand anders voor jullie.")


def _welcome(proposal: Proposal, _request: HttpRequest) -> str:
    actions.confirm_placement(proposal.pk, now=timezone.now())
    return gettext("De plaatsing is bevestigd. Geef vóór de start de informatienota.")


def _attended(proposal: Proposal, request: HttpRequest) -> str:
    visit = shown.planned_visit(proposal)
    if visit is None or request.POST.get("came") not in ("yes", "no"):
        raise Http404
    came = request.POST["came"] == "yes"
    actions.note_attendance(visit.pk, came=came, now=timezone.now())
    return gettext("Genoteerd: kwam.") if came else gettext("Genoteerd: kwam niet. Wij vragen of alles oké is.")


def _extract(proposal: Proposal, _request: HttpRequest) -> str:
    candidates.note_extract(proposal.pk, today=timezone.localdate())
    return gettext("Genoteerd: getoond. We bewaren alleen de dag.")


def _agreement(proposal: Proposal, _request: HttpRequest) -> str:
    candidates.note_agreement(proposal.pk, today=timezone.localdate())
    return gettext("Genoteerd: getekend. We bewaren alleen de dag.")


def _buddy(proposal: Proposal, request: HttpRequest) -> str:
    chosen = request.POST.get("buddy", "")
    try:
        buddies.choose(proposal.pk, UUID(chosen) if chosen else None, now=timezone.now())
    except (ValueError, buddies.NotABuddy):
        raise Http404 from None
    return gettext("Bewaard. Wij zeggen het aan allebei.") if chosen else gettext("Bewaard: geen buddy.")


def _thank(proposal: Proposal, request: HttpRequest) -> str:
    placement = shown.running_placement(proposal)
    chosen = request.POST.get("thanks", "")
    if placement is None or not chosen.isdecimal() or int(chosen) >= len(shown.THANKS_WORDS):
        raise Http404
    if not placement.thanks.exists():  # a second tap says it once
        volunteer = proposal.volunteer
        with translation.override(volunteer.language):  # for them to read
            text = str(shown.THANKS_WORDS[int(chosen)]).format(name=volunteer.first_name)
        actions.thank(placement.pk, text)
    return gettext("Bedankt. Je woorden komen aan.")


invite, decline, welcome, attended, extract, agreement, buddy, thank = (
    _act(verb) for verb in (_invite, _decline, _welcome, _attended, _extract, _agreement, _buddy, _thank)
)


@login_required
@spoken_at_work
@require_safe
def agreement_paper(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The agreement note of somebody who starts, to print and to sign (decree of 3 April 2009)."""
    proposal = candidate_for(request.user, proposal_id)
    is_asked = proposal.opportunity.organisation.flemish_welfare_decree
    if not is_asked or proposal.state != states.ACCEPTED or shown.running_placement(proposal) is None:
        raise Http404
    return HttpResponse(agreement_of(proposal, timezone.localdate()), content_type="application/pdf")


@login_required
@spoken_at_work
@require_safe
def note(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """The information note of a yes, to read together or to print (law of 3 July 2005, art. 4)."""
    proposal = candidate_for(request.user, proposal_id)
    if proposal.state != states.ACCEPTED:
        raise Http404
    placement = shown.running_placement(proposal)
    seen = {
        "proposal": proposal, "opportunity": proposal.opportunity, "organisation": proposal.opportunity.organisation,
        "note": note_of(proposal.opportunity), "placement": placement,
    }  # fmt: skip
    return render(request, "placements/candidate_note.html", seen)


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """ "Past beter bij …": who fits elsewhere is asked; the other organisation sees nothing before a yes (R029)."""
    proposal, now = candidate_for(request.user, proposal_id), timezone.now()
    if request.method != "POST":
        seen = {"proposal": proposal, "elsewhere": candidates.elsewhere(proposal, now=now)}
        return render(request, "placements/refer.html", seen)
    try:
        made = candidates.refer(proposal.pk, UUID(request.POST.get("opportunity", "")), now=now)
    except ValueError:
        raise Http404 from None
    except actions.StepNotAllowed:
        messages.error(request, gettext("Dit kan niet meer: er is intussen iets veranderd."))
    except actions.DoesNotFit:
        messages.error(request, gettext("Daar past deze persoon nu niet meer. Kies een andere plek."))
        return redirect("refer", proposal.pk)
    except actions.NoRoom:
        messages.error(request, gettext("Deze persoon heeft al genoeg voorstellen. Probeer het volgende week."))
    else:
        name = made.opportunity.organisation.name
        messages.success(request, gettext("Dank je. We vragen of deze persoon naar {name} wil.").format(name=name))
    return redirect("candidates", proposal.opportunity_id)
