"""The volunteer point asks something on a screen, reads the counts and closes it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.access import SIGNALS, cities_behind
from backend.city.load import city
from backend.listening import polls
from backend.listening.access import polls_in
from backend.listening.models import CHOICE_LONGEST, TITLE_LONGEST
from backend.placements.shown import FACES
from backend.ui.pictures import pictures
from backend.ui.spoken import spoken_at_work

PLACES = range(polls.CHOICES_MOST)


class PollForm(forms.Form):
    """A question; three faces, or own words each with a picture."""

    question = forms.CharField(max_length=TITLE_LONGEST, error_messages={"required": _("Schrijf een vraag.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(one.file, one.label) for one in pictures().values()]
        for place in PLACES:
            self.fields[f"text{place}"] = forms.CharField(required=False, max_length=CHOICE_LONGEST)
            self.fields[f"picture{place}"] = forms.ChoiceField(required=False, choices=[("", "–"), *known])

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the page: the two fields of each choice."""
        return [{"place": place, "text": self[f"text{place}"], "picture": self[f"picture{place}"]} for place in PLACES]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        pairs = [(data.get(f"text{place}", ""), data.get(f"picture{place}", "")) for place in PLACES]
        filled = [(words, picture) for words, picture in pairs if words or picture]
        if any(not words or not picture for words, picture in filled):
            self.add_error("text0", _("Elke keuze heeft woorden en een tekening."))
        elif len(filled) == 1:
            self.add_error("text0", _("Geef minstens twee keuzes, of geen: dan staan er drie gezichten."))
        data["choices"] = filled or [(str(words), file) for _code, words, file in FACES]
        return data


@login_required
@spoken_at_work
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def at_point(request: HttpRequest) -> HttpResponse:
    """What runs, what was answered, and a new question."""
    slug = cities_behind(request, SIGNALS)[0]
    if not city(slug).has_polls:
        raise Http404
    is_closing = request.POST.get("what") == "close"
    if request.method == "POST" and is_closing:
        found = next((one for one in polls_in(slug) if str(one.pk) == request.POST.get("pk")), None)
        if found is None:
            raise Http404
        polls.close(found, now=timezone.now())
        messages.success(request, gettext("Gesloten. De antwoorden blijven staan."))
        return redirect("polls_at_point")
    form = PollForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        polls.ask(slug, form.cleaned_data["question"], form.cleaned_data["choices"])
        messages.success(request, gettext("Klaar. Zet de pagina op het scherm."))
        return redirect("polls_at_point")
    seen = {
        "form": form, "longest": TITLE_LONGEST, "choice_longest": CHOICE_LONGEST,
        "polls": [{"poll": one, "choices": list(one.choices.all()), "all": sum(two.count for two in one.choices.all())}
                  for one in polls_in(slug)],
    }  # fmt: skip
    return render(request, "listening/work_polls.html", seen, status=422 if form.errors else 200)
