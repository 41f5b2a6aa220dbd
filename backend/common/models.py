"""The base of every table, and two that belong to no room: answers kept for a repeated call, and what is gone."""

import uuid

from django.db import models
from django.db.models.functions import Now


class Row(models.Model):
    """`id` is public: it stands in links, the API and logs, and says nothing about how many there are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


def is_one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    """A code list the database itself holds on to."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": values}), name=name)


def are_among(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    """A list of codes that may hold nothing else."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__contained_by": list(values)}), name=name)


class IdempotencyKey(models.Model):
    """The answer to a call that may come twice. `scope` is the person, or the proposal behind a link."""

    scope = models.UUIDField()
    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    owner = models.UUIDField()
    locked_until = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_one_per_scope_and_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_old")]  # the nightly purge

    def __str__(self) -> str:
        return str(self.pk)


class Tombstone(models.Model):
    """Something that a client may still hold is gone. Nothing else is kept of it, and this for thirty days."""

    resource = models.CharField(max_length=20)
    audience = models.UUIDField(null=True)  # the person it was shown to; null: everybody
    what = models.UUIDField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["resource", "updated_at"], name="tombstone_by_resource")]

    def __str__(self) -> str:
        return f"{self.resource} {self.what}"
