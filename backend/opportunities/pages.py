"""What everybody may read without a login: the list of open opportunities, one of them, and a feed of new ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from backend.city.load import default_city
from backend.common.problems import Problem
from backend.opportunities import queries, shown
from backend.opportunities.filters import FILTERS, filtered
from backend.opportunities.models import Opportunity
from backend.ui.spoken import spoken, spoken_language
from matching import words
from matching.catalogue import load_catalogue
from matching.types import DAYS
from notifications.letters import card_of

ON_A_PAGE = 12
BY_PLACE_ON_EARTH = {"near", "max_km", "bbox"}  # of the API, for maps
LISTED_BY = [name for name in FILTERS if name not in BY_PLACE_ON_EARTH]
IN_THE_FEED = 50
EMBEDDED = 6
ON_THE_MAP = 300
# Whole groups of day-parts: the value of a filter, and its words.
WHEN_WORDS = {
    ("mon", "morning"): _("In de week, voormiddag"), ("mon", "afternoon"): _("In de week, namiddag"),
    ("mon", "evening"): _("In de week, avond"), ("sat", "morning"): _("In het weekend, voormiddag"),
    ("sat", "afternoon"): _("In het weekend, namiddag"), ("sat", "evening"): _("In het weekend, avond"),
}  # fmt: skip
WEEKEND_BEGINS = DAYS.index("sat")
# One tap each: (filter, value) of the API.
TICKS = {
    ("dutch_max", "A1"): _("Weinig Nederlands nodig"),
    ("label", shown.EASIEST): _("Makkelijk om te beginnen"),
    ("once", "true"): _("Eén keer"),
    ("at_home", "true"): _("Van thuis uit"),
    ("stairs", "false"): _("Zonder trappen"),
    ("wheelchair", "true"): _("Met een rolstoel"),
}


@spoken
@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    """Open opportunities, newest first, by filters that stand in the address. A filter that cannot be is named, and the
    list is that of the others.
    """
    place, now = default_city(), timezone.now()
    asked = _filters(request)
    rows, wrong = _asked(asked, now)
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    told = {name: value for name, value in asked.items() if name not in wrong}
    seen = {
        "page": page,
        "cards": [shown.card(one) for one in page],
        "asked": told,
        "wrong": [_words_of(name) for name in wrong],
        "where": told.get("neighbourhood", ""),
        "neighbourhoods": sorted(place.matching.neighbourhoods),
        "themes": _themes(),
        "times": [(",".join(_slots(*group)), say) for group, say in WHEN_WORDS.items()],
        "ticks": [(name, value, say, told.get(name) == value) for (name, value), say in TICKS.items()],
        "without": [(_said(name, value), _address(told, without=name)) for name, value in told.items()],
        "address": _address(told),
    }
    return render(request, "opportunities/browse.html", seen, status=422 if wrong else 200)


@spoken
@require_safe
def poster(request: HttpRequest, neighbourhood: str) -> HttpResponse:
    """For the wall of a neighbourhood: whom to call, and a square that opens its opportunities (R045)."""
    place = default_city()
    if neighbourhood not in place.matching.neighbourhoods:
        raise Http404
    told = [
        gettext("Wil je helpen in {neighbourhood}?").format(neighbourhood=neighbourhood),
        gettext("Je kiest zelf wat en wanneer. Je probeert één keer. Je belooft niets."),
        gettext("Bel het vrijwilligerspunt: {phone}.").format(phone=place.phone),
    ]
    link = request.build_absolute_uri(f"{reverse('opportunities')}?{urlencode({'neighbourhood': neighbourhood})}")
    paper = card_of(told[0], told[1:], link, spoken_language(), paper="a4")
    return HttpResponse(paper, content_type="application/pdf")


@spoken
@require_safe
def on_map(request: HttpRequest) -> HttpResponse:
    """The same list, complete, and a map above it where a script can draw one. What is done from home has no point."""
    place, told = default_city(), _filters(request)
    rows, wrong = _asked(told, timezone.now())
    told = {name: value for name, value in told.items() if name not in wrong}
    listed = list(rows[:ON_THE_MAP])
    seen = {
        "rows": listed,
        "count": rows.count(),
        "address": _address(told),
        "places": _points(listed),
        "names": [[one.lat, one.lon, name] for name, one in place.matching.neighbourhoods.items()],
        "tiles": settings.MAP_TILE_URL,
        "attribution": settings.MAP_ATTRIBUTION,
    }
    return render(request, "opportunities/on_map.html", seen, status=422 if wrong else 200)


def _points(rows: list[Opportunity]) -> list[dict[str, Any]]:
    """Where something takes place, with what takes place there."""
    found: dict[tuple[float, float], dict[str, Any]] = {}
    for one in rows:
        if one.at_home or one.own_neighbourhood:
            continue
        at = found.setdefault((one.lat, one.lon), {"at": [one.lat, one.lon], "all": []})
        at["all"].append([one.title, reverse("opportunity", args=[one.pk])])
    return list(found.values())


@csp_replace({"frame-ancestors": ["*"]})
@xframe_options_exempt
@spoken
@require_safe
def embedded(request: HttpRequest) -> HttpResponse:
    """A short list for inside another website, by the same filters; each opens in a window of its own. Nobody is
    recognised there: it sets no cookie and has no form.
    """
    told = _filters(request)
    rows, wrong = _asked(told, timezone.now())
    if wrong:
        raise Http404
    seen = {"cards": [shown.card(one) for one in rows[:EMBEDDED]], "address": _address(told)}
    return render(request, "opportunities/embedded.html", seen)


def _filters(request: HttpRequest) -> dict[str, str]:
    """Those that are filled in; the last one, when an address says one twice."""
    told = {name: str(request.GET[name]).strip() for name in LISTED_BY if name in request.GET}
    return {name: value for name, value in told.items() if value}


def _asked(asked: Mapping[str, str], now: datetime) -> tuple[QuerySet[Opportunity], list[str]]:
    """The rows, newest first, and the names of filters that were left out because they cannot be."""
    place = default_city()
    rows = queries.with_a_free_place(queries.published(place.slug, place.local(now).date()))
    rows = rows.order_by("-published_at", "-pk")
    try:
        return filtered(rows, asked), []
    except Problem as problem:
        wrong = [one["name"] for one in problem.issues]
    return filtered(rows, {name: value for name, value in asked.items() if name not in wrong}), wrong


def _slots(first: str, part: str) -> list[str]:
    """The day-parts of a group: those of the week, or of the weekend."""
    days = DAYS[:WEEKEND_BEGINS] if first == DAYS[0] else DAYS[WEEKEND_BEGINS:]
    return [f"{day}-{part}" for day in days]


def _themes() -> list[tuple[str, str]]:
    catalogue, language = load_catalogue(), spoken_language()
    return [(code, catalogue.label_in(language, "themes", code, label)) for code, label in catalogue.themes.items()]


def _words_of(name: str) -> str:
    return str({"neighbourhood": _("Wijk"), "theme": _("Wat?"), "slot": _("Wanneer?"), "q": _("Zoek")}.get(name, name))


def _said(name: str, value: str) -> str:
    """A filter in words, for the button that takes it away."""
    catalogue, language = load_catalogue(), spoken_language()
    if (name, value) in TICKS:
        return str(TICKS[name, value])
    match name:
        case "theme":
            return catalogue.label_in(language, "themes", value, catalogue.themes[value])
        case "talent":
            return catalogue.label_in(language, "talents", value, catalogue.talents[value].label)
        case "slot":
            groups = {",".join(_slots(*group)): say for group, say in WHEN_WORDS.items()}
            alone = ", ".join(words.slot_words(one, language) for one in value.split(","))
            return str(groups.get(value, alone))
        case "organisation":
            return str(_("Eén organisatie"))
        case _:
            return value


def _address(told: Mapping[str, str], *, without: str = "") -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in told.items() if name != without})
    return query.urlencode()


class NewOpportunities(Feed):
    """The newest, as an Atom feed; with the filters of the list, so that a website shows what suits it."""

    feed_type = Atom1Feed
    title = "Helpende handen: taken"

    def get_object(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> QuerySet[Opportunity]:
        """Raises Http404 for a filter that cannot be: a program should not think that all is well."""
        rows, wrong = _asked(_filters(request), timezone.now())
        if wrong:
            raise Http404
        return rows

    def link(self) -> str:
        return reverse("opportunities")

    def items(self, rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
        return rows[:IN_THE_FEED]

    def item_title(self, item: Opportunity) -> str:
        return item.title

    def item_description(self, item: Opportunity) -> str:
        return item.text

    def item_link(self, item: Opportunity) -> str:
        return reverse("opportunity", args=[item.pk])

    def item_author_name(self, item: Opportunity) -> str:
        return item.organisation.name

    def item_pubdate(self, item: Opportunity) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Opportunity) -> datetime:
        return item.updated_at


feed = require_safe(NewOpportunities())
