"""Every night: what was kept long enough goes."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from backend.me import actions


@shared_task(name="me.tidy")
def tidy(**_later: Any) -> None:
    """Beat: see `actions.tidy`."""
    actions.tidy(now=timezone.now())
