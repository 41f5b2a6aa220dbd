"""Which organisations somebody acts for. Stranger and missing look the same."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from backend.city.load import cities
from backend.organisations.models import EDITOR, OWNER, LocationPart, Membership, Organisation


def public_organisations() -> QuerySet[Organisation]:
    """Verified ones of the cities of this installation: what everybody may read."""
    return Organisation.objects.filter(verified_at__isnull=False, city__in=list(cities()))


def public_organisation(organisation_id: UUID) -> Organisation:
    """Raises Http404."""
    found = public_organisations().filter(pk=organisation_id).first()
    if found is None:
        raise Http404
    return found


def organisations_of(user: Any, *, may_edit: bool = False) -> QuerySet[Organisation]:
    if not user.is_authenticated:
        return Organisation.objects.none()
    memberships = Membership.objects.filter(user=user)
    if may_edit:
        memberships = memberships.filter(role__in=(OWNER, EDITOR))
    return Organisation.objects.filter(pk__in=memberships.values("organisation"))


def known_organisation_for(user: Any, organisation_id: UUID) -> Organisation:
    """One that the volunteer point knows and in which this person may change things. Raises Http404."""
    found = organisation_for(user, organisation_id)
    if found.verified_at is None:
        raise Http404
    return found


def parts_of(organisation: Organisation) -> QuerySet[LocationPart]:
    """Places that an organisation found above runs, or is asked to."""
    rows = LocationPart.objects.filter(organisation=organisation).select_related("location")
    return rows.order_by("location__name", "pk")


def own_part(organisation: Organisation, part_id: UUID) -> LocationPart:
    """Raises Http404."""
    found = parts_of(organisation).filter(pk=part_id).first()
    if found is None:
        raise Http404
    return found


def owned_of(user: Any) -> QuerySet[Organisation]:
    """Those of which somebody is an owner, by name."""
    owned = Membership.objects.filter(user=user.pk, role=OWNER)
    return organisations_of(user).filter(pk__in=owned.values("organisation")).order_by("name", "pk")


def owned_by(user: Any, organisation_id: UUID) -> Organisation:
    """One of which this person is an owner: who decides who else acts for it. Raises Http404."""
    organisation = owned_of(user).filter(pk=organisation_id).first()
    if organisation is None:
        raise Http404
    return organisation


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """Of an organisation that was found through `owned_by`."""
    return Membership.objects.filter(organisation=organisation).order_by("created_at", "pk")


def member_of(organisation: Organisation, member_id: UUID) -> Membership:
    """Raises Http404."""
    member = members_of(organisation).filter(pk=member_id).first()
    if member is None:
        raise Http404
    return member


def organisation_for(user: Any, organisation_id: UUID) -> Organisation:
    """One in which this person may change things. Raises Http404."""
    organisation = organisations_of(user, may_edit=True).filter(pk=organisation_id).first()
    if organisation is None:
        raise Http404
    return organisation
