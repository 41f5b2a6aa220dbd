"""Every process checks the cities when it starts: better no start than a wrong rule."""

from django.apps import AppConfig


class CityConfig(AppConfig):
    name = "backend.city"

    def ready(self) -> None:
        """Raises CatalogueError with the file, the place and the reason."""
        from django.conf import settings

        from backend.city.load import cities
        from matching.catalogue import load_catalogue, read_languages_too
        from matching.words import sentences

        read_languages_too(settings.LANGUAGES_FILE)
        load_catalogue()
        sentences()
        cities()
