"""What one person is told once: values only, the words are made later in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

EMAIL, SMS, PUSH, DIGEST, CALLSHEET = "email", "sms", "push", "digest", "callsheet"


@dataclass(frozen=True, slots=True)
class Route:
    """A channel and the address on it. The call sheet needs no address: somebody of the volunteer point finds a way."""

    channel: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One occasion for one person.

    `occasion` names it uniquely (`proposal_made:<id>`), so that it is never told twice. `routes` are tried in order;
    the last resort is always the call sheet. `values` must fit in JSON; `link` is the id of a link, never an address.
    """

    kind: str
    occasion: str
    recipient: UUID
    language: str
    routes: tuple[Route, ...]
    values: Mapping[str, Any]
    link: UUID | None = None

    @property
    def ways(self) -> tuple[Route, ...]:
        """The routes with the call sheet behind them: nothing ends in silence."""
        if any(route.channel == CALLSHEET for route in self.routes):
            return self.routes
        return (*self.routes, Route(CALLSHEET))
