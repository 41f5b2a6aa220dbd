"""What somebody chooses about messages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from backend.talent.models import Volunteer

CHANNEL_WORDS = {
    "app": _("Op mijn toestel"),
    "email": _("Met e-mail"),
    "sms": _("Met sms"),
    "phone": _("Bel mij"),
    "post": _("Stuur een brief"),
}
MUTED_WORDS = {
    "reminders": _("herinneringen"),
    "thanks": _("bedankjes"),
    "check_ins": _("vragen hoe het gaat"),
}
PER_WEEK = [("", _("Wat jullie goed vinden")), *((str(number), str(number)) for number in range(1, 6))]


class MessagesForm(forms.Form):
    """The way, how many proposals a week, and what somebody does not want to hear."""

    channel = forms.ChoiceField(choices=list(CHANNEL_WORDS.items()), error_messages={"required": _("Kies een manier.")})
    proposals_per_week = forms.TypedChoiceField(choices=PER_WEEK, coerce=int, empty_value=None, required=False)
    muted = forms.MultipleChoiceField(choices=list(MUTED_WORDS.items()), required=False)
    crisis_calls = forms.BooleanField(required=False)

    @classmethod
    def of(cls, volunteer: Volunteer, said: Any = None) -> "MessagesForm":
        """As it stands, or as it was said just now. Who is reached through a guide keeps that way as a choice."""
        now = {name: getattr(volunteer, name) for name in cls.base_fields}
        form = cls(said, initial=now)
        if volunteer.channel not in CHANNEL_WORDS:
            ways = [*CHANNEL_WORDS.items(), (volunteer.channel, _("Via mijn begeleider"))]
            form.fields["channel"].choices = ways  # type: ignore[attr-defined]
        return form
