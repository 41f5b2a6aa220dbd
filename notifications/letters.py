"""A message on paper: A4 in large type, or a card on A5, in the reader's language, with a square to scan."""

import io
import json
from dataclasses import replace
from typing import NamedTuple

import qrcode
import qrcode.image.svg
import typst

from notifications.message import EMAIL
from notifications.models import Delivery
from notifications.render import ADDRESS, RIGHT_TO_LEFT, Text, render


class Paper(NamedTuple):
    size: str
    margin_mm: int
    points: int


PAPERS = {"a4": Paper("a4", 25, 18), "a5": Paper("a5", 15, 13)}
# Noto and DejaVu come with most computers and write Arabic; the last is built into typst.
FONTS = ["Noto Sans", "Noto Sans Arabic", "DejaVu Sans", "Libertinus Serif", "DejaVu Sans Mono"]
PAGE = """
#let told = json(bytes(sys.inputs.told))
#set document(title: told.subject)
#set page(paper: told.paper, margin: told.margin * 1mm)
#set text(size: told.points * 1pt, font: told.fonts, lang: told.language, dir: if told.is_rtl { rtl } else { ltr })
#set par(leading: 0.8em, spacing: 1.2em)
= #told.subject
#for part in told.parts [#part

]
#if told.qr != "" [
  #image(bytes(told.qr), format: "svg", width: told.points * 8pt, alt: told.link)
  #text(size: 0.7em, dir: ltr, told.link)
]
"""


def pdf_of(delivery: Delivery, paper: str) -> bytes:
    """One letter: it says what the mail would have said. Raises KeyError for another paper."""
    text = render(delivery, EMAIL)
    found = ADDRESS.search(text.body)
    link = found[0] if found else ""
    return typst.compile(
        PAGE.encode(), sys_inputs={"told": json.dumps(_told(_without_link(text), link, PAPERS[paper]))}
    )


def card_of(title: str, parts: list[str], link: str, language: str, paper: str = "a5") -> bytes:
    """A card to keep: what stands on it, and a square to scan. Raises KeyError for another paper."""
    text = Text(title, "\n\n".join(parts), language)
    return typst.compile(PAGE.encode(), sys_inputs={"told": json.dumps(_told(text, link, PAPERS[paper]))})


def _without_link(text: Text) -> Text:
    """The words with the link taken out: nobody types it over; it stands below as a square to scan."""
    return replace(text, body=ADDRESS.sub("", text.body).replace(" :", ":"))


def _told(text: Text, link: str, paper: Paper) -> dict[str, object]:
    return {
        "subject": text.subject,
        "parts": [part for part in text.body.strip().split("\n\n") if part],
        "link": link,
        "qr": square(link) if link else "",
        "paper": paper.size,
        "margin": paper.margin_mm,
        "points": paper.points,
        "fonts": FONTS,
        "language": text.language,
        "is_rtl": text.language in RIGHT_TO_LEFT,
    }


def square(link: str) -> str:
    """An SVG to scan."""
    out = io.BytesIO()
    qrcode.make(link, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(out)
    return out.getvalue().decode()
