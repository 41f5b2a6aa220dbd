"""The social map: organisations that welcome volunteers, and a card for each with what it looks for now."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from backend.accounts.access import may_send_cards
from backend.city.load import CityFile, city, default_city
from backend.opportunities import queries, shown
from backend.opportunities.fiche import fiche_of
from backend.opportunities.find import LONGEST, Asked, understand
from backend.opportunities.find import found as found_by
from backend.opportunities.side_by_side import ROW_WORDS, around, differences
from backend.organisations import checklists, locations
from backend.organisations.access import public_organisations
from backend.organisations.hours import hours_in_words, is_open
from backend.organisations.models import POLICY, Location, Organisation, OrganisationPhoto
from backend.organisations.queries import is_stale
from backend.ui.spoken import spoken, spoken_language
from matching.catalogue import load_catalogue

ON_A_PAGE = 24
OPPORTUNITIES_SHOWN, LOCATIONS_SHOWN = 12, 24
WALK_IN_READ, WALK_IN_SHOWN = 500, 10
WHEELCHAIR_WORDS = {**shown.WHEELCHAIR_WORDS, "not_applicable": ""}


@spoken
@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """By name; of one neighbourhood, whose team speaks a language, where the door is open now, or a warm place."""
    place = default_city()
    today = place.local(timezone.now()).date()
    asked = understand(request.GET.get("q", ""), place)
    rows = found_by(public_organisations().filter(city=place.slug), asked, place, today)
    where, speaks = request.GET.get("neighbourhood", ""), request.GET.get("welcome_language", "")
    names = load_catalogue().own_names
    is_wrong = where not in ("", *place.matching.neighbourhoods) or speaks not in ("", *names)
    where, speaks = where if where in place.matching.neighbourhoods else "", speaks if speaks in names else ""
    if where:
        rows = rows.filter(neighbourhood=where)
    if speaks:
        rows = rows.filter(welcome_languages__contains=[speaks])
    is_warm = request.GET.get("warm") == "1" or asked.is_warm
    if is_warm:
        rows = rows.filter(is_warm_place=True)
    is_open_now = request.GET.get("open") == "1" or asked.is_open
    if is_open_now:
        now = place.local(timezone.now())
        hours = rows.exclude(walk_in=[]).values_list("pk", "walk_in")
        rows = rows.filter(pk__in=[pk for pk, walk_in in hours if is_open(walk_in, now)])
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    places = _locations(place, asked, where) if page.number == 1 and not speaks else []
    if is_open_now:
        places = [one for one in places if one["is_open"]]
    if is_warm:
        places = [one for one in places if one["location"].is_warm_place]
    kept = request.GET.copy()
    kept.pop("page", None)
    seen = {
        "page": page,
        "rows": [_row(one) for one in page],
        "locations": places,
        "where": where,
        "speaks": speaks,
        "is_open_now": is_open_now,
        "is_warm": is_warm,
        "neighbourhoods": sorted(place.matching.neighbourhoods),
        "languages": names.items(),
        "address": kept.urlencode(),
        "q": request.GET.get("q", "")[:LONGEST],
        "understood": [
            *(names[code] for code in asked.languages),
            *asked.neighbourhoods,
            *asked.postcodes,
            *asked.words,
        ],
        "is_wrong": is_wrong,
    }
    return render(request, "opportunities/organisations.html", seen, status=422 if is_wrong else 200)


@spoken
@require_safe
def help_(request: HttpRequest) -> HttpResponse:
    """Whom to call, and where somebody can walk in: what is open now comes first."""
    places = public_organisations().filter(city=default_city().slug).exclude(walk_in=[]).order_by("name", "pk")
    rows = [{**_row(one), "hours": hours_in_words(one.walk_in)} for one in places[:WALK_IN_READ]]
    rows.sort(key=lambda row: not row["is_open"])
    return render(request, "opportunities/help.html", {"rows": rows[:WALK_IN_SHOWN]})


def _locations(place: CityFile, asked: Asked, where: str) -> list[dict[str, Any]]:
    """Places that are no organisation, by the same question: each word in the name or the text, and where it is."""
    if asked.languages:
        return []  # nobody said which languages are spoken there
    rows = locations.public(place.slug, place.local(timezone.now()).date())
    if asked.neighbourhoods or asked.postcodes:
        rows = rows.filter(Q(neighbourhood__in=asked.neighbourhoods) | Q(postcode__in=asked.postcodes))
    if where:
        rows = rows.filter(neighbourhood=where)
    for word in asked.words:
        rows = rows.filter(search_text__contains=word)
    return [_location(one, place) for one in rows[:LOCATIONS_SHOWN]]


def _location(one: Location, place: CityFile) -> dict[str, Any]:
    now = place.local(timezone.now())
    is_later = one.open_from is not None and one.open_from > now.date()
    return {
        "location": one, "hours": hours_in_words(one.walk_in), "is_later": is_later,
        "is_open": not is_later and is_open(one.walk_in, now),
    }  # fmt: skip


def _row(organisation: Organisation) -> dict[str, Any]:
    now = city(organisation.city).local(timezone.now())
    return {
        "organisation": organisation,
        "is_open": is_open(organisation.walk_in, now),
        "is_stale": is_stale(organisation, now.date()),
    }


@spoken
@require_safe
def organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """One card. How to reach the people of an organisation goes through the volunteer point."""
    found = _public(organisation_id)
    place = city(found.city)
    online = queries.published(place.slug, place.local(timezone.now()).date()).filter(organisation=found)
    listed = queries.with_a_free_place(online).order_by("-published_at", "-pk")[:OPPORTUNITIES_SHOWN]
    seen = {
        **_row(found),
        **_words(found),
        "cards": [shown.card(one) for one in listed],
        "locations": [_location(one, place) for one in locations.run_by(found, place.local(timezone.now()).date())],
        "around": around(found, place.local(timezone.now()).date()),
        "may_send": may_send_cards(request.user),
        "reads": [(one, load_catalogue().own_names[one]) for one in place.languages],
    }
    return render(request, "opportunities/organisation.html", seen)


@spoken
@require_safe
def beside(request: HttpRequest, organisation_id: UUID, other_id: UUID) -> HttpResponse:
    """Two cards side by side, with what is different (R055): whom to send somebody to."""
    one, other = _public(organisation_id), _public(other_id)
    today = city(one.city).local(timezone.now()).date()
    lines = [(ROW_WORDS[name], left, right) for name, left, right in differences(one, other, today)]
    return render(request, "opportunities/side_by_side.html", {"one": one, "other": other, "lines": lines})


@spoken
@require_safe
def printed(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The card on one page of A4, in the language of the page, with a square that leads back to it (R072)."""
    found = _public(organisation_id)
    told, language, place = _words(found), spoken_language(), city(found.city)
    rows = [
        (gettext("Waar?"), ", ".join(one for one in (found.street, f"{found.postcode} {found.neighbourhood}") if one)),
        (gettext("Halte"), found.stop),
        (gettext("Wanneer kan je langskomen?"), "\n".join(f"{days}: {times}" for days, times in told["hours"])),
        (gettext("Ook hier"), _places_in_words(found, place)),
        (gettext("Vraag naar"), found.contact_label),
        (gettext("Talen"), ", ".join(told["speaks"])),
        (gettext("Rolstoel"), str(told["wheelchair"])),
        (gettext("Warme plek"), gettext("Ja") if found.is_warm_place else ""),
        (gettext("Wie bel je?"), gettext("Bel het vrijwilligerspunt: {phone}.").format(phone=place.phone)),
    ]
    link = request.build_absolute_uri(reverse("organisation_card", args=[found.pk]))
    photo = OrganisationPhoto.objects.filter(organisation=found).first()
    shown_rows = [(name, said) for name, said in rows if said]
    paper = fiche_of(found, shown_rows, place, link, language, bytes(photo.jpeg) if photo else b"")
    return HttpResponse(paper, content_type="application/pdf")


def _places_in_words(organisation: Organisation, place: CityFile) -> str:
    lines = []
    for one in locations.run_by(organisation, place.local(timezone.now()).date()):
        line = ", ".join(word for word in (one.name, one.street, one.neighbourhood) if word)
        if one.open_until:
            line += gettext(" (tot en met {day})").format(day=date_format(one.open_until, "j F"))
        lines.append(line)
    return "\n".join(lines)


@require_safe
def photo_of_front(_request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The front of an organisation. 404 without one."""
    found = OrganisationPhoto.objects.filter(organisation=_public(organisation_id)).first()
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.jpeg), content_type="image/jpeg")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _public(organisation_id: UUID) -> Organisation:
    """Raises Http404."""
    has_photo = Exists(OrganisationPhoto.objects.filter(organisation=OuterRef("pk")))
    found = public_organisations().annotate(has_photo=has_photo).filter(pk=organisation_id).first()
    if found is None:
        raise Http404
    return found


def _words(organisation: Organisation) -> dict[str, Any]:
    names, policy = load_catalogue().own_names, checklists.last(organisation, POLICY)
    return {
        "hours": hours_in_words(organisation.walk_in),
        "speaks": [names[code] for code in organisation.welcome_languages if code in names],
        "wheelchair": WHEELCHAIR_WORDS[organisation.wheelchair],
        "policy": policy,
        "in_order": [checklists.POLICY_WORDS[code] for code in policy.met] if policy else [],
    }
