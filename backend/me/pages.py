"""Messages: how they come, what somebody does not want to hear, and what was told."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from backend.me.forms import MessagesForm
from backend.me.queries import told_to
from backend.placements.tokens import with_addresses
from backend.talent import actions
from backend.talent.models import Volunteer
from backend.ui.spoken import spoken
from notifications.render import render as words_of
from notifications.webpush import encoded, private_key, public_bytes

SHOWN = 20


@login_required
@spoken
@require_http_methods(["GET", "HEAD", "POST"])
def my_messages(request: HttpRequest) -> HttpResponse:
    """Choose, and read again what was told."""
    user: Any = request.user
    volunteer = Volunteer.objects.filter(user=user).first()
    if volunteer is None:
        raise Http404
    form = MessagesForm.of(volunteer, request.POST or None)
    if form.is_valid():
        actions.set_contact_rules(volunteer, **form.cleaned_data)
        messages.success(request, gettext("Bewaard. Zo doen we het."))
        return redirect("my_messages")
    key, told = settings.VAPID_PRIVATE_KEY, told_to(volunteer)[:SHOWN]
    seen = {
        "form": form,
        "told": [{"created_at": one.created_at, "text": words_of(one)} for one in with_addresses(told)],
        "push_key": encoded(public_bytes(private_key(key))) if key else "",
    }
    return render(request, "me/messages.html", seen)
