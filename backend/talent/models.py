"""A volunteer, the talent profile and its parts, and what the person agreed to.

Never stored: residence, nationality, diagnosis, length of unemployment, birth date. `declared_statuses` feeds only
the page "who must I tell?"; matching has no field for it.
"""

from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from backend.common.models import Row, are_among, is_one_of
from backend.common.packed import PackedRow
from backend.talent import states
from matching.citysample import CHANNELS, COMMITMENTS, DIGITAL, TRANSPORT
from matching.types import AGES_KEPT, LEVELS, SLOTS

# Consents: send me proposals; this guide may look and help; my story may be read by everybody, without my name.
PROPOSALS, GUIDE, STORY, TALENT_GUIDE = PURPOSES = "proposals", "guide", "story", "talent_guide"
# What somebody may not want to hear, although they go on: reminders, thank-yous, how is it going.
REMINDERS, THANKS, CHECK_INS = "reminders", "thanks", "check_ins"
CRISIS = "crisis"  # only who said so is called upon: crisis_calls
MUTABLE = (REMINDERS, THANKS, CHECK_INS)
PROFESSION_LONGEST = 80


class Volunteer(Row):
    """Somebody who wants to help. Without e-mail and phone the volunteer point calls or writes (call sheet)."""

    city = models.CharField(max_length=40)
    external_id = models.CharField(max_length=20, null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="volunteer"
    )
    first_name = models.CharField(max_length=40)
    language = models.CharField(max_length=8, default="nl")
    age_from = models.PositiveSmallIntegerField()
    age_asked_on = models.DateField()
    channel = models.CharField(max_length=10, default="phone")
    digital = models.CharField(max_length=16, default="none")
    transport = models.CharField(max_length=20, default="walk")
    guided_by = models.CharField(max_length=120, null=True, blank=True)
    declared_statuses = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    statuses_asked_on = models.DateField(null=True, blank=True)  # asked again after half a year: they change
    state = models.CharField(max_length=10, default=states.PROSPECT)
    paused_until = models.DateField(null=True, blank=True)
    proposals_per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)  # said after a silence that they want to hear from us
    # What somebody was elsewhere, in their own words: for themselves, the desk and who guides them; never for matching.
    profession_elsewhere = models.CharField(max_length=PROFESSION_LONGEST, blank=True, default="", db_default="")
    muted = ArrayField(models.CharField(max_length=10), default=list, blank=True)  # groups of messages, see MUTABLE
    crisis_calls = models.BooleanField(default=False)  # may be called upon when the city needs hands at once
    wants_surprise = models.BooleanField(default=False)  # rules 6.6: off unless the person switches it on

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "external_id"], name="volunteer_is_imported_once"),
            is_one_of("state", states.STATES, "volunteer_state_is_known"),
            is_one_of("channel", CHANNELS, "volunteer_channel_is_known"),
            is_one_of("digital", DIGITAL, "volunteer_digital_is_known"),
            is_one_of("transport", TRANSPORT, "volunteer_transport_is_known"),
            are_among("muted", MUTABLE, "volunteer_mutes_known_groups"),
            models.CheckConstraint(condition=~Q(first_name=""), name="volunteer_has_a_first_name"),
            models.CheckConstraint(condition=Q(age_from__in=AGES_KEPT), name="volunteer_age_is_kept_as_15_16_18_or_21"),
            models.CheckConstraint(
                condition=Q(proposals_per_week=None) | Q(proposals_per_week__range=(1, 5)),
                name="volunteer_wants_1_to_5_proposals_a_week",
            ),
            models.CheckConstraint(
                condition=~Q(channel="via_guide") | Q(guided_by__isnull=False),
                name="volunteer_reached_via_a_guide_has_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_guided(self) -> bool:
        return self.guided_by is not None

    def age_on(self, today: date) -> int:
        """At least this old: the bound that was told, plus the full years since."""
        asked = self.age_asked_on
        had_anniversary = (today.month, today.day) >= (asked.month, asked.day)
        return self.age_from + max(0, today.year - asked.year - (not had_anniversary))


class TalentProfile(Row):
    """What somebody can, likes, speaks, and when. `version` grows with each change."""

    volunteer = models.OneToOneField(Volunteer, models.CASCADE, related_name="profile")
    version = models.PositiveIntegerField(default=1)
    neighbourhood = models.CharField(max_length=60)
    postcode = models.CharField(max_length=12)
    lat = models.FloatField()
    lon = models.FloatField()
    max_km = models.FloatField()
    max_hours_per_week = models.DecimalField(max_digits=4, decimal_places=2)
    max_commitment = models.CharField(max_length=10)
    available = ArrayField(models.CharField(max_length=13), default=list, blank=True)
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    themes_excluded = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    boundaries = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    wishes = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    driving_licence_b = models.BooleanField(default=False)
    own_car = models.BooleanField(default=False)

    class Meta:
        constraints = [
            are_among("available", SLOTS, "profile_is_available_in_known_day_parts"),
            is_one_of("max_commitment", COMMITMENTS, "profile_commitment_is_known"),
            models.CheckConstraint(condition=Q(max_km__range=(0.5, 50)), name="profile_reaches_half_to_50_km"),
            models.CheckConstraint(
                condition=Q(max_hours_per_week__range=(0.5, 40)), name="profile_gives_half_to_40_hours_a_week"
            ),
            models.CheckConstraint(
                condition=Q(lat__range=(-90, 90), lon__range=(-180, 180)), name="profile_is_on_earth"
            ),
            models.CheckConstraint(
                condition=Q(own_car=False) | Q(driving_licence_b=True), name="profile_with_a_car_has_a_licence"
            ),
            models.CheckConstraint(
                condition=~Q(themes__overlap=F("themes_excluded")), name="profile_theme_is_liked_or_excluded_never_both"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ProfileTalent(models.Model):
    """One talent of a profile: 1 wants to learn, 2 can do, 3 good at it. `point_only` stays at the volunteer point."""

    profile = models.ForeignKey(TalentProfile, models.CASCADE, related_name="talents")
    talent = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField()
    point_only = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "talent"], name="profile_holds_a_talent_once"),
            models.CheckConstraint(condition=Q(level__in=(1, 2, 3)), name="profile_talent_level_is_1_2_or_3"),
        ]

    def __str__(self) -> str:
        return f"{self.talent} {self.level}"


class ProfileLanguage(models.Model):
    """One language of a profile with its level, speaking only."""

    profile = models.ForeignKey(TalentProfile, models.CASCADE, related_name="languages")
    language = models.CharField(max_length=8)
    level = models.CharField(max_length=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "language"], name="profile_holds_a_language_once"),
            is_one_of("level", LEVELS, "profile_language_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.level}"


class Consent(Row):
    """A yes for one purpose, to one party, until one day; taking it back works at once."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    party = models.CharField(max_length=120, default="", blank=True)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=8)
    given_how = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["volunteer", "purpose", "party"],
                condition=Q(withdrawn_at=None),
                name="consent_is_given_once_until_withdrawn",
            ),
            is_one_of("purpose", PURPOSES, "consent_purpose_is_known"),
            models.CheckConstraint(condition=~Q(purpose=GUIDE) | ~Q(party=""), name="consent_for_a_guide_names_one"),
            is_one_of("given_how", ("web", "app", "desk", "phone", "paper", "sample"), "consent_way_is_known"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("given_at")), name="consent_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("given_at")),
                name="consent_is_withdrawn_after_it_was_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class CardCode(Row):
    """The code on somebody's printed card, by which they take the card over on their own phone. The code itself is
    stored nowhere; a new print makes the old one void.
    """

    volunteer = models.OneToOneField(Volunteer, models.CASCADE, related_name="card_code")
    code_hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return str(self.pk)


class MatchProfile(PackedRow):
    """One volunteer as matching knows them: no name, no contact, nothing that was told freely."""

    class Meta:
        indexes = [
            # common.packed.changes: what the matcher follows.
            models.Index(fields=["city", "changed_in"], name="volunteer_record_changed"),
        ]
