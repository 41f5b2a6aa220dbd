"""Stories of people who help: to read, and to tell one's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.listening import stories as verbs
from backend.listening.access import own_story, public_stories, stories_of
from backend.listening.models import LONGEST
from backend.talent.models import Volunteer
from backend.ui.spoken import spoken

SHOWN = 50


@spoken
@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """What people tell, newest first, without a name."""
    return render(request, "listening/stories.html", {"stories": public_stories()[:SHOWN]})


@login_required
@spoken
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Tell one's own story, and see what became of it."""
    user: Any = request.user
    volunteer = Volunteer.objects.filter(user=user).first()
    if volunteer is None:
        raise Http404
    text, wrong = request.POST.get("text", "").strip(), ""
    if request.method == "POST":
        if not text or len(text) > LONGEST:
            wrong = gettext("Schrijf je verhaal. Hoogstens 1000 tekens.")
        elif not request.POST.get("agree"):
            wrong = gettext("Zeg dat iedereen je verhaal mag lezen. Anders bewaren we het niet.")
        else:
            verbs.tell(volunteer, text, now=timezone.now())
            messages.success(request, gettext("Dank je. We lezen het eerst. Daarna staat het op de site."))
            return redirect("my_stories")
    seen = {"stories": stories_of(user), "text": text, "wrong": wrong, "longest": LONGEST}
    return render(request, "listening/my_stories.html", seen, status=422 if wrong else 200)


@login_required
@spoken
@require_POST
def take_back(request: HttpRequest, story_id: UUID) -> HttpResponse:
    """One tap, and it is gone."""
    verbs.take_back(own_story(request.user, story_id), now=timezone.now())
    messages.success(request, gettext("Je verhaal is weg."))
    return redirect("my_stories")
