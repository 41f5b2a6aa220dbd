"""What happens with an organisation."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from backend.accounts.actions import account_for
from backend.accounts.messages import tell_about_door
from backend.common import versions
from backend.common.plain_words import plain
from backend.organisations.models import OWNER, Membership, Organisation

SAME = (
    "name", "legal_form", "youth_work", "description", "neighbourhood", "postcode", "welcome_languages", "walk_in",
    "wheelchair", "vcode", "liability_insurance", "accident_insurance",
)  # fmt: skip


def store_imported(city: str, record: dict[str, Any], *, known_at: datetime) -> bool:
    """Make or update the organisation of a clean record; True when new.

    An import comes from the volunteer point, so the organisation is known to it and accepted the charter there.
    """
    _organisation, is_new = Organisation.objects.update_or_create(
        city=city,
        external_id=record["id"],
        defaults=columns_of(record),
        create_defaults={**columns_of(record), "verified_at": known_at, "charter_accepted_at": known_at},
    )
    return is_new


@transaction.atomic
def change_organisation(organisation: Organisation, changes: dict[str, Any], *, version: int) -> Organisation:
    """Take over checked changes. Raises ChangedMeanwhile when the version is another by now."""
    found = Organisation.objects.select_for_update().get(pk=organisation.pk)
    versions.expect(found.version, version)
    for name, value in changes.items():
        setattr(found, name, value)
    found.search_text = search_text_of(found.name, found.description)
    found.version += 1
    found.save()
    return found


@transaction.atomic
def welcome(organisation: Organisation, *, has_charter: bool, owner: str, now: datetime) -> None:
    """The volunteer point knows it from now on; `owner` is the contact of who decides for it, or nothing.

    What was so already stays as it was. Raises ValueError for a number that is none; then nothing is kept.
    """
    found = Organisation.objects.select_for_update().get(pk=organisation.pk)
    found.verified_at = found.verified_at or now
    if has_charter:
        found.charter_accepted_at = found.charter_accepted_at or now
    found.save(update_fields=["verified_at", "charter_accepted_at", "updated_at"])
    if owner:
        add_member(found, owner, OWNER)


def confirm_card(organisation: Organisation, *, today: date) -> None:
    """Somebody of the organisation read its card and says that it is right."""
    Organisation.objects.filter(pk=organisation.pk).update(checked_on=today, updated_at=Now())


def search_text_of(name: str, description: str) -> str:
    """The words by which an organisation is found."""
    return plain(f"{name} {description}")


class LastOwner(Exception):
    """Nobody would be left who decides for this organisation."""


@transaction.atomic
def add_member(organisation: Organisation, contact: str, role: str) -> Membership:
    """Whoever has this address or number acts for an organisation as `role`; who is new there hears it once.

    Raises ValueError for a number that is none, LastOwner.
    """
    user = account_for(contact)
    _keep_an_owner(organisation.pk, without=None if role == OWNER else user.pk)
    told = {"role": role, "contact": contact}
    member, is_new = Membership.objects.update_or_create(
        organisation=organisation, user=user, defaults={"role": role}, create_defaults=told
    )
    if is_new:
        tell_about_door(user, where=organisation.name)
    return member


@transaction.atomic
def remove_member(member: Membership) -> None:
    """They act for the organisation no longer, from the next request on. Raises LastOwner. Twice is once."""
    _keep_an_owner(member.organisation_id, without=member.user_id)
    Membership.objects.filter(pk=member.pk).delete()


def _keep_an_owner(organisation_id: UUID, *, without: UUID | None) -> None:
    """An organisation that has an owner keeps one; owners who leave at the same moment leave one after the other."""
    owners = Membership.objects.select_for_update().filter(organisation=organisation_id, role=OWNER).order_by("pk")
    if {one.user_id for one in owners} == {without}:
        raise LastOwner


def columns_of(record: dict[str, Any]) -> dict[str, Any]:
    """A clean organisation record of the city sample format as columns."""
    contact = record["contact"]
    return {
        **{name: record[name] for name in SAME},
        "search_text": search_text_of(record["name"], record["description"]),
        "lat": float(record["lat"]),
        "lon": float(record["lon"]),
        "contact_label": contact["label"],
        "contact_email": contact["email"],
        "contact_phone": contact["phone"],
    }
