"""What every page shows: whom to call."""

from django.http import HttpRequest

from backend.city.load import default_city


def help_line(_request: HttpRequest) -> dict[str, str]:
    place = default_city()
    return {"phone": place.phone, "city_name": place.matching.name}
