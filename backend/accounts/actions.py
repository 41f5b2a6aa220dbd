"""What happens with an account and its devices."""

from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from backend.accounts import journal
from backend.accounts.access import OPENS, TEAM
from backend.accounts.messages import CODE, tell_about_door, tell_about_new_address, tell_about_sign_in
from backend.accounts.models import Device, EmailChange, StaffRole, User
from backend.accounts.phones import TO_ASCII_DIGITS, as_e164
from notifications.channels.push import Target

CODE_WORKS, TRIES = timedelta(minutes=10), 3


def start_account(*, phone: str | None, email: str | None, language: str) -> None:
    """Make room for a new person; whoever is known already stays as they are. The code is asked for separately.

    An account that nobody confirmed within a day is deleted (see `retention`).
    """
    if not _known(phone, email).exists():
        with suppress(IntegrityError), transaction.atomic():  # somebody else began at the same moment
            User.objects.create_user(email=email, phone=phone, language=language)


def account_for(contact: str) -> User:
    """The account behind an address or a phone number, made when there is none; a code shows later whose it is.

    Raises ValueError for a number that is none.
    """
    email, phone = (contact.lower(), None) if "@" in contact else (None, as_e164(contact))
    start_account(phone=phone, email=email, language="nl")
    return _known(phone, email).get()


def _known(phone: str | None, email: str | None) -> QuerySet[User]:
    return User.objects.filter(phone=phone) if phone else User.objects.filter(email__iexact=email)


class LastOfTeam(Exception):
    """Nobody would be left who can let others in."""


@transaction.atomic
def give_role(contact: str, role: str, *, city: str, where: str, label: str = "") -> StaffRole:
    """Whoever has this address or number does something at the volunteer point of a city, and hears it once.

    `where` is how that place is called; `label` is how a guide is called, and only a guide has one. Twice is once.
    Raises ValueError for a number that is none.
    """
    user = account_for(contact)
    told = {"label": label, "contact": contact}
    given, is_new = StaffRole.objects.get_or_create(user=user, city=city, role=role, defaults=told)
    if is_new:
        tell_about_door(user, where=where)
    return given


@transaction.atomic
def take_role(role: StaffRole) -> None:
    """It opens nothing any more, from the next request on. Raises LastOfTeam. Twice is once."""
    keepers = StaffRole.objects.filter(
        city=role.city, role__in=[name for name, doors in OPENS.items() if TEAM in doors]
    )
    left = {one.pk for one in keepers.select_for_update().order_by("pk")}
    if left == {role.pk}:
        raise LastOfTeam
    StaffRole.objects.filter(pk=role.pk).delete()


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
        tell_about_new_address(user, before=before)
    return user


def _hash_of(user: User, email: str, code: str) -> str:
    return salted_hmac("email change", f"{user.pk}:{email}:{code}", algorithm="sha256").hexdigest()


def devices_of(user_id: UUID) -> list[Target]:
    """Where somebody may be pushed to (settings.NOTIFICATION_DEVICES)."""
    rows = Device.objects.filter(user=user_id).order_by("-updated_at", "pk")
    return [Target(one.pk, one.platform, one.token) for one in rows]


def forget_device(device_id: UUID) -> None:
    """Its push service says that it is gone (settings.NOTIFICATION_DEVICE_GONE)."""
    Device.objects.filter(pk=device_id).delete()


def register_device(user: User, *, platform: str, token: str, **told: Any) -> tuple[Device, bool]:
    """This device may be pushed to, and whether it is new. The same token under another person moves."""
    return Device.objects.update_or_create(platform=platform, token=token, defaults={**told, "user": user})
