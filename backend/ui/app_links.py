"""The files by which a phone knows that our links open in our app. 404 where a city has no app."""

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

PATHS = ("/v/*", "/taken/*")


@require_safe
def apple(request: HttpRequest) -> JsonResponse:
    """/.well-known/apple-app-site-association: no extension, no redirect, no login."""
    if not settings.APP_LINKS_IOS:
        raise Http404
    parts = [{"/": path} for path in PATHS]
    return JsonResponse(
        {"applinks": {"details": [{"appIDs": settings.APP_LINKS_IOS, "components": parts}]},
         "webcredentials": {"apps": settings.APP_LINKS_IOS}}
    )  # fmt: skip


@require_safe
def android(request: HttpRequest) -> JsonResponse:
    """/.well-known/assetlinks.json"""
    if not settings.APP_LINKS_ANDROID:
        raise Http404
    apps = [one.partition("=") for one in settings.APP_LINKS_ANDROID]
    return JsonResponse(
        [
            {
                "relation": ["delegate_permission/common.handle_all_urls"],
                "target": {
                    "namespace": "android_app",
                    "package_name": package,
                    "sha256_cert_fingerprints": [fingerprint],
                },
            }
            for package, _sign, fingerprint in apps
        ],
        safe=False,
    )
