"""Figures of the volunteer point."""

from typing import Any

from django.db.models import Count

from backend.city.load import city
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements import queries as placement_queries
from backend.placements import states
from backend.placements.models import Round
from backend.talent.models import Volunteer
from notifications.models import Delivery

PROPOSAL_WORDS = {
    states.OPEN: "nog geen antwoord",
    states.MAYBE: "misschien",
    states.ACCEPTED: "ja",
    states.DECLINED: "nee",
    states.WAITING: "ja, maar de plaats was net ingevuld",
    states.EXPIRED: "niet geantwoord",
    states.WITHDRAWN: "de taak is er niet meer",
    states.HELD: "kijk eerst zelf: te weinig redenen",
}
FACTOR_WORDS = {
    "time": "niet vrij op dat moment",
    "distance": "te ver",
    "dutch": "nog niet genoeg Nederlands",
    "language": "spreekt de gevraagde taal niet",
    "age": "te jong",
    "boundary": "een grens van de persoon",
    "talent": "het nodige talent ontbreekt",
    "licence": "geen rijbewijs",
    "own_car": "geen eigen auto",
    "commitment": "te lange belofte",
    "hours": "te veel uren per week",
    "theme_excluded": "wil dit thema niet",
}


def figures(slug: str) -> dict[str, Any]:
    """Counts for one city, and its last round."""
    by_state = placement_queries.counts_by_state(slug)
    return {
        "name": city(slug).matching.name,
        "people": Volunteer.objects.filter(city=slug).count(),
        "published": Opportunity.objects.filter(city=slug, state=opportunity_states.PUBLISHED).count(),
        "in_review": Opportunity.objects.filter(city=slug, state=opportunity_states.REVIEW).count(),
        "proposals": [(words, by_state[state]) for state, words in PROPOSAL_WORDS.items() if by_state[state]],
        "round": (last := Round.objects.filter(city=slug).order_by("-created_at").first()),
        "blocked": [(FACTOR_WORDS[code], count) for code, count in most_first(last.blocked)] if last else [],
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
