"""An organisation confirms the days on which people helped, reads sums with their warnings and takes its lists."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.city.load import city, km_rate_of
from backend.common import sheets
from backend.engagements import actions, goals, queries
from backend.engagements.access import engagement_at, engagements_at, goal_at, goals_at, placements_at
from backend.engagements.ceilings import DAY_PASSED, KM_PASSED, YEAR_NEAR, YEAR_PASSED, ceilings_of
from backend.engagements.forms import NOT_THEN, HoursForm
from backend.engagements.models import BIKE, CAR, FLAT_RATE, NOTHING, REAL_COSTS, RaisedCeiling
from backend.organisations.access import known_organisation_for
from backend.organisations.models import Organisation
from backend.placements import states
from backend.placements.actions import StepNotAllowed
from backend.placements.models import Placement
from backend.ui.spoken import spoken_at_work

ON_A_PAGE = 50
EUROS_MAX, KM_MAX = 9999, 2000
KM_WORDS = {CAR: _("Met de auto"), BIKE: _("Met de fiets")}
YEARS = range(2000, 2200)
FREE_INSURANCE_HOURS = 1000  # in twelve months (law.md 2)
MONEY_WORDS = {
    NOTHING: _("Geen geld"), FLAT_RATE: _("Een vast bedrag, zonder bewijs"),
    REAL_COSTS: _("Echte kosten, met bewijs"),
}  # fmt: skip
WARNING_WORDS = {
    DAY_PASSED: _("Meer dan het hoogste bedrag van een dag."),
    YEAR_PASSED: _("Meer dan het hoogste bedrag van dit jaar."),
    YEAR_NEAR: _("Bijna het hoogste bedrag van dit jaar."),
    KM_PASSED: _("Meer dan 2000 kilometer dit jaar, naast een vast bedrag."),
}


class EngagementForm(HoursForm):
    """What an organisation adds: money, in one of two ways."""

    money = forms.ChoiceField(
        choices=list(MONEY_WORDS.items()),
        error_messages={"required": _("Kies welk geld."), "invalid_choice": _("Kies welk geld.")},
    )
    euro = forms.DecimalField(
        required=False, min_value=0, max_value=EUROS_MAX, decimal_places=2, localize=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_decimal_places"), _("Schrijf een bedrag, bijvoorbeeld 12.50.")
        ),
    )  # fmt: skip
    km = forms.DecimalField(
        required=False, min_value=0, max_value=KM_MAX, max_digits=5, decimal_places=1, localize=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            _("Schrijf het aantal kilometers, bijvoorbeeld 12."),
        ),
    )  # fmt: skip
    km_by = forms.ChoiceField(required=False, choices=list(KM_WORDS.items()))
    despite_ceiling = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("money") in (FLAT_RATE, REAL_COSTS) and "euro" not in self.errors and not data.get("euro"):
            self.add_error("euro", _("Schrijf het bedrag."))
        return data

    @property
    def amounts(self) -> dict[str, Decimal]:
        data = self.cleaned_data
        euro = data["euro"] or Decimal(0)
        nothing = Decimal(0)
        return {
            "flat_rate_eur": euro if data["money"] == FLAT_RATE else nothing,
            "real_costs_eur": euro if data["money"] == REAL_COSTS else nothing,
            "km": data["km"] or nothing,
        }


@login_required
@spoken_at_work
@require_http_methods(["GET", "HEAD", "POST"])
def at_work(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Who was there on which day, the sums of the year with their warnings, and the lists to keep."""
    organisation = known_organisation_for(request.user, organisation_id)
    today = city(organisation.city).local(timezone.now()).date()
    people = placements_at(organisation)
    form = EngagementForm(
        people, request.POST if request.method == "POST" else None, initial={"day": today, "money": NOTHING}
    )
    warnings: list[str] = []
    if form.is_valid():
        warnings = _confirm(form, today)
        if not form.errors and not warnings:
            messages.success(request, gettext("Genoteerd."))
            return redirect("engagements", organisation.pk)
    year = _year(request, today)
    rows = engagements_at(organisation, year)
    page = Paginator(rows.order_by("-day", "-created_at"), ON_A_PAGE).get_page(request.GET.get("page"))
    seen = {
        "organisation": organisation, "form": form, "people": people, "today": today, "year": year,
        "years": range(today.year, today.year - actions.YEARS_KEPT - 1, -1),
        "money": MONEY_WORDS.items(), "km_ways": _km_ways(organisation, today), "page": page, "raised": _raised(people),
        "warnings": [WARNING_WORDS[one] for one in warnings],
        "days": [{"day": one, "name": queries.name_of(one), "task": queries.task_of(one)} for one in page],
        "sums": [
            {"one": one, "warnings": [WARNING_WORDS[code] for code in one.warnings]}
            for one in queries.by_person(organisation, year, rows)
        ],
        "has_tokens": city(organisation.city).tokens is not None,
        "ceilings": ceilings_of(year, city(organisation.city).publication),
        "hours": queries.hours_in_a_year(organisation, today), "free_hours": FREE_INSURANCE_HOURS,
        "kinds": sheets.KINDS, "goals": goals_at(organisation).filter(learned_on=None),
    }  # fmt: skip
    return render(request, "engagements/at_work.html", seen, status=422 if form.errors or warnings else 200)


@login_required
@spoken_at_work
@require_POST
def learned(request: HttpRequest, organisation_id: UUID, goal_id: UUID) -> HttpResponse:
    """Somebody can do what they wanted to learn: it stands on their certificate."""
    organisation = known_organisation_for(request.user, organisation_id)
    today = city(organisation.city).local(timezone.now()).date()
    goals.say_learned(goal_at(organisation, goal_id).pk, today=today)
    messages.success(request, gettext("Genoteerd. Het komt op het attest."))
    return redirect("engagements", organisation.pk)


def _km_ways(organisation: Organisation, today: date) -> list[dict[str, Any]]:
    """How somebody travels, what a kilometre is worth today, and whether that is sure."""
    rules = city(organisation.city).publication
    ways = []
    for code, words in KM_WORDS.items():
        eur, is_sure = km_rate_of(today, rules.km_rates[code]) or (None, False)
        ways.append({"code": code, "words": words, "eur": eur, "is_sure": is_sure})
    return ways


def _raised(people: QuerySet[Placement]) -> list[dict[str, Any]]:
    """Of everybody who helps now: may the raised ceiling count, was it asked, or may it be asked?"""
    asked = dict(RaisedCeiling.objects.filter(placement__in=people).values_list("placement", "confirmed_at"))
    now = [one for one in people if one.state == states.ACTIVE]
    return [{"placement": one, "is_asked": one.pk in asked, "is_yes": bool(asked.get(one.pk))} for one in now]


@login_required
@spoken_at_work
@require_POST
def raise_ceiling(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Ask somebody whether the raised ceiling may count; it counts only after their yes."""
    organisation = known_organisation_for(request.user, organisation_id)
    found = next((one for one in placements_at(organisation) if str(one.pk) == request.POST.get("placement")), None)
    if found is None:
        raise Http404
    actions.ask_raised_ceiling(found.pk)
    messages.success(request, gettext("Gevraagd. Het telt pas als de vrijwilliger ja zegt."))
    return redirect("engagements", organisation.pk)


def _confirm(form: EngagementForm, today: date) -> list[str]:
    """Warnings that somebody must read first; what else is wrong stands at its field."""
    data = form.cleaned_data
    try:
        actions.confirm(
            data["placement"].pk, data["day"], data["hours"], today=today,
            km_by=data["km_by"] or CAR, despite_ceiling=data["despite_ceiling"], **form.amounts,
        )  # fmt: skip
    except actions.NotThatDay:
        form.add_error("day", NOT_THEN)
    except actions.TwoWaysOfPaying:
        form.add_error(
            "money",
            _("Een vast bedrag en echte kosten in één jaar voor één persoon: dat mag niet. Kies wat je eerder koos."),
        )
    except actions.NoKmRate:
        form.add_error("km", _("Voor die dag is nog geen bedrag per kilometer bekend."))
    except StepNotAllowed:
        form.add_error("placement", _("Deze persoon las de informatienota nog niet."))
    except actions.CeilingPassed as passed:
        return passed.warnings
    return []


def _year(request: HttpRequest, today: date) -> int:
    asked = request.GET.get("jaar", "")
    return int(asked) if asked.isdecimal() and today.year - 10 <= int(asked) <= today.year else today.year


@login_required
@spoken_at_work
@require_POST
def agree(request: HttpRequest, organisation_id: UUID, engagement_id: UUID) -> HttpResponse:
    """One tap to a day that the volunteer said."""
    organisation = known_organisation_for(request.user, organisation_id)
    actions.agree(engagement_at(organisation, engagement_id))
    messages.success(request, gettext("Genoteerd."))
    return redirect("engagements", organisation.pk)


@login_required
@spoken_at_work
@require_POST
def take_away(request: HttpRequest, organisation_id: UUID, engagement_id: UUID) -> HttpResponse:
    """A mistake of one's own."""
    organisation = known_organisation_for(request.user, organisation_id)
    actions.take_away(engagement_at(organisation, engagement_id))
    messages.success(request, gettext("Weg. Deze dag telt niet meer."))
    return redirect("engagements", organisation.pk)


@login_required
@spoken_at_work
@never_cache
@require_safe
def as_list(request: HttpRequest, organisation_id: UUID, what: str, year: int, kind: str) -> HttpResponse:
    """The expense list by name, or who was insured: from the confirmed days of a year (R090)."""
    organisation = known_organisation_for(request.user, organisation_id)
    if what not in LISTS or kind not in sheets.KINDS or year not in YEARS:
        raise Http404
    head, rows = LISTS[what](organisation, year)
    return sheets.download(kind, f"{what}-{year}", head, rows)


def _expenses(organisation: Organisation, year: int) -> tuple[list[str], list[Sequence[Any]]]:
    """Everybody who got money: a line a day, and a sum with its warning after each person."""
    head = [
        gettext("Voornaam"), gettext("Familienaam"), gettext("Nummer"), gettext("Dag"), gettext("Taak"),
        gettext("Uren"), gettext("Vast bedrag (euro)"), gettext("Echte kosten (euro)"), gettext("Kilometers"),
        gettext("Vervoer (euro)"), gettext("Let op"),
    ]  # fmt: skip
    paid = engagements_at(organisation, year).exclude(flat_rate_eur=0, real_costs_eur=0, travel_eur=0)
    rows: list[Sequence[Any]] = []
    for person in queries.by_person(organisation, year, paid):
        start = [person.name, "", person.reference]
        rows += [
            [*start, one.day, queries.task_of(one), one.hours, one.flat_rate_eur, one.real_costs_eur, one.km,
             one.travel_eur, ""]
            for one in person.days
        ]  # fmt: skip
        warned = " ".join(str(WARNING_WORDS[code]) for code in person.warnings)
        total = [
            gettext("Samen"), person.hours, person.flat_rate_eur, person.real_costs_eur, person.km, person.travel_eur,
        ]  # fmt: skip
        rows.append([*start, None, *total, warned])
    return head, rows


def _insured(organisation: Organisation, year: int) -> tuple[list[str], list[Sequence[Any]]]:
    """Who helped in that year, between which days and how long."""
    head = [
        gettext("Voornaam"), gettext("Familienaam"), gettext("Nummer"), gettext("Eerste dag"), gettext("Laatste dag"),
        gettext("Dagen"), gettext("Uren"),
    ]  # fmt: skip
    people = queries.by_person(organisation, year, engagements_at(organisation, year))
    return head, [
        [one.name, "", one.reference, one.days[0].day, one.days[-1].day, len({day.day for day in one.days}), one.hours]
        for one in people
    ]


LISTS = {"vergoedingen": _expenses, "verzekering": _insured}
