"""The best distribution of all, by an outside solver (OR-Tools, optional): what our own round is held against."""

from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow

from matching.assignment import (
    DOORS,
    RESERVED,
    SCALE,
    Candidates,
    Places,
    Terms,
    Wanted,
    doors,
    first_slots_of,
    worth_of,
)


class Network:
    """Arcs of a flow network, added in bulk; nodes are numbers."""

    def __init__(self) -> None:
        self.nodes, self.parts = 0, [[], [], [], []]  # type: tuple[int, list[list[Any]]]

    def new(self, count: int) -> Any:
        self.nodes += count
        return np.arange(self.nodes - count, self.nodes)

    def add(self, tail: Any, head: Any, capacity: Any, cost: Any) -> None:
        columns = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(one, np.int64)) for one in (tail, head, capacity, cost))
        )
        for part, column in zip(self.parts, columns, strict=True):
            part.append(column)

    def least_cost(self, source: Any, sink: Any, amount: int) -> int:
        """The cost of sending `amount` from source to sink. Raises RuntimeError when it cannot be sent."""
        tail, head, capacity, cost = (np.concatenate(part) for part in self.parts)
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tail.astype(np.int32), head.astype(np.int32), capacity, cost)
        solver.set_node_supply(int(source), amount)
        solver.set_node_supply(int(sink), -amount)
        if solver.solve() != solver.OPTIMAL:
            raise RuntimeError("the network has no solution")
        return int((solver.flows(arcs) * cost).sum())


def best_value(candidates: Candidates, wanted: Wanted, places: Places, terms: Terms) -> float:
    """The largest value any distribution reaches, in points: every bonus is one more arc of the network."""
    capacity, bonus = doors(places, terms)
    capacity = capacity.reshape(-1, DOORS)
    people, pairs, organisations = len(wanted.limit), len(candidates.person), len(places.room)
    net = Network()
    source, sink = net.new(1)[0], net.new(1)[0]
    person, door = net.new(people), net.new(capacity.size).reshape(-1, DOORS)
    organisation, pair = net.new(organisations), net.new(pairs)
    for place, extra in enumerate(terms.bonuses):
        net.add(source, person, wanted.limit > place, -SCALE * extra)
    net.add(person[candidates.person], pair, 1, -SCALE * worth_of(candidates.points, terms))
    for one in range(DOORS):
        may = (capacity[candidates.opportunity, one] > 0) & ((one != RESERVED) | wanted.is_guided[candidates.person])
        net.add(pair[may], door[candidates.opportunity[may], one], 1, -bonus[one])
        net.add(door[:, one], organisation[places.organisation], capacity[:, one], 0)
    total = np.bincount(places.organisation, weights=capacity.sum(axis=1), minlength=organisations)
    seats = np.maximum(0, np.minimum(places.room, total)).astype(np.int64)
    first = np.minimum(first_slots_of(places), seats)
    net.add(organisation, sink, first, -SCALE * terms.organisation_first)
    net.add(organisation, sink, seats - first, 0)
    amount = int(np.minimum(wanted.limit, len(terms.bonuses)).sum())
    net.add(source, sink, amount, 0)
    return -net.least_cost(source, sink, amount) / SCALE
