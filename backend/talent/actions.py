"""What happens with a volunteer."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from backend.accounts import journal
from backend.accounts.models import User
from backend.city.load import city as city_of
from backend.common import packed as packed_rows
from backend.common import versions
from backend.common.packed import batched
from backend.outbox.actions import record as record_event
from backend.talent import codes, queries, states
from backend.talent.case import columns_of_profile, columns_of_volunteer, packed
from backend.talent.models import (
    CRISIS,
    MUTABLE,
    PROFESSION_LONGEST,
    PROPOSALS,
    CardCode,
    Consent,
    MatchProfile,
    ProfileLanguage,
    ProfileTalent,
    TalentProfile,
    Volunteer,
)
from matching.packing import layout_for
from notifications import actions as notifications

CONSENT_TEXT = "2026-11"
VIA_GUIDE, EMAIL, SMS = "via_guide", "email", "sms"
PACKED_AT_ONCE = 2_000


class NoGuide(Exception):
    """Somebody without a guide asks to be reached over one."""


class StepNotAllowed(Exception):
    """The state of the volunteer does not allow this step."""


@transaction.atomic
def store_imported(city: str, record: dict[str, Any], reference_date: date) -> bool:
    """Make or update the volunteer of a clean record; True when new. Nobody is confirmed by an import.

    The caller packs the people of a whole file at once, in the same transaction: see `pack_volunteers`.
    """
    volunteer, is_new = Volunteer.objects.update_or_create(
        city=city, external_id=record["id"], defaults=columns_of_volunteer(record, reference_date)
    )
    _store_profile(volunteer, record)
    return is_new


def _store_profile(volunteer: Volunteer, record: dict[str, Any]) -> None:
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


@transaction.atomic
def save_own_profile(user: Any, city: str, record: dict[str, Any], *, today: date, version: int) -> Volunteer:
    """Make or change the profile of somebody who is signed in, from a clean record. Records "profile.confirmed" when
    the person gets proposals: the matcher looks again.

    Who guides somebody is no part of it: that stays as it is. Raises ChangedMeanwhile when `version` is not the
    stored one, NoGuide.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two first profiles of one person: one after the other
    columns = columns_of_volunteer(record, today)
    del columns["guided_by"]
    volunteer = Volunteer.objects.select_for_update().filter(user=user).first()
    _expect_guide(volunteer, record["channel"])
    if volunteer is None:
        volunteer = Volunteer.objects.create(user=user, city=city, language=user.language, **columns)
    else:
        if known := TalentProfile.objects.filter(volunteer=volunteer).first():
            versions.expect(known.version, version)
        if record["age"] == volunteer.age_from:
            del columns["age_asked_on"]  # the same answer does not make somebody younger
        for name, value in columns.items():
            setattr(volunteer, name, value)
        volunteer.save()
    _store_profile(volunteer, record)
    TalentProfile.objects.filter(volunteer=volunteer).update(version=F("version") + 1)
    pack_volunteers(volunteer.city, Volunteer.objects.filter(pk=volunteer.pk))
    if queries.active(volunteer.city, today).filter(pk=volunteer.pk).exists():
        record_event("profile.confirmed", volunteer_id=volunteer.pk)
    journal.write(user, journal.PROFILE_CHANGED)
    return Volunteer.objects.select_related("profile").get(pk=volunteer.pk)


@transaction.atomic
def save_at_desk(city: str, record: dict[str, Any], *, language: str, actor: str, today: date) -> Volunteer:
    """The card of somebody who made it together with a colleague, without an account. `actor` says who, for the person
    to read.
    """
    volunteer = Volunteer.objects.create(city=city, language=language, **columns_of_volunteer(record, today))
    _store_profile(volunteer, record)
    pack_volunteers(city, Volunteer.objects.filter(pk=volunteer.pk))
    journal.write(None, journal.MADE_TOGETHER, actor=actor, waits_for=volunteer.pk)
    return volunteer


@transaction.atomic
def print_code(volunteer: Volunteer, *, actor: str) -> str:
    """A new code for the printed card; the old one is void from now on."""
    code = codes.new_code()
    CardCode.objects.update_or_create(volunteer=volunteer, defaults={"code_hash": codes.hash_of(code)})
    journal.write(volunteer.user, journal.PRINTED, actor=actor, waits_for=volunteer.pk)
    return code


@transaction.atomic
def take_over(code: str, user: Any) -> Volunteer | None:
    """Whoever holds the printed card goes on by themselves, by the contact that they proved to be theirs. The code is
    void then, and so the same twice does nothing. None for a code that is none, and for who has a card already.
    """
    held = CardCode.objects.select_for_update().filter(code_hash=codes.hash_of(code)).first()
    if held is None or Volunteer.objects.filter(user=user).exists():
        return None
    volunteer = Volunteer.objects.select_for_update().get(pk=held.volunteer_id)
    held.delete()
    if volunteer.user_id:
        return None
    volunteer.user, volunteer.channel = user, EMAIL if user.email else SMS
    volunteer.save(update_fields=["user", "channel", "updated_at"])
    journal.hand_over(user, volunteer.pk)
    journal.write(user, journal.TAKEN_OVER)
    pack_volunteers(volunteer.city, Volunteer.objects.filter(pk=volunteer.pk))
    return volunteer


@transaction.atomic
def give_consent(
    volunteer: Volunteer, purpose: str, *, party: str = "", until: datetime | None, now: datetime, how: str = "app"
) -> Consent:
    """A yes for one purpose; the same yes twice is one. A yes to proposals confirms the profile."""
    known = Consent.objects.filter(volunteer=volunteer, purpose=purpose, party=party, withdrawn_at=None)
    known.filter(until__lte=now).update(withdrawn_at=now)
    is_new = not known.exists()
    if purpose == PROPOSALS and volunteer.state != states.CONFIRMED:
        confirm_profile(volunteer, given_how=how, now=now)
    consent, _ = Consent.objects.get_or_create(
        volunteer=volunteer,
        purpose=purpose,
        party=party,
        withdrawn_at=None,
        defaults={
            "text_version": CONSENT_TEXT,
            "language": volunteer.language,
            "given_how": how,
            "given_at": now,
            "until": until,
        },
    )
    if consent.until != until:
        consent.until = until
        consent.save(update_fields=["until", "updated_at"])
    pack_volunteers(volunteer.city, Volunteer.objects.filter(pk=volunteer.pk))
    if is_new:
        journal.write(volunteer.user, journal.CONSENT_GIVEN, about=consent.pk, waits_for=volunteer.pk)
    return consent


@transaction.atomic
def withdraw_consent(consent: Consent, *, now: datetime) -> None:
    """Taking a yes back works at once: whoever leaned on it sees nothing from the next request on."""
    now = max(now, consent.given_at)  # clocks of two hosts
    if Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now, updated_at=now):
        volunteer = consent.volunteer
        pack_volunteers(volunteer.city, Volunteer.objects.filter(pk=volunteer.pk))
        journal.write(volunteer.user, journal.CONSENT_WITHDRAWN, about=consent.pk)


@transaction.atomic
def set_contact_rules(volunteer: Volunteer, **rules: Any) -> None:
    """How, how often and whether at all somebody wants to hear from us: `channel`, `proposals_per_week`,
    `paused_until` (no proposals up to and including this day), `wants_surprise` (rules 6.6), `muted` (groups of
    messages they do not want), `crisis_calls`.

    Raises NoGuide.
    """
    _expect_guide(volunteer, rules.get("channel"))
    Volunteer.objects.filter(pk=volunteer.pk).update(**rules)
    pack_volunteers(volunteer.city, Volunteer.objects.filter(pk=volunteer.pk))


def say_profession(volunteer: Volunteer, words: str) -> None:
    """What somebody was elsewhere, in their own words, or nothing any more (R096). Matching has no field for it.

    Raises ValueError for too many words.
    """
    if len(words) > PROFESSION_LONGEST:
        raise ValueError(f"profession_elsewhere: at most {PROFESSION_LONGEST} signs")
    volunteer.profession_elsewhere = words
    volunteer.save(update_fields=["profession_elsewhere", "updated_at"])


def declare_statuses(volunteer: Volunteer, statuses: Collection[str], *, today: date) -> None:
    """What somebody says of a benefit, or that there is none, so that they read whom to tell. Nothing else reads it.

    Raises ValueError for what may not be declared in the city.
    """
    known = city_of(volunteer.city).matching.statuses
    if not known.issuperset(statuses):
        raise ValueError(f"statuses: {', '.join(sorted(set(statuses) - known))} may not be declared here")
    volunteer.declared_statuses, volunteer.statuses_asked_on = sorted(statuses), today
    volunteer.save(update_fields=["declared_statuses", "statuses_asked_on", "updated_at"])


def stop_everything(volunteer_id: UUID, *, now: datetime) -> None:
    """STOP means everything: nobody should have to know our groups. What waits to be told is dropped too."""
    for group in (PROPOSALS, CRISIS, *MUTABLE):
        unsubscribe(volunteer_id, group, now=now)
    notifications.drop_for(volunteer_id)


def unsubscribe(volunteer_id: UUID, group: str, *, now: datetime) -> None:
    """One tap in a mail: no more messages of this group. Of proposals that means that none is made any more.

    Twice is once; somebody who is not here any more is no trouble.
    """
    volunteer = Volunteer.objects.filter(pk=volunteer_id).first()
    if volunteer is None:
        return
    if group == PROPOSALS:
        for consent in Consent.objects.filter(volunteer=volunteer, purpose=PROPOSALS, withdrawn_at=None):
            withdraw_consent(consent, now=now)
    elif group == CRISIS:
        Volunteer.objects.filter(pk=volunteer_id).update(crisis_calls=False)
    else:
        with transaction.atomic():
            volunteer = Volunteer.objects.select_for_update().get(pk=volunteer_id)
            volunteer.muted = sorted({*volunteer.muted, group})
            volunteer.save(update_fields=["muted", "updated_at"])


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
        pack_volunteers(volunteer.city, Volunteer.objects.filter(pk=volunteer.pk))
        record_event("profile.confirmed", volunteer_id=volunteer.pk)


def _expect_guide(volunteer: Volunteer | None, channel: str | None) -> None:
    if channel == VIA_GUIDE and (volunteer is None or not volunteer.is_guided):
        raise NoGuide


def pack_volunteers(city: str, volunteers: QuerySet[Volunteer]) -> int:
    """Write what matching knows of these people of one city, in the transaction of the change. Returns how many."""
    layout = layout_for(city_of(city).matching.policy)
    count = 0
    with transaction.atomic():
        rows = queries.with_everything_to_pack(volunteers.filter(city=city))
        for some in batched(rows.iterator(chunk_size=PACKED_AT_ONCE), PACKED_AT_ONCE):
            packed_rows.store(MatchProfile, city, layout.fingerprint, {one.pk: packed(one, layout) for one in some})
            count += len(some)
    return count


def unlike_their_record(city: str) -> list[UUID]:
    """Whose record is not what the tables say; empty when all is well."""
    layout = layout_for(city_of(city).matching.policy)
    rows = queries.with_everything_to_pack(Volunteer.objects.filter(city=city))
    found: list[UUID] = []
    for some in batched(rows.iterator(chunk_size=PACKED_AT_ONCE), PACKED_AT_ONCE):
        found += packed_rows.differing(MatchProfile, ((one.pk, packed(one, layout)) for one in some))
    return found
