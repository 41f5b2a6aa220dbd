"""The town hall: rooms with the same furniture each. It alone knows matching and notifications."""

from backend.celery import app

__all__ = ["app"]
