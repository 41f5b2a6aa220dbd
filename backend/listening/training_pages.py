"""Trainings and meetings that somebody may join: places, a waiting list, and a line for the calendar."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.models import User
from backend.common import limits
from backend.listening import states
from backend.listening import trainings as verbs
from backend.listening.access import given_places, places_of, training_to_come, trainings_to_come, verified_of
from backend.listening.calendar import appointment as as_calendar
from backend.listening.contacts import reachable
from backend.listening.models import GUEST_LONGEST, Training, TrainingPlace
from backend.listening.shown import TRAINING_WORDS
from backend.ui.spoken import spoken

SHOWN = 100


@spoken
@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    """What comes, soonest first; and for who is signed in, the own places, also of what is over."""
    now = timezone.now()
    mine = {one.training_id: one for one in places_of(request.user)}
    own = {one.pk for one in verified_of(request.user)}
    coming = list(trainings_to_come(request.user, now)[:SHOWN])
    given = given_places(coming)
    rows = [
        {
            "training": one,
            "kind": TRAINING_WORDS[one.kind],
            "free": max(0, one.places - given.get(one.pk, 0)),
            "place": mine.get(one.pk),
            "is_own": one.organisation_id in own,
            "has_begun": one.starts_at <= now,
        }
        for one in coming
    ]
    been = [one for one in mine.values() if one.training.ends_at <= now and one.came]
    return render(request, "listening/trainings.html", {"rows": rows, "been": been})


@spoken
@require_POST
def place(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """Take a place, with an account or as a guest; or give one's own back."""
    now = timezone.now()
    found = training_to_come(request.user, training_id, now)
    try:
        if request.POST.get("what") == "give_back":
            own = places_of(request.user).filter(training=found).first()
            if own:
                verbs.give_back(own, now=now)
                messages.success(request, gettext("Oké. Je plaats is vrij voor iemand anders."))
            return redirect("trainings")
        _tell(request, _taken(request, found, now))
    except verbs.TooLate:
        messages.error(request, gettext("Dit is al begonnen."))
    except verbs.OwnVisit:
        messages.error(request, gettext("Dit bezoek is bij jullie zelf."))
    return redirect("trainings")


def _taken(request: HttpRequest, training: Training, now: datetime) -> TrainingPlace | str:
    """The place, or what is wrong with what a guest filled in."""
    if isinstance(request.user, User):
        return verbs.take_place(training.pk, request.user, now=now)
    guest, contact = (request.POST.get(name, "").strip() for name in ("guest", "contact"))
    if not 0 < len(guest) <= GUEST_LONGEST:
        return gettext("Schrijf je voornaam.")
    try:
        contact = reachable(contact)
    except ValidationError as wrong:
        return str(wrong.message)
    if limits.count(limits.QUESTIONS, limits.address_of(request)).left < 0:
        return gettext("Te vaak geprobeerd. Wacht 1 uur of bel ons.")
    return verbs.take_place_as_guest(training.pk, guest, contact, now=now)


def _tell(request: HttpRequest, found: TrainingPlace | str) -> None:
    if isinstance(found, str):
        messages.error(request, found)
    elif found.state == states.IN:
        messages.success(request, gettext("Je hebt een plaats."))
    elif found.user_id or found.contact:
        messages.success(request, gettext("Alles is vol. Komt er plaats? Dan hoor je het."))
    else:
        messages.success(request, gettext("Alles is vol. Bel ons of er plaats is."))


@spoken
@require_safe
def appointment(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """One training as a file for a calendar."""
    found = training_to_come(request.user, training_id, timezone.now())
    return HttpResponse(as_calendar(found), content_type="text/calendar; charset=utf-8")
