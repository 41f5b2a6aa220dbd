"""Links without a login: signed, one purpose, one proposal, expiring. The token itself is stored nowhere.

A token is derived from the link's id with the installation's secret, so that a message can carry it although the
database only knows its SHA-256.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from backend.placements.models import LINK_FOR_VOLUNTEER, LINK_HOW_IS_IT, LINK_STILL_THERE, Link, Proposal
from notifications.models import Delivery

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TOKEN_BYTES = 16
PATHS = {LINK_FOR_VOLUNTEER: "v", LINK_HOW_IS_IT: "t", LINK_STILL_THERE: "n"}
ORGANISATION_PATH = "o"
WORKS_AFTER_DEADLINE = timedelta(days=14)


def token_of(link_id: UUID) -> str:
    """128 bits in letters and digits."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"link:" + link_id.bytes, hashlib.sha256).digest()
    number, letters = int.from_bytes(digest[:TOKEN_BYTES]), ""
    while number:
        number, rest = divmod(number, len(ALPHABET))
        letters = ALPHABET[rest] + letters
    return letters.rjust(22, ALPHABET[0])


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(proposal: Proposal, purpose: str, *, expires_at: datetime) -> Link:
    """The link of a proposal for one purpose; the same one when it exists, also when two workers ask at once. It works
    as long as the last who asked for it needs; one that was revoked stays so.
    """
    found = Link.objects.filter(proposal=proposal, purpose=purpose).first()
    if found:
        if found.expires_at < expires_at:
            Link.objects.filter(pk=found.pk, expires_at__lt=expires_at).update(expires_at=expires_at)
            found.expires_at = expires_at
        return found
    link = Link(proposal=proposal, purpose=purpose, expires_at=expires_at)
    link.token_hash = hash_of(token_of(link.pk))
    Link.objects.bulk_create([link], ignore_conflicts=True)
    return Link.objects.get(proposal=proposal, purpose=purpose)


def address_of(link_id: UUID) -> str:
    """The whole address, made when the words are made (settings.NOTIFICATION_LINKS)."""
    link = Link.objects.get(pk=link_id)
    return f"{settings.PUBLIC_URL}{path_of(link)}"


def with_addresses(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Messages whose links are looked up in one statement, before their words are made."""
    found = list(deliveries)
    links = {link.pk: link for link in Link.objects.filter(pk__in=[one.link for one in found if one.link])}
    for one in found:
        if one.link in links:
            one.link_address = f"{settings.PUBLIC_URL}{path_of(links[one.link])}"
    return found


def path_of(link: Link) -> str:
    return f"/{PATHS.get(link.purpose, ORGANISATION_PATH)}/{token_of(link.pk)}/"


def find_link(token: str, purpose: str, now: datetime) -> Link | None:
    """The working link behind a token; None for wrong, old and revoked alike."""
    links = Link.objects.filter(token_hash=hash_of(token), purpose=purpose, expires_at__gt=now, revoked_at=None)
    return next(iter(links[:1]), None)
