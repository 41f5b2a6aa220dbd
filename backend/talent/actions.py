"""What happens with a volunteer."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from backend.outbox.actions import record as record_event
from backend.talent import states
from backend.talent.case import columns_of_profile, columns_of_volunteer
from backend.talent.models import (
    PROPOSALS,
    Consent,
    ProfileLanguage,
    ProfileTalent,
    TalentProfile,
    Volunteer,
)

CONSENT_TEXT = "2026-11"


class StepNotAllowed(Exception):
    """The state of the volunteer does not allow this step."""


@transaction.atomic
def store_imported(city: str, record: dict[str, Any], reference_date: date) -> bool:
    """Make or update the volunteer of a clean record; True when new. Nobody is confirmed by an import."""
    volunteer, is_new = Volunteer.objects.update_or_create(
        city=city, external_id=record["id"], defaults=columns_of_volunteer(record, reference_date)
    )
    profile, _ = TalentProfile.objects.update_or_create(volunteer=volunteer, defaults=columns_of_profile(record))
    ProfileTalent.objects.filter(profile=profile).delete()
    ProfileTalent.objects.bulk_create(
        ProfileTalent(profile=profile, talent=code, level=level, point_only=code in record["talents_point_only"])
        for code, level in record["talents"].items()
    )
    ProfileLanguage.objects.filter(profile=profile).delete()
    ProfileLanguage.objects.bulk_create(
        ProfileLanguage(profile=profile, language=code, level=level) for code, level in record["languages"].items()
    )
    return is_new


@transaction.atomic
def confirm_profile(volunteer: Volunteer, *, given_how: str, now: datetime, is_alone: bool = True) -> None:
    """The person says: this is me, send me proposals. Raises StepNotAllowed.

    Records "profile.confirmed", unless many are confirmed together and a round looks at all of them.
    """
    volunteer = Volunteer.objects.select_for_update().get(pk=volunteer.pk)
    if volunteer.state == states.CONFIRMED:
        return
    if not states.may_step(volunteer.state, states.CONFIRMED):
        raise StepNotAllowed(f"{volunteer.state} -> {states.CONFIRMED}")
    volunteer.state = states.CONFIRMED
    volunteer.save(update_fields=["state", "updated_at"])
    Consent.objects.get_or_create(
        volunteer=volunteer,
        purpose=PROPOSALS,
        party="",
        withdrawn_at=None,
        defaults={
            "text_version": CONSENT_TEXT,
            "language": volunteer.language,
            "given_how": given_how,
            "given_at": now,
        },
    )
    if is_alone:
        record_event("profile.confirmed", volunteer_id=volunteer.pk)


@transaction.atomic
def pause(volunteer: Volunteer, *, until: date) -> None:
    """No proposals up to and including this day."""
    Volunteer.objects.filter(pk=volunteer.pk).update(paused_until=until)
