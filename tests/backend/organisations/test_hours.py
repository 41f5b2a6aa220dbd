"""Walk-in hours in words, and whether somebody can walk in now."""

from datetime import datetime

import pytest
from django.utils import translation

from backend.organisations.hours import hours_in_words, is_open

WEEKLY = {"freq": "WEEKLY", "byday": "TU,FR", "opens_at": "09:00", "closes_at": "12:00"}
MONTHLY = {"freq": "MONTHLY", "byday": "1WE,-1SA", "opens_at": "14:00", "closes_at": "17:30"}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2027-03-02 09:00", True),  # a Tuesday
        ("2027-03-02 08:59", False),
        ("2027-03-02 12:00", False),
        ("2027-03-03 10:00", False),
        ("2027-03-03 14:00", True),  # the first Wednesday
        ("2027-03-10 14:00", False),
        ("2027-03-27 17:29", True),  # the last Saturday
        ("2027-03-20 15:00", False),
        ("2027-01-30 15:00", True),
        ("2027-12-25 15:00", True),
    ],
)
def test_the_door_is_open_from_the_first_minute_to_the_last(moment, expected):
    assert is_open([WEEKLY, MONTHLY], datetime.fromisoformat(moment)) is expected


def test_hours_are_said_in_the_language_of_the_page():
    with translation.override("nl"):
        assert hours_in_words([WEEKLY, MONTHLY]) == [
            ("dinsdag, vrijdag", "09:00 – 12:00"),
            ("Eerste woensdag van de maand, Laatste zaterdag van de maand", "14:00 – 17:30"),
        ]
    with translation.override("en"):
        assert hours_in_words([MONTHLY])[0][0] == "First Wednesday of the month, Last Saturday of the month"
