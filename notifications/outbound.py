"""The one way out to an address that somebody else gave us: https, public addresses only, no redirects, 5 s, 64 KB.

What a name stands for is looked up once, judged, and then that very address is connected to.
"""

import ipaddress
import socket
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import urllib3
from django.conf import settings

SECONDS, READ_AT_MOST = 5.0, 65_536


class NotAllowed(ValueError):
    """The address is not one that this server speaks to."""


class NotThere(OSError):
    """Nothing was sent: no connection."""


class Silent(OSError):
    """Everything was sent, and no answer came: nobody knows."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]


def post(address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises NotAllowed, NotThere or Silent."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    is_known = origin in settings.OUTBOUND_ALLOW
    if not parts.hostname or (parts.scheme != "https" and not is_known):
        raise NotAllowed("only https")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    ip = _public_address(parts.hostname, port, is_known=is_known)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    pool = (
        urllib3.HTTPSConnectionPool(ip, port, server_hostname=parts.hostname, assert_hostname=parts.hostname)
        if parts.scheme == "https"
        else urllib3.HTTPConnectionPool(ip, port)
    )
    timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
    try:
        response = pool.request(
            "POST", path, body=body, headers={**headers, "Host": parts.netloc}, redirect=False, retries=False,
            timeout=timeout, preload_content=False,
        )  # fmt: skip
        response.read(READ_AT_MOST)
        return Answer(response.status, {key.lower(): value for key, value in response.headers.items()})
    except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
        raise NotThere(type(error).__name__) from None
    except urllib3.exceptions.HTTPError as error:
        raise Silent(type(error).__name__) from None
    finally:
        pool.close()


def _public_address(host: str, port: int, *, is_known: bool) -> str:
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise NotThere("no such name") from None
    if not is_known and not all(_is_public(one) for one in found):
        raise NotAllowed("not a public address")
    return sorted(found)[0]


def _is_public(text: str) -> bool:
    ip = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None)
    return (inner or ip).is_global
