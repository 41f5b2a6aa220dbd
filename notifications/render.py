"""Makes the words, in the reader's language and time zone; a missing translation falls back to Dutch."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context
from django.template.loader import select_template
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from notifications.models import Delivery

FALLBACK = "nl"


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


def render(delivery: Delivery) -> Text:
    """First line = subject, the rest = body. Moments in `values` (`..._at`, ISO 8601) become local moments."""
    names = [
        f"notifications/{delivery.kind}/{language}.{delivery.channel}.txt" for language in (delivery.language, FALLBACK)
    ]
    template = select_template(names)
    language = delivery.language if template.template.name == names[0] else FALLBACK
    # The address is looked up when a template asks for it: a call sheet never does.
    values = {**_moments(delivery.values), "link": SimpleLazyObject(lambda: _address(delivery))}
    with translation.override(language), timezone.override(ZoneInfo(delivery.time_zone)):
        text = template.template.render(Context(values, autoescape=False))  # plain text, no HTML
    subject, _, body = text.strip().partition("\n")
    return Text(subject.strip(), body.strip() + "\n")


def _moments(values: dict[str, str]) -> dict[str, object]:
    return {key: datetime.fromisoformat(value) if key.endswith("_at") else value for key, value in values.items()}


def _address(delivery: Delivery) -> str:
    if delivery.link is None:
        return ""
    if delivery.link_address:
        return delivery.link_address
    address: str = import_string(settings.NOTIFICATION_LINKS)(delivery.link)
    return address
