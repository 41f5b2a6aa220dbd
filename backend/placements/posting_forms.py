"""What an organisation fills in about an opportunity, a screen at a time; everything was filled in beforehand.

Each form starts from a record of the city sample format and gives the changed one back; the format's reader and the
publication check have the last word.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.ui.pictures import pictures
from backend.ui.spoken import label_of
from matching.catalogue import load_catalogue
from matching.citysample import COMPANY, COSTS, EXPENSES, PUBLISHED_AGES
from matching.types import DAY_PARTS, DAYS, SLOTS

HERE, AT_HOME, OWN_NEIGHBOURHOOD = "here", "at_home", "own_neighbourhood"
THEMES_MAX = 3
WEEKS_OF_SHORT, WEEKS_OF_FIXED = 4, 13
PLACE_WORDS = {
    HERE: _("Bij ons"),
    AT_HOME: _("Bij de vrijwilliger thuis"),
    OWN_NEIGHBOURHOOD: _("In de wijk van de vrijwilliger"),
}
FREQUENCY_WORDS = {
    "weekly": _("Elke week"), "every_two_weeks": _("Om de twee weken"), "monthly": _("Elke maand"),
    "flexible": _("Wanneer het past"), "once": _("Eén keer, op een dag die vastligt"),
}  # fmt: skip
HOW_LONG_WORDS = {
    "flexible": _("Zolang iemand wil: stoppen mag altijd"),
    "short": format_lazy(_("Een paar weken: minstens {weeks}"), weeks=WEEKS_OF_SHORT),
    "fixed": format_lazy(_("Vast: minstens {weeks} weken"), weeks=WEEKS_OF_FIXED),
}
CHOOSE_WORDS = {
    "one_or_more": _("Mensen kiezen één of meer van die momenten"),
    "all": _("Iemand moet op al die momenten kunnen"),
}
DUTCH_WORDS = {
    "A0": _("Geen: tonen en gebaren volstaan"), "A1": _("Een beetje: woorden en korte zinnen"),
    "A2": _("Gewone dingen: winkel, familie, dag en uur"), "B1": _("Een gewoon gesprek"), "B2": _("Vlot"),
}  # fmt: skip
COMPANY_WORDS = {"group": _("In een groep"), "pair": _("Met een collega"), "alone": _("Alleen")}
COST_WORDS = {
    "none": _("Niets"),
    "advance": _("Eerst zelf, daarna krijgt die het terug"),
    "own": _("Een deel is voor de vrijwilliger"),
}
EXPENSE_WORDS = {
    "travel": _("Vervoer"),
    "meal": _("Maaltijd"),
    "mileage": _("Kilometers"),
    "flat_rate": _("Een vast bedrag per dag"),
    "real_costs": _("Kosten, met een bewijs"),
}
WHEELCHAIR_WORDS = {"yes": _("Ja"), "partly": _("Niet overal"), "no": _("Nee")}
ALONE = "alleen"  # a feature that says the same as the company somebody has


def _choice(words: Mapping[str, Any]) -> Any:
    return forms.ChoiceField(choices=list(words.items()), error_messages={"required": _("Kies er één.")})


def _choices(words: Mapping[str, Any]) -> Any:
    return forms.MultipleChoiceField(choices=list(words.items()), required=False)


class RecordForm(forms.Form):
    """`record` is where it starts from; `changed` gives it as filled in."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, record: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = record

    def offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        """What may be chosen, in the language of this page."""
        field: Any = self.fields[name]
        field.choices = list(choices)

    def changed(self) -> dict[str, Any]:
        raise NotImplementedError


class WhatForm(RecordForm):
    """Title and text, what it is about, what people do, and where."""

    title = forms.CharField(max_length=80, error_messages={"required": _("Geef de taak een naam.")})
    text = forms.CharField(max_length=600, error_messages={"required": _("Zeg in een paar zinnen wat iemand doet.")})
    themes = forms.MultipleChoiceField(error_messages={"required": _("Kies minstens 1 thema.")})
    talents = forms.MultipleChoiceField(required=False)
    where = _choice(PLACE_WORDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        catalogue, record = load_catalogue(), self.record
        self.offer("themes", ((one, label_of("themes", one, label)) for one, label in catalogue.themes.items()))
        chosen = [*record["talents_any_of"], *record["talents_welcome"]]
        talents = dict.fromkeys([*chosen, *pictures()])
        self.offer("talents", ((one, label_of("talents", one, catalogue.talents[one].label)) for one in talents))
        place = record["place"]
        where = AT_HOME if place["at_home"] else OWN_NEIGHBOURHOOD if place["own_neighbourhood"] else HERE
        self.initial = {
            "title": record["title"], "text": record["text"], "themes": record["themes"], "talents": chosen,
            "where": where, **self.initial,
        }  # fmt: skip

    def clean_themes(self) -> list[str]:
        themes: list[str] = self.cleaned_data["themes"]
        if len(themes) > THEMES_MAX:
            raise forms.ValidationError(gettext("Kies niet meer dan {number} thema's.").format(number=THEMES_MAX))
        return themes

    def changed(self) -> dict[str, Any]:
        told, record = self.cleaned_data, self.record
        needed = [one for one in told["talents"] if one in record["talents_any_of"]]
        return {
            **record,
            **{name: told[name] for name in ("title", "text", "themes")},
            "talents_any_of": needed,
            "talents_welcome": [one for one in told["talents"] if one not in needed],
            "place": {
                **record["place"],
                "at_home": told["where"] == AT_HOME,
                "own_neighbourhood": told["where"] == OWN_NEIGHBOURHOOD,
            },
        }


class WhenForm(RecordForm):
    """How often, when, how long, and how many people."""

    frequency = _choice(FREQUENCY_WORDS)
    on = forms.DateField(required=False, error_messages={"invalid": _("Deze datum klopt niet.")})
    slots = forms.MultipleChoiceField(
        choices=[(one, one) for one in SLOTS], error_messages={"required": _("Kies minstens 1 moment.")}
    )
    choose = _choice(CHOOSE_WORDS)
    how_long = _choice(HOW_LONG_WORDS)
    hours_per_time = forms.DecimalField(
        min_value=0.5, max_value=12, max_digits=5, decimal_places=2, localize=True,
        error_messages={
            "required": _("Vul in hoeveel uur het duurt."), "invalid": _("Vul een getal in."),
            "min_value": _("Minstens een half uur."), "max_value": _("Hoogstens 12 uur."),
        },
    )  # fmt: skip
    places = forms.IntegerField(
        min_value=1, max_value=200,
        error_messages={
            "required": _("Vul in hoeveel mensen je zoekt."), "invalid": _("Vul een getal in."),
            "min_value": _("Minstens 1."), "max_value": _("Hoogstens 200."),
        },
    )  # fmt: skip
    reserved_places = forms.IntegerField(
        min_value=0,
        error_messages={
            "required": _("Vul een getal in."),
            "invalid": _("Vul een getal in."),
            "min_value": _("Minstens 0."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        record = self.record
        times, commitment = record["times"], record["commitment"]
        is_once, period = times["frequency"] == "once", commitment["period"]
        self.initial = {
            "frequency": times["frequency"], "slots": times["slots"], "choose": times["choose"],
            "how_long": "flexible" if is_once else commitment["type"],
            "on": period["from"] if is_once and period else None,
            "hours_per_time": Decimal(f"{commitment['hours_per_time']:g}"),
            "places": record["places"], "reserved_places": record["reserved_places"], **self.initial,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("frequency") == "once" and not told.get("on") and "on" not in self.errors:
            self.add_error("on", gettext("Vul de dag in."))
        if told.get("reserved_places", 0) > told.get("places", 200):
            self.add_error("reserved_places", gettext("Je kan niet meer plaatsen vrijhouden dan er zijn."))
        return told

    def changed(self) -> dict[str, Any]:
        told, commitment = self.cleaned_data, self.record["commitment"]
        day: date | None = told["on"] if told["frequency"] == "once" else None
        slots, period = told["slots"], commitment["period"]
        if day:  # the day is known, so of the moments only the part of the day counts
            parts = {one.partition("-")[2] for one in slots}
            slots = [f"{DAYS[day.weekday()]}-{part}" for part in DAY_PARTS if part in parts]
            period = {"from": day.isoformat(), "until": day.isoformat()}
        elif self.record["times"]["frequency"] == "once":
            period = None
        kind = "once" if day else told["how_long"]
        weeks = {"short": WEEKS_OF_SHORT, "fixed": WEEKS_OF_FIXED}.get(kind, 0)
        if kind == commitment["type"]:
            weeks = commitment["min_weeks"]
        return {
            **self.record,
            "times": {"slots": slots, "choose": told["choose"], "frequency": told["frequency"]},
            "commitment": {
                "type": kind,
                "min_weeks": weeks,
                "hours_per_time": float(told["hours_per_time"]),
                "period": period,
            },
            "places": told["places"],
            "reserved_places": told["reserved_places"],
        }


class WhoForm(RecordForm):
    """What is asked of people, and what they get for it; everything starts at "nothing needed"."""

    dutch_min = _choice(DUTCH_WORDS)
    min_age = _choice({str(age): format_lazy(_("{age} jaar"), age=age) for age in PUBLISHED_AGES})
    experience = forms.BooleanField(required=False)
    driving_licence_b = forms.BooleanField(required=False)
    extract_596_2 = forms.BooleanField(required=False)
    company = _choice({one: COMPANY_WORDS[one] for one in COMPANY})
    wheelchair = _choice(WHEELCHAIR_WORDS)
    features = forms.MultipleChoiceField(required=False)
    support = forms.MultipleChoiceField(
        error_messages={"required": _("Kies minstens 1 ding dat je aanbiedt. Niemand begint alleen.")}
    )
    costs = _choice({one: COST_WORDS[one] for one in COSTS})
    expenses = _choices({one: EXPENSE_WORDS[one] for one in EXPENSES})
    flat_rate_per_day_eur = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=9999,
        max_digits=6,
        decimal_places=2,
        localize=True,
        error_messages={
            "invalid": _("Vul een bedrag in."),
            "min_value": _("Minstens 0."),
            "max_value": _("Dit is te veel."),
        },
    )

    SAME = ("dutch_min", "driving_licence_b", "extract_596_2", "company", "wheelchair", "support", "costs", "expenses")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        catalogue, record = load_catalogue(), self.record
        self.offer(
            "features",
            ((code, label_of("features", code, label)) for code, label in catalogue.features.items() if code != ALONE),
        )
        self.offer(
            "support", ((code, label_of("support", code, one.explanation)) for code, one in catalogue.support.items())
        )
        level = record["dutch_min"]
        self.initial = {
            **{name: record[name] for name in self.SAME},
            "dutch_min": level if level in DUTCH_WORDS else "B2",
            "min_age": str(record["min_age"]),
            "experience": bool(record["talents_any_of"]),
            "features": record["features"],
            "flat_rate_per_day_eur": record["flat_rate_per_day_eur"],
            **self.initial,
        }

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "eigen_auto" in told.get("features", []) and not told.get("driving_licence_b"):
            self.add_error("driving_licence_b", gettext("Met een eigen auto rijden kan alleen met een rijbewijs."))
        if told.get("flat_rate_per_day_eur") and "flat_rate" not in told.get("expenses", []):
            self.add_error("expenses", gettext("Vink ‘Een vast bedrag per dag’ aan, of maak het bedrag leeg."))
        return told

    def changed(self) -> dict[str, Any]:
        told, record = self.cleaned_data, self.record
        features = {*told["features"], *(["lezen"] if "schrijven" in told["features"] else [])}
        features |= {ALONE} if told["company"] == "alone" else set()
        talents = [*record["talents_any_of"], *record["talents_welcome"]]
        needed = record["talents_any_of"] or talents
        is_level_kept = told["dutch_min"] == "B2" and record["dutch_min"] not in DUTCH_WORDS
        return {
            **record,
            **{name: told[name] for name in self.SAME},
            "dutch_min": record["dutch_min"] if is_level_kept else told["dutch_min"],
            "min_age": int(told["min_age"]),
            "features": [one for one in load_catalogue().features if one in features],
            "flat_rate_per_day_eur": None
            if told["flat_rate_per_day_eur"] is None
            else float(told["flat_rate_per_day_eur"]),
            "talents_any_of": needed if told["experience"] else [],
            "talents_welcome": [one for one in talents if one not in needed] if told["experience"] else talents,
        }
