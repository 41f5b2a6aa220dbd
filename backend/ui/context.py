"""What every page shows: whom to call, and whether this is only a place to try."""

from django.conf import settings
from django.http import HttpRequest

from backend.city.load import default_city


def help_line(request: HttpRequest) -> dict[str, object]:
    place = default_city()
    return {
        "help_phone": place.phone,
        "city_name": place.matching.name,
        "is_sandbox": settings.SANDBOX,
        "is_spoken": getattr(request, "is_spoken", False),
    }
