"""When a message may go out."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def decent_moment(now: datetime, begins: time, ends: time, time_zone: str) -> datetime:
    """`now`, or the end of the quiet hours it falls in (local time; equal times mean never quiet).

    Raises ValueError for a moment without a time zone.
    """
    if now.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    local = now.astimezone(ZoneInfo(time_zone))
    if not is_quiet(local.time(), begins, ends):
        return now
    day = local.date()
    if begins > ends and local.time() >= begins:
        day += timedelta(days=1)
    return datetime.combine(day, ends, tzinfo=ZoneInfo(time_zone))


def is_quiet(moment: time, begins: time, ends: time) -> bool:
    """Half open: the last quiet minute is the one before `ends`."""
    if begins <= ends:
        return begins <= moment < ends
    return moment >= begins or moment < ends
