"""Pages of people who are signed in: the volunteer's proposals, the organisation's opportunities and candidates."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from backend.city.load import city
from backend.opportunities import actions as opportunity_actions
from backend.opportunities import states as opportunity_states
from backend.opportunities.access import own_opportunity_for
from backend.opportunities.models import Opportunity
from backend.opportunities.publication import said
from backend.organisations.access import organisations_of, owned_of
from backend.placements import actions, queries, shown, states
from backend.placements.access import candidates_of, own_thanks, proposal_for, proposals_of, thanks_of
from backend.placements.easier import LABEL_WORDS
from backend.placements.models import LINK_FOR_ORGANISATION, LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import path_of
from backend.ui.spoken import spoken, spoken_at_work

STATE_WORDS = {
    states.OPEN: _("Je kan nog kiezen."),
    states.MAYBE: _("Je zei misschien."),
    states.ACCEPTED: _("Je zei ja."),
    states.DECLINED: _("Je zei nee."),
    states.WAITING: _("Deze plaats was net ingevuld."),
    states.EXPIRED: _("Je kan niet meer kiezen."),
    states.WITHDRAWN: _("Deze taak is er niet meer."),
}
OPPORTUNITY_WORDS = {
    opportunity_states.DRAFT: _("Nog niet online"),
    opportunity_states.REVIEW: _("Het vrijwilligerspunt kijkt dit na"),
    opportunity_states.BLOCKED: _("Niet online: het vrijwilligerspunt neemt contact op"),
    opportunity_states.PUBLISHED: _("Online"),
    opportunity_states.PAUSED: _("Even niet online"),
    opportunity_states.CLOSED: _("Gestopt"),
}


@login_required
@spoken
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The volunteer's own proposals."""
    rows = [
        {
            "proposal": proposal,
            "words": STATE_WORDS[proposal.state],
            "path": _path(proposal, LINK_FOR_VOLUNTEER),
            "may_come_back": actions.may_come_back(proposal),
        }
        for proposal in proposals_of(request.user).prefetch_related("links", "placements")
    ]
    return render(request, "placements/mine.html", {"rows": rows, "thanks": thanks_of(request.user)})


@login_required
@spoken
@require_POST
def come_back(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """I helped there, and want to again (R035)."""
    proposal = proposal_for(request.user, proposal_id)
    try:
        came = actions.come_back(proposal.pk, source="app", now=timezone.now())
    except (actions.TooLate, actions.StepNotAllowed, actions.DoesNotFit, actions.NoRoom):
        messages.error(request, gettext("Dit lukt hier niet. Bel ons, we kijken samen."))
    else:
        said = gettext("Fijn dat je terugkomt! De organisatie hoort het.")
        messages.success(request, said if came.state == states.ACCEPTED else STATE_WORDS[states.WAITING])
    return redirect("mine")


@login_required
@spoken
@require_POST
def hide_thanks(request: HttpRequest, thanks_id: UUID) -> HttpResponse:
    """One tap, without a reason; who wants to say what is wrong with it goes on to a report (R021)."""
    actions.hide_thanks(own_thanks(request.user, thanks_id).pk, now=timezone.now())
    messages.success(request, gettext("Dit bedankje zie je niet meer."))
    return redirect("report" if request.POST.get("what") == "report" else "mine")


@login_required
@spoken_at_work
@require_safe
def organisation(request: HttpRequest) -> HttpResponse:
    """What the organisation posts, and who said yes."""
    own = organisations_of(request.user)
    may_edit = set(organisations_of(request.user, may_edit=True).values_list("pk", flat=True))
    opportunities = Opportunity.objects.filter(organisation__in=own).select_related("organisation").order_by("title")
    days = queries.answer_days(own)
    seen = {
        "may_post": bool(may_edit),
        "cards": own.filter(pk__in=may_edit).order_by("name"),
        "owned": owned_of(request.user),
        "speed": [(one.name, days[one.pk]) for one in own.order_by("name") if one.pk in days],
        "opportunities": [{**_opportunity(one), "may_edit": one.organisation_id in may_edit} for one in opportunities],
        "candidates": [
            {**shown.candidate(proposal), "path": _path(proposal, LINK_FOR_ORGANISATION)}
            for proposal in candidates_of(request.user).prefetch_related("links")
        ],
    }
    return render(request, "placements/organisation.html", seen)


def _opportunity(opportunity: Opportunity) -> dict[str, object]:
    return {
        "opportunity": opportunity,
        "findings": said(opportunity.findings, city(opportunity.city).publication),
        "state": OPPORTUNITY_WORDS[opportunity.state],
        "threshold": LABEL_WORDS[opportunity.threshold],
        "is_by_point": opportunity.drafted_by_point and opportunity.state == opportunity_states.DRAFT,
        "may_publish": opportunity.state in (opportunity_states.DRAFT, opportunity_states.PAUSED),
        "may_pause": opportunity.state == opportunity_states.PUBLISHED,
        "may_change": opportunity.state not in (opportunity_states.CLOSED, opportunity_states.BLOCKED),
    }


@login_required
@spoken_at_work
@require_POST
def publish(request: HttpRequest, opportunity_id: UUID) -> HttpResponse:
    """Check and put online, or say what stops it."""
    opportunity = own_opportunity_for(request.user, opportunity_id)
    try:
        opportunity_actions.publish_opportunity(opportunity, now=timezone.now())
    except opportunity_actions.PublicationStopped as stopped:
        messages.error(request, " ".join(finding.sentence for finding in stopped.findings))
        return redirect("posting_start", opportunity_id)
    except opportunity_actions.StepNotAllowed:
        messages.error(request, gettext("Dit kan nu niet."))
    else:
        messages.success(request, gettext("Je taak staat online. We zoeken wie past."))
    return redirect("organisation")


def _path(proposal: Proposal, purpose: str) -> str:
    """The page behind the link, when the link was made (with the first message)."""
    return next((path_of(link) for link in proposal.links.all() if link.purpose == purpose), "")
