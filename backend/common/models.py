"""The base of every table: a public UUID, and when it was made and changed."""

import uuid

from django.db import models


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
