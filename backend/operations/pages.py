"""Is it alive, is it ready, and the figures that a Prometheus server collects. No login, and nothing about anybody."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from backend.common.clock import database_now
from backend.operations import queries


@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nobody else, so that no restart follows from a database that is away."""
    return JsonResponse({"ok": True})


@require_safe
def ready(_request: HttpRequest) -> HttpResponse:
    """Ready while the database answers. Without Redis everything still answers, only messages wait: degraded."""
    try:
        database_now()
    except DatabaseError:
        return JsonResponse({"ok": False, "database": "away"}, status=503)
    return JsonResponse({"ok": True, "database": "ok", "queue": "degraded" if queries.hints() is None else "ok"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Whoever knows METRICS_TOKEN collects; without that setting, or with another token, this page does not exist."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Waiting())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Waiting(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Gauges of rows: every process of the installation would tell the same."""
        found = queries.queue()
        yield _gauge("helpende_events", "Events by state.", "state", found.events)
        yield GaugeMetricFamily(
            "helpende_relay_lag_seconds", "How long the oldest due event waits.", found.oldest_event_seconds
        )
        by_state = GaugeMetricFamily(
            "helpende_deliveries", "Deliveries by channel and state.", labels=["channel", "state"]
        )
        for labels, many in found.deliveries.items():
            by_state.add_metric(labels, many)
        yield by_state
        yield GaugeMetricFamily(
            "helpende_delivery_lag_seconds", "How long the oldest due delivery waits.", found.oldest_delivery_seconds
        )
        yield _gauge("helpende_hints", "Hints in each queue; none of them while Redis is away.", "queue", found.hints)
        yield GaugeMetricFamily(
            "helpende_redis_up", "1 while Redis answers; without it messages wait.", float(found.hints is not None)
        )
        yield _gauge(
            "helpende_matcher_age_seconds", "Since the last round over a city.", "city", found.seconds_since_round
        )


def _gauge(name: str, help_text: str, label: str, values: Mapping[str, float] | None) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in (values or {}).items():
        gauge.add_metric([key], value)
    return gauge
