"""Tell the city something, without a name if somebody wishes, and read what was decided."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.access import is_guide
from backend.city.load import default_city
from backend.common import limits
from backend.listening import signals as verbs
from backend.listening.access import decided_groups, signal_behind
from backend.listening.contacts import reachable
from backend.listening.models import BY_GUIDE, BY_ORGANISATION, BY_WEB, LONGEST
from backend.listening.shown import GROUP_WORDS, THEME_WORDS
from backend.organisations.access import organisations_of
from backend.talent import codes
from backend.ui.spoken import spoken, spoken_language

SHOWN = 50


class SignalForm(forms.Form):
    """What, about which theme, and where the answer may go. `code` was made with the page: two taps are one signal."""

    theme = forms.ChoiceField(choices=list(THEME_WORDS.items()), error_messages={"required": _("Kies er één.")})
    text = forms.CharField(max_length=LONGEST, error_messages={"required": _("Schrijf wat de stad moet weten.")})
    contact = forms.CharField(max_length=254, required=False)
    code = forms.CharField(max_length=12)

    def clean_contact(self) -> str:
        return reachable(str(self.cleaned_data["contact"]))

    def clean_code(self) -> str:
        return codes.typed(self.cleaned_data["code"])


@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signals(request: HttpRequest) -> HttpResponse:
    """The form, and below it what was decided after earlier signals."""
    if request.method == "POST" and "follow" in request.POST:
        return redirect("follow_signal", codes.plain(request.POST["follow"]) or "-")
    form = SignalForm(request.POST if request.method == "POST" else None, initial={"code": codes.new_code()})
    error = ""
    if form.is_valid():
        if limits.count(limits.QUESTIONS, limits.address_of(request)).left < 0:
            error = gettext("Te vaak geprobeerd. Wacht 1 uur of bel ons.")
        else:
            told = form.cleaned_data
            verbs.leave(default_city(), **told, source=_source(request), language=spoken_language())
            return redirect("follow_signal", told["code"])
    seen: dict[str, Any] = {"form": form, "themes": THEME_WORDS.items(), "error": error, "longest": LONGEST}
    status = 429 if error else 422 if form.errors else 200
    return render(request, "listening/signals.html", {**seen, "decided": decided_groups()[:SHOWN]}, status=status)


def _source(request: HttpRequest) -> str:
    """A guide or somebody of an organisation tells it from their work; which one is kept nowhere."""
    if is_guide(request.user):
        return BY_GUIDE
    return BY_ORGANISATION if organisations_of(request.user).exists() else BY_WEB


@spoken
@never_cache
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """What became of it. Whoever tries many codes is told to wait."""
    found = signal_behind(codes.plain(code))
    if found is None:
        is_guessing = limits.count(limits.CODES, limits.address_of(request)).left < 0
        return render(request, "placements/report_unknown.html", status=429 if is_guessing else 404)
    words = GROUP_WORDS[found.group.state] if found.group else ""
    seen = {"signal": found, "words": words, "code": codes.shown(codes.plain(code))}
    return render(request, "listening/signal_followed.html", seen)
