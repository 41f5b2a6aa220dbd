"""Distance as the crow flies (matching rules 3.2)."""

from collections.abc import Callable
from math import cos, radians, sin, sqrt
from typing import Any

from matching.policy import Policy
from matching.types import Opportunity, Point, TalentProfile

EARTH_RADIUS_KM = 6371.0088
# Of the arcsine, in x squared; x is small when they are used.
SERIES = (143 / 10240, 231 / 13312, 63 / 2816, 35 / 1152, 5 / 112, 3 / 40, 1 / 6, 1.0)
HALVINGS = 4


def great_circle_km(here: Point, there: Point) -> float:
    """The great-circle distance in kilometres, unrounded; 0 for one and the same point."""
    return float(arc_km(on_sphere(here), on_sphere(there), sqrt))


def on_sphere(point: Point) -> tuple[float, float, float]:
    """The point as x, y and z on a sphere of radius 1."""
    lat, lon = radians(point.lat), radians(point.lon)
    return cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)


def arc_km(here: Any, there: Any, root: Callable[[Any], Any]) -> Any:
    """Kilometres between points on the sphere: three floats each with `math.sqrt`, or three arrays with `numpy.sqrt`.

    Only operations that IEEE 754 rounds in one way, so that both give the same bits on every machine. A sine or
    arcsine of a library would not, and a list must not depend on which of the two made it.
    """
    x, y, z = here[0] - there[0], here[1] - there[1], here[2] - there[2]
    half_chord = root(x * x + y * y + z * z) / 2
    for _ in range(HALVINGS):  # of the angle; the square is at most a rounding above 1
        half_chord = half_chord / root(2 + 2 * root(abs(1 - half_chord * half_chord)))
    square, total = half_chord * half_chord, 0.0
    for factor in SERIES:
        total = total * square + factor
    return 2 * EARTH_RADIUS_KM * 2**HALVINGS * (half_chord * total)


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
