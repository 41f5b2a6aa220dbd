"""How often somebody may ask. Counters live in Redis; while it is away everything passes."""

import ipaddress
import time
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from backend.common.cache import Away

MINUTE, HOUR, DAY = 60, 3600, 86_400


class Limit(NamedTuple):
    name: str
    most: int
    seconds: int


PUBLIC = Limit("public", 120, MINUTE)
READ = Limit("read", 300, MINUTE)
WRITE = Limit("write", 60, MINUTE)
ACCOUNTS = Limit("accounts", 30, HOUR)
CONTACT = Limit("contact", 5, DAY)
LINKS = Limit("links", 20, HOUR)
CODES = Limit("codes", 10, HOUR)
SMS_IN = Limit("sms_in", 20, HOUR)
QUESTIONS = Limit("questions", 10, HOUR)
SEARCH = Limit("search", 60, MINUTE)
EXPORT = Limit("export", 3, DAY)


class Throttle(BaseThrottle):
    """Counts by person, else by address. A view may name its own limit for an action or a method in `limits`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        method = str(request.method)
        is_read = method in ("GET", "HEAD", "OPTIONS")
        user = request.user if request.user and request.user.is_authenticated else None
        named = getattr(view, "limits", {})
        own = named.get(getattr(view, "action", None)) or named.get(method)
        limit = own or (READ if user and is_read else WRITE if user else PUBLIC)
        found = count(limit, str(user.pk) if user else address_of(request))
        request._request.rate = found  # type: ignore[attr-defined]
        self._wait = found.seconds_left
        return found.left >= 0

    def wait(self) -> float:
        return float(self._wait)


class Rate(NamedTuple):
    """What is left of a limit, and after how many seconds it is whole again."""

    limit: Limit
    left: int
    seconds_left: int

    def headers(self) -> dict[str, str]:
        name, most, seconds = self.limit
        return {
            "RateLimit-Policy": f'"{name}";q={most * settings.RATE_LIMIT_SCALE};w={seconds}',
            "RateLimit": f'"{name}";r={max(0, self.left)};t={self.seconds_left}',
        }


def count(limit: Limit, who: str) -> Rate:
    """One more call by somebody."""
    now = int(time.time())
    seconds_left = limit.seconds - now % limit.seconds
    # Redis holds nothing that says who: an address or a number only as its keyed hash.
    key = f"rate:{limit.name}:{salted_hmac('rate', who).hexdigest()}:{now // limit.seconds}"
    most = limit.most * settings.RATE_LIMIT_SCALE
    try:
        cache.add(key, 0, limit.seconds * 2)
        return Rate(limit, most - int(cache.incr(key)), seconds_left)
    except (Away, ValueError):  # the cache said so in the log, once
        return Rate(limit, most, seconds_left)


def address_of(request: Any) -> str:
    """The address of the client behind our own proxies; of IPv6 the first 64 bits, which one household shares."""
    try:
        found = ipaddress.ip_address(get_adapter().get_client_ip(getattr(request, "_request", request)))
    except (ValueError, PermissionDenied):
        return "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(found)
