"""Pages by an opaque, signed cursor over (a moment, id): exact, whatever is written meanwhile."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from backend.common.problems import Problem

PAGE_SIZE, PAGE_SIZE_MAX = 25, 100
SALT = "cursor"


class KeysetPagination(BasePagination):
    """Newest first by the view's `page_field`, then by id. `?page_size=` 1 to 100, `?cursor=` from `next`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        field = view.page_field
        size = self._size(request)
        cursor = request.query_params.get("cursor")
        rows = queryset.order_by(f"-{field}", "-pk")
        if cursor:
            moment, pk = self._read(cursor)
            rows = rows.filter(**{f"{field}__lte": moment}).exclude(**{field: moment, "pk__gte": pk})
        page = list(rows[: size + 1])
        self._next = None
        if len(page) > size:
            last = page[size - 1]
            cursor = signing.dumps([getattr(last, field).isoformat(), str(last.pk)], salt=SALT, compress=False)
            query = request.query_params.copy()
            query["cursor"] = cursor
            self._next = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        return page[:size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self._next})

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
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "required": False, "schema": size},
        ]

    def _size(self, request: Request) -> int:
        asked = request.query_params.get("page_size", str(PAGE_SIZE))
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked) <= PAGE_SIZE_MAX):
            issue = {
                "in": "query",
                "name": "page_size",
                "code": "out_of_range",
                "detail": f"Kies 1 tot {PAGE_SIZE_MAX}.",
            }
            raise Problem("invalid", issues=[issue])
        return int(asked)

    def _read(self, cursor: str) -> tuple[datetime, UUID]:
        try:
            moment, pk = signing.loads(cursor, salt=SALT)
        except signing.BadSignature:
            raise Problem("bad_cursor") from None
        return datetime.fromisoformat(moment), UUID(pk)
