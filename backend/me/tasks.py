"""Every night: what was kept long enough goes."""

from typing import Any

from celery import shared_task

from backend.common.clock import database_now
from backend.listening import trainings
from backend.me import actions


@shared_task(name="me.tidy")
def tidy(**_later: Any) -> None:
    """Beat: see `actions.tidy`; a place at a training that came free by it goes to whoever waits."""
    now = database_now()
    actions.tidy(now=now)
    trainings.fill_up(now=now)
