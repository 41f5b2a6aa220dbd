"""A volunteer sees their tokens, where they came from, and gives them for a reward."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.city.load import city
from backend.engagements import ledger
from backend.engagements.access import own_token_entries, rewards_in, tokens_of
from backend.ui.spoken import spoken


@login_required
@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What I have, what I can get for it, and every line."""
    volunteer = tokens_of(request.user)
    if volunteer is None:
        raise Http404
    if request.method == "POST":
        try:
            shown, reward_id = int(request.POST.get("shown", "")), UUID(request.POST.get("reward", ""))
        except ValueError:
            raise Http404 from None
        try:
            ledger.redeem(volunteer, reward_id, shown=shown, now=timezone.now())
            messages.success(request, gettext("Gelukt. Toon deze pagina aan het vrijwilligerspunt."))
        except ledger.NotEnough:
            messages.error(request, gettext("Je hebt te weinig muntjes."))
        except ledger.NotOffered:
            messages.error(request, gettext("Dit is er niet meer. Kies iets anders."))
        except ledger.ChangedMeanwhile:
            messages.error(request, gettext("Er veranderde net iets. Kijk het na."))
        return redirect("my_tokens")
    year = city(volunteer.city).local(timezone.now()).year
    balance = ledger.balance_of(volunteer)
    seen = {
        "balance": balance, "year": year, "earned": ledger.earned_in(volunteer, year),
        "rules": city(volunteer.city).tokens, "entries": own_token_entries(volunteer),
        "rewards": [
            {"reward": one, "is_enough": one.cost <= balance} for one in rewards_in(volunteer.city) if one.left != 0
        ],
    }  # fmt: skip
    return render(request, "engagements/my_tokens.html", seen)
