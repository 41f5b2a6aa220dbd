"""Who acts for an organisation: its owners let colleagues in and out."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.forms import ColleagueField
from backend.common import limits
from backend.organisations import actions
from backend.organisations.access import member_of, members_of, owned_by
from backend.organisations.models import EDITOR, OWNER, READER
from backend.ui.spoken import spoken_at_work

ROLE_WORDS = {
    OWNER: _("Beheert: doet alles en laat collega's binnen"),
    EDITOR: _("Werkt mee: plaatst taken en antwoordt kandidaten"),
    READER: _("Kijkt mee: ziet alles en verandert niets"),
}
LAST_OWNER = _("Dit is de laatste die beheert. Laat eerst iemand anders beheren.")


class MemberForm(forms.Form):
    """A contact and a role."""

    contact = ColleagueField()
    role = forms.ChoiceField(choices=list(ROLE_WORDS.items()), error_messages={"required": _("Kies wat iemand doet.")})


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """For owners; who is new hears it, and comes in with a code."""
    organisation = owned_by(request.user, organisation_id)
    form = MemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        contact, role = form.cleaned_data["contact"], form.cleaned_data["role"]
        if limits.count(limits.CONTACT, contact.lower()).left < 0:
            form.add_error("contact", gettext("Te vaak geprobeerd. Wacht 1 uur."))
        else:
            try:
                actions.add_member(organisation, contact, role)
            except actions.LastOwner:
                form.add_error("role", LAST_OWNER)
            else:
                messages.success(
                    request, gettext("Gelukt. Deze persoon krijgt een bericht en komt binnen met een code.")
                )
                return redirect("organisation_team", organisation.pk)
    members = [
        {"one": one, "words": ROLE_WORDS[one.role].partition(":")[0], "is_me": one.user_id == request.user.pk}
        for one in members_of(organisation)
    ]
    seen = {"organisation": organisation, "members": members, "form": form, "roles": ROLE_WORDS.items()}
    return render(request, "organisations/team.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_POST
def leave_team(request: HttpRequest, organisation_id: UUID, member_id: UUID) -> HttpResponse:
    """Take somebody out; one who manages stays."""
    organisation = owned_by(request.user, organisation_id)
    member = member_of(organisation, member_id)
    try:
        actions.remove_member(member)
    except actions.LastOwner:
        messages.error(request, LAST_OWNER)
    else:
        if member.user_id == request.user.pk:
            return redirect("home")
        messages.success(request, gettext("Weggenomen."))
    return redirect("organisation_team", organisation.pk)
