"""The outbox: a row is a promise that something follows."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Event(models.Model):
    """Something happened. `payload` holds ids only. Times are the database's clock, so that no host can be early.

    Due: not done, not parked, nobody holds the lease and `next_at` has passed.
    """

    name = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    request_id = models.UUIDField(null=True)  # of the call that it came from, so that logs of both can be read together
    created_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # queries.due_events: the relay asks this four times a second.
            models.Index(fields=["next_at"], name="event_due", condition=Q(done_at=None, parked_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(parked_at=None), name="event_is_done_or_parked_never_both"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
