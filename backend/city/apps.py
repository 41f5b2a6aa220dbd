"""Every process checks the cities when it starts: better no start than a wrong rule."""

from django.apps import AppConfig


class CityConfig(AppConfig):
    name = "backend.city"

    def ready(self) -> None:
        """Raises CatalogueError with the file, the place and the reason."""
        from backend.city.load import cities
        from matching.catalogue import load_catalogue
        from matching.words import sentences

        load_catalogue()
        sentences()
        cities()
