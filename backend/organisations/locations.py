"""Places on the social map that are no organisation: a pop-up house, a playground; for a while, run by several.

An organisation opens one and asks others along; each says yes itself before the place stands on its card (R011, R104).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Prefetch, Q, QuerySet

from backend.city.load import city
from backend.common.plain_words import plain
from backend.organisations.models import Location, LocationPart, Organisation

RUNS = LocationPart.objects.filter(agreed_at__isnull=False, organisation__verified_at__isnull=False)
WITH = Prefetch("parts", RUNS.select_related("organisation").order_by("agreed_at", "pk"), to_attr="run_by")
A_DAY = timedelta(days=1)


class NotHere(ValueError):
    """No neighbourhood of this city."""


@transaction.atomic
def open_place(organisation: Organisation, *, neighbourhood: str, now: datetime, **told: Any) -> Location:
    """The same name in the same neighbourhood from the same day on is one. `told`: the other columns.

    It stands at the point of its neighbourhood. Raises NotHere.
    """
    known = city(organisation.city).matching
    if neighbourhood not in known.neighbourhoods:
        raise NotHere(neighbourhood)
    point = known.neighbourhoods[neighbourhood]
    defaults = {
        **told, "postcode": known.postcode_of[neighbourhood], "lat": point.lat, "lon": point.lon,
        "search_text": plain(f"{told['name']} {told['text']}"),
    }  # fmt: skip
    location, is_new = Location.objects.get_or_create(
        city=organisation.city, name=defaults.pop("name"), neighbourhood=neighbourhood,
        open_from=defaults.pop("open_from"), defaults=defaults,
    )  # fmt: skip
    if is_new:
        LocationPart.objects.create(location=location, organisation=organisation, agreed_at=now)
    return location


def ask_along(location: Location, other: Organisation) -> LocationPart:
    """Twice is once."""
    return LocationPart.objects.get_or_create(location=location, organisation=other)[0]


def agree(part: LocationPart, *, now: datetime) -> None:
    """ "Wij doen mee": from now on it stands on that card too. Twice is once."""
    LocationPart.objects.filter(pk=part.pk, agreed_at=None).update(agreed_at=now)


@transaction.atomic
def leave(part: LocationPart) -> None:
    """ "Wij doen niet mee", at once or any more. A place that nobody runs is gone."""
    location = Location.objects.select_for_update().get(pk=part.location_id)
    LocationPart.objects.filter(pk=part.pk).delete()
    if not LocationPart.objects.filter(location=location, agreed_at__isnull=False).exists():
        location.delete()


def close(location: Location, *, today: date) -> None:
    """Yesterday was the last day; one that had not begun is gone. Twice is once."""
    if location.open_from and location.open_from >= today:
        Location.objects.filter(pk=location.pk).delete()
        return
    Location.objects.filter(Q(open_until=None) | Q(open_until__gte=today), pk=location.pk).update(
        open_until=today - A_DAY
    )


# --- reads -----------------------------------------------------------------------------------------------------


def public(slug: str, today: date) -> QuerySet[Any]:
    """Locations that everybody sees: not over, run by somebody whom the volunteer point knows; `run_by`: by whom."""
    rows = Location.objects.filter(Q(open_until=None) | Q(open_until__gte=today), city=slug)
    rows = rows.filter(pk__in=RUNS.values("location")).prefetch_related(WITH)
    return rows.order_by(F("open_from").asc(nulls_first=True), "name", "pk")


def run_by(organisation: Organisation, today: date) -> QuerySet[Location]:
    """Those of one organisation that everybody sees."""
    parts = LocationPart.objects.filter(organisation=organisation, agreed_at__isnull=False)
    return public(organisation.city, today).filter(pk__in=parts.values("location"))
