"""Quiet hours: nothing goes out at night, in the city's own time."""

from datetime import UTC, datetime, time

import pytest

from notifications.timing import decent_moment

NIGHT = {"begins": time(21), "ends": time(8), "time_zone": "Europe/Brussels"}


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2027-03-01T12:00+00:00", "2027-03-01T12:00+00:00"),
        ("2027-03-01T19:59+00:00", "2027-03-01T19:59+00:00"),
        ("2027-03-01T20:00+00:00", "2027-03-02T08:00+01:00"),
        ("2027-03-01T23:30+00:00", "2027-03-02T08:00+01:00"),
        ("2027-03-02T06:59+00:00", "2027-03-02T08:00+01:00"),
        ("2027-03-02T07:00+00:00", "2027-03-02T07:00+00:00"),
        ("2027-07-01T18:59+00:00", "2027-07-01T18:59+00:00"),
        ("2027-07-01T19:00+00:00", "2027-07-02T08:00+02:00"),
    ],
)
def test_what_falls_in_the_night_waits_for_the_morning(now, expected):
    assert decent_moment(at(now), **NIGHT) == at(expected)


def test_a_quiet_noon_waits_for_the_same_day():
    siesta = {"begins": time(12), "ends": time(14), "time_zone": "Europe/Brussels"}

    assert decent_moment(at("2027-03-01T12:30+01:00"), **siesta) == at("2027-03-01T14:00+01:00")


def test_equal_times_are_never_quiet():
    never = {"begins": time(0), "ends": time(0), "time_zone": "Europe/Brussels"}

    assert decent_moment(at("2027-03-01T03:00+01:00"), **never) == at("2027-03-01T03:00+01:00")


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        decent_moment(datetime(2027, 3, 1), **NIGHT)  # noqa: DTZ001


def test_the_clock_change_is_respected():
    assert decent_moment(datetime(2027, 3, 28, 3, tzinfo=UTC), **NIGHT) == at("2027-03-28T08:00+02:00")
