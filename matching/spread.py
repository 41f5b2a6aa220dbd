"""Spread over opportunities and organisations (matching rules 6.1), and the figures that show it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from matching.policy import Policy
from matching.types import Opportunity, Part


class Demand:
    """How many people have each opportunity and each organisation among their first choices.

    `for_volunteer` leaves the person out of the count: what somebody says about themselves can then never turn
    the spread against them.
    """

    def __init__(
        self, first_choices: Mapping[str, Sequence[str]], organisation_of: Mapping[str, str], policy: Policy
    ) -> None:
        """`organisation_of` names the organisation behind every opportunity that counts; other choices do not."""
        self._policy = policy
        self._organisation = organisation_of
        self._choices = {
            volunteer: frozenset(chosen).intersection(self._organisation) for volunteer, chosen in first_choices.items()
        }
        self._wanted = Counter(chosen for choices in self._choices.values() for chosen in choices)
        self._organisation_wanted = Counter(
            organisation for choices in self._choices.values() for organisation in self._organisations(choices)
        )

    def for_volunteer(self, volunteer: str, opportunity: Opportunity) -> Part:
        """The spread part of this pair: between `-spread_cap` and `+spread_cap`, more where fewer people go."""
        own = self._choices.get(volunteer, frozenset())
        wanted = self._wanted[opportunity.id] - (opportunity.id in own)
        organisation_wanted = self._organisation_wanted[opportunity.organisation]
        organisation_wanted -= opportunity.organisation in self._organisations(own)
        half_cap = self._policy.spread_cap // 2
        points = self._points(half_cap, wanted) + self._points(half_cap, organisation_wanted)
        return Part("spread", wanted, self._policy.spread_cap, points)

    def _organisations(self, choices: frozenset[str]) -> frozenset[str]:
        return frozenset(self._organisation[choice] for choice in choices)

    def _points(self, cap: int, wanted: int) -> int:
        target = self._policy.spread_target
        return cap * (target - wanted) // (target + wanted) if target + wanted else 0


def gini(counts: Iterable[int]) -> float:
    """0 = everybody the same, towards 1 = all to one; 0 for nothing to divide."""
    ordered = sorted(counts)
    total = sum(ordered)
    if not total:
        return 0.0
    weighted = sum(rank * count for rank, count in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)
