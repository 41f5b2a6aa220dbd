"""Pages by an opaque, signed cursor over (a moment, id): exact, whatever is written meanwhile. And following changes.

A list that can be followed takes `updated_since`, a token that the last page of an earlier reading carried. Its horizon
lies two minutes before that reading began, so that a change that was committed late is not missed: rows may come twice,
and clients put them by their id.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.models import Tombstone
from backend.common.problems import Problem, issue

PAGE_SIZE, PAGE_SIZE_MAX = 25, 100
CURSOR, SYNC = "cursor", "sync"
SYNC_HEADER = "X-Sync-Token"
LATE_COMMITS = timedelta(seconds=120)  # longer than a task may run (celery: task_time_limit)
TOMBSTONES_KEPT = timedelta(days=30)
PAGING = ("cursor", "page_size", "updated_since")


class KeysetPagination(BasePagination):
    """Newest first by the view's `page_field`, then by id; following changes goes the other way, by `changed_field`.

    `?page_size=` 1 to 100, `?cursor=` from `next`, and where the view can be followed `?updated_since=`.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self._request, self._view = request, view
        size = self._size(request)
        cursor, since = request.query_params.get("cursor"), request.query_params.get("updated_since")
        at: tuple[datetime, UUID] | None = None
        if cursor:
            moment, pk, horizon, began = self._read(cursor)
            at, self._horizon, self._since = (moment, pk), horizon, began
        else:
            self._horizon = database_now() - LATE_COMMITS
            self._since = sync_moment(since) if since else None
        page = self._following(queryset, at, size) if self._since else self._newest(queryset, at, size)
        self._next = None
        if len(page) > size:
            moment, pk = self._place_of(page[size - 1])
            parts = [moment.isoformat(), str(pk), self._horizon.isoformat(), self._since and self._since.isoformat()]
            query = request.query_params.copy()
            query["cursor"] = signing.dumps(parts, salt=CURSOR, compress=False)
            self._next = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        return page[:size]

    def _newest(self, rows: QuerySet[Any], at: tuple[datetime, UUID] | None, size: int) -> list[Any]:
        field = self._view.page_field
        if at:
            rows = rows.filter(before(field, *at))
        return list(rows.order_by(f"-{field}", "-pk")[: size + 1])

    def _following(self, visible: QuerySet[Any], at: tuple[datetime, UUID] | None, size: int) -> list[Any]:
        """Rows and tombstones together, the longest unchanged first."""
        field = self._view.changed_field
        changed = self._view.changed(visible, self._since)
        gone = self._view.gone(self._since)
        if at:
            changed, gone = changed.filter(after(field, *at)), [one for one in gone if self._place_of(one) > at]
        rows: list[Any] = list(changed.order_by(field, "pk")[: size + 1])
        return sorted([*rows, *gone], key=self._place_of)[: size + 1]

    def _place_of(self, row: Any) -> tuple[datetime, UUID]:
        if isinstance(row, Tombstone):
            return row.updated_at, row.what
        field = self._view.changed_field if self._since else self._view.page_field
        return getattr(row, field), row.pk

    def get_paginated_response(self, data: Any) -> Response:
        response = Response({"results": data, "next": self._next})
        if self._next is None and hasattr(self._view, "changed_field"):
            response[SYNC_HEADER] = signing.dumps(self._horizon.isoformat(), salt=SYNC, compress=False)
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": ["string", "null"], "format": "uri"},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": PAGE_SIZE_MAX, "default": PAGE_SIZE}
        parameters: list[dict[str, Any]] = [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"},
             "description": "From `next` of the page before."},
            {"name": "page_size", "in": "query", "required": False, "schema": size},
        ]  # fmt: skip
        if hasattr(view, "changed_field"):
            parameters.append(
                {"name": "updated_since", "in": "query", "required": False, "schema": {"type": "string"},
                 "description": "The X-Sync-Token of the last page of an earlier reading: only what changed since, "
                 "and what is gone as {id, deleted, updated_at}."}
            )  # fmt: skip
        return parameters

    def _size(self, request: Request) -> int:
        asked = request.query_params.get("page_size", str(PAGE_SIZE))
        if not (asked.isascii() and asked.isdigit() and len(asked) < 4 and 1 <= int(asked) <= PAGE_SIZE_MAX):
            raise Problem("invalid", issues=[issue("page_size", "out_of_range", place="query")])
        return int(asked)

    def _read(self, cursor: str) -> tuple[datetime, UUID, datetime, datetime | None]:
        try:
            moment, pk, horizon, since = signing.loads(cursor, salt=CURSOR)
        except (signing.BadSignature, ValueError):
            raise Problem("bad_cursor") from None
        began = datetime.fromisoformat(since) if since else None
        return datetime.fromisoformat(moment), UUID(pk), datetime.fromisoformat(horizon), began


def before(field: str, moment: datetime, pk: UUID) -> Q:
    return Q(**{f"{field}__lt": moment}) | Q(**{field: moment, "pk__lt": pk})


def after(field: str, moment: datetime, pk: UUID) -> Q:
    return Q(**{f"{field}__gt": moment}) | Q(**{field: moment, "pk__gt": pk})


def sync_moment(token: str) -> datetime:
    """The horizon of a token. Raises Problem: 400 for nonsense, 410 for one older than tombstones are kept."""
    try:
        moment = datetime.fromisoformat(signing.loads(token, salt=SYNC))
    except (signing.BadSignature, ValueError, TypeError):
        raise Problem("bad_cursor", issues=[issue("updated_since", "invalid", place="query")]) from None
    if moment < database_now() - TOMBSTONES_KEPT:
        raise Problem("sync_token_expired")
    return moment


def database_now() -> datetime:
    """The clock that also writes `updated_at`; hosts have their own."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


class Followed:
    """For a view whose list can be followed: `changed_field`, and what is gone for whoever asks.

    `resource` names the tombstones of rows that were deleted.
    """

    changed_field = "updated_at"
    resource: str

    def candidates(self) -> QuerySet[Any]:
        """The rows that this caller may once have seen, with `changed_field`: what is among them but not visible any
        more is gone."""
        raise NotImplementedError

    def changed(self, visible: QuerySet[Any], since: datetime) -> QuerySet[Any]:
        return visible.filter(**{f"{self.changed_field}__gte": since})

    def gone(self, since: datetime) -> Sequence[Tombstone]:
        once_seen = self.candidates().filter(**{f"{self.changed_field}__gte": since})
        visible = self.filter_queryset(self.get_queryset())  # type: ignore[attr-defined]
        lost = once_seen.exclude(pk__in=visible.order_by().values("pk"))
        hidden = [Tombstone(what=pk, updated_at=at) for pk, at in lost.values_list("pk", self.changed_field)]
        user = self.request.user  # type: ignore[attr-defined]
        audience = Q(audience=None) | Q(audience=user.pk) if user.is_authenticated else Q(audience=None)
        return [*hidden, *Tombstone.objects.filter(audience, resource=self.resource, updated_at__gte=since)]
