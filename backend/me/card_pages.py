"""The card of an organisation as a text message, to the number that somebody in the room says (R072)."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from backend.accounts.access import may_send_cards
from backend.accounts.forms import ColleagueField
from backend.accounts.messages import tell_where_to_go
from backend.common import limits
from backend.organisations.access import public_organisation
from backend.ui.spoken import spoken_at_work


class CardForm(forms.Form):
    """A mobile number, and the language of who reads it."""

    contact = ColleagueField()
    language = forms.ChoiceField(choices=[(code, code) for code in settings.LANGUAGE_CODES])

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"]
        if "@" in contact:
            raise forms.ValidationError(_("Vul een gsm-nummer in."))
        return contact


@login_required
@spoken_at_work
@require_POST
def by_text(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """By staff and guides. The number is kept with the message and with nothing else."""
    if not may_send_cards(request.user):
        raise Http404
    found = public_organisation(organisation_id)
    form = CardForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
        return redirect("organisation_card", found.pk)
    phone = form.cleaned_data["contact"]
    asked = (limits.CONTACT, phone), (limits.LINKS, str(request.user.pk))
    if any(limits.count(limit, who).left < 0 for limit, who in asked):
        messages.error(request, gettext("Te vaak geprobeerd. Wacht 1 uur."))
        return redirect("organisation_card", found.pk)
    values = {
        "organisation": " ".join(found.name.split()),
        "where": found.street or f"{found.postcode} {found.neighbourhood}",
        "door": f"{settings.PUBLIC_URL}{reverse('organisation_card', args=[found.pk])}",
    }
    tell_where_to_go(phone, language=form.cleaned_data["language"], organisation=found.pk, values=values)
    messages.success(request, gettext("Verstuurd."))
    return redirect("organisation_card", found.pk)
