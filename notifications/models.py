"""One delivery: one occasion, over one channel, to one person."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from notifications import states


class Delivery(models.Model):
    """Unique per occasion and channel, so nobody is told twice. `values` are what the words are made of.

    `link` is the id of a link, never the link itself. Times are the database's clock.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occasion = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    recipient = models.UUIDField()
    language = models.CharField(max_length=8)
    time_zone = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    address = models.CharField(max_length=254, blank=True)
    next_routes = models.JSONField(default=list, blank=True)
    values = models.JSONField(default=dict)
    link = models.UUIDField(null=True, blank=True)

    link_address = ""  # filled in by whoever shows many at once

    state = models.CharField(max_length=8, default=states.PENDING)
    due_at = models.DateTimeField()
    # What helps nobody later (a code to sign in): it is dropped then, and its values are wiped once it is told.
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["occasion", "channel"], name="delivery_is_one_per_occasion_and_channel"),
            models.CheckConstraint(condition=Q(state__in=states.STATES), name="delivery_state_is_known"),
        ]
        indexes = [
            # relay: what is due.
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(state=states.PENDING)),
            # relay: what goes first.
            models.Index(
                fields=["due_at"],
                name="delivery_urgent",
                condition=Q(state=states.PENDING, expires_at__isnull=False),
            ),
            # the coordinator: what is stuck.
            models.Index(
                fields=["due_at"], name="delivery_stuck", condition=Q(state__in=(states.UNKNOWN, states.PARKED))
            ),
            # relay: leases that ran out.
            models.Index(
                fields=["lease_until"], name="delivery_leased", condition=Q(state__in=(states.CLAIMED, states.HANDING))
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
