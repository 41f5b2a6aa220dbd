"""The OpenAPI document over the web, written once: it takes a second, and changes with the program only."""

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class DocumentView(SpectacularAPIView):
    """YAML or JSON, as asked. What one process wrote it keeps, for each version and form; it is in English for all."""

    written: ClassVar[dict[tuple[str, str], tuple[str | bytes, dict[str, Any]]]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        form, version = request.accepted_renderer, (self.custom_settings or {}).get("OAS_VERSION", "")
        key = version, form.media_type
        if key not in self.written:
            found = super().get(request, *args, **kwargs)
            named = {"Content-Type": form.media_type, "Content-Disposition": found["Content-Disposition"]}
            self.written[key] = form.render(found.data, form.media_type, {}), named
        content, headers = self.written[key]
        return HttpResponse(content, headers=headers)
