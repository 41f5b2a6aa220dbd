"""The desk: make a card together with somebody, find it again while they are here, print it, answer for them.

And the other end of the printed card: its code, by which the person goes on alone.
"""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.renderers import JSONRenderer

from backend.accounts import journal
from backend.accounts.actions import start_account
from backend.city.load import city
from backend.common import limits
from backend.engagements import goals
from backend.engagements.access import goals_of, helped_at, with_days_for_a_certificate
from backend.engagements.models import GOAL_LONGEST
from backend.engagements.pages import certificate_for
from backend.listening import stories
from backend.listening.access import stories_at_desk
from backend.listening.models import LONGEST
from backend.me import start
from backend.me.actions import erase_card
from backend.me.queries import everything_on
from backend.me.start_forms import ContactForm
from backend.placements import actions as placements
from backend.placements import buddies, duo, states
from backend.placements.access import proposals_at_desk
from backend.placements.duo_pages import with_code
from backend.placements.formality_pages import Way, list_of, sheet_for
from backend.placements.models import FELT, QUESTION_LONGEST, Proposal
from backend.placements.moments import moment_said, moments_for
from backend.placements.note import note_of
from backend.placements.queries import partner_name
from backend.placements.shown import FACES, planned_visit, running_placement
from backend.talent import actions, codes
from backend.talent.access import at_desk, people_at_desk, people_behind, volunteer_of_card
from backend.talent.case import own_record_of
from backend.talent.models import Volunteer
from backend.ui.spoken import spoken, spoken_at_work
from notifications.letters import card_of

HERE_FOR = timedelta(minutes=15)
SAID = ("answer", "moment", "question", "felt", "words", "buddy", "pair", "back", "goal", "goal_away")
FOUND_MAX = 20
CARD_CODE = "card_code"

page = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@spoken_at_work
@never_cache
@page
def desk(request: HttpRequest) -> HttpResponse:
    """Begin a card together, or find somebody: a first name and a neighbourhood are all that is shown."""
    people, asked = people_at_desk(request), str(request.POST.get("name", "")).strip()
    found = people.filter(first_name__istartswith=asked).order_by("first_name", "pk")[:FOUND_MAX] if asked else []
    return render(request, "me/desk.html", {"found": found, "asked": asked, "is_searched": request.method == "POST"})


@login_required
@spoken_at_work
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    people_behind(request)
    start.begin_together(request)
    return redirect(f"{reverse('language')}?next={reverse('start_likes')}")


@login_required
@spoken_at_work
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Nothing of the person stays on this screen; the language is that of the colleague again."""
    people_behind(request)
    start.forget(request)
    request.session.pop(start.HERE, None)
    messages.success(request, gettext("Het scherm is leeg. Dank je."))
    response = redirect("desk")
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response


@login_required
@spoken_at_work
@never_cache
@page
def person(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """The card and the open proposals of somebody who is here; before that is said, no more than a name."""
    volunteer = at_desk(request, volunteer_id)
    if request.method == "POST" and "here" in request.POST:
        start.now_here(request, volunteer)
        journal.write(volunteer.user, journal.LOOKED, actor=journal.POINT, waits_for=volunteer.pk)
        return redirect("desk_person", volunteer.pk)
    if request.method == "POST" and "rest" in request.POST:
        placements.rest_for_a_month(_here(request, volunteer_id), now=timezone.now())
        journal.write(volunteer.user, journal.PROFILE_CHANGED, actor=journal.POINT, waits_for=volunteer.pk)
        messages.success(request, gettext("Genoteerd. Een maand lang komt er niets."))
        return redirect("desk_person", volunteer.pk)
    seen: dict[str, Any] = {"volunteer": volunteer}
    if _said_to_be_here(request, volunteer):
        record = own_record_of(volunteer)
        proposals = proposals_at_desk(volunteer).filter(state__in=states.ANSWERABLE)
        accepted = proposals_at_desk(volunteer).filter(state=states.ACCEPTED)
        starting = accepted.filter(placements__state=states.AGREED, placements__information_note_confirmed_at=None)
        seen |= {
            "is_here": True,
            **start.card_words(record),
            "proposals": proposals,
            "question_longest": QUESTION_LONGEST,
            "faces": FACES,
            "to_try": [
                {"proposal": one, "visit": planned_visit(one), "moments": moments_for(one, timezone.now())}
                for one in accepted.filter(placements=None)
            ],
            "running": accepted.filter(placements__state=states.ACTIVE, placements__check_ins__isnull=False).distinct(),
            "agreed": accepted,
            "stopped": [one for one in proposals_at_desk(volunteer) if placements.may_come_back(one)],
            "company": [_company_of(one) for one in accepted],
            "starting": [{"proposal": one, "note": note_of(one.opportunity)} for one in starting],
            "helped_enough": with_days_for_a_certificate(volunteer),
            "stories": stories_at_desk(volunteer),
            "story_longest": LONGEST,
            "goal_longest": GOAL_LONGEST,
            "may_print": not volunteer.user_id,
        }
    return render(request, "me/desk_person.html", seen)


def _company_of(proposal: Proposal) -> dict[str, Any]:
    """With whom somebody comes, and what they may still say about it."""
    buddy, placement = buddies.buddy_of(proposal), running_placement(proposal)
    return {
        "proposal": proposal,
        "partner": partner_name(proposal),
        "may_share": duo.may_share(proposal),
        **duo.shown_of(proposal, timezone.now()),
        "buddy": buddy.proposal.volunteer.first_name if buddy else "",
        "helps": placement if placement and placement.state == states.ACTIVE else None,
        "goals": goals_of(placement),
    }


def _said_to_be_here(request: HttpRequest, volunteer: Volunteer) -> bool:
    said = request.session.get(start.HERE, {})
    return bool(
        said.get("who") == str(volunteer.pk) and timezone.now() - datetime.fromisoformat(said["at"]) <= HERE_FOR
    )


def _here(request: HttpRequest, volunteer_id: UUID) -> Volunteer:
    """Raises Http404 for who is not here."""
    volunteer = at_desk(request, volunteer_id)
    if not _said_to_be_here(request, volunteer):
        raise Http404
    return volunteer


@login_required
@spoken_at_work
@require_POST
def answer(request: HttpRequest, volunteer_id: UUID, proposal_id: UUID) -> HttpResponse:
    """What the person says about one proposal, at the desk or on the phone: the answer is theirs."""
    volunteer = _here(request, volunteer_id)
    proposal = get_object_or_404(proposals_at_desk(volunteer), pk=proposal_id)
    try:
        _take_down(request, proposal)
    except (placements.TooLate, placements.StepNotAllowed):
        messages.error(request, gettext("Dit voorstel kan niet meer beantwoord worden."))
    except (placements.DoesNotFit, placements.NoRoom):
        messages.error(request, gettext("Dit past nu niet, of er is nu geen plaats."))
    except placements.MomentNotOffered:
        messages.error(request, gettext("Kies een van deze momenten."))
    except goals.TooMany:
        messages.error(request, gettext("Er staan al 5 doelen. Haal er eerst een weg."))
    else:
        journal.write(
            volunteer.user, journal.ANSWERED_FOR, actor=journal.POINT, about=proposal.pk, waits_for=volunteer.pk
        )
        messages.success(request, gettext("Genoteerd."))
    return redirect("desk_person", volunteer.pk)


def _take_down(request: HttpRequest, proposal: Proposal) -> None:
    """Yes, maybe or no; a moment to try; a question; how it goes; or with whom. Raises Http404 for anything else."""
    now, said = timezone.now(), {name: str(request.POST.get(name, "")).strip() for name in SAID}
    if said["answer"] in placements.ANSWERS:
        placements.answer_proposal(proposal.pk, said["answer"], source="desk", now=now)
    elif said["moment"]:
        placements.book_trial_visit(proposal.pk, moment_said(said["moment"]), now=now)
    elif 0 < len(said["question"]) <= QUESTION_LONGEST:
        placements.ask_question(proposal.pk, said["question"])
    elif said["felt"] in FELT:
        placements.say_how_it_is(proposal.pk, said["felt"], now=now)
        if 0 < len(said["words"]) <= QUESTION_LONGEST:
            placements.say_more(proposal.pk, said["words"], now=now)
    elif said["back"]:
        placements.come_back(proposal.pk, source="desk", now=now)
    elif said["pair"]:
        duo.invite(proposal.pk, now=now)
    elif 0 < len(said["goal"]) <= GOAL_LONGEST and (placement := running_placement(proposal)):
        goals.add(placement.pk, said["goal"])
    elif said["goal_away"] in {str(one.pk) for one in goals_of(running_placement(proposal))}:
        goals.drop(UUID(said["goal_away"]))
    elif said["buddy"] in ("yes", "no") and (placement := running_placement(proposal)):
        buddies.want(placement.pk, is_wanted=said["buddy"] == "yes")
    else:
        raise Http404


@login_required
@spoken_at_work
@never_cache
@page
def join(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """Somebody got a code of somebody they know: what it is about, and their yes."""
    volunteer = _here(request, volunteer_id)
    answered = with_code(request, volunteer, reverse("desk_person", args=[volunteer.pk]))
    if answered.status_code == HTTPStatus.FOUND:
        journal.write(volunteer.user, journal.ANSWERED_FOR, actor=journal.POINT, waits_for=volunteer.pk)
    return answered


@login_required
@spoken_at_work
@require_POST
def story(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """What somebody tells and a colleague writes down, with their yes; or one that they do not want online any more."""
    volunteer, now = _here(request, volunteer_id), timezone.now()
    told, away = str(request.POST.get("story", "")).strip(), str(request.POST.get("away", ""))
    if away:
        for one in stories_at_desk(volunteer):
            if str(one.pk) == away:
                stories.take_back(one, now=now)
        messages.success(request, gettext("Het verhaal is weg."))
    elif not (0 < len(told) <= LONGEST and request.POST.get("agree")):
        messages.error(request, gettext("Schrijf het verhaal, en vraag of iedereen het mag lezen."))
        return redirect("desk_person", volunteer.pk)
    else:
        stories.tell(volunteer, told, now=now, how="desk")
        messages.success(request, gettext("Genoteerd. We lezen het eerst. Daarna staat het op de site."))
    journal.write(volunteer.user, journal.ANSWERED_FOR, actor=journal.POINT, waits_for=volunteer.pk)
    return redirect("desk_person", volunteer.pk)


@login_required
@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def papers(request: HttpRequest, volunteer_id: UUID, proposal_id: UUID) -> HttpResponse:
    """Whom to tell before a start, filled in together; on one screen with the person, so in the language of both."""
    volunteer = _here(request, volunteer_id)
    proposal = get_object_or_404(proposals_at_desk(volunteer), pk=proposal_id, state=states.ACCEPTED)
    here, pdf = (reverse(name, args=[volunteer.pk, proposal.pk]) for name in ("desk_papers", "desk_papers_sheet"))
    back = reverse("desk_person", args=[volunteer.pk])
    answered = list_of(request, proposal, Way("ui/signed_in.html", here, pdf, back))
    if answered.status_code == HTTPStatus.FOUND:  # something was noted
        journal.write(
            volunteer.user, journal.ANSWERED_FOR, actor=journal.POINT, about=proposal.pk, waits_for=volunteer.pk
        )
    return answered


@login_required
@spoken_at_work
@require_POST
def everything(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """Everything that is kept about somebody who is here and has no account, to print: also who looked (R111)."""
    volunteer = _here(request, volunteer_id)
    if volunteer.user_id:
        raise Http404
    journal.write(None, journal.EXPORTED, actor=journal.POINT, waits_for=volunteer.pk)
    told = json.loads(JSONRenderer().render(everything_on(volunteer)))
    answer = render(request, "me/export.html", {"told": told})
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@spoken_at_work
@require_safe
def certificate(request: HttpRequest, volunteer_id: UUID, proposal_id: UUID) -> HttpResponse:
    """What somebody did, on paper, because they ask for it here."""
    volunteer = _here(request, volunteer_id)
    return certificate_for(request, helped_at(volunteer, proposal_id), "pdf")


@login_required
@spoken_at_work
@require_safe
def papers_sheet(request: HttpRequest, volunteer_id: UUID, proposal_id: UUID) -> HttpResponse:
    """The sheet for form C45B, to print and to sign here."""
    volunteer = _here(request, volunteer_id)
    return sheet_for(get_object_or_404(proposals_at_desk(volunteer), pk=proposal_id))


@login_required
@spoken_at_work
@require_POST
def note(request: HttpRequest, volunteer_id: UUID, proposal_id: UUID) -> HttpResponse:
    """The information note was read together, or given on paper: from now on the placement is active."""
    volunteer = _here(request, volunteer_id)
    proposal = get_object_or_404(proposals_at_desk(volunteer), pk=proposal_id)
    placement = running_placement(proposal)
    if placement is None:
        raise Http404
    version = note_of(proposal.opportunity).version
    begun = placements.confirm_information_note(placement.pk, version, source="desk", now=timezone.now())
    journal.write(volunteer.user, journal.NOTE_READ, actor=journal.POINT, about=proposal.pk, waits_for=volunteer.pk)
    if begun.state == states.ACTIVE:
        messages.success(request, gettext("Genoteerd. De persoon kan starten."))
    else:
        messages.success(request, gettext("Genoteerd. Teken nog de afsprakennota bij de organisatie."))
    return redirect("desk_person", volunteer.pk)


@login_required
@spoken_at_work
@require_POST
def print_card(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """ "Jouw kaart" on A5 in the person's language, with a code of its own; an older print is void."""
    volunteer = _here(request, volunteer_id)
    if volunteer.user_id:
        raise Http404  # goes on alone already
    code = actions.print_code(volunteer, actor=journal.POINT)
    with translation.override(volunteer.language):
        card = _card(volunteer, code)
    return HttpResponse(card, content_type="application/pdf")


@login_required
@spoken_at_work
@require_POST
def erase(request: HttpRequest, volunteer_id: UUID) -> HttpResponse:
    """Whoever has no account asks it here; who has one does it alone."""
    volunteer = _here(request, volunteer_id)
    if volunteer.user_id:
        raise Http404
    erase_card(volunteer, now=timezone.now())
    request.session.pop(start.HERE, None)
    messages.success(request, gettext("Alles is gewist."))
    return redirect("desk")


def _card(volunteer: Volunteer, code: str) -> bytes:
    told = start.card_words(own_record_of(volunteer))
    host = settings.PUBLIC_URL.partition("//")[2]
    by_phone = gettext("Wil je dit zelf op je gsm? Scan dit, of ga naar {address} en typ deze code: {code}")
    parts = [
        ", ".join(one["label"] for one in told["talents"]),
        "; ".join(told["times"]),
        by_phone.format(address=f"{host}/k/", code=codes.shown(code)),
        gettext("Wil je stoppen of iets veranderen? Bel {phone}.").format(phone=city(volunteer.city).phone),
    ]
    title = f"{gettext('Dit is jouw kaart')}: {volunteer.first_name}"
    return card_of(title, [one for one in parts if one], f"{settings.PUBLIC_URL}/k/{code}/", volunteer.language)


# --- the printed card ------------------------------------------------------------------------------------------


@spoken
@never_cache
@page
def type_code(request: HttpRequest) -> HttpResponse:
    """For whoever cannot scan. The code travels on in the path, as the square on the card has it."""
    code = codes.plain(str(request.POST.get("code", "")))
    if request.method == "POST" and code:
        return redirect("printed_card", code)
    return render(request, "me/type_code.html", {}, status=422 if request.method == "POST" else 200)


@spoken
@never_cache
@page
def printed_card(request: HttpRequest, code: str) -> HttpResponse:
    """Only the first name, and: do you want this on your own phone? Whoever tries many codes is told to wait."""
    code, user = codes.plain(code), request.user
    volunteer = volunteer_of_card(code)
    if volunteer is None:
        is_guessing = limits.count(limits.CODES, limits.address_of(request)).left < 0
        return render(request, "me/type_code.html", {"is_wrong": True}, status=429 if is_guessing else 404)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and user.is_authenticated:
        request.session[CARD_CODE] = code
        return redirect("take_over")
    if form.is_valid():
        contact = form.cleaned_data["contact"]
        asked = (limits.CONTACT, contact), (limits.ACCOUNTS, limits.address_of(request))
        if all(limits.count(limit, who).left >= 0 for limit, who in asked):
            email, phone = (contact, None) if "@" in contact else (None, contact)
            start_account(phone=phone, email=email, language=str(get_language()))
            request.session[CARD_CODE] = code
            return start.ask_code_of(request, contact, next_="take_over")
        form.add_error("contact", gettext("Te vaak geprobeerd. Wacht 1 uur of bel ons."))
    seen = {"first_name": volunteer.first_name, "form": form}
    return render(request, "me/printed_card.html", seen, status=422 if form.errors else 200)


@login_required
@require_safe
@spoken
def take_over(request: HttpRequest) -> HttpResponse:
    """The code to the own contact was right, so the card is theirs from now on. Opened twice it does nothing more."""
    code = request.session.pop(CARD_CODE, "")
    if code and actions.take_over(code, request.user):
        messages.success(request, gettext("Gelukt. Je kaart is nu van jou."))
    elif code:
        messages.error(request, gettext("Je had al een kaart. Bel ons, dan voegen we ze samen."))
    return redirect("card")
