"""What a person cannot or will not do, against what an opportunity asks (matching rules 4)."""

from matching.catalogue import Boundary, Catalogue
from matching.types import Opportunity

WHEELCHAIR_FIELD = "wheelchair"


def clashing(opportunity: Opportunity, catalogue: Catalogue) -> frozenset[str]:
    """Every boundary that this opportunity would break, whoever has it."""
    return frozenset(
        code
        for code, boundary in catalogue.boundaries.items()
        if boundary.is_hard and (_feature_clash(boundary, opportunity) or _field_clash(boundary, opportunity))
    )


def softened(opportunity: Opportunity, catalogue: Catalogue) -> frozenset[str]:
    """Every boundary that only holds here because the opportunity is adapted."""
    return frozenset(
        code
        for code, boundary in catalogue.boundaries.items()
        if boundary.is_hard
        and not boundary.features.isdisjoint(opportunity.features)
        and not boundary.softened_by.isdisjoint(opportunity.support)
    )


def _feature_clash(boundary: Boundary, opportunity: Opportunity) -> bool:
    is_softened = not boundary.softened_by.isdisjoint(opportunity.support)
    return not is_softened and not boundary.features.isdisjoint(opportunity.features)


def _field_clash(boundary: Boundary, opportunity: Opportunity) -> bool:
    for condition in boundary.fields:
        if condition.field == WHEELCHAIR_FIELD and opportunity.at_home:
            continue  # then it is the person's own house
        if condition.holds(opportunity):
            return True
    return False
