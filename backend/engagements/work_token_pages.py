"""Which opportunities give tokens, by the organisation; rewards and handing them over, by the volunteer point."""

from typing import TypeVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.access import CAMPAIGNS, cities_behind
from backend.city.load import city
from backend.engagements import ledger
from backend.engagements.access import opportunities_to_plan, rewards_in, to_hand_over
from backend.engagements.models import REWARD_COST_MOST
from backend.organisations.access import known_organisation_for
from backend.ui.spoken import spoken_at_work

Row = TypeVar("Row", bound=Model)
A_NUMBER = _("Schrijf een getal van 1 tot 1000.")


class RewardForm(forms.Form):
    """What somebody gets, for how many tokens, and how often."""

    name = forms.CharField(max_length=120, error_messages={"required": _("Zeg wat iemand krijgt.")})
    cost = forms.IntegerField(
        min_value=1, max_value=REWARD_COST_MOST,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), A_NUMBER),
    )  # fmt: skip
    left = forms.IntegerField(
        required=False, min_value=1, max_value=REWARD_COST_MOST,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), A_NUMBER),
    )  # fmt: skip


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def at_work(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Tick which of one's own opportunities give tokens for an hour."""
    organisation = known_organisation_for(request.user, organisation_id)
    rules = city(organisation.city).tokens
    if rules is None:
        raise Http404
    opportunities = opportunities_to_plan(organisation)
    if request.method == "POST":
        ledger.give_at(opportunities, request.POST.getlist("gives"))
        messages.success(request, gettext("Bewaard."))
        return redirect("tokens_at_work", organisation.pk)
    seen = {"organisation": organisation, "opportunities": opportunities, "rules": rules}
    return render(request, "engagements/work_tokens.html", seen)


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def at_point(request: HttpRequest) -> HttpResponse:
    """Rewards, and what still is to be handed over."""
    slug = cities_behind(request, CAMPAIGNS)[0]
    if city(slug).tokens is None:
        raise Http404
    what = request.POST.get("what", "offer")
    form = RewardForm(request.POST if request.method == "POST" and what == "offer" else None)
    if form.is_valid():
        ledger.offer(slug, form.cleaned_data["name"], form.cleaned_data["cost"], form.cleaned_data["left"])
        messages.success(request, gettext("Bewaard."))
        return redirect("tokens_at_point")
    if request.method == "POST" and what in ("stop", "hand_over"):
        pk = request.POST.get("pk", "")
        if what == "stop":
            ledger.stop(_chosen(rewards_in(slug), pk))
        else:
            ledger.hand_over(_chosen(to_hand_over(slug), pk), now=timezone.now())
        messages.success(request, gettext("Bewaard."))
        return redirect("tokens_at_point")
    seen = {"form": form, "rewards": rewards_in(slug), "waiting": to_hand_over(slug)}
    return render(request, "engagements/work_rewards.html", seen, status=422 if form.errors else 200)


def _chosen(rows: QuerySet[Row], pk: str) -> Row:
    found = next((one for one in rows if str(one.pk) == pk), None)
    if found is None:
        raise Http404
    return found
