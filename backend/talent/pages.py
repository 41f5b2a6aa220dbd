"""The self-check for whoever wonders whether they may help: nothing is stored, nothing is logged (R016)."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.talent.may_i import TOO_YOUNG, Answer, answers, to_do
from backend.ui.spoken import spoken

QUESTION_WORDS = {
    "age": _("Hoe oud ben je?"),
    "benefit": _("Van wie krijg je geld?"),
    "day": _("Wat doe je nu?"),
    "paid_there": _("Werk je betaald waar je wil helpen?"),
    "doubt": _("Twijfel je of je mag helpen?"),
}
MANY = ("benefit", "day")


class MayIForm(forms.Form):
    """Five questions; each may be left open."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for question, say in QUESTION_WORDS.items():
            kind = forms.MultipleChoiceField if question in MANY else forms.ChoiceField
            choices = [(one.code, one.says) for (asked, _code), one in answers().items() if asked == question]
            self.fields[question] = kind(required=False, label=say, choices=choices)

    def chosen(self) -> list[Answer]:
        given = {name: told if name in MANY else [told] for name, told in self.cleaned_data.items() if told}
        return [one for (question, code), one in answers().items() if code in given.get(question, ())]


@spoken
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def may_i(request: HttpRequest) -> HttpResponse:
    """Five questions on one screen, and below them what to do first. The answers travel in the body alone."""
    form = MayIForm(request.POST if request.method == "POST" else None)
    questions = [(form[name], name in MANY) for name in QUESTION_WORDS]
    if not form.is_valid():
        return render(request, "talent/may_i.html", {"questions": questions}, status=422 if form.is_bound else 200)
    chosen = form.chosen()
    is_too_young = TOO_YOUNG in {(one.question, one.code) for one in chosen}
    seen = {"questions": questions, "is_answered": True, "is_too_young": is_too_young, "to_do": to_do(chosen)}
    return render(request, "talent/may_i.html", seen)
