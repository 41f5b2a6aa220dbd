"""Rows become the values matching knows, and clean records become rows. The only place that does."""

from typing import Any

from backend.opportunities import states
from backend.opportunities.models import Opportunity
from backend.opportunities.search import search_text_of
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import Problem, Report
from matching.city import City
from matching.packing import Layout, pack_opportunity
from matching.policy import Policy
from matching.types import Opportunity as Facts
from matching.types import Point


def key_of(opportunity: Opportunity) -> str:
    """How matching calls it: the id of the import, so that a server's round ties like the command, else our own."""
    return opportunity.external_id or str(opportunity.pk)


def facts_of(opportunity: Opportunity) -> Facts:
    """The row as a matching value. Reads no other row."""
    return Facts(
        id=key_of(opportunity),
        organisation=str(opportunity.organisation_id),
        themes=frozenset(opportunity.themes),
        talents_any_of=frozenset(opportunity.talents_any_of),
        talents_welcome=frozenset(opportunity.talents_welcome),
        dutch_min=opportunity.dutch_min,
        languages_any_of=frozenset(opportunity.languages_any_of),
        languages_welcome=frozenset(opportunity.languages_welcome),
        slots=tuple(opportunity.slots),
        choose=opportunity.choose,
        frequency=opportunity.frequency,
        commitment=opportunity.commitment,
        hours_per_time=opportunity.hours_per_time,
        period_until=opportunity.period_until,
        neighbourhood=opportunity.neighbourhood,
        postcode=opportunity.postcode,
        point=Point(opportunity.lat, opportunity.lon),
        at_home=opportunity.at_home,
        own_neighbourhood=opportunity.own_neighbourhood,
        features=frozenset(opportunity.features),
        wheelchair=opportunity.wheelchair,
        min_age=opportunity.min_age,
        extract_596_2=opportunity.extract_596_2,
        driving_licence_b=opportunity.driving_licence_b,
        costs=opportunity.costs,
        expenses=frozenset(opportunity.expenses),
        support=frozenset(opportunity.support),
        company=opportunity.company,
        places=opportunity.places,
        reserved_places=opportunity.reserved_places,
    )


def packed(opportunity: Opportunity, layout: Layout, policy: Policy) -> bytes:
    """The opportunity as matching keeps it; empty unless it is online. Wants the organisation selected."""
    if opportunity.state != states.PUBLISHED or opportunity.organisation.verified_at is None:
        return b""
    return pack_opportunity(facts_of(opportunity), opportunity.pk.bytes, layout, load_catalogue(), policy)


SAME = (
    "title", "text", "themes", "talents_any_of", "talents_welcome", "dutch_min", "languages_any_of",
    "languages_welcome", "features", "wheelchair", "min_age", "extract_596_2", "driving_licence_b", "costs", "expenses",
    "flat_rate_per_day_eur", "support", "company", "places", "reserved_places",
)  # fmt: skip


def columns_of(record: dict[str, Any]) -> dict[str, Any]:
    """A clean opportunity record of the city sample format as columns; id and organisation stay with the caller."""
    times, commitment, place = record["times"], record["commitment"], record["place"]
    period = commitment["period"] or {"from": None, "until": None}
    return {
        **{name: record[name] for name in SAME},
        "search_text": search_text_of(record),
        "slots": times["slots"],
        "choose": times["choose"],
        "frequency": times["frequency"],
        "commitment": commitment["type"],
        "min_weeks": commitment["min_weeks"],
        "hours_per_time": commitment["hours_per_time"],
        "period_from": period["from"],
        "period_until": period["until"],
        "neighbourhood": place["neighbourhood"],
        "postcode": place["postcode"],
        "lat": float(place["lat"]),
        "lon": float(place["lon"]),
        "at_home": place["at_home"],
        "own_neighbourhood": place["own_neighbourhood"],
    }


def checked(body: dict[str, Any], place: City) -> tuple[dict[str, Any], list[Problem]]:
    """What somebody filled in as a clean record, and what is wrong with it."""
    report = Report("", "")
    # The format wants its own ids; here they are UUIDs, so these two are filled in for the check.
    given = {**body, "id": "T00", "organisation": "O00"}
    record = citysample.Format(load_catalogue(), place).check("opportunities", given, report)
    return record, report.errors


def plain_record_of(opportunity: Opportunity) -> dict[str, Any]:
    """The record as a client would send it: numbers and days of JSON."""
    record = record_of(opportunity)
    period, amount = record["commitment"]["period"], record["flat_rate_per_day_eur"]
    record["commitment"]["hours_per_time"] = float(opportunity.hours_per_time)
    record["commitment"]["period"] = period and {name: day.isoformat() for name, day in period.items()}
    record["flat_rate_per_day_eur"] = None if amount is None else float(amount)
    return record


def record_of(opportunity: Opportunity) -> dict[str, Any]:
    """The row as a record of the city sample format, for the API; what an organisation reads and writes."""
    has_period = opportunity.period_from is not None and opportunity.period_until is not None
    return {
        **{name: getattr(opportunity, name) for name in SAME},
        "times": {
            "slots": opportunity.slots,
            "choose": opportunity.choose,
            "frequency": opportunity.frequency,
        },
        "commitment": {
            "type": opportunity.commitment,
            "min_weeks": opportunity.min_weeks,
            "hours_per_time": opportunity.hours_per_time,
            "period": {"from": opportunity.period_from, "until": opportunity.period_until} if has_period else None,
        },
        "place": {
            "neighbourhood": opportunity.neighbourhood,
            "postcode": opportunity.postcode,
            "lat": opportunity.lat,
            "lon": opportunity.lon,
            "at_home": opportunity.at_home,
            "own_neighbourhood": opportunity.own_neighbourhood,
        },
    }
