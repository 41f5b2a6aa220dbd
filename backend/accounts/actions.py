"""What happens with an account and its devices."""

from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from backend.accounts import journal
from backend.accounts.messages import CODE, EMAIL_CHANGED, tell_about_sign_in
from backend.accounts.models import Device, EmailChange, User
from backend.accounts.phones import TO_ASCII_DIGITS

CODE_WORKS, TRIES = timedelta(minutes=10), 3


def start_account(*, phone: str | None, email: str | None, language: str) -> None:
    """Make room for a new person; whoever is known already stays as they are. The code is asked for separately.

    An account that nobody confirmed within a day is deleted (see `retention`).
    """
    known = User.objects.filter(phone=phone) if phone else User.objects.filter(email__iexact=email)
    if not known.exists():
        with suppress(IntegrityError), transaction.atomic():  # somebody else began at the same moment
            User.objects.create_user(email=email, phone=phone, language=language)


class WrongCode(Exception):
    """Not the code that was sent, or too late, or tried too often: a new one is needed then."""


@transaction.atomic
def begin_email_change(user: User, email: str, *, now: datetime) -> None:
    """Send a code to another address. When it is somebody else's already no code goes out, and nobody can tell."""
    address, code = email.lower(), get_adapter().generate_login_code()
    told = {"email": address, "code_hash": _hash_of(user, address, code), "tries": 0, "expires_at": now + CODE_WORKS}
    EmailChange.objects.update_or_create(user=user, defaults=told)
    if not User.objects.filter(email__iexact=address).exists():
        tell_about_sign_in(CODE, address=address, language=user.language, recipient=user.pk, code=code)


def confirm_email_change(user: User, code: str, *, now: datetime) -> User:
    """From now on this is the address; the one before hears it. The same code twice is once. Raises WrongCode.

    Every try counts at once, so this must not run inside a transaction that a refusal rolls back.
    """
    asked = code.translate(TO_ASCII_DIGITS).replace(" ", "")
    tried = EmailChange.objects.filter(user=user, expires_at__gt=now, tries__lt=TRIES)
    if not tried.update(tries=F("tries") + 1):  # counted before it is looked at: two at once are two
        raise WrongCode
    change = EmailChange.objects.get(user=user)
    if not compare_digest(change.code_hash, _hash_of(user, change.email, asked)):
        raise WrongCode
    if user.email == change.email:
        return user
    try:
        with transaction.atomic():
            return _change_email(user, change.email)
    except IntegrityError:  # somebody else proved it meanwhile
        raise WrongCode from None


def _change_email(user: User, email: str) -> User:
    before = user.email
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    user.email = email
    user.save(update_fields=["email", "updated_at"])
    journal.write(user, journal.EMAIL_CHANGED)
    if before:
        tell_about_sign_in(EMAIL_CHANGED, address=before, language=user.language, recipient=user.pk)
    return user


def _hash_of(user: User, email: str, code: str) -> str:
    return salted_hmac("email change", f"{user.pk}:{email}:{code}", algorithm="sha256").hexdigest()


def register_device(user: User, *, platform: str, token: str, **told: Any) -> tuple[Device, bool]:
    """This device may be pushed to, and whether it is new. The same token under another person moves."""
    return Device.objects.update_or_create(platform=platform, token=token, defaults={**told, "user": user})
