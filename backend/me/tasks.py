"""Every night: what was kept long enough goes."""

from typing import Any

from celery import shared_task

from backend.common.clock import database_now
from backend.me import actions


@shared_task(name="me.tidy")
def tidy(**_later: Any) -> None:
    """Beat: see `actions.tidy`."""
    actions.tidy(now=database_now())
