"""What organisations ask and offer each other: chairs, a room, money, help with telling it, coaching, law."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from backend.listening import states, support
from backend.listening.access import offers_of, own_request, request_for, requests_around, verified_of
from backend.listening.messages import name_of
from backend.listening.models import LONGEST, SUPPORT_KINDS, SupportRequest
from backend.organisations.models import Organisation
from backend.ui.spoken import spoken_at_work

KIND_WORDS = {
    "material": _("Materiaal"), "space": _("Ruimte"), "money": _("Geld"), "communication": _("Communicatie"),
    "coaching": _("Coaching"), "legal": _("Juridisch"),
}  # fmt: skip
STATE_WORDS = {
    states.OPEN: _("Open"), states.AGREED: _("Afgesproken"), states.DONE: _("Klaar"), states.WITHDRAWN: _("Gestopt"),
}  # fmt: skip


class SupportForm(forms.Form):
    """What an organisation needs, and by when if there is a day."""

    organisation = forms.ModelChoiceField(Organisation.objects.none())
    kind = forms.ChoiceField(choices=list(KIND_WORDS.items()), error_messages={"required": _("Kies een soort.")})
    text = forms.CharField(max_length=LONGEST, error_messages={"required": _("Schrijf wat jullie nodig hebben.")})
    needed_on = forms.DateField(required=False, error_messages={"invalid": _("Kies een dag, bijvoorbeeld 2027-03-09.")})

    def __init__(self, own: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = own  # type: ignore[attr-defined]


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """The own requests, what others ask, and a form. 404 for who acts for no verified organisation."""
    own = verified_of(request.user)
    if not own:
        raise Http404
    form = SupportForm(own, request.POST if request.method == "POST" else None, initial={"organisation": own[0]})
    if form.is_valid():
        support.ask(**form.cleaned_data)
        messages.success(request, gettext("Gevraagd. Andere organisaties en het vrijwilligerspunt zien dit."))
        return redirect("support")
    kind = request.GET.get("soort", "")
    rows = requests_around(request.user)
    rows = rows.filter(kind=kind) if kind in SUPPORT_KINDS else rows
    mine = {one.pk for one in own}
    seen = {
        "form": form, "own": own, "kinds": KIND_WORDS.items(), "kind": kind, "longest": LONGEST,
        "rows": [row_of(one, mine) for one in rows],
    }  # fmt: skip
    return render(request, "listening/support.html", seen, status=422 if form.errors else 200)


def row_of(found: SupportRequest, mine: set[UUID]) -> dict[str, Any]:
    """One request; who it concerns sees how to reach the other side once it is agreed."""
    is_own, offers = found.organisation_id in mine, offers_of(found)
    taken = found.agreed_with
    return {
        "request": found,
        "kind": KIND_WORDS[found.kind],
        "state": STATE_WORDS[found.state],
        "is_own": is_own,
        "is_offered": any(one.organisation_id in mine for one in offers),
        "offers": [(one, name_of(one)) for one in offers] if is_own else [],
        "other": (taken.organisation if is_own else found.organisation) if taken else None,
        "other_name": (name_of(taken) if is_own else found.organisation.name) if taken else "",
        "may_offer": not is_own and found.state == states.OPEN,
    }


@login_required
@spoken_at_work
@require_POST
def act(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Offer to another's request; agree, close or stop one's own."""
    what, now = request.POST.get("what", ""), timezone.now()
    try:
        if what == "offer":
            found = request_for(request.user, request_id)
            by = verified_of(request.user).exclude(pk=found.organisation_id).first()
            if by is None:
                raise support.StepNotAllowed(what)
            support.offer(found.pk, by, request.POST.get("text", "").strip(), now=now)
            messages.success(request, gettext("Aangeboden. Je hoort het als ze ja zeggen."))
        elif what in (states.DONE, states.WITHDRAWN, states.OPEN):
            support.close(own_request(request.user, request_id).pk, what)
            messages.success(request, gettext("Genoteerd."))
        else:
            found, offer_id = own_request(request.user, request_id), _as_uuid(request.POST.get("offer", ""))
            support.agree(found.pk, offer_id, now=now)
            messages.success(request, gettext("Afgesproken. Jullie zien nu elkaars gegevens."))
    except ValueError:
        messages.error(request, gettext("Schrijf wat je kan aanbieden. Hoogstens 1000 tekens."))
    except support.StepNotAllowed:
        messages.error(request, gettext("Dit kan nu niet."))
    return redirect("support")


def _as_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
