"""How much may be given without proof in a day and in a year, and for a kilometre (law of 3 July 2005, art. 10-12).

Amounts are the city's data, per year. An organisation is held against what it gave itself; only the person hears of
all organisations together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backend.city.load import PublicationRules, ceiling_of

NEAR_SHARE = Decimal("0.80")
NEAR, OVER = "expenses_near", "expenses_over"  # what the person hears
DAY_PASSED, YEAR_PASSED, YEAR_NEAR, KM_PASSED = WARNINGS = "day_passed", "year_passed", "year_near", "km_passed"
KM_BESIDE_A_FLAT_RATE = 2000  # of one person in one year (law.md 4)


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Of one year, in euro. `is_of_that_year` is false when the last known year has to serve."""

    day_eur: Decimal
    year_eur: Decimal
    is_of_that_year: bool


def ceilings_of(year: int, rules: PublicationRules, *, is_raised: bool = False) -> Ceilings | None:
    """`is_raised`: the higher one of the year, for what the law names (law.md 4); the day stays. None where the city's
    files know no amount for that year or one before it.
    """
    known = rules.raised_ceilings if is_raised and rules.raised_ceilings else rules.year_ceilings
    day, whole = ceiling_of(year, rules.day_ceilings), ceiling_of(year, known)
    if day is None or whole is None:
        return None
    return Ceilings(day, whole, year in rules.day_ceilings and year in known)


def warnings_of(known: Ceilings | None, *, day_eur: Decimal, year_eur: Decimal) -> list[str]:
    """What one person got without proof, on the highest day and in the year, against the ceilings; gravest first."""
    if known is None:
        return []
    found = [DAY_PASSED] if day_eur > known.day_eur else []
    if year_eur > known.year_eur:
        return [*found, YEAR_PASSED]
    return [*found, YEAR_NEAR] if year_eur >= NEAR_SHARE * known.year_eur else found


def sums_of(paid: Iterable[tuple[object, Decimal]]) -> tuple[Decimal, Decimal]:
    """(day, amount) of one person in one year → (the highest day, the whole year), in euro."""
    days: dict[object, Decimal] = {}
    for day, amount in paid:
        days[day] = days.get(day, Decimal(0)) + amount
    return max(days.values(), default=Decimal(0)), sum(days.values(), Decimal(0))
