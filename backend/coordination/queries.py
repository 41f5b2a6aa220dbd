"""Figures of the volunteer point."""

from typing import Any

from django.db.models import Count

from backend.city.load import city
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements import queries as placement_queries
from backend.placements.models import Round
from backend.talent.models import Volunteer
from notifications.models import Delivery


def figures(slug: str) -> dict[str, Any]:
    """Counts for one city, and its last round."""
    by_state = placement_queries.counts_by_state(slug)
    return {
        "name": city(slug).matching.name,
        "people": Volunteer.objects.filter(city=slug).count(),
        "published": Opportunity.objects.filter(city=slug, state=opportunity_states.PUBLISHED).count(),
        "in_review": Opportunity.objects.filter(city=slug, state=opportunity_states.REVIEW).count(),
        "proposals": dict(sorted(by_state.items())),
        "round": (last := Round.objects.filter(city=slug).order_by("-created_at").first()),
        "blocked": most_first(last.blocked) if last else [],
    }


def most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def deliveries_by_state() -> dict[str, int]:
    """`email sent` -> how many, and so on."""
    found = Delivery.objects.values_list("channel", "state").annotate(Count("pk")).order_by("channel", "state")
    return {f"{channel} {state}": count for channel, state, count in found}


def with_people(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each call with the person or organisation it is for."""
    ids = [row["delivery"].recipient for row in rows]
    people = Volunteer.objects.select_related("user").in_bulk(ids)
    organisations = Organisation.objects.in_bulk(ids)
    for row in rows:
        recipient = row["delivery"].recipient
        row["volunteer"], row["organisation"] = people.get(recipient), organisations.get(recipient)
    return rows
