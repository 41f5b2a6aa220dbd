"""The volunteer point: signals on their way to policy, support that organisations ask, trainings and who came."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.access import TRAININGS, cities_behind
from backend.city.load import city
from backend.listening import access, states
from backend.listening import signals as signal_verbs
from backend.listening import stories as story_verbs
from backend.listening import support as support_verbs
from backend.listening import trainings as training_verbs
from backend.listening.models import LONGEST, SUPPORT_KINDS, VISIT
from backend.listening.shown import GROUP_WORDS, THEME_WORDS, TRAINING_WORDS
from backend.listening.support_pages import KIND_WORDS, row_of
from backend.ui.spoken import spoken_at_work

ON_A_PAGE = 25
SOURCE_WORDS = {
    "web": _("Via de website"), "sms": _("Via sms"), "guide": _("Van een begeleider"),
    "organisation": _("Van een organisatie"),
}  # fmt: skip


@login_required
@spoken_at_work
@never_cache
@require_safe
def signals(request: HttpRequest) -> HttpResponse:
    """What was heard: to bundle, and the groups that are not decided yet."""
    page = Paginator(access.loose_signals(request), ON_A_PAGE).get_page(request.GET.get("page"))
    groups = list(access.open_groups(request))
    seen = {
        "page": page,
        "rows": [{"signal": one, "theme": THEME_WORDS[one.theme], "source": SOURCE_WORDS[one.source]} for one in page],
        "groups": [{"group": one, "words": GROUP_WORDS[one.state]} for one in groups],
        "titles": [one.title for one in groups],
        "longest": LONGEST,
    }
    return render(request, "listening/work_signals.html", seen)


@login_required
@spoken_at_work
@require_POST
def bundle(request: HttpRequest, signal_id: UUID) -> HttpResponse:
    """Under a title, with what is about the same."""
    found = access.loose_signal(request, signal_id)
    try:
        signal_verbs.bundle(found.pk, request.POST.get("title", "").strip())
        messages.success(request, gettext("Gebundeld."))
    except ValueError:
        messages.error(request, gettext("Geef een titel van hoogstens 120 tekens, die nog niet beslist is."))
    return redirect("signals_at_point")


@login_required
@spoken_at_work
@require_POST
def move(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """To policy, or decided with an answer that everybody may read."""
    found = access.open_group(request, group_id)
    try:
        signal_verbs.move(
            found.pk, request.POST.get("state", ""), request.POST.get("answer", "").strip(), now=timezone.now()
        )
        messages.success(request, gettext("Genoteerd. Wie een contact gaf, hoort een beslissing meteen."))
    except ValueError:
        messages.error(request, gettext("Schrijf wat er beslist is, in gewone woorden. Hoogstens 1000 tekens."))
    return redirect("signals_at_point")


@login_required
@spoken_at_work
@require_safe
def support(request: HttpRequest) -> HttpResponse:
    """What organisations ask, what was agreed, and how much was finished."""
    rows = access.requests_at_point(request)
    kind, state = request.GET.get("soort", ""), request.GET.get("staat", states.OPEN)
    done = rows.filter(state=states.DONE).count()
    rows = rows.filter(kind=kind) if kind in SUPPORT_KINDS else rows
    rows = rows.filter(state=state) if state in states.REQUEST_STATES else rows
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    seen = {
        "page": page, "rows": [_at_point(row_of(one, set())) for one in page], "kinds": KIND_WORDS.items(),
        "kind": kind, "state": state, "done": done, "longest": LONGEST,
    }  # fmt: skip
    return render(request, "listening/work_support.html", seen)


def _at_point(row: dict[str, Any]) -> dict[str, Any]:
    offers = access.offers_of(row["request"])
    return {**row, "is_offered": any(one.organisation_id is None for one in offers), "many": len(offers)}


@login_required
@spoken_at_work
@require_POST
def offer(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The volunteer point helps itself."""
    found = access.request_at_point(request, request_id)
    try:
        support_verbs.offer(found.pk, None, request.POST.get("text", "").strip(), now=timezone.now())
        messages.success(request, gettext("Aangeboden. De organisatie hoort het."))
    except ValueError:
        messages.error(request, gettext("Schrijf wat je kan aanbieden. Hoogstens 1000 tekens."))
    except support_verbs.StepNotAllowed:
        messages.error(request, gettext("Dit kan nu niet."))
    return redirect("support_at_point")


@login_required
@spoken_at_work
@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    """What people told with a yes: to read first, then to publish."""
    page = Paginator(access.stories_at_point(request), ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "listening/work_stories.html", {"page": page})


@login_required
@spoken_at_work
@require_POST
def publish_story(request: HttpRequest, story_id: UUID) -> HttpResponse:
    found = access.story_at_point(request, story_id)
    story_verbs.publish(found.pk, is_online=request.POST.get("online") == "yes", now=timezone.now())
    messages.success(request, gettext("Genoteerd."))
    return redirect("stories_at_point")


PLANNED_WORDS = {code: say for code, say in TRAINING_WORDS.items() if code != VISIT}  # a visit is planned by its host


class TrainingForm(forms.Form):
    """A training to plan, on the clocks of the city."""

    city = forms.ChoiceField()
    kind = forms.ChoiceField(choices=list(PLANNED_WORDS.items()))
    title = forms.CharField(max_length=120)
    text = forms.CharField(max_length=LONGEST, required=False)
    by = forms.CharField(max_length=120)
    where = forms.CharField(max_length=120)
    starts_at = forms.DateTimeField(error_messages={"invalid": _("Kies een dag en een uur.")})
    ends_at = forms.DateTimeField(error_messages={"invalid": _("Kies een dag en een uur.")})
    places = forms.IntegerField(min_value=1, max_value=500)

    def __init__(self, cities: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["city"].choices = list(cities.items())  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.error_messages["required"] = gettext("Vul dit in.")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("Het einde komt na het begin."))
        return data


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def trainings(request: HttpRequest) -> HttpResponse:
    """Plan one, and note who came."""
    cities = {slug: city(slug).matching.name for slug in cities_behind(request, TRAININGS)}
    form = TrainingForm(
        cities, request.POST if request.method == "POST" else None, initial={"city": next(iter(cities))}
    )
    if form.is_valid():
        training_verbs.plan(**form.cleaned_data)
        messages.success(request, gettext("Gepland. Inschrijven kan nu."))
        return redirect("trainings_at_point")
    page = Paginator(access.trainings_at_point(request), ON_A_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    rows = [
        {
            "training": one,
            "kind": TRAINING_WORDS[one.kind],
            "people": [_person(taken) for taken in one.taken.all() if taken.state == states.IN],
            "waiting": sum(taken.state == states.WAITING for taken in one.taken.all()),
            "has_begun": one.starts_at <= now,
        }
        for one in page
    ]
    seen = {"form": form, "page": page, "rows": rows, "kinds": PLANNED_WORDS.items(), "cities": cities.items()}
    return render(request, "listening/work_trainings.html", seen, status=422 if form.errors else 200)


@login_required
@spoken_at_work
@require_POST
def cancel_training(request: HttpRequest, training_id: UUID) -> HttpResponse:
    """It does not go on: who would come hears it."""
    try:
        training_verbs.cancel(access.training_at_point(request, training_id).pk, now=timezone.now())
        messages.success(request, gettext("Het gaat niet door. Wie zou komen, krijgt een bericht."))
    except training_verbs.TooLate:
        messages.error(request, gettext("Dit moment is voorbij."))
    return redirect("trainings_at_point")


def _person(taken: Any) -> dict[str, Any]:
    if taken.user is None:
        return {"taken": taken, "name": taken.guest}
    volunteer = getattr(taken.user, "volunteer", None)
    return {"taken": taken, "name": volunteer.first_name if volunteer else taken.user.email or taken.user.phone}


@login_required
@spoken_at_work
@require_POST
def attendance(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Came, or did not; or cannot come, said by phone before it begins."""
    found = access.place_at_point(request, place_id)
    if request.POST.get("what") == "give_back":
        try:
            training_verbs.give_back(found, now=timezone.now())
            messages.success(request, gettext("Genoteerd. De plaats is vrij voor iemand anders."))
        except training_verbs.TooLate:
            messages.error(request, gettext("Dit kan nu niet."))
        return redirect("trainings_at_point")
    if request.POST.get("came") not in ("yes", "no"):
        raise Http404
    training_verbs.note_attendance(found.pk, came=request.POST["came"] == "yes")
    messages.success(request, gettext("Genoteerd."))
    return redirect("trainings_at_point")
