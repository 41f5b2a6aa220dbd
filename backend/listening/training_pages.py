"""Trainings and meetings that somebody may join: places, a waiting list, and a line for the calendar."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.models import User
from backend.listening import states
from backend.listening import trainings as verbs
from backend.listening.access import given_places, places_of, training_to_come, trainings_to_come
from backend.listening.calendar import appointment as as_calendar
from backend.listening.shown import TRAINING_WORDS
from backend.ui.spoken import spoken

SHOWN = 100


@spoken
@require_safe
def trainings(request: HttpRequest) -> HttpResponse:
    """What comes, soonest first; and for who is signed in, the own places, also of what is over."""
    now = timezone.now()
    mine = {one.training_id: one for one in places_of(request.user)}
    coming = list(trainings_to_come(now)[:SHOWN])
    given = given_places(coming)
    rows = [
        {
            "training": one,
            "kind": TRAINING_WORDS[one.kind],
            "free": max(0, one.places - given.get(one.pk, 0)),
            "place": mine.get(one.pk),
            "has_begun": one.starts_at <= now,
        }
        for one in coming
    ]
    been = [one for one in mine.values() if one.training.ends_at <= now and one.came]
    return render(request, "listening/trainings.html", {"rows": rows, "been": been})


@login_required
@spoken
@require_POST
def place(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """Take a place, or give it back."""
    now, user = timezone.now(), cast(User, request.user)  # login_required
    found = training_to_come(training_id, now)
    try:
        if request.POST.get("what") == "give_back":
            verbs.give_back(found.pk, user, now=now)
            messages.success(request, gettext("Oké. Je plaats is vrij voor iemand anders."))
        elif verbs.take_place(found.pk, user, now=now).state == states.IN:
            messages.success(request, gettext("Je hebt een plaats."))
        else:
            messages.success(request, gettext("Alles is vol. Komt er plaats? Dan hoor je het."))
    except verbs.TooLate:
        messages.error(request, gettext("Dit is al begonnen."))
    return redirect("trainings")


@spoken
@require_safe
def appointment(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """One training as a file for a calendar."""
    found = training_to_come(training_id, timezone.now())
    return HttpResponse(as_calendar(found), content_type="text/calendar; charset=utf-8")
