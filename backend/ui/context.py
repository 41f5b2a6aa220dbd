"""What every page shows: whom to call, the colours of the city, and whether this is only a place to try."""

from functools import cache

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest

from backend.city.load import default_city


def help_line(request: HttpRequest) -> dict[str, object]:
    place = default_city()
    return {
        "help_phone": place.phone,
        "theme": theme_of(place.slug),
        "city_name": place.matching.name,
        "is_sandbox": settings.SANDBOX,
        "is_spoken": getattr(request, "is_spoken", False),
    }


@cache
def theme_of(slug: str) -> str:
    """The stylesheet with the colours of a city, "" when it has none of its own."""
    file = f"ui/theme-{slug}.css"
    return file if finders.find(file) else ""
