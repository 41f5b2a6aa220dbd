"""A city may say after how many days a reserved place that nobody took opens to everybody (rules 6.2)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.opportunities.actions import publish_opportunity
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
