"""Reads of volunteers."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backend.common.statements import ask
from backend.talent import states
from backend.talent.models import PROPOSALS, Consent, ProfileLanguage, ProfileTalent, TalentProfile, Volunteer

Row = tuple[Any, ...]


def active(city: str, today: date) -> QuerySet[Volunteer]:
    """Who may get proposals: the person confirmed the profile, agreed to proposals and is not paused (rules 2)."""
    agreed = Consent.objects.filter(
        Q(until=None) | Q(until__gt=Now()), volunteer=OuterRef("pk"), purpose=PROPOSALS, withdrawn_at=None
    )
    return (
        Volunteer.objects.filter(Exists(agreed), city=city, state=states.CONFIRMED, profile__isnull=False)
        .filter(Q(paused_until=None) | Q(paused_until__lt=today))
        .select_related("profile", "user")
        .prefetch_related("profile__talents", "profile__languages")
    )


# The one person a matcher looks at, in one statement: every change of a profile waits for it.
_ONE_ACTIVE = """
select {volunteer}, {profile},
    array(select talent from talent_profiletalent t where t.profile_id = p.id order by t.id),
    array(select level from talent_profiletalent t where t.profile_id = p.id order by t.id),
    array(select point_only from talent_profiletalent t where t.profile_id = p.id order by t.id),
    array(select language from talent_profilelanguage l where l.profile_id = p.id order by l.id),
    array(select level from talent_profilelanguage l where l.profile_id = p.id order by l.id){beside}
from talent_volunteer v join talent_talentprofile p on p.volunteer_id = v.id
where v.id = %s and v.city = %s and v.state = 'confirmed' and (v.paused_until is null or v.paused_until < %s)
    and exists (
        select from talent_consent c where c.volunteer_id = v.id and c.purpose = 'proposals'
            and c.withdrawn_at is null and (c.until is null or c.until > now()))
"""


def one_active(volunteer_id: UUID, city: str, today: date) -> Volunteer | None:
    """One of `active`, as that reads them, but at once."""
    found = one_active_beside(volunteer_id, city, today)
    return found and found[0]


def one_active_beside(volunteer_id: UUID, city: str, today: date, *columns: str) -> tuple[Volunteer, Row] | None:
    """The same with columns of another room, asked on the same way; in them `v` is the volunteer."""
    of_volunteer = [field.column for field in Volunteer._meta.concrete_fields]
    of_profile = [field.column for field in TalentProfile._meta.concrete_fields]
    statement = _ONE_ACTIVE.format(
        volunteer=", ".join(f"v.{name}" for name in of_volunteer),
        profile=", ".join(f"p.{name}" for name in of_profile),
        beside="".join(f",\n    {column}" for column in columns),
    )
    found = ask(statement, [volunteer_id, city, today])
    if not found:
        return None
    [row] = found
    names = ([field.attname for field in model._meta.concrete_fields] for model in (Volunteer, TalentProfile))
    mine, end = next(names), len(of_volunteer) + len(of_profile)
    volunteer = Volunteer.from_db(None, mine, row[: len(of_volunteer)])
    profile = TalentProfile.from_db(None, next(names), row[len(of_volunteer) : end])
    talents, levels, hidden, languages, spoken, *beside = row[end:]
    held = {
        "talents": [
            ProfileTalent(talent=code, level=level, point_only=is_hidden)
            for code, level, is_hidden in zip(talents, levels, hidden, strict=True)
        ],
        "languages": [
            ProfileLanguage(language=code, level=level) for code, level in zip(languages, spoken, strict=True)
        ],
    }
    profile.__dict__["_prefetched_objects_cache"] = held
    volunteer.profile = profile
    return volunteer, tuple(beside)


def with_everything_to_pack(volunteers: QuerySet[Volunteer]) -> QuerySet[Volunteer]:
    return volunteers.select_related("profile").prefetch_related("profile__talents", "profile__languages", "consents")
