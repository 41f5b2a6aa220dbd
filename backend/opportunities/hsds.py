"""The social map as open data in Open Referral HSDS 3.0 (May 2024), so that other maps can show it too (R025).

An opportunity, and coming by where the door is open, is a service; every organisation has one place. How to reach the
people of an organisation goes through the volunteer point, here as well. Ids are those of our rows; of what has no row
of its own they follow from its parent.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from backend.city.load import CityFile, city, default_city
from backend.opportunities import queries, shown
from backend.opportunities.models import Opportunity
from backend.organisations import locations
from backend.organisations.access import public_organisations
from backend.organisations.hours import hours_in_words
from backend.organisations.models import Location, Organisation
from matching.catalogue import load_catalogue

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/en/3.0/"
PER_PAGE, PER_PAGE_MOST = 50, 500
COMING_BY = "Langskomen"
FREE = "Gratis."
ESCO = "ESCO"
KEPT_SECONDS = 300
Row = dict[str, Any]


def _id(parent: UUID, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"helpende-handen:{parent}#{what}"))


def organization(one: Organisation, address: str, services: Iterable[Row] = (), places: Iterable[Location] = ()) -> Row:
    """An organisation with its place, in the shape of `organization`; whole when its services come along."""
    identifier = {"identifier_scheme": "BE-VR", "identifier_type": "vCode", "identifier": one.vcode}
    found: Row = {
        "id": str(one.pk),
        "name": one.name,
        "description": one.description or one.name,
        "legal_status": one.legal_form,
        "uri": address,
        "organization_identifiers": [{"id": _id(one.pk, "vcode"), **identifier}] if one.vcode else [],
        "phones": [_phone(city(one.city), one)],
        "locations": [location(one), *(place(each, one) for each in places)],
    }
    services = list(services)
    return {**found, "services": services} if services else found


def location(one: Organisation) -> Row:
    """Its neighbourhood, and when the door is open. The house number is nobody's but theirs to give."""
    names = load_catalogue().languages
    return {
        "id": _id(one.pk, "place"),
        "location_type": "physical",
        "name": f"{one.neighbourhood}, {one.postcode}",
        "latitude": one.lat,
        "longitude": one.lon,
        "organization_id": str(one.pk),
        "languages": [
            {"id": _id(one.pk, f"language {code}"), "name": names[code], "code": code}
            for code in one.welcome_languages
            if code in names
        ],
        "accessibility": [{"id": _id(one.pk, "wheelchair"), "description": f"Rolstoel: {one.wheelchair}"}],
    }


def place(one: Location, run_by: Organisation) -> Row:
    """A place that is no organisation, for one of those that run it; with its last day where it has one."""
    of_each = f"{one.pk}@{run_by.pk}"
    valid = {
        name: day.isoformat()
        for name, day in (("valid_from", one.open_from), ("valid_to", one.open_until))
        if day is not None
    }
    schedules = [
        {"id": _id(one.pk, f"hours {of_each} {number}"), **line, **valid} for number, line in enumerate(_lines(one))
    ]
    if valid and not schedules:
        schedules = [{"id": _id(one.pk, f"days {of_each}"), **valid}]
    return {
        "id": _id(one.pk, f"place {of_each}"),
        "location_type": "physical",
        "name": one.name,
        "description": one.text,
        "latitude": one.lat,
        "longitude": one.lon,
        "organization_id": str(run_by.pk),
        "accessibility": [{"id": _id(one.pk, f"wheelchair {of_each}"), "description": f"Rolstoel: {one.wheelchair}"}],
        **({"schedules": schedules} if schedules else {}),
    }


def _lines(one: Organisation | Location) -> list[Row]:
    """When the door is open, in the words of iCalendar and of the city."""
    with translation.override(city(one.city).language):
        hours = hours_in_words(one.walk_in)
    return [
        {
            "freq": "MONTHLY" if line["byday"][0] in "-12345" else "WEEKLY",
            "byday": line["byday"],
            "opens_at": line["opens_at"],
            "closes_at": line["closes_at"],
            "description": f"{days}: {times}",
        }
        for line, (days, times) in zip(one.walk_in, hours, strict=True)
    ]


def coming_by(one: Organisation, address: str) -> Row:
    """The open door as a service."""
    schedules = [{"id": _id(one.pk, f"hours {number}"), **line} for number, line in enumerate(_lines(one))]
    return {
        "id": _id(one.pk, "coming by"),
        "organization_id": str(one.pk),
        "name": f"{COMING_BY}: {one.name}",
        "description": one.description or one.name,
        "status": "active",
        "url": address,
        "fees_description": FREE,
        "schedules": schedules,
        "service_at_locations": [_at(_id(one.pk, "coming by"), one)],
    }


def service(one: Opportunity, address: str) -> Row:
    """An opportunity that is online."""
    catalogue = load_catalogue()
    with translation.override(city(one.city).language):
        needed, times = str(shown.DUTCH_NEEDED.get(one.dutch_min, shown.DUTCH_NEEDED["B2"])), shown.times(one.slots)
        money = [str(shown.MONEY_WORDS[code]) for code in (one.costs, *one.expenses) if code in shown.MONEY_WORDS]
    talents = [(code, catalogue.talents[code]) for code in (*one.talents_any_of, *one.talents_welcome)]
    found: Row = {
        "id": str(one.pk),
        "organization_id": str(one.organisation_id),
        "name": one.title,
        "description": one.text,
        "status": "active",
        "url": address,
        "application_process": f"Kijk op {address} of bel {city(one.city).phone}.",
        "fees_description": " ".join(money) or FREE,
        "eligibility_description": needed,
        "minimum_age": one.min_age,
        "last_modified": one.updated_at.isoformat(),
        "schedules": [{"id": _id(one.pk, "times"), "description": "; ".join(times)}],
        "attributes": [
            {
                "id": _id(one.pk, f"talent {code}"),
                "link_id": str(one.pk),
                "link_entity": "service",
                "taxonomy_term": {
                    "id": _id(one.pk, f"term {code}"), "code": code, "name": talent.label,
                    "description": talent.label, "taxonomy": ESCO,
                },
            }
            for code, talent in talents
        ],
        "service_at_locations": [] if one.at_home else [_at(str(one.pk), one.organisation)],
    }  # fmt: skip
    if one.extract_596_2:
        found["required_documents"] = [{"id": _id(one.pk, "extract"), "document": "Uittreksel model 596.2, te tonen"}]
    return found


def _at(service_id: str, one: Organisation) -> Row:
    at = str(uuid5(NAMESPACE_URL, f"helpende-handen:{service_id}@{one.pk}"))
    return {"id": at, "service_id": service_id, "location_id": _id(one.pk, "place"), "location": location(one)}


def _phone(place: CityFile, one: Organisation) -> Row:
    described = f"Het vrijwilligerspunt van {place.matching.name}"
    return {"id": _id(one.pk, "phone"), "number": place.phone, "description": described}


def everything(request: HttpRequest, now: datetime) -> list[Row]:
    """Every verified organisation of the city with all its services and places, in four statements."""
    of_each = defaultdict(list)
    for one in online(now):
        of_each[one.organisation_id].append(one)
    slug = default_city().slug
    places = defaultdict(list)
    for each in locations.public(slug, city(slug).local(now).date()):
        for part in each.run_by:
            places[part.organisation_id].append(each)
    return [_whole(request, one, of_each[one.pk], places[one.pk]) for one in organisations()]


def _whole(request: HttpRequest, one: Organisation, of_it: Iterable[Opportunity], places: Iterable[Location]) -> Row:
    address = address_of(request, "organisation_card", one.pk)
    services = [coming_by(one, address)] if one.walk_in else []
    services += [service(opportunity, address_of(request, "opportunity", opportunity.pk)) for opportunity in of_it]
    return organization(one, address, services, places)


def organisations() -> QuerySet[Organisation]:
    """What the open data of this installation is about."""
    return public_organisations().filter(city=default_city().slug).order_by("name", "pk")


def online(now: datetime) -> QuerySet[Opportunity]:
    """What these organisations look for now."""
    place = default_city()
    return queries.published(place.slug, place.local(now).date()).order_by("created_at", "pk")


def address_of(request: HttpRequest, name: str, pk: UUID) -> str:
    return request.build_absolute_uri(reverse(name, args=[pk]))


door = cache_control(public=True, max_age=KEPT_SECONDS)


@require_safe
@door
def about(request: HttpRequest) -> JsonResponse:
    """Which version this is, and where the documents are."""
    return JsonResponse({"version": VERSION, "profile": PROFILE, "openapi_url": PROFILE})


@require_safe
@door
def organizations(request: HttpRequest) -> JsonResponse:
    return _page(
        request, organisations(), lambda one: organization(one, address_of(request, "organisation_card", one.pk))
    )


@require_safe
@door
def one_organization(request: HttpRequest, pk: UUID) -> JsonResponse:
    """With its services."""
    found = organisations().filter(pk=pk).first()
    if found is None:
        raise Http404
    now = timezone.now()
    places = locations.run_by(found, city(found.city).local(now).date())
    return JsonResponse(_whole(request, found, online(now).filter(organisation=found), places))


@require_safe
@door
def services(request: HttpRequest) -> JsonResponse:
    return _page(request, online(timezone.now()), lambda one: service(one, address_of(request, "opportunity", one.pk)))


@require_safe
@door
def one_service(request: HttpRequest, pk: UUID) -> JsonResponse:
    found = online(timezone.now()).filter(pk=pk).first()
    if found is None:
        raise Http404
    whole = service(found, address_of(request, "opportunity", found.pk))
    whole["organization"] = organization(
        found.organisation, address_of(request, "organisation_card", found.organisation_id)
    )
    return JsonResponse(whole)


@require_safe
@door
def service_at_locations(request: HttpRequest) -> JsonResponse:
    """What is done at a place, and not at the home of whoever helps."""
    return _page(request, online(timezone.now()).filter(at_home=False), lambda one: _at(str(one.pk), one.organisation))


@require_safe
@door
def all_at_once(request: HttpRequest) -> JsonResponse:
    """One file with everything."""
    return JsonResponse(everything(request, timezone.now()), safe=False)


def _page(request: HttpRequest, rows: QuerySet[Any], row_of: Any) -> JsonResponse:
    """As the HSDS API says; a page that cannot be is the nearest one that can."""
    size = min(max(_number(request, "per_page", PER_PAGE), 1), PER_PAGE_MOST)
    total = rows.count()
    pages = max(1, ceil(total / size))
    number = min(max(_number(request, "page", 1), 1), pages)
    contents = [row_of(one) for one in rows[(number - 1) * size : number * size]]
    return JsonResponse({
        "total_items": total, "total_pages": pages, "page_number": number, "size": len(contents),
        "first_page": number == 1, "last_page": number == pages, "empty": not contents, "contents": contents,
    })  # fmt: skip


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 9 else otherwise
