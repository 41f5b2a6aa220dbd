"""What happens with an organisation."""

from datetime import datetime
from typing import Any

from django.db import transaction

from backend.common import versions
from backend.organisations.models import Organisation

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
    found.version += 1
    found.save()
    return found


def columns_of(record: dict[str, Any]) -> dict[str, Any]:
    """A clean organisation record of the city sample format as columns."""
    contact = record["contact"]
    return {
        **{name: record[name] for name in SAME},
        "lat": float(record["lat"]),
        "lon": float(record["lon"]),
        "contact_label": contact["label"],
        "contact_email": contact["email"],
        "contact_phone": contact["phone"],
    }
