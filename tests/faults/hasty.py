"""The timetable of production, with every look a second apart: for plays that cannot wait half an hour."""

from backend.celery import app

for entry in app.conf.beat_schedule.values():
    entry["schedule"] = 1.0
