"""Write the OpenAPI documents that are kept beside the code, so that a diff shows every change of the API."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.settings import patched_settings

VERSIONS = {"3.1": {}, "3.0": {"OAS_VERSION": "3.0.3"}}


class Command(BaseCommand):
    help = "Write docs/api/openapi-3.1.yaml and openapi-3.0.yaml."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", default=str(settings.BASE_DIR / "docs" / "api"))

    def handle(self, *args: Any, **options: Any) -> None:
        for version in VERSIONS:
            file = Path(options["folder"]) / f"openapi-{version}.yaml"
            file.write_bytes(OpenApiYamlRenderer().render(document(version)))
            self.stdout.write(str(file))


def document(version: str) -> dict[str, Any]:
    """The whole document, for OpenAPI 3.1 or 3.0."""
    with patched_settings(VERSIONS[version]):
        found: dict[str, Any] = SchemaGenerator(api_version="v1").get_schema(request=None, public=True)
    return found
