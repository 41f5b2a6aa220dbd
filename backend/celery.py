"""The Celery app, its queues and its timetable in one place. Redis carries hints only: ids, nothing else."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_prerun
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

MATCHING, STEPS, URGENT = "matching", "steps", "urgent"
EMAIL, SMS, PUSH, CALLSHEET = "email", "sms", "push", "callsheet"
QUEUES = (MATCHING, STEPS, URGENT, EMAIL, SMS, PUSH, CALLSHEET)

app = Celery("helpende-handen")


class Config:
    """Late: Django's settings are read when the first task or worker needs them."""

    task_ignore_result = True  # what a task did is a row of ours
    task_serializer = "json"
    accept_content = ("json",)
    task_acks_late = False  # a lost hint is given again by the relay; a late ack would only double it
    task_create_missing_queues = False
    task_publish_retry = False
    task_time_limit = 110  # shorter than LEASE_SECONDS, so that two workers never hold the same event
    task_soft_time_limit = 100
    worker_prefetch_multiplier = 1
    worker_soft_shutdown_timeout = 20
    worker_max_tasks_per_child = 2000
    worker_hijack_root_logger = False
    broker_connection_max_retries = None
    broker_connection_retry_on_startup = True
    broker_pool_acquire_timeout = 2
    broker_transport_options = {
        "visibility_timeout": 180,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 5,
    }
    task_queues = tuple(Queue(name) for name in QUEUES)
    task_default_queue = STEPS
    timezone = "UTC"
    # Beat only says "look": every one of these may run twice, late, or not at all for an hour.
    beat_schedule = {
        "look for proposals nobody answered": {
            "task": "placements.expire_proposals",
            "schedule": 900.0,
            "options": {"queue": STEPS, "expires": 900},
        },
        "let go of what was kept long enough": {
            "task": "me.tidy",
            "schedule": 86400.0,
            "options": {"queue": STEPS, "expires": 3600},
        },
        "look for what is due today": {
            "task": "placements.remind",
            "schedule": 1800.0,
            "options": {"queue": STEPS, "expires": 1800},
        },
        "look which moments are near": {
            "task": "engagements.remind",
            "schedule": 1800.0,
            "options": {"queue": STEPS, "expires": 1800},
        },
        "look what became of mails nobody knows of": {
            "task": "notifications.settle",
            "schedule": 60.0,
            "options": {"queue": STEPS, "expires": 60},
        },
        "send the planned rounds that nobody stopped": {
            "task": "placements.send_planned_rounds",
            "schedule": 30.0,
            "options": {"queue": MATCHING, "expires": 30},
        },
        "look for people without a proposal": {
            "task": "placements.look_again",
            "schedule": 3600.0,
            "options": {"queue": MATCHING, "expires": 3600},
        },
    }

    @property
    def broker_url(self) -> str:
        from django.conf import settings

        return f"{settings.REDIS_URL}/0"


app.config_from_object(Config())
app.conf.update(CELERY_DB_REUSE_MAX=2**31)  # Celery would close the connection around every task
app.autodiscover_tasks(lambda: ["backend.placements", "backend.engagements", "backend.me", "notifications"])


@task_prerun.connect
def look_at_the_connection(**_later: Any) -> None:
    """As before every request: one that broke or is old is closed, and the task opens another."""
    from django.db import close_old_connections

    close_old_connections()


@setup_logging.connect
def use_our_logging(**_later: Any) -> None:
    """Celery keeps its hands off: settings.LOGGING holds for workers too."""
