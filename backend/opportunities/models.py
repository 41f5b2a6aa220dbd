"""What an organisation asks and offers. On screen: taak."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q

from backend.common.models import Row, are_among, is_one_of
from backend.common.packed import PackedRow
from backend.opportunities import states
from backend.organisations.models import Organisation
from matching.citysample import CHOOSE, COMMITMENTS, COMPANY, COSTS, EXPENSES, FREQUENCIES, OUTCOMES, WHEELCHAIR
from matching.types import LEVELS, SLOTS

LABELS = ("laag", "midden", "hoog")  # how easy it is to start
REASON_LONGEST = 300


def codes() -> Any:
    return ArrayField(models.CharField(max_length=40), default=list, blank=True)


class Opportunity(Row):
    """One opportunity. `taken_open` and `taken_reserved` count the places given away; the database adds to them."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="opportunities")
    city = models.CharField(max_length=40)
    external_id = models.CharField(max_length=20, null=True, blank=True)
    state = models.CharField(max_length=10, default=states.DRAFT)
    version = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    findings = models.JSONField(default=list, blank=True)

    title = models.CharField(max_length=80)
    text = models.CharField(max_length=600)
    language = models.CharField(max_length=8, default="nl")
    themes = codes()
    talents_any_of = codes()
    talents_welcome = codes()
    dutch_min = models.CharField(max_length=2)
    languages_any_of = codes()
    languages_welcome = codes()
    slots = ArrayField(models.CharField(max_length=13))
    choose = models.CharField(max_length=11)
    frequency = models.CharField(max_length=15)
    commitment = models.CharField(max_length=10)
    min_weeks = models.PositiveSmallIntegerField()
    hours_per_time = models.DecimalField(max_digits=5, decimal_places=3)
    period_from = models.DateField(null=True, blank=True)
    period_until = models.DateField(null=True, blank=True)
    neighbourhood = models.CharField(max_length=60)
    postcode = models.CharField(max_length=12)
    lat = models.FloatField()
    lon = models.FloatField()
    at_home = models.BooleanField(default=False)
    own_neighbourhood = models.BooleanField(default=False)
    features = codes()
    wheelchair = models.CharField(max_length=6)
    min_age = models.PositiveSmallIntegerField()
    extract_596_2 = models.BooleanField(default=False)
    structural_contact_with_minors = models.BooleanField(null=True, blank=True)
    driving_licence_b = models.BooleanField(default=False)
    costs = models.CharField(max_length=7)
    expenses = codes()
    flat_rate_per_day_eur = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    support = codes()
    company = models.CharField(max_length=5)
    places = models.PositiveSmallIntegerField()
    reserved_places = models.PositiveSmallIntegerField(default=0)
    threshold = models.CharField(max_length=6, default="midden")  # laag, midden or hoog; see case.py
    search_text = models.TextField(blank=True, default="")  # see search.py
    # Why only some people are asked: for the volunteer point, which then looks at it instead of refusing (R078).
    restriction_reason = models.CharField(max_length=REASON_LONGEST, blank=True, default="", db_default="")
    # A draft of the volunteer point, for the organisation to look at and publish; nobody else does (R005).
    drafted_by_point = models.BooleanField(default=False, db_default=False)
    gives_tokens = models.BooleanField(default=False, db_default=False)  # where the city has them (R009)
    taken_open = models.PositiveSmallIntegerField(default=0)
    taken_reserved = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "external_id"], name="opportunity_is_imported_once"),
            is_one_of("state", states.STATES, "opportunity_state_is_known"),
            is_one_of("threshold", LABELS, "opportunity_threshold_is_known"),
            is_one_of("outcome", ("", *OUTCOMES), "opportunity_outcome_is_known"),
            is_one_of("dutch_min", LEVELS, "opportunity_dutch_level_is_known"),
            is_one_of("choose", CHOOSE, "opportunity_choose_is_known"),
            is_one_of("frequency", FREQUENCIES, "opportunity_frequency_is_known"),
            is_one_of("commitment", COMMITMENTS, "opportunity_commitment_is_known"),
            is_one_of("wheelchair", WHEELCHAIR, "opportunity_wheelchair_is_known"),
            is_one_of("costs", COSTS, "opportunity_costs_are_known"),
            is_one_of("company", COMPANY, "opportunity_company_is_known"),
            are_among("slots", SLOTS, "opportunity_slots_are_known_day_parts"),
            are_among("expenses", EXPENSES, "opportunity_expenses_are_known"),
            models.CheckConstraint(condition=~Q(slots=[]), name="opportunity_has_a_slot"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(text=""), name="opportunity_has_a_title_and_a_text"),
            models.CheckConstraint(condition=Q(places__range=(1, 200)), name="opportunity_has_1_to_200_places"),
            models.CheckConstraint(
                condition=Q(reserved_places__lte=F("places")), name="opportunity_reserved_fit_in_places"
            ),
            models.CheckConstraint(
                condition=Q(taken_reserved__lte=F("reserved_places")), name="opportunity_gives_no_reserved_place_twice"
            ),
            models.CheckConstraint(
                condition=Q(taken_open__lte=F("places") - F("reserved_places")),
                name="opportunity_gives_no_open_place_twice",
            ),
            models.CheckConstraint(
                condition=Q(hours_per_time__range=(0.5, 12)), name="opportunity_takes_half_to_12_hours"
            ),
            models.CheckConstraint(
                condition=Q(period_from=None, period_until=None)
                | Q(period_from__isnull=False, period_until__gte=F("period_from")),
                name="opportunity_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=Q(
                    commitment="once", frequency="once", period_from__isnull=False, period_from=F("period_until")
                )
                | (~Q(commitment="once") & ~Q(frequency="once")),
                name="opportunity_once_is_one_day",
            ),
            models.CheckConstraint(
                condition=Q(at_home=False) | Q(own_neighbourhood=False),
                name="opportunity_is_at_home_or_in_the_neighbourhood_never_both",
            ),
            models.CheckConstraint(
                condition=Q(flat_rate_per_day_eur=None) | Q(expenses__contains=["flat_rate"]),
                name="opportunity_with_an_amount_pays_a_flat_rate",
            ),
            models.CheckConstraint(
                condition=~Q(talents_any_of__overlap=F("talents_welcome")),
                name="opportunity_talent_is_needed_or_welcome_never_both",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.PUBLISHED) | (Q(published_at__isnull=False) & ~Q(support=[])),
                name="opportunity_is_published_with_support_and_a_date",
            ),
            models.CheckConstraint(
                condition=Q(lat__range=(-90, 90), lon__range=(-180, 180)), name="opportunity_is_on_earth"
            ),
        ]
        indexes = [
            # queries.published: the public list and every round.
            models.Index(fields=["city"], name="opportunity_published", condition=Q(state=states.PUBLISHED)),
            # api: newest first, and what changed since.
            models.Index(fields=["published_at", "id"], name="opportunity_newest", condition=Q(state=states.PUBLISHED)),
            models.Index(fields=["updated_at", "id"], name="opportunity_changed"),
            # search.py: words with a typing error.
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="opportunity_words"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def free_open(self) -> int:
        return self.places - self.reserved_places - self.taken_open

    @property
    def free_reserved(self) -> int:
        return self.reserved_places - self.taken_reserved


class MatchProfile(PackedRow):
    """One opportunity that is online, as matching knows it. How many places are left is read when it matters."""

    class Meta:
        indexes = [
            # common.packed.changes: what the matcher follows.
            models.Index(fields=["city", "changed_in"], name="opportunity_record_changed"),
        ]
