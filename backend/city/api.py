"""What a client reads before anything else: the city, its catalogues, and the words for every code."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import translation
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.city.load import cities, default_city
from backend.common import limits
from backend.common.api import ApiMixin
from matching.catalogue import Catalogue, load_catalogue
from matching.types import SLOTS


class CatalogueWordSerializer(serializers.Serializer):
    """A code and its word; Dutch where no translation exists yet."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class TalentSerializer(CatalogueWordSerializer):
    """One talent of the catalogue; a sensitive one stays at the volunteer point unless the person shares it."""

    group = serializers.CharField()
    group_label = serializers.CharField()
    is_sensitive = serializers.BooleanField()


class LanguageSerializer(CatalogueWordSerializer):
    own_label = serializers.CharField()
    direction = serializers.ChoiceField(choices=("ltr", "rtl"))


class NeighbourhoodSerializer(CatalogueWordSerializer):
    postcode = serializers.CharField()
    lat = serializers.FloatField()
    lon = serializers.FloatField()


class LimitSerializer(serializers.Serializer):
    name = serializers.CharField()
    most = serializers.IntegerField()
    seconds = serializers.IntegerField()


class MessageLanguageSerializer(serializers.Serializer):
    code = serializers.CharField()
    direction = serializers.ChoiceField(choices=("ltr", "rtl"))


class ConfigSerializer(serializers.Serializer):
    """What an app needs to know about this installation."""

    city = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField()
    time_zone = serializers.CharField()
    languages = MessageLanguageSerializer(many=True)
    slots = serializers.ListField(child=serializers.CharField())
    sign_in = serializers.ListField(child=serializers.ChoiceField(choices=("phone", "email", "passkey")))
    cities = serializers.ListField(child=serializers.CharField())
    limits = LimitSerializer(many=True)
    min_app_version = serializers.CharField()
    is_sandbox = serializers.BooleanField()


class PublicView(ApiMixin, APIView):
    """For everybody; a cookie or token makes no difference."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class ConfigView(PublicView):
    @extend_schema(responses=ConfigSerializer, operation_id="config_read")
    def get(self, request: Request, **_kwargs: object) -> Response:
        """The city, its languages, how to come in, and the rate limits."""
        place = default_city()
        told = {
            "city": place.slug,
            "name": place.matching.name,
            "phone": place.phone,
            "time_zone": place.quiet_hours.time_zone,
            "languages": [
                {"code": code, "direction": "rtl" if translation.get_language_info(code)["bidi"] else "ltr"}
                for code in place.languages
            ],
            "slots": list(SLOTS),
            "sign_in": [*(["phone"] if settings.SMS_URL or settings.SANDBOX else []), "email", "passkey"],
            "cities": list(cities()),
            "limits": [limit._asdict() for limit in (limits.PUBLIC, limits.READ, limits.WRITE, limits.EXPORT)],
            "min_app_version": settings.MIN_APP_VERSION,
            "is_sandbox": settings.SANDBOX,
        }
        return Response(ConfigSerializer(told).data)


def _list_of(name: str, shape: type[serializers.Serializer], rows: Any) -> type[PublicView]:
    """A view of one catalogue."""

    class CatalogueView(PublicView):
        @extend_schema(responses=shape(many=True), operation_id=f"{name}_list", filters=False)
        def get(self, request: Request, **_kwargs: object) -> Response:
            return Response(shape(rows(load_catalogue()), many=True).data)

    CatalogueView.__doc__ = f"The catalogue of {name}, in the order of the catalogue."
    return CatalogueView


def _words(words: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"code": code, "label": label} for code, label in words]


def _talents(catalogue: Catalogue) -> list[dict[str, Any]]:
    language = _language()
    return [
        {
            "code": code,
            "label": catalogue.label_in(language, "talents", code, talent.label),
            "group": talent.group,
            "group_label": catalogue.label_in(
                language, "talent_groups", talent.group, catalogue.talent_groups[talent.group]
            ),
            "is_sensitive": talent.is_sensitive,
        }
        for code, talent in catalogue.talents.items()
    ]


def _themes(catalogue: Catalogue) -> list[dict[str, str]]:
    language = _language()
    return _words(
        (code, catalogue.label_in(language, "themes", code, label)) for code, label in catalogue.themes.items()
    )


def _language() -> str:
    return (translation.get_language() or "").partition("-")[0]


def _languages(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {"code": code, "label": label, "own_label": catalogue.own_names.get(code, label),
         "direction": "rtl" if code in catalogue.right_to_left else "ltr"}
        for code, label in catalogue.languages.items()
    ]  # fmt: skip


def _neighbourhoods(_catalogue: Catalogue) -> list[dict[str, Any]]:
    place = default_city().matching
    return [
        {"code": name, "label": name, "postcode": place.postcode_of[name], "lat": point.lat, "lon": point.lon}
        for name, point in place.neighbourhoods.items()
    ]


TalentsView = _list_of("talents", TalentSerializer, _talents)
ThemesView = _list_of("themes", CatalogueWordSerializer, _themes)
BoundariesView = _list_of(
    "boundaries",
    CatalogueWordSerializer,
    lambda known: _words((code, one.sentence) for code, one in known.boundaries.items()),
)
WishesView = _list_of(
    "wishes", CatalogueWordSerializer, lambda known: _words((code, one.label) for code, one in known.wishes.items())
)
SupportView = _list_of(
    "support", CatalogueWordSerializer, lambda known: _words((code, one.label) for code, one in known.support.items())
)
LanguagesView = _list_of("languages", LanguageSerializer, _languages)
NeighbourhoodsView = _list_of("neighbourhoods", NeighbourhoodSerializer, _neighbourhoods)
