"""Pages behind a link, without a login. GET changes nothing, whoever opens it; a button POSTs."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_from_request, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.common import limits
from backend.placements import actions, buddies, calendar, duo, shown, states
from backend.placements.access import company_asked, proposal_behind
from backend.placements.messages import place_of
from backend.placements.models import (
    FELT,
    LINK_FOR_ORGANISATION,
    LINK_FOR_VOLUNTEER,
    LINK_HOW_IS_IT,
    LINK_STILL_THERE,
    QUESTION_LONGEST,
    Proposal,
)
from backend.placements.moments import moment_said, moments_for
from backend.placements.note import note_of
from backend.placements.queries import others_nearby, partner_name
from backend.placements.tokens import find_link
from backend.ui.spoken import WORK_LANGUAGES, chosen_or, speak, spoken, tell_languages

QUESTIONS = (
    _("Kan ik met iemand samen komen?"), _("Kan het op een andere dag?"), _("Hoe geraak ik daar?"),
    _("Moet ik veel praten?"), _("Mag dit met mijn uitkering?"),
)  # fmt: skip
Door = Callable[[HttpRequest, Proposal], HttpResponse]


def behind_link(purpose: str) -> Callable[[Door], Callable[..., HttpResponse]]:
    """Find the proposal behind a token; wrong, old and revoked get the same kind page. Never cached, never referred."""

    def wrap(view: Door) -> Callable[..., HttpResponse]:
        @wraps(view)
        def door(request: HttpRequest, token: str) -> HttpResponse:
            link = find_link(token, purpose, timezone.now())
            if link is None:
                response = _old_link(request)
            else:
                proposal = proposal_behind(link.proposal_id)
                if purpose == LINK_FOR_ORGANISATION:
                    language = chosen_or(request, get_language_from_request(request), WORK_LANGUAGES)
                else:
                    language = chosen_or(request, proposal.volunteer.language)
                response = speak(request, language, lambda: view(request, proposal))
            response["Cache-Control"] = "no-store"
            # Not "no-referrer": a browser would then send `Origin: null` with the form, and the CSRF check refuses it.
            response["Referrer-Policy"] = "same-origin"
            response["X-Robots-Tag"] = "noindex"
            return response

        is_for_work = purpose == LINK_FOR_ORGANISATION
        return tell_languages(door, WORK_LANGUAGES if is_for_work else tuple(settings.LANGUAGE_CODES))

    return wrap


@require_safe
@behind_link(LINK_FOR_VOLUNTEER)
def proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """What, when, how far, why you; or what was answered."""
    now = timezone.now()
    seen: dict[str, Any] = shown.proposal(proposal, now)
    seen["is_changing"] = seen["may_change"] and "verander" in request.GET
    seen["is_company_asked"] = company_asked(proposal)
    seen["own_boundaries"] = shown.boundaries_of(proposal) if proposal.state == states.ACCEPTED else []
    seen["others_nearby"] = seen["may_answer"] and others_nearby(proposal)
    seen["partner"], seen["may_share"] = partner_name(proposal), duo.may_share(proposal)
    placement = seen["placement"]
    buddy = buddies.buddy_of(proposal)
    seen["buddy"] = buddy.proposal.volunteer.first_name if buddy else ""
    seen["expected"] = buddies.expected_by(placement, now) if placement and placement.is_buddy else []
    seen["no_words"] = [(code, say, shown.NO_DRAWINGS[code]) for code, say in shown.NO_WORDS.items()]
    return render(request, "placements/proposal.html", seen)


@require_POST
@behind_link(LINK_FOR_VOLUNTEER)
def answer(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Yes goes on to the moments, maybe to a question; a no goes back to the page, which shows the outcome."""
    given = request.POST.get("answer", "")
    try:
        answered = actions.answer_proposal(proposal.pk, given, source="link", now=timezone.now())
    except ValueError:
        return _again(request, proposal, gettext("Kies ja, misschien of nee."))
    except actions.TooLate:
        return render(request, "placements/too_late.html", status=410)
    except actions.StepNotAllowed:
        return redirect("proposal", token=_token(request))
    goes_on = {(actions.YES, states.ACCEPTED): "moment", (actions.MAYBE, states.MAYBE): "question"}
    return redirect(goes_on.get((given, answered.state), "proposal"), token=_token(request))


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_FOR_VOLUNTEER)
def moment(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Choose when to try."""
    now = timezone.now()
    if proposal.state != states.ACCEPTED:
        return redirect("proposal", token=_token(request))
    seen: dict[str, Any] = {**shown.proposal(proposal, now), "moments": moments_for(proposal, now)}
    if request.method == "POST":
        chosen = moment_said(request.POST.get("moment", ""))
        try:
            actions.book_trial_visit(proposal.pk, chosen, now=now)
        except actions.MomentNotOffered:
            seen["error"] = gettext("Kies een van deze momenten.")
            return render(request, "placements/moment.html", seen, status=422)
        except actions.StepNotAllowed:
            pass
        return redirect("proposal", token=_token(request))
    return render(request, "placements/moment.html", seen)


@require_safe
@behind_link(LINK_FOR_VOLUNTEER)
def appointment(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """The moment to try, as a file for a calendar. No link in it: calendars are shared."""
    visit = shown.planned_visit(proposal)
    if visit is None:
        return redirect("proposal", token=_token(request))
    return HttpResponse(calendar.appointment(visit), content_type="text/calendar; charset=utf-8")


@require_POST
@behind_link(LINK_FOR_VOLUNTEER)
def boundaries(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """What the organisation may know of once I start (R036)."""
    with suppress(actions.StepNotAllowed):
        actions.tell_boundaries(proposal.pk, request.POST.getlist("boundary"))
    return redirect("proposal", token=_token(request))


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_FOR_VOLUNTEER)
def question(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """What do you want to know? One tap, or own words; the organisation hears it without a name."""
    if proposal.state not in (*states.ANSWERABLE, states.ACCEPTED):
        return redirect("proposal", token=_token(request))
    seen: dict[str, Any] = {**shown.proposal(proposal, timezone.now()), "asked": list(proposal.questions.all())}
    seen["questions"] = list(QUESTIONS)
    if request.method == "POST":
        chosen = request.POST.get("question", "")
        text = str(request.POST.get("text", "")).strip()
        asked = QUESTIONS[int(chosen)] if chosen.isdecimal() and int(chosen) < len(QUESTIONS) else text
        if not asked or len(asked) > QUESTION_LONGEST:
            seen["error"] = gettext("Kies een vraag, of schrijf er één van hoogstens 500 tekens.")
            return render(request, "placements/question.html", seen, status=422)
        actions.ask_question(proposal.pk, _in_city_language(proposal, asked))
        return redirect("question", token=_token(request))
    return render(request, "placements/question.html", seen)


def _in_city_language(proposal: Proposal, text: Any) -> str:
    """A question from the list reaches the organisation in its own language; own words stay as they are."""
    with translation.override(place_of(proposal).language):
        return str(text)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_FOR_VOLUNTEER)
def note(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """The information note, before a start; "I read it" makes the placement active (law of 3 July 2005, art. 4)."""
    placement = shown.running_placement(proposal)
    if placement is None:
        return redirect("proposal", token=_token(request))
    found = note_of(proposal.opportunity)
    seen: dict[str, Any] = {**shown.proposal(proposal, timezone.now()), "note": found}
    if request.method == "POST" and placement.information_note_confirmed_at is None:
        if request.POST.get("paid") == "yes":
            seen["is_paid_there"] = True
            return render(request, "placements/note.html", seen, status=409)
        if request.POST.get("paid") != "no":
            seen["error"] = gettext("Zeg of je hier betaald werkt.")
            return render(request, "placements/note.html", seen, status=422)
        if request.POST.get("version") != found.version:
            seen["error"] = gettext("De nota is net veranderd. Lees ze nog eens.")
            return render(request, "placements/note.html", seen, status=409)
        with suppress(actions.StepNotAllowed):
            actions.confirm_information_note(placement.pk, found.version, source="link", now=timezone.now())
        return redirect("note", token=_token(request))
    return render(request, "placements/note.html", seen)


@require_POST
@behind_link(LINK_FOR_VOLUNTEER)
def why_not(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """One tap after a no, for who wants to say it."""
    with suppress(ValueError, actions.StepNotAllowed):
        actions.say_why_not(proposal.pk, request.POST.get("why", ""))
    return redirect("proposal", token=_token(request))


@require_POST
@behind_link(LINK_FOR_VOLUNTEER)
def rest(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """A month without proposals."""
    actions.rest_for_a_month(proposal.volunteer, now=timezone.now())
    return redirect("proposal", token=_token(request))


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_FOR_VOLUNTEER)
def together(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """A code for somebody I know, with whom I share my place."""
    now = timezone.now()
    if request.method == "POST":
        with suppress(actions.StepNotAllowed):
            duo.invite(proposal.pk, now=now)
        return redirect("together", token=_token(request))
    if not duo.may_share(proposal):
        return redirect("proposal", token=_token(request))
    seen: dict[str, Any] = {**shown.proposal(proposal, now), **duo.shown_of(proposal, now)}
    seen["where"] = f"{settings.PUBLIC_URL}{reverse('join_pair')}"
    return render(request, "placements/together.html", seen)


@require_POST
@behind_link(LINK_FOR_VOLUNTEER)
def be_buddy(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """I want to take somebody new by the hand where I help; or no longer."""
    placement = shown.running_placement(proposal)
    if placement:
        with suppress(actions.StepNotAllowed):
            buddies.want(placement.pk, is_wanted=request.POST.get("wanted") == "yes")
    return redirect("proposal", token=_token(request))


@require_POST
@behind_link(LINK_FOR_VOLUNTEER)
def company(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Somebody comes along the first time: the volunteer point looks who."""
    with suppress(actions.StepNotAllowed):
        actions.ask_company(proposal.pk)
    return redirect("proposal", token=_token(request))


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_HOW_IS_IT)
def how_is_it(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Three faces; the last one counts. A sad one: somebody of the point calls."""
    felt, words = request.POST.get("felt", ""), request.POST.get("words", "").strip()
    seen = {"proposal": proposal, "felt": felt if felt in FELT else "", "faces": shown.FACES}
    if request.method == "POST" and words:
        actions.say_more(proposal.pk, words[:QUESTION_LONGEST], now=timezone.now())
        return render(request, "placements/how_is_it.html", {**seen, "felt": "said"})
    if request.method == "POST" and seen["felt"]:
        actions.say_how_it_is(proposal.pk, felt, now=timezone.now())
    return render(request, "placements/how_is_it.html", seen)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link(LINK_STILL_THERE)
def still_there(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """After a silence: go on, a month of rest, or nothing any more. Every answer is fine."""
    answer = request.POST.get("answer", "")
    if request.method == "POST":
        with suppress(ValueError):
            actions.say_still_there(proposal.pk, answer, now=timezone.now())
    is_said = answer in (actions.YES, actions.LATER, actions.NO)
    return render(request, "placements/still_there.html", {"answer": answer if is_said else ""})


@require_safe
@behind_link(LINK_FOR_ORGANISATION)
def candidate(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Who said yes, and what the organisation can do."""
    return render(request, "placements/candidate.html", shown.candidate(proposal))


@require_POST
@behind_link(LINK_FOR_ORGANISATION)
def welcome(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """The organisation confirms the placement."""
    try:
        actions.confirm_placement(proposal.pk, now=timezone.now())
    except actions.StepNotAllowed:
        return render(request, "placements/candidate.html", shown.candidate(proposal), status=409)
    return redirect("candidate", token=_token(request))


@require_POST
@behind_link(LINK_FOR_ORGANISATION)
def answer_question(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """The organisation answers what somebody asked, without knowing who asks."""
    answered = request.POST.get("answer", "").strip()
    question = proposal.questions.filter(answered_at=None).first()
    if question is None:
        return redirect("candidate", token=_token(request))
    if not answered or len(answered) > QUESTION_LONGEST:
        seen = {**shown.candidate(proposal), "error": gettext("Schrijf een antwoord van hoogstens 500 tekens.")}
        return render(request, "placements/candidate.html", seen, status=422)
    actions.answer_question(question.pk, answered, now=timezone.now())
    return redirect("candidate", token=_token(request))


def _again(request: HttpRequest, proposal: Proposal, error: str) -> HttpResponse:
    seen = {**shown.proposal(proposal, timezone.now()), "error": error}
    return render(request, "placements/proposal.html", seen, status=422)


@spoken
def _old_link(request: HttpRequest) -> HttpResponse:
    """The same kind page for every link that does not work; whoever tries many is told to wait."""
    is_guessing = limits.count(limits.LINKS, limits.address_of(request)).left < 0
    return render(request, "placements/old_link.html", status=429 if is_guessing else 404)


def _token(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["token"]) if match else ""
