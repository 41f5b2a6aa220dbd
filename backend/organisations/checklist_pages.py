"""An organisation says what is in order for volunteers, and reads what the volunteer point saw of its reception."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from backend.city.load import city
from backend.organisations import checklists
from backend.organisations.access import known_organisation_for
from backend.organisations.models import POLICY, RECEPTION
from backend.ui.spoken import spoken_at_work

RECEPTION_WORDS = {
    "entrance": _("Je vindt de ingang makkelijk."), "greeted": _("Iemand groet je."),
    "seat": _("Je kan zitten terwijl je wacht."), "plain": _("De uitleg is eenvoudig, of met beelden."),
    "apart": _("Je kan apart praten."), "onwards": _("Wie iets anders zoekt, hoort waarheen."),
}  # fmt: skip


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Tick what is in order: it stands on the card with the day (R019)."""
    organisation = known_organisation_for(request.user, organisation_id)
    if request.method == "POST":
        met = set(request.POST.getlist("met")) & set(checklists.POLICY_WORDS)
        today = city(organisation.city).local(timezone.now()).date()
        checklists.fill_in(organisation, POLICY, met, today=today)
        messages.success(request, gettext("Bewaard. Het staat op jullie kaart."))
        return redirect("policy", organisation.pk)
    seen = {
        "organisation": organisation, "policy": checklists.last(organisation, POLICY),
        "items": checklists.POLICY_WORDS.items(), "reception": checklists.last(organisation, RECEPTION),
        "reception_items": RECEPTION_WORDS.items(),
    }  # fmt: skip
    return render(request, "organisations/policy.html", seen)
