"""Distance as the crow flies (matching rules 3.2)."""

from math import asin, cos, radians, sin, sqrt

from matching.policy import Policy
from matching.types import Opportunity, Point, TalentProfile

EARTH_RADIUS_KM = 6371.0088


def great_circle_km(here: Point, there: Point) -> float:
    """Haversine distance in kilometres, unrounded."""
    lat_1, lat_2 = radians(here.lat), radians(there.lat)
    half_lat, half_lon = (lat_2 - lat_1) / 2, radians(there.lon - here.lon) / 2
    chord = sin(half_lat) ** 2 + cos(lat_1) * cos(lat_2) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def distance_km(profile: TalentProfile, opportunity: Opportunity) -> float:
    """How far the person has to go: 0 from home or in the own neighbourhood."""
    if opportunity.at_home or opportunity.own_neighbourhood:
        return 0.0
    return great_circle_km(profile.point, opportunity.point)


def is_ride_used(km: float, opportunity: Opportunity, policy: Policy) -> bool:
    return "vervoer" in opportunity.support and km > policy.ride_km


def limited_km(km: float, opportunity: Opportunity, policy: Policy) -> float:
    """The distance held against `max_km`: an arranged ride makes it at most `ride_km`, never larger."""
    return policy.ride_km if is_ride_used(km, opportunity, policy) else km


def is_own_wijk(profile: TalentProfile, opportunity: Opportunity) -> bool:
    """Same neighbourhood, from home, or a spot near the person (rules 5, `own_wijk`)."""
    here = opportunity.at_home or opportunity.own_neighbourhood
    return here or profile.neighbourhood == opportunity.neighbourhood
