"""What happens with an account and its devices."""

from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction

from backend.accounts.models import Device, User


def start_account(*, phone: str | None, email: str | None, language: str) -> None:
    """Make room for a new person; whoever is known already stays as they are. The code is asked for separately.

    An account that nobody confirmed within a day is deleted (see `retention`).
    """
    known = User.objects.filter(phone=phone) if phone else User.objects.filter(email__iexact=email)
    if not known.exists():
        with suppress(IntegrityError), transaction.atomic():  # somebody else began at the same moment
            User.objects.create_user(email=email, phone=phone, language=language)


def register_device(user: User, *, platform: str, token: str, **told: Any) -> tuple[Device, bool]:
    """This device may be pushed to, and whether it is new. The same token under another person moves."""
    return Device.objects.update_or_create(platform=platform, token=token, defaults={**told, "user": user})
