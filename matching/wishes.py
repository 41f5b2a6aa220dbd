"""Which wishes an opportunity fulfils (matching rules 5, `wish`)."""

from matching.catalogue import Catalogue, Wish
from matching.types import Opportunity


def fulfilled(opportunity: Opportunity, catalogue: Catalogue) -> frozenset[str]:
    """Every wish that holds here, whoever has it."""
    return frozenset(code for code, wish in catalogue.wishes.items() if _holds(wish, opportunity))


def _holds(wish: Wish, opportunity: Opportunity) -> bool:
    if not wish.counts or any(condition.holds(opportunity) for condition in wish.spoiled_by_any):
        return False
    return not wish.satisfied_by_any or any(condition.holds(opportunity) for condition in wish.satisfied_by_any)
