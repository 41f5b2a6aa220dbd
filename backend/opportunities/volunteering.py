"""Opportunities that are online as open data in the UK volunteering data standard (JSON-LD, ontology of March 2026).

Which of our codes is which of its terms stands in `volunteering.csv`; what has no term is said in the description.
Their context does not turn plain strings into links, so terms are objects with an id.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from backend.city.load import CityFile, city, default_city
from backend.opportunities import shown
from backend.opportunities.hsds import address_of, door, online, organisations
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from matching.catalogue import load_catalogue

CONTEXT = "https://api.volunteeringdata.io/context/v1"
TERMS = "https://ns.volunteeringdata.io/"
REGISTER = "Verenigingsregister"
DAY_NAMES = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
Row = dict[str, Any]


@cache
def terms() -> dict[tuple[str, str], list[str]]:
    """(list, our code) -> their terms."""
    found = defaultdict(list)
    with (Path(__file__).parent / "volunteering.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["list"], row["code"]].append(row["term"])
    return dict(found)


def _links(names: Iterable[str]) -> list[Row]:
    return [{"id": TERMS + name} for name in sorted(set(names))]


def _mapped(listed: str, codes: Iterable[str]) -> list[str]:
    return [term for code in codes for term in terms().get((listed, code), ())]


def activity(one: Opportunity, address: str) -> Row:
    """One opportunity: what it is, the one role in it, and when and where."""
    catalogue = load_catalogue()
    asked = (*one.talents_any_of, *one.talents_welcome)
    with translation.override(city(one.city).language):
        more = [catalogue.talents[code].label for code in asked if ("talents", code) not in terms()]
        said = [one.text]
        if more:
            said.append(gettext("Ook welkom: {talents}.").format(talents=", ".join(more)))
        if one.extract_596_2:
            said.append(gettext("Je toont een uittreksel (model 596.2)."))
        commitment = gettext("{hours} uur per keer. {often}.").format(
            hours=f"{one.hours_per_time.normalize():f}", often=shown.FREQUENCY_WORDS[one.frequency]
        )
        hours = "; ".join(shown.times(one.slots))
    role = {
        "type": "Role",
        "title": one.title,
        "description": one.text,
        "commitment": f"{commitment} {hours}",
        "applyLink": address,
        "allowsRemoteParticipation": one.at_home,
        "minimumAge": one.min_age,
        "skill": _links(_mapped("talents", asked)),
        "requirement": _links(_mapped("features", one.features)),
        "accessibility": _links(_accessibility(one)),
    }
    session: Row = {
        "type": "Session",
        "location": {
            "name": one.neighbourhood,
            "address": f"{one.postcode} {one.neighbourhood}",
            "latitude": one.lat,
            "longitude": one.lon,
        },
        "time": _links(_time(slot) for slot in one.slots),
    }
    found: Row = {
        "id": address,
        "type": "Activity",
        "title": one.title,
        "description": " ".join(said),
        "requiresEmergencyParticipation": False,
        "role": [role],
        "session": [session],
    }
    if one.published_at:
        found["publishStartDate"] = one.published_at.isoformat()
    if one.period_until:
        found["publishEndDate"] = one.period_until.isoformat()
    return found


def _time(slot: str) -> str:
    day, _dash, part = slot.partition("-")
    return DAY_NAMES[day] + part.title()


def _accessibility(one: Opportunity) -> Iterable[str]:
    yield "AgeRequirements"
    if one.wheelchair == "yes":
        yield "BuildingAccessibilityFeatures"
    if one.expenses:
        yield "ExpensesPaid"
    if one.dutch_min != "A0":
        yield "LanguageRequirements"
    if one.at_home:
        yield "RemoteAccessibility"


def organisation(one: Organisation, address: str, activities: Iterable[Row]) -> Row:
    """With everything it has online; causes are those of its opportunities."""
    activities = list(activities)
    found: Row = {
        "id": address,
        "type": "Organisation",
        "name": one.name,
        "description": one.description or one.name,
        "website": address,
        "activity": activities,
    }
    if one.vcode:
        found["charityRegistration"] = [{"registrationNumber": one.vcode, "registrar": REGISTER}]
    return found


@require_safe
@door
def everything(request: HttpRequest) -> JsonResponse:
    """One document with every organisation that has something online, in two statements."""
    place: CityFile = default_city()
    now = timezone.now()
    by_organisation = defaultdict(list)
    for each in online(now):
        by_organisation[each.organisation_id].append(each)
    graph = []
    for one in organisations().filter(pk__in=list(by_organisation)):
        own = by_organisation[one.pk]
        row = organisation(
            one,
            address_of(request, "organisation_card", one.pk),
            [activity(each, address_of(request, "opportunity", each.pk)) for each in own],
        )
        row["cause"] = _links(_mapped("themes", (theme for each in own for theme in each.themes)))
        graph.append(row)
    answer = JsonResponse({
        "@context": CONTEXT,
        "conformsTo": TERMS,
        "license": place.open_data_licence,
        "publisher": f"Helpende handen {place.matching.name}",
        "modified": now.isoformat(),
        "@graph": graph,
    })  # fmt: skip
    answer["Content-Type"] = "application/ld+json"
    return answer
