"""Who signs in (by e-mail or phone, through allauth), their devices, and who looked at what of whom."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from backend.common.models import Row, is_one_of

E164 = r"^\+[1-9][0-9]{6,14}$"
COORDINATOR, ADMINISTRATOR, GUIDE = "coordinator", "administrator", "guide"
TALENT_SCOUT, OPPORTUNITY_SCOUT, MATCHMAKER = "talent_scout", "opportunity_scout", "matchmaker"
STAFF_ROLES = (COORDINATOR, ADMINISTRATOR, GUIDE, TALENT_SCOUT, OPPORTUNITY_SCOUT, MATCHMAKER)
PLATFORMS = ("ios", "android", "web")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None = None, phone: str | None = None, **fields: Any) -> "User":
        """A user who can be reached by e-mail or by phone (E.164, +32...); there is no password."""
        user = self.model(email=self.normalize_email(email).lower() if email else None, phone=phone, **fields)
        user.set_unusable_password()
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            if user.email:  # where allauth keeps whether an address was shown to be somebody's own
                EmailAddress.objects.using(self._db).create(user=user, email=user.email, primary=True)
        return user


class User(AbstractBaseUser, PermissionsMixin, Row):
    """Signs in by e-mail or phone; at least one of the two is there."""

    email = models.EmailField(null=True, blank=True, unique=True)
    phone = models.CharField(max_length=16, null=True, blank=True, unique=True)
    phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=8, default="nl")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="user_can_be_reached_by_email_or_phone"
            ),
            models.CheckConstraint(condition=Q(phone__isnull=True) | Q(phone__regex=E164), name="user_phone_is_e164"),
            models.CheckConstraint(condition=~Q(email=""), name="user_email_is_null_rather_than_empty"),
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique_whatever_the_capitals"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EmailChange(Row):
    """An address that somebody wants instead of the one they have, until a code shows that it is theirs."""

    user = models.OneToOneField(User, models.CASCADE, related_name="email_change")
    email = models.EmailField()
    code_hash = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class StaffRole(Row):
    """What somebody does at the volunteer point of one city; `access.OPENS` says what that opens."""

    user = models.ForeignKey(User, models.CASCADE, related_name="staff_roles")
    city = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    label = models.CharField(max_length=120, blank=True, default="")  # how a guide is called: "An, OCMW Dam"
    contact = models.CharField(max_length=254, blank=True, default="")  # as typed by who let them in

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "city", "role"], name="staff_role_is_given_once"),
            models.CheckConstraint(condition=~Q(role=GUIDE) | ~Q(label=""), name="staff_role_of_a_guide_has_a_label"),
            is_one_of("role", STAFF_ROLES, "staff_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.city}"


class Device(Row):
    """A phone or browser that may be pushed to; one row per token, whoever holds it now."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices")
    platform = models.CharField(max_length=8)
    token = models.CharField(max_length=500)
    language = models.CharField(max_length=8)
    app_version = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "token"], name="device_is_one_per_token"),
            is_one_of("platform", PLATFORMS, "device_platform_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class JournalEntry(Row):
    """Who saw or did what with the data of one person, for that person to read (R067). Rows are never changed.

    `actor` says who in a word that the person understands: the label of a guide, the name of an organisation.
    """

    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="journal")
    # A volunteer without an account: the lines wait until the person takes the card over.
    waits_for = models.UUIDField(null=True)
    what = models.CharField(max_length=40)
    actor = models.CharField(max_length=120, blank=True, default="")  # empty: the person themselves
    about = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, waits_for__isnull=False) | Q(person__isnull=False, waits_for=None),
                name="journal_line_belongs_to_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["person", "created_at"], name="journal_of_a_person"),
            models.Index(fields=["waits_for"], name="journal_waits", condition=Q(waits_for__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.pk}"


class ErasedAccount(models.Model):
    """That somebody was erased, so that a restored copy can do it again; the id alone tells nothing about them."""

    who = models.UUIDField(primary_key=True)
    erased_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.who)


class AnonymousCount(models.Model):
    """What stays when somebody is erased: how many, of what, in which month and city."""

    city = models.CharField(max_length=40)
    month = models.DateField()
    what = models.CharField(max_length=40)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["city", "month", "what"], name="anonymous_count_is_one_number")]

    def __str__(self) -> str:
        return f"{self.city} {self.month} {self.what}"
