"""A city may say after how many days a reserved place that nobody took opens to everybody (rules 6.2)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.opportunities.actions import change_opportunity, publish_opportunity
from backend.opportunities.case import record_of
from backend.opportunities.models import Opportunity
from backend.placements import rhythm

pytestmark = pytest.mark.django_db


def test_what_is_reserved_and_free_opens_after_so_many_days_and_what_is_taken_stays(opportunity, small_city, now):
    publish_opportunity(opportunity, now=now)
    Opportunity.objects.filter(pk=opportunity.pk).update(taken_reserved=1)
    place = replace(small_city, reserved_days=60)

    def released(days, where=place):
        told = rhythm.remind(where, now=now + timedelta(days=days))
        opportunity.refresh_from_db()
        return told["released"], opportunity.free_open, opportunity.free_reserved

    assert released(90, small_city) == (0, 2, 3), "by itself never"
    assert released(60) == (0, 2, 3)
    assert released(61) == (1, 5, 0)
    assert opportunity.reserved_places == 1
    assert released(61) == (0, 5, 0), "twice is once"


def test_what_is_reserved_anew_is_kept_as_long_again(opportunity, small_city, now):
    publish_opportunity(opportunity, now=now)
    place, later = replace(small_city, reserved_days=60), now + timedelta(days=61)
    assert rhythm.remind(place, now=later)["released"] == 1
    opportunity.refresh_from_db()

    changed = {**record_of(opportunity), "reserved_places": 3}
    publish_opportunity(change_opportunity(opportunity, changed, version=opportunity.version), now=later)

    assert rhythm.remind(place, now=later + timedelta(days=59))["released"] == 0
    assert rhythm.remind(place, now=later + timedelta(days=61))["released"] == 1
