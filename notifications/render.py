"""Makes the words, in the reader's language and time zone; a missing translation falls back to Dutch."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context
from django.template.loader import get_template, select_template
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from notifications.models import Delivery

FALLBACK = "nl"


ADDRESS = re.compile(r"https?://[^\s<>]+")
RIGHT_TO_LEFT = ("ar",)


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str
    language: str

    @property
    def html(self) -> str:
        """The same words as a small page: nothing is loaded from anywhere, and addresses can be tapped."""
        direction = "rtl" if self.language in RIGHT_TO_LEFT else "ltr"
        parts = [list(_pieces(part)) for part in self.body.strip().split("\n\n")]
        told = {"subject": self.subject, "language": self.language, "direction": direction, "parts": parts}
        return get_template("notifications/email.html").render(told)


def _pieces(part: str) -> Iterator[dict[str, object]]:
    for number, line in enumerate(part.split("\n")):
        if number:
            yield {"is_break": True}
        at = 0
        for found in ADDRESS.finditer(line):
            yield {"words": line[at : found.start()]}
            yield {"address": found[0]}
            at = found.end()
        yield {"words": line[at:]}


def render(delivery: Delivery, channel: str = "") -> Text:
    """First line = subject, the rest = body. Moments in `values` (`..._at`, ISO 8601) become local moments.

    The words of its own channel, or those that another `channel` would have had.
    """
    file = f"{channel or delivery.channel}.txt"
    names = [f"notifications/{delivery.kind}/{language}.{file}" for language in (delivery.language, FALLBACK)]
    template = select_template(names)
    language = delivery.language if template.template.name == names[0] else FALLBACK
    # The address is looked up when a template asks for it: a call sheet never does.
    values = {**_moments(delivery.values), "link": SimpleLazyObject(lambda: _address(delivery))}
    if language in RIGHT_TO_LEFT and "phone" in values:
        values["phone"] = f"\u2066{values['phone']}\u2069"  # a number is read from left to right in every language
    with translation.override(language), timezone.override(ZoneInfo(delivery.time_zone)):
        text = template.template.render(Context(values, autoescape=False))  # plain text, no HTML
    subject, _, body = text.strip().partition("\n")
    return Text(subject.strip(), body.strip() + "\n", language)


def _moments(values: dict[str, str]) -> dict[str, object]:
    return {key: datetime.fromisoformat(value) if key.endswith("_at") else value for key, value in values.items()}


def _address(delivery: Delivery) -> str:
    if delivery.link is None:
        return ""
    if delivery.link_address:
        return delivery.link_address
    address: str = import_string(settings.NOTIFICATION_LINKS)(delivery.link)
    return address
