"""Need and supply per neighbourhood: free places beside people, as figures, as a map of equal squares and in words."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.city.load import CityFile
from backend.coordination.queries import SMALL
from backend.opportunities import queries as opportunity_queries
from backend.talent import queries as talent_queries

SIDE_X, SIDE_Y, GAP = 100, 80, 2  # of a square on the map
LEVEL_WORDS = (_("veel te weinig mensen"), _("te weinig mensen"), _("in evenwicht"), _("ruim genoeg"), _("veel mensen"))
# People for each free place, from which the next level begins.
LEVEL_FROM = (0.5, 1.0, 3.0, 6.0)
BALANCED = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """One neighbourhood: people who may get proposals, free places online, and a level from 1 (shortage) to 5."""

    name: str
    people: int
    places: int
    level: int
    short: str = ""
    x: int = 0
    y: int = 0

    @property
    def words(self) -> str:
        return str(LEVEL_WORDS[self.level - 1])

    @property
    def people_words(self) -> str:
        """No small number about people."""
        return (
            str(self.people)
            if self.people >= SMALL or not self.people
            else gettext("minder dan {number}").format(number=SMALL)
        )

    @property
    def label_x(self) -> int:
        return self.x + (SIDE_X - GAP) // 2

    @property
    def label_y(self) -> int:
        return self.y + SIDE_Y // 2 + 8


@dataclass(frozen=True, slots=True)
class Need:
    """A city; without `width` there is no map of it. `sentences` say where it strikes most."""

    name: str
    cells: tuple[Cell, ...]
    width: int
    height: int
    sentences: tuple[str, ...]


def need_of(place: CityFile, now: datetime, talent: str = "") -> Need:
    """Everybody and everything, or those of one talent. Two statements."""
    today = place.local(now).date()
    people = talent_queries.active(place.slug, today)
    places = opportunity_queries.with_a_free_place(opportunity_queries.published(place.slug, today))
    if talent:
        people = people.filter(profile__talents__talent=talent)
        places = places.filter(Q(talents_any_of__contains=[talent]) | Q(talents_welcome__contains=[talent]))
    found = people.order_by().prefetch_related(None).values_list("profile__neighbourhood").annotate(Count("pk"))
    supply = dict(found)
    free = Sum(F("places") - F("taken_open") - F("taken_reserved"))
    demand = dict(places.order_by().values_list("neighbourhood").annotate(free=free))
    cells = [
        _cell(place, name, supply.get(name, 0), demand.get(name, 0)) for name in sorted(place.matching.neighbourhoods)
    ]
    width = max((one.x + SIDE_X for one in cells), default=0) if place.tiles else 0
    height = max((one.y + SIDE_Y for one in cells), default=0) if place.tiles else 0
    return Need(place.matching.name, tuple(cells), width, height, tuple(_sentences(cells)))


def _cell(place: CityFile, name: str, people: int, places: int) -> Cell:
    tile = place.tiles.get(name)
    level = _level(people, places)
    if tile is None:
        return Cell(name, people, places, level)
    return Cell(name, people, places, level, tile.short, tile.column * SIDE_X, tile.row * SIDE_Y)


def _level(people: int, places: int) -> int:
    if not places:
        return BALANCED if people < SMALL else len(LEVEL_WORDS)
    return 1 + sum(people / places >= least for least in LEVEL_FROM)


def _sentences(cells: list[Cell]) -> list[str]:
    short = sorted((one for one in cells if one.level == 1), key=lambda one: (one.people - one.places, one.name))
    rich = sorted((one for one in cells if one.level == len(LEVEL_WORDS)), key=lambda one: (-one.people, one.name))
    found = []
    if short:
        found.append(
            gettext("Hier zijn de meeste handen nodig: {names}.").format(names=", ".join(one.name for one in short[:3]))
        )
    if rich:
        found.append(
            gettext("Hier willen veel mensen helpen en is er weinig: {names}.").format(
                names=", ".join(one.name for one in rich[:3])
            )
        )
    return found or [gettext("Nergens springt iets uit.")]
