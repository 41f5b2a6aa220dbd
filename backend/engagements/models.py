"""A day on which somebody helped: the hours, and the money that an organisation gave for it."""

from django.db import models
from django.db.models import Q

from backend.common.models import Row, is_one_of
from backend.organisations.models import Organisation
from backend.placements.models import Placement

BY_ORGANISATION, BY_VOLUNTEER = CONFIRMED_BY = "organisation", "volunteer"
NOTHING, FLAT_RATE, REAL_COSTS = MONEY_KINDS = "nothing", "flat_rate", "real_costs"
NAME_LONGEST, REFERENCE_LENGTH = 80, 6
DAYS_NEEDED = 3  # before a certificate: it tells of something that happened


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
                | (Q(placement=None) & ~Q(name="") & ~Q(flat_rate_eur=0, real_costs_eur=0)),
                name="engagement_of_nobody_is_a_line_of_the_expense_list",
            ),
        ]
        indexes = [
            # lists: one organisation, one year.
            models.Index(fields=["organisation", "day"], name="engagement_by_organisation"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
