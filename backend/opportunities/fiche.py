"""The card of an organisation on one page of A4: where, when, whom to ask for, a small map and a photo (R072).

It is made when somebody asks for it, with nothing from the network: the map is drawn from the city's own list of
neighbourhoods, in black on white.
"""

import json
from dataclasses import dataclass

import typst
from django.utils.translation import gettext

from backend.city.load import CityFile
from backend.organisations.models import Organisation
from matching.geo import great_circle_km
from matching.types import Point
from notifications.letters import FONTS, RIGHT_TO_LEFT, square

REACH_KM = 2.5  # from the middle of the map to its side
SIDE_MM = 78
LABELS_MAX = 8
APART_MM = 7  # two names closer than this would be one blot
PAGE = """
#let told = json(bytes(sys.inputs.told))
#set document(title: told.title)
#set page(paper: "a4", margin: 18mm)
#set text(size: 13pt, font: told.fonts, lang: told.language, dir: if told.is_rtl { rtl } else { ltr })
#set par(leading: 0.65em, spacing: 0.9em)
#let high = 58mm
#let small(body) = text(size: 8pt, dir: ltr, body)
#let house = stack(
  spacing: 3mm,
  polygon(stroke: 1.2pt, (0mm, 14mm), (20mm, 0mm), (40mm, 14mm)),
  rect(width: 32mm, height: 18mm, stroke: 1.2pt, align(center + bottom,
    rect(width: 7mm, height: 11mm, stroke: 1.2pt))),
)
#let photo = if told.photo.len() > 0 {
  let shown = image(bytes(told.photo), format: "jpg", width: 100%, height: high, fit: "cover", alt: told.photo_alt)
  box(width: 100%, height: high, clip: true, shown)
} else { box(width: 100%, height: high, stroke: 0.8pt, align(center + horizon, house)) }
#let middle = told.side * 0.5mm - 2.4mm
#let map = box(width: told.side * 1mm, height: told.side * 1mm, stroke: 0.8pt, clip: true, {
  for one in told.labels {
    place(top + left, dx: one.x * 1mm - 1mm, dy: one.y * 1mm - 1mm, circle(radius: 1mm, fill: luma(150)))
    if one.x < told.side * 0.6 {
      place(top + left, dx: one.x * 1mm + 1.6mm, dy: one.y * 1mm - 1.6mm, small(one.name))
    } else {
      place(top + right, dx: (one.x - told.side) * 1mm - 1.6mm, dy: one.y * 1mm - 1.6mm, small(one.name))
    }
  }
  place(top + left, dx: middle, dy: middle, circle(radius: 2.4mm, fill: black))
  let km = line(length: told.km * 1mm, stroke: 1.2pt)
  place(bottom + left, dx: 3mm, dy: -3mm, stack(spacing: 1mm, small[1 km], km))
  place(top + right, dx: -3mm, dy: 3mm, small[N ↑])
})
#text(size: 24pt, weight: "bold", told.title)

#told.description

#grid(columns: (1fr, told.side * 1mm), gutter: 8mm, photo, align(top, map))
#v(2mm)
#table(columns: (auto, 1fr), stroke: none, inset: (x: 0pt, y: 5pt), column-gutter: 6mm,
  ..told.rows.map(row => (text(weight: "bold", row.at(0)), row.at(1))).flatten())
#v(1fr)
#grid(columns: (32mm, 1fr), gutter: 6mm,
  image(bytes(told.qr), format: "svg", width: 32mm, alt: told.link),
  align(horizon, text(size: 10pt, dir: ltr, told.link)))
"""


@dataclass(frozen=True, slots=True)
class Label:
    """A neighbourhood on the map: millimetres from its left and its top."""

    name: str
    x: float
    y: float


def fiche_of(
    organisation: Organisation, rows: list[tuple[str, str]], place: CityFile, link: str, language: str, photo: bytes
) -> bytes:
    """A PDF of one page of A4, in the language that is active now; without a photo a neutral drawing stands there."""
    told = {
        "title": organisation.name, "description": organisation.description, "rows": rows, "fonts": FONTS,
        "language": language, "is_rtl": language in RIGHT_TO_LEFT, "side": SIDE_MM, "km": SIDE_MM / (2 * REACH_KM),
        "labels": [
            {"name": one.name, "x": one.x, "y": one.y} for one in labels_around(organisation, place)
        ],
        "qr": square(link), "link": link, "photo": list(photo),
        "photo_alt": gettext("De voorkant van {name}").format(name=organisation.name),
    }  # fmt: skip
    return typst.compile(PAGE.encode(), sys_inputs={"told": json.dumps(told)})


def labels_around(organisation: Organisation, place: CityFile) -> list[Label]:
    """The nearest neighbourhoods that fit on the map without writing over each other."""
    here = Point(organisation.lat, organisation.lon)
    near = sorted((great_circle_km(here, point), name, point) for name, point in place.matching.neighbourhoods.items())
    found: list[Label] = []
    for km, name, point in near:
        if km > REACH_KM or len(found) == LABELS_MAX:
            break
        east = great_circle_km(here, Point(here.lat, point.lon)) * (1 if point.lon > here.lon else -1)
        north = great_circle_km(here, Point(point.lat, here.lon)) * (1 if point.lat > here.lat else -1)
        one = Label(name, SIDE_MM / 2 + east * SIDE_MM / (2 * REACH_KM), SIDE_MM / 2 - north * SIDE_MM / (2 * REACH_KM))
        if 0 < one.x < SIDE_MM and all(abs(one.y - other.y) > APART_MM or abs(one.x - other.x) > 30 for other in found):
            found.append(one)
    return found
