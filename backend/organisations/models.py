"""Organisations, and who acts for them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from backend.common.models import Row, is_one_of
from matching.citysample import FORMS_NEVER_PUBLISHED, LEGAL_FORMS, WHEELCHAIR

OWNER, EDITOR, READER = MEMBER_ROLES = "owner", "editor", "reader"
STREET_LONGEST = 120
POLICY, RECEPTION = "policy", "reception"
POLICY_ITEMS = ("insured", "welcome", "mentor", "costs", "voice", "learning")
RECEPTION_ITEMS = ("entrance", "greeted", "seat", "plain", "apart", "onwards")
ACCESSIBLE = (*WHEELCHAIR, "not_applicable")


class Organisation(Row):
    """An association, school or service that works with volunteers (law of 3 July 2005, art. 3)."""

    city = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    external_id = models.CharField(max_length=20, null=True, blank=True)
    name = models.CharField(max_length=120)
    legal_form = models.CharField(max_length=24)
    youth_work = models.BooleanField(default=False)
    description = models.CharField(max_length=300, blank=True)
    neighbourhood = models.CharField(max_length=60)
    postcode = models.CharField(max_length=12)
    lat = models.FloatField()
    lon = models.FloatField()
    welcome_languages = ArrayField(models.CharField(max_length=8), default=list)
    walk_in = models.JSONField(default=list, blank=True)
    wheelchair = models.CharField(max_length=16, default="yes")
    vcode = models.CharField(max_length=8, null=True, blank=True)
    liability_insurance = models.BooleanField(default=False)
    accident_insurance = models.BooleanField(default=False)
    contact_label = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(null=True, blank=True)
    contact_phone = models.CharField(max_length=40, null=True, blank=True)
    monthly_welcome_capacity = models.PositiveSmallIntegerField(null=True, blank=True)
    street = models.CharField(
        max_length=STREET_LONGEST, blank=True, default="", db_default=""
    )  # and number, of the front door
    stop = models.CharField(max_length=120, blank=True, default="", db_default="")  # of tram, bus or train, nearest by
    one_message_a_day = models.BooleanField(default=False)  # instead of one for everything that happens
    uses_free_insurance = models.BooleanField(default=False, db_default=False)  # of the region: register each activity
    is_warm_place = models.BooleanField(default=False, db_default=False)  # everybody may sit down inside (R101)
    # Of 3 April 2009 (welfare, health, family): both sign an agreement note before somebody starts.
    flemish_welfare_decree = models.BooleanField(default=False, db_default=False)
    search_text = models.TextField(blank=True, default="", db_default="")  # name and description; see plain_words
    checked_on = models.DateField(null=True, blank=True)  # the day somebody of it said that the card is right (R073)
    verified_at = models.DateTimeField(null=True, blank=True)
    charter_accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "external_id"], name="organisation_is_imported_once"),
            models.UniqueConstraint(
                fields=["city", "name", "postcode"], name="organisation_name_is_unique_in_a_postcode"
            ),
            is_one_of("legal_form", LEGAL_FORMS + FORMS_NEVER_PUBLISHED, "organisation_legal_form_is_known"),
            is_one_of("wheelchair", ACCESSIBLE, "organisation_wheelchair_is_known"),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(
                condition=Q(lat__range=(-90, 90), lon__range=(-180, 180)), name="organisation_is_on_earth"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Location(Row):
    """A place on the social map that is no organisation, with or without an end; see locations.py."""

    city = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    text = models.CharField(max_length=300)
    street = models.CharField(max_length=STREET_LONGEST, blank=True, default="")
    neighbourhood = models.CharField(max_length=60)
    postcode = models.CharField(max_length=12)
    lat = models.FloatField()
    lon = models.FloatField()
    walk_in = models.JSONField(default=list, blank=True)
    wheelchair = models.CharField(max_length=16)
    is_warm_place = models.BooleanField(default=False, db_default=False)
    open_from = models.DateField(null=True, blank=True)
    open_until = models.DateField(null=True, blank=True)  # the last day
    search_text = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["city", "name", "neighbourhood", "open_from"],
                nulls_distinct=False,
                name="location_opens_on_a_day_once",
            ),
            is_one_of("wheelchair", ACCESSIBLE, "location_wheelchair_is_known"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(text=""), name="location_says_what_it_is"),
            models.CheckConstraint(
                condition=Q(open_from=None) | Q(open_until=None) | Q(open_until__gte=F("open_from")),
                name="location_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LocationPart(Row):
    """An organisation that runs a place, or was asked to (`agreed_at` is empty)."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="location_parts")
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "organisation"], name="location_part_is_one_each")]

    def __str__(self) -> str:
        return str(self.pk)


class Checklist(Row):
    """What is in order: the policy for volunteers, as an organisation says itself on its card (R019); or its reception,
    as the volunteer point saw it, for these two to read (R107). The last time counts.
    """

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="checklists")
    kind = models.CharField(max_length=10)
    met = ArrayField(models.CharField(max_length=12), default=list)
    done_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind"], name="checklist_is_one_of_each_kind"),
            models.CheckConstraint(
                condition=Q(kind=POLICY, met__contained_by=list(POLICY_ITEMS))
                | Q(kind=RECEPTION, met__contained_by=list(RECEPTION_ITEMS)),
                name="checklist_holds_items_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class OrganisationPhoto(Row):
    """The front, as people see it from the street; pixels only (see photo.py)."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="photo")
    jpeg = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class Membership(Row):
    """Somebody acts for an organisation: owner, editor or reader."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8)
    # As typed by who let them in: colleagues learn no other address of somebody than the one they knew.
    contact = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user"], name="membership_is_one_per_person"),
            is_one_of("role", MEMBER_ROLES, "membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id}"
