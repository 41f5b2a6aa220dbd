"""What a mail provider tells later about a mail: it arrived, it came back, or somebody called it junk.

django-anymail brings it as a signal of its own; this is the one place that listens (decision 0014).
"""

from typing import Any
from uuid import UUID

from notifications import actions

CAME_BACK = {"bounced", "rejected", "failed", "complained"}


def take(sender: Any, event: Any, esp_name: str, **_later: Any) -> None:
    """Receiver of anymail.signals.tracking. An event about a mail that is none of ours changes nothing."""
    del sender, esp_name
    try:
        delivery_id = UUID(str((event.metadata or {}).get("delivery", "")))
    except ValueError:
        return
    if event.event_type == "delivered":
        actions.arrived(delivery_id)
    elif event.event_type in CAME_BACK:
        actions.came_back(delivery_id, f"provider: {event.reject_reason or event.event_type}"[:40])
