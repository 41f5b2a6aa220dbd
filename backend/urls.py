"""Table of contents of the server."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from backend.accounts import pages as accounts
from backend.coordination import pages as coordination
from backend.opportunities.api import OpportunityViewSet
from backend.placements import links, pages
from backend.placements.api import ProposalViewSet
from backend.ui import pages as ui


@require_safe
def healthy(_request: HttpRequest) -> HttpResponse:
    """Ready when the database answers; without Redis everything still answers, only messages wait."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return JsonResponse({"ok": True})


router = DefaultRouter(trailing_slash=False, use_regex_path=False)
router.include_root_view = False
router.include_format_suffixes = False
router.register("opportunities", OpportunityViewSet, basename="opportunity")
router.register("proposals", ProposalViewSet, basename="proposal")

urlpatterns = [
    path("", ui.front, name="front"),
    path("healthz", healthy, name="healthy"),
    path("binnen/", accounts.ask_for_link, name="ask_for_link"),
    path("binnen/<str:name>/<str:token>/", accounts.sign_in, name="sign_in"),
    path("buiten/", accounts.sign_out, name="sign_out"),
    path("v/<str:token>/", links.proposal, name="proposal"),
    path("v/<str:token>/antwoord/", links.answer, name="answer"),
    path("v/<str:token>/moment/", links.moment, name="moment"),
    path("o/<str:token>/", links.candidate, name="candidate"),
    path("o/<str:token>/welkom/", links.welcome, name="welcome"),
    path("ik/", pages.mine, name="mine"),
    path("org/", pages.organisation, name="organisation"),
    path("org/taken/<uuid:opportunity_id>/online/", pages.publish, name="publish"),
    path("coordinatie/", coordination.today, name="today"),
    path("coordinatie/gaten/", coordination.gaps, name="gaps"),
    path("coordinatie/online/", coordination.publish, name="publish_drafts"),
    path("balie/bellijst/", coordination.call_sheet, name="call_sheet"),
    path("balie/bellijst/<uuid:delivery_id>/", coordination.called, name="called"),
    # A version that is only "v1": `<version>` would swallow /api/schema/ too.
    re_path(r"^api/(?P<version>v1)/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(api_version="v1"), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
]
handler404 = "backend.ui.pages.not_found"
handler500 = "backend.ui.pages.our_fault"
