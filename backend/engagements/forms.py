"""What is asked about a day on which somebody helped."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.placements.models import Placement

HOURS_MAX = 24
NOT_THEN = _("Kies een dag na de start, en niet later dan vandaag.")


class HoursForm(forms.Form):
    """A day and how long."""

    placement = forms.ModelChoiceField(
        Placement.objects.none(), error_messages={"required": _("Kies wie."), "invalid_choice": _("Kies wie.")}
    )
    day = forms.DateField(error_messages={"required": _("Kies een dag."), "invalid": _("Kies een dag.")})
    hours = forms.DecimalField(
        max_value=HOURS_MAX, min_value=Decimal("0.25"), max_digits=4, decimal_places=2, localize=False,
        error_messages=dict.fromkeys(
            ("required", "invalid", "max_value", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            _("Schrijf hoeveel uur, bijvoorbeeld 2 of 2.5."),
        ),
    )  # fmt: skip

    def __init__(self, among: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["placement"].queryset = among  # type: ignore[attr-defined]
