"""A moment to come with its places; a day on which somebody helped, its hours and the money given for it."""

from django.db import models
from django.db.models import F, Q

from backend.common.models import Row, is_one_of
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.models import Placement
from backend.talent.models import Volunteer

BY_ORGANISATION, BY_VOLUNTEER = CONFIRMED_BY = "organisation", "volunteer"
NOTHING, FLAT_RATE, REAL_COSTS = MONEY_KINDS = "nothing", "flat_rate", "real_costs"
CAR, BIKE = KM_BY = "car", "bike"
NAME_LONGEST, REFERENCE_LENGTH = 80, 6
REWARD_COST_MOST = 1000
DAYS_NEEDED = 3  # before a certificate: it tells of something that happened
GOAL_LONGEST = EFFECT_LONGEST = 80
PEOPLE_MOST = 200  # at one moment


class Shift(Row):
    """One dated moment of an opportunity: for fewer than `least` people it does not work, for more than `most` neither.

    `done_at`: when the organisation said who was there, once.
    """

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    least = models.PositiveSmallIntegerField(default=1)
    most = models.PositiveSmallIntegerField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "starts_at"], condition=Q(cancelled_at=None), name="shift_is_planned_once"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(least__gte=1, most__gte=F("least"), most__lte=PEOPLE_MOST),
                name="shift_least_is_not_above_most",
            ),
            models.CheckConstraint(condition=Q(cancelled_at=None) | Q(done_at=None), name="shift_happened_or_not"),
        ]
        indexes = [
            # what is due in the next days, and what waits for "who was there?"
            models.Index(fields=["starts_at"], name="shift_by_start"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ShiftPlace(Row):
    """Somebody comes. Counts as long as the placement is active."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="places")
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="shift_places")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shift", "placement"], name="shift_place_is_one_each")]

    def __str__(self) -> str:
        return str(self.pk)


class Engagement(Row):
    """One day at one placement, confirmed once, by either side.

    What an organisation must keep for seven years outlives the person's account: then `placement` is empty and `name`
    is what the expense list needs (law of 3 July 2005, art. 10). A day without money goes with the person.
    """

    placement = models.ForeignKey(Placement, models.SET_NULL, null=True, blank=True, related_name="engagements")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="engagements")
    reference = models.CharField(max_length=REFERENCE_LENGTH)  # two people may have one first name
    name = models.CharField(max_length=NAME_LONGEST, blank=True, default="")
    day = models.DateField()
    hours = models.DecimalField(max_digits=4, decimal_places=2)
    confirmed_by = models.CharField(max_length=12)
    flat_rate_eur = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    real_costs_eur = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    # Travel in one's own car or by bike, given back at the rate of that day; may stand beside either of the two.
    km = models.DecimalField(max_digits=5, decimal_places=1, default=0, db_default=0)
    km_by = models.CharField(max_length=4, blank=True, default="", db_default="")
    travel_eur = models.DecimalField(max_digits=7, decimal_places=2, default=0, db_default=0)
    # When the person heard what that day meant, once.
    effect_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement", "day"], name="engagement_is_confirmed_once_a_day"),
            is_one_of("confirmed_by", CONFIRMED_BY, "engagement_is_confirmed_by_one_of_two"),
            models.CheckConstraint(condition=Q(hours__gt=0, hours__lte=24), name="engagement_fits_in_a_day"),
            models.CheckConstraint(
                condition=Q(flat_rate_eur__gte=0, real_costs_eur__gte=0), name="engagement_takes_no_money"
            ),
            models.CheckConstraint(
                condition=Q(flat_rate_eur=0) | Q(real_costs_eur=0), name="engagement_is_paid_back_in_one_way"
            ),
            models.CheckConstraint(
                condition=Q(placement__isnull=False, name="")
                | (Q(placement=None) & ~Q(name="") & ~Q(flat_rate_eur=0, real_costs_eur=0, travel_eur=0)),
                name="engagement_of_nobody_is_a_line_of_the_expense_list",
            ),
            models.CheckConstraint(
                condition=Q(km=0, km_by="", travel_eur=0) | Q(km__gt=0, km_by__in=KM_BY, travel_eur__gte=0),
                name="engagement_says_how_somebody_travelled",
            ),
        ]
        indexes = [
            # lists: one organisation, one year.
            models.Index(fields=["organisation", "day"], name="engagement_by_organisation"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RaisedCeiling(Row):
    """The organisation asks for the higher ceiling of a year at a placement; it counts once the volunteer says that it
    may (law.md 4). Only that yes is kept, never a status, and no reason without one.
    """

    placement = models.OneToOneField(Placement, models.CASCADE, related_name="raised_ceiling")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class LearningGoal(Row):
    """What somebody wants to learn where they help, in their words; `learned_on`: the organisation says they can."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="learning_goals")
    text = models.CharField(max_length=GOAL_LONGEST)
    learned_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement", "text"], name="learning_goal_is_set_once"),
            models.CheckConstraint(condition=~Q(text=""), name="learning_goal_has_some_words"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Effect(Row):
    """What a day of help meant to somebody ("12 mensen aten soep"), in the words of the organisation (R112)."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="effects")
    day = models.DateField()
    text = models.CharField(max_length=EFFECT_LONGEST)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "day"], name="effect_is_said_once_a_day"),
            models.CheckConstraint(condition=~Q(text=""), name="effect_has_some_words"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Reward(Row):
    """What somebody gets for tokens; never money. `left` is empty where there is enough."""

    city = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    cost = models.PositiveSmallIntegerField()
    left = models.PositiveSmallIntegerField(null=True, blank=True)
    is_offered = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["city", "name", "cost"], name="reward_is_offered_once"),
            models.CheckConstraint(
                condition=~Q(name="") & Q(cost__range=(1, REWARD_COST_MOST)), name="reward_has_a_name_and_a_cost"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TokenEntry(Row):
    """One line of the ledger of a person: tokens for a confirmed day, or given for a reward (then negative)."""

    volunteer = models.ForeignKey(Volunteer, models.CASCADE, related_name="token_entries")
    amount = models.SmallIntegerField()
    year = models.PositiveSmallIntegerField()
    engagement = models.OneToOneField(Engagement, models.SET_NULL, null=True, blank=True, related_name="tokens")
    reward = models.ForeignKey(Reward, models.PROTECT, null=True, blank=True, related_name="entries")
    handed_at = models.DateTimeField(null=True, blank=True)  # the reward, by somebody of the volunteer point

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reward=None, handed_at=None)
                | Q(amount__lt=0, reward__isnull=False, engagement=None),
                name="token_entry_is_earned_or_given",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
