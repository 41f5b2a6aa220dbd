"""What somebody of the volunteer point types: to let a colleague in, to thank or call upon many, a period to count."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.accounts.forms import ColleagueField
from backend.accounts.models import GUIDE
from backend.coordination.queries import CAMPAIGN_WORDS, ROLE_WORDS
from backend.placements.models import CRISIS


class TeamForm(forms.Form):
    """A contact, a role, a city of one's own; a guide has a name by which people choose them."""

    contact = ColleagueField()
    role = forms.ChoiceField(choices=list(ROLE_WORDS.items()), error_messages={"required": _("Kies een rol.")})
    label = forms.CharField(max_length=120, required=False)
    city = forms.ChoiceField()

    def __init__(self, *args: Any, cities: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["city"].choices = list(cities.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("role") == GUIDE and not data.get("label"):
            self.add_error("label", gettext("Hoe heet deze toeleider voor mensen? Bijvoorbeeld: An, OCMW Dam."))
        if data.get("role") != GUIDE:
            data["label"] = ""
        return data


class CampaignForm(forms.Form):
    """Which message to many; a call says what is needed, in one sentence, and may be for one postcode."""

    kind = forms.ChoiceField(choices=list(CAMPAIGN_WORDS.items()), error_messages={"required": _("Kies een soort.")})
    text = forms.CharField(max_length=90, required=False)
    postcode = forms.RegexField(
        r"^[0-9]{4}$", required=False, error_messages={"invalid": _("Een postcode heeft 4 cijfers.")}
    )
    city = forms.ChoiceField()

    def __init__(self, *args: Any, cities: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["city"].choices = list(cities.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == CRISIS and not data.get("text"):
            self.add_error("text", gettext("Zeg in één zin wat er nodig is."))
        if data.get("kind") != CRISIS:
            data["text"] = ""
        return data


class PeriodForm(forms.Form):
    """From which day to which day."""

    first = forms.DateField(error_messages={"invalid": _("Kies een dag.")})
    last = forms.DateField(error_messages={"invalid": _("Kies een dag.")})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("De laatste dag komt na de eerste."))
        return data
