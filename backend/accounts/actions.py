"""What happens with an account."""

from contextlib import suppress

from django.db import IntegrityError, transaction

from backend.accounts.models import User


def start_account(*, phone: str | None, email: str | None, language: str) -> None:
    """Make room for a new person; whoever is known already stays as they are. The code is asked for separately.

    An account that nobody confirmed within a day is deleted (see `retention`).
    """
    known = User.objects.filter(phone=phone) if phone else User.objects.filter(email__iexact=email)
    if not known.exists():
        with suppress(IntegrityError), transaction.atomic():  # somebody else began at the same moment
            User.objects.create_user(email=email, phone=phone, language=language)
