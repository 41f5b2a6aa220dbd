"""Rows become the values matching knows, and clean records become rows. The only place that does."""

from datetime import date, datetime
from typing import Any

from backend.talent import states
from backend.talent.models import PROPOSALS, Volunteer
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import Problem, Report
from matching.city import City
from matching.packing import Layout, Standing, pack_profile
from matching.types import AGES_KEPT, Point
from matching.types import TalentProfile as Facts


def key_of(volunteer: Volunteer) -> str:
    """How matching calls the person: the id of the import, else our own; never a name."""
    return volunteer.external_id or str(volunteer.pk)


def facts_of(volunteer: Volunteer, today: date) -> Facts:
    """What matching may know of one person; wants `profile`, its talents and its languages prefetched."""
    profile = volunteer.profile
    talents = list(profile.talents.all())
    return Facts(
        id=key_of(volunteer),
        age=max((age for age in AGES_KEPT if age <= volunteer.age_on(today)), default=0),
        neighbourhood=profile.neighbourhood,
        point=Point(profile.lat, profile.lon),
        languages={one.language: one.level for one in profile.languages.all()},
        talents={one.talent: one.level for one in talents},
        talents_point_only=frozenset(one.talent for one in talents if one.point_only),
        themes=frozenset(profile.themes),
        themes_excluded=frozenset(profile.themes_excluded),
        available=frozenset(profile.available),
        max_hours_per_week=profile.max_hours_per_week,
        max_km=profile.max_km,
        max_commitment=profile.max_commitment,
        boundaries=frozenset(profile.boundaries),
        wishes=frozenset(profile.wishes),
        driving_licence_b=profile.driving_licence_b,
        own_car=profile.own_car,
    )


def standing_of(volunteer: Volunteer, *, is_active: bool, consent_until: datetime | None = None) -> Standing:
    return Standing(
        who=volunteer.pk.bytes,
        age_from=volunteer.age_from,
        age_asked_on=volunteer.age_asked_on,
        is_guided=volunteer.is_guided,
        is_active=is_active,
        paused_until=volunteer.paused_until,
        consent_until=consent_until,
        wants_surprise=volunteer.wants_surprise,
    )


def packed(volunteer: Volunteer, layout: Layout) -> bytes:
    """The volunteer as matching keeps them; wants the consents prefetched too. Empty without a profile."""
    if not hasattr(volunteer, "profile"):
        return b""
    agreed = [one for one in volunteer.consents.all() if one.purpose == PROPOSALS and one.withdrawn_at is None]
    is_active = volunteer.state == states.CONFIRMED and bool(agreed)
    standing = standing_of(volunteer, is_active=is_active, consent_until=agreed[0].until if agreed else None)
    return pack_profile(facts_of(volunteer, volunteer.age_asked_on), standing, layout)


# What somebody fills in themselves, in the city sample format: no id, no point on the map, no story, and who guides
# them is a consent.
LEFT_OUT = ("id", "lat", "lon", "story", "guided_by")


def own_record_of(volunteer: Volunteer) -> dict[str, Any]:
    """The profile as the person writes and reads it over the API. Wants a profile."""
    profile = volunteer.profile
    talents = list(profile.talents.all())
    return {
        **{name: getattr(volunteer, name) for name in SAME_OF_VOLUNTEER if name not in LEFT_OUT},
        **{name: getattr(profile, name) for name in SAME_OF_PROFILE},
        "max_hours_per_week": float(profile.max_hours_per_week),
        "max_km": profile.max_km,
        "age": volunteer.age_from,
        "talents": {one.talent: one.level for one in talents},
        "talents_point_only": sorted(one.talent for one in talents if one.point_only),
        "languages": {one.language: one.level for one in profile.languages.all()},
    }


def checked(body: dict[str, Any], place: City) -> tuple[dict[str, Any], list[Problem]]:
    """What somebody filled in about themselves as a clean record, and what is wrong with it; of wrong fields only what
    the person wrote. Coordinates are not asked: the point of the neighbourhood is taken.
    """
    middle = place.neighbourhoods.get(str(body.get("neighbourhood")))
    point = {"lat": middle.lat, "lon": middle.lon} if middle else {}
    # A guide is a consent, so the format's own rule about it cannot be broken here.
    given = {**body, **point, "id": "P00", "guided_by": "-" if body.get("channel") == "via_guide" else None}
    report = Report("", "")
    record = citysample.Format(load_catalogue(), place).check("volunteers", given, report)
    return record, [one for one in report.errors if one.path not in LEFT_OUT] or report.errors


SAME_OF_VOLUNTEER = ("first_name", "channel", "digital", "transport", "guided_by", "declared_statuses")
SAME_OF_PROFILE = (
    "neighbourhood", "postcode", "max_hours_per_week", "max_commitment", "available", "themes", "themes_excluded",
    "boundaries", "wishes", "driving_licence_b", "own_car",
)  # fmt: skip


def columns_of_volunteer(record: dict[str, Any], reference_date: date) -> dict[str, Any]:
    """A clean volunteer record as columns of Volunteer."""
    return {
        **{name: record[name] for name in SAME_OF_VOLUNTEER},
        "age_from": record["age"],
        "age_asked_on": reference_date,
    }


def columns_of_profile(record: dict[str, Any]) -> dict[str, Any]:
    """A clean volunteer record as columns of TalentProfile."""
    return {
        **{name: record[name] for name in SAME_OF_PROFILE},
        "lat": float(record["lat"]),
        "lon": float(record["lon"]),
        "max_km": float(record["max_km"]),
    }
