"""Lists of others: organisations out of a register, and opportunities, as CSV. A preview first; a line is taken whole.

The first line names the columns; those of the Verenigingsregister are known by their own names, with a capital or
without (see docs/running-a-city.md). Nothing that an organisation wrote itself is written over, and nothing
goes online: an organisation says yes to its card and its opportunities first.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.city.load import CityFile
from backend.common.plain_words import plain
from backend.coordination.actions import Preview
from backend.listening.talks import DoesNotStand, draft_from
from backend.opportunities.examples import examples, record_from
from backend.opportunities.states import CLOSED
from backend.organisations.actions import columns_of, search_text_of
from backend.organisations.models import STREET_LONGEST, Organisation
from matching import citysample
from matching.catalogue import load_catalogue
from matching.checks import Report
from matching.types import DAY_PARTS, DAYS, LOCAL_LANGUAGE

BYTES_MAX, ROWS_MAX = 400_000, 2_000
NEW, FILLED, KNOWN, REFUSED = "new", "filled", "known", "refused"
DELIMITERS = ";,\t"
YES, NO = ("ja", "yes", "true", "1", "x"), ("nee", "no", "false", "0", "")
# The register's word or ours -> our legal form (standards.md 5).
FORMS = {
    "vzw": "vzw", "ivzw": "vzw", "ps": "vzw", "svon": "vzw",
    "fv": "de_facto_association", "vzer": "de_facto_association", "feitelijkevereniging": "de_facto_association",
    "school": "school", "openbaarbestuur": "public_body",
}  # fmt: skip
WHEELCHAIR = {"ja": "yes", "deels": "partly", "nee": "no", "": "no"}  # what nobody says is not promised
# What a column may be called, without spaces, signs and capitals -> the field.
ORGANISATION_COLUMNS = {
    "naam": "name", "vcode": "vcode", "verenigingstype": "form", "verenigingstypecode": "form", "rechtsvorm": "form",
    "kortebeschrijving": "description", "beschrijving": "description", "status": "status",
    "straatnaam": "street", "straat": "street", "huisnummer": "number", "busnummer": "box", "postcode": "postcode",
    "wijk": "neighbourhood", "lat": "lat", "lon": "lon", "email": "email", "telefoon": "phone",
    "telefoonnummer": "phone", "contactpersoon": "label", "talen": "languages", "rolstoel": "wheelchair",
    "verzekering": "insured", "jeugdwerk": "youth_work",
}  # fmt: skip
OPPORTUNITY_COLUMNS = {
    "organisatie": "organisation", "vcode": "vcode", "voorbeeld": "example", "titel": "title", "tekst": "text",
    "dagdelen": "slots", "uren": "hours", "plaatsen": "places", "nederlands": "dutch_min", "leeftijd": "min_age",
    "talenten": "talents",
}  # fmt: skip
# As the reasons of the sample format name a field -> the column that it came from.
PATH = re.compile(r'"([a-z_.]+)(?:\[[0-9]+\])?"')
COLUMN_OF = {
    "name": "naam", "vcode": "vCode", "description": "beschrijving", "postcode": "postcode", "lat": "lat", "lon": "lon",
    "welcome_languages": "talen", "contact.label": "contactpersoon", "contact.email": "e-mail",
    "contact.phone": "telefoon", "title": "titel", "text": "tekst", "places": "plaatsen", "min_age": "leeftijd",
    "dutch_min": "nederlands", "commitment.hours_per_time": "uren", "times.slots": "dagdelen",
    "talents_welcome": "talenten",
}  # fmt: skip
NEEDED = {"organisations": ("name", "form", "postcode"), "opportunities": ("organisation", "example")}
STOPPED = ("gestopt", "stopgezet", "inactief")
DAY_WORDS = dict(zip(("ma", "di", "wo", "do", "vr", "za", "zo"), DAYS, strict=True))
PART_WORDS = dict(zip(("voormiddag", "namiddag", "avond"), DAY_PARTS, strict=True))


class NotATable(ValueError):
    """The file as a whole cannot be taken; the message says why, and what to do."""


class Wrong(ValueError):
    """One line cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one line of the file; `number` counts the line of the names as 1."""

    number: int
    name: str
    outcome: str
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Incoming:
    """A list as it was read: every line, and the columns that nobody knows."""

    lines: list[Line] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(one.outcome for one in self.lines)


def decoded(content: bytes) -> str:
    """The text of a file as a spreadsheet writes it: UTF-8, or the older Windows one. Raises NotATable."""
    if len(content) > BYTES_MAX:
        raise NotATable(gettext("Dit bestand is te groot. Maak er twee van."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise NotATable(gettext("Dit is geen CSV-bestand. Kies in je rekenblad: opslaan als CSV."))
    return text


def take_in(kind: str, text: str, place: CityFile, *, now: datetime, store: bool) -> Incoming:
    """Take over the lines that are right and say why the others are not; without `store` nothing is kept.

    `kind`: "organisations" or "opportunities". Taking the same list twice brings nothing new. Raises NotATable.
    """
    columns = ORGANISATION_COLUMNS if kind == "organisations" else OPPORTUNITY_COLUMNS
    take: Callable[[Cells], Line] = (
        Organisations(place).take if kind == "organisations" else Opportunities(place, now).take
    )
    told = Incoming()
    rows = _rows(text, columns, NEEDED[kind], told)
    try:
        with transaction.atomic():
            told.lines = [_line(cells, take) for cells in rows]
            if not store:
                raise Preview
    except Preview:
        pass
    return told


@dataclass(frozen=True, slots=True)
class Cells:
    """One line: what stands under each known column, "" where nothing stands; `is_whole` is False for a broken line."""

    number: int
    told: Mapping[str, str]
    is_whole: bool = True

    def __getitem__(self, name: str) -> str:
        return self.told.get(name, "")

    def choice(self, name: str, words: Mapping[str, Any], *, shown: str) -> Any:
        """What one of `words` stands for. Raises Wrong."""
        word = _key(self[name])
        if word not in words:
            allowed = ", ".join(one for one in words if one)
            raise Wrong(
                gettext("Kolom %(column)s: „%(value)s” ken ik niet. Kies uit: %(allowed)s.")
                % {"column": shown, "value": self[name], "allowed": allowed}
            )
        return words[word]

    def number_in(self, name: str, *, shown: str) -> float | None:
        """Raises Wrong."""
        if not self[name]:
            return None
        if not re.fullmatch(r"-?[0-9]{1,6}([.,][0-9]{1,9})?", self[name]):
            raise Wrong(gettext("Kolom %(column)s: schrijf een getal.") % {"column": shown})
        return float(self[name].replace(",", "."))


def _line(cells: Cells, take: Callable[[Cells], Line]) -> Line:
    if not cells.is_whole:
        return Line(cells.number, "", REFUSED, (gettext("Deze lijn heeft te veel of te weinig vakken."),))
    try:
        with transaction.atomic():  # what one line began goes back with it
            return take(cells)
    except (Wrong, DoesNotStand) as error:
        return Line(
            cells.number, cells["name"] or cells["title"] or cells["organisation"], REFUSED, (_by_column(str(error)),)
        )


def _rows(text: str, columns: Mapping[str, str], needed: tuple[str, ...], told: Incoming) -> list[Cells]:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader, table, line = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [], 1
    try:
        for row in reader:
            table.append((line, row))
            line = reader.line_num + 1  # a cell may hold more lines than one
    except csv.Error as error:
        raise NotATable(gettext("Dit bestand kan ik niet lezen: %(error)s.") % {"error": error}) from None
    if len(table) < 2:
        raise NotATable(gettext("Dit bestand heeft geen lijnen onder de namen van de kolommen."))
    if len(table) > ROWS_MAX + 1:
        raise NotATable(gettext("Dit bestand heeft te veel lijnen. Maak er twee van."))
    head = table[0][1]
    names = [columns.get(_key(one), "") for one in head]
    doubled = sorted(name for name, times in Counter(filter(None, names)).items() if times > 1)
    if doubled:
        twice = [one for one, name in zip(head, names, strict=True) if name == doubled[0]]
        raise NotATable(gettext("Twee kolommen zeggen hetzelfde: %(names)s.") % {"names": ", ".join(twice)})
    for name in needed:
        if name not in names:
            called = next(one for one, field_name in columns.items() if field_name == name)
            raise NotATable(gettext("De kolom „%(name)s” ontbreekt.") % {"name": called})
    told.unknown = [one for one, name in zip(head, names, strict=True) if not name and one.strip()]
    return [
        Cells(
            number,
            {name: cell.strip() for name, cell in zip(names, row, strict=False) if name},
            is_whole=len(row) == len(head),
        )
        for number, row in table[1:]
        if any(cell.strip() for cell in row)
    ]


def _key(words: str) -> str:
    """ "Korte beschrijving", "korteBeschrijving" and "korte-beschrijving" are one column."""
    return re.sub(r"[^a-z0-9]", "", plain(words))


def _by_column(sentences: str) -> str:
    """The reasons of the sample format, with the name of the column for that of the field."""
    return PATH.sub(lambda found: f"„{COLUMN_OF[found[1]]}”" if found[1] in COLUMN_OF else found[0], sentences)


# --- organisations ---------------------------------------------------------------------------------------------


class Organisations:
    """Takes organisations over as ones that the volunteer point does not know yet: nobody else sees them."""

    def __init__(self, place: CityFile) -> None:
        self.place = place
        self.form = citysample.Format(load_catalogue(), place.matching)
        self.neighbourhoods = {_key(name): name for name in place.matching.neighbourhoods}
        self.in_postcode: dict[str, list[str]] = {}
        for name, postcode in place.matching.postcode_of.items():
            self.in_postcode.setdefault(postcode, []).append(name)

    def take(self, cells: Cells) -> Line:
        """Raises Wrong."""
        record = self._record(cells)
        known = self._known(record)
        if known is None:
            told = {**columns_of(record), "street": self._street(cells), "external_id": None}
            Organisation.objects.create(city=self.place.slug, **told)
            return Line(cells.number, record["name"], NEW)
        filled = self._fill(known, {**columns_of(record), "street": self._street(cells)})
        return Line(cells.number, known.name, FILLED if filled else KNOWN, tuple(filled))

    def _record(self, cells: Cells) -> dict[str, Any]:
        if plain(cells["status"]) in STOPPED:
            raise Wrong(gettext("Deze vereniging is gestopt."))
        neighbourhood = self._neighbourhood(cells)
        point = self.place.matching.neighbourhoods[neighbourhood]
        lat, lon = cells.number_in("lat", shown="lat"), cells.number_in("lon", shown="lon")
        yes_no = {**dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}
        given = {
            "id": "O00",  # the format wants one; ours is a UUID
            "name": cells["name"],
            "legal_form": cells.choice("form", FORMS, shown="rechtsvorm"),
            "youth_work": cells.choice("youth_work", yes_no, shown="jeugdwerk"),
            "description": cells["description"] or cells["name"],
            "neighbourhood": neighbourhood,
            "postcode": cells["postcode"],
            "lat": point.lat if lat is None else lat,
            "lon": point.lon if lon is None else lon,
            "welcome_languages": re.split(r"[,;\s]+", cells["languages"]) if cells["languages"] else [LOCAL_LANGUAGE],
            "walk_in": [],
            "wheelchair": cells.choice("wheelchair", WHEELCHAIR, shown="rolstoel"),
            "vcode": cells["vcode"] or None,
            "liability_insurance": cells.choice("insured", yes_no, shown="verzekering"),
            "accident_insurance": False,
            "contact": {
                "label": cells["label"] or gettext("Contactpersoon"),
                "email": cells["email"] or None,
                "phone": cells["phone"] or None,
            },
        }
        report = Report("", "")
        record: dict[str, Any] = self.form.check("organisations", given, report)
        # Who is not known yet may have no contact; whoever welcomes it there asks for one.
        errors = [one for one in report.errors if (one.code, one.path) != ("missing", "contact.email")]
        if errors:
            raise Wrong(_by_column(" ".join(dict.fromkeys(one.message_nl for one in errors))))
        if len(self._street(cells)) > STREET_LONGEST:
            raise Wrong(gettext("De straat is te lang."))
        return record

    def _neighbourhood(self, cells: Cells) -> str:
        """The one that is named, or the only one of the postcode: a point is never guessed. Raises Wrong."""
        here = self.in_postcode.get(cells["postcode"], [])
        if not here:
            raise Wrong(gettext("Postcode %(code)s ligt niet in deze stad.") % {"code": cells["postcode"] or "–"})
        named = self.neighbourhoods.get(_key(cells["neighbourhood"]))
        if named in here:
            return named
        if len(here) == 1 and not cells["neighbourhood"]:
            return here[0]
        raise Wrong(
            gettext("Zet de wijk in de kolom „wijk”. In %(code)s zijn er: %(names)s.")
            % {"code": cells["postcode"], "names": ", ".join(sorted(here))}
        )

    @staticmethod
    def _street(cells: Cells) -> str:
        box = f" bus {cells['box']}" if cells["box"] else ""
        return f"{cells['street']} {cells['number']}{box}".strip() if cells["street"] else ""

    def _known(self, record: dict[str, Any]) -> Organisation | None:
        """By its number in the register, else by name and postcode. Raises Wrong when the two disagree."""
        here = Organisation.objects.select_for_update().filter(city=self.place.slug)
        by_number = here.filter(vcode=record["vcode"]).first() if record["vcode"] else None
        by_name = here.filter(name__iexact=record["name"], postcode=record["postcode"]).first()
        if by_number is None and by_name and by_name.vcode and record["vcode"]:
            raise Wrong(gettext("Er is al een organisatie met deze naam, maar met een ander nummer."))
        return by_number or by_name

    @staticmethod
    def _fill(known: Organisation, told: dict[str, Any]) -> list[str]:
        """What was empty and is filled now, in words. What stands there is never written over."""
        filled = []
        is_reached = (
            known.contact_email or known.contact_phone
        )  # then it chose how, and a register does not change that
        for name, words in FILLED_WORDS.items():
            if told[name] and not getattr(known, name) and not (is_reached and name.startswith("contact_")):
                setattr(known, name, told[name])
                filled.append(str(words))
        if filled:
            known.search_text = search_text_of(known.name, known.description)
            known.version += 1
            known.save()
        return filled


FILLED_WORDS = {
    "vcode": _("nummer in het Verenigingsregister"),
    "street": _("straat"),
    "contact_email": _("e-mailadres"),
    "contact_phone": _("telefoonnummer"),
}


# --- opportunities ---------------------------------------------------------------------------------------------


class Opportunities:
    """Makes drafts for organisations, each from an example; an organisation hears of its drafts once."""

    def __init__(self, place: CityFile, now: datetime) -> None:
        self.place, self.now = place, now
        self.examples = {**{_key(one.names[LOCAL_LANGUAGE]): one for one in examples().values()}, **examples()}
        self.talents = {_key(one.label): code for code, one in load_catalogue().talents.items()}
        self.told: set[Any] = set()

    def take(self, cells: Cells) -> Line:
        """Raises Wrong, DoesNotStand."""
        organisation = self._organisation(cells)
        body = self._body(cells, organisation)
        if organisation.opportunities.filter(title=body["title"]).exclude(state=CLOSED).exists():
            return Line(cells.number, body["title"], KNOWN)
        draft_from(organisation, body, is_told=organisation.pk not in self.told, now=self.now)
        self.told.add(organisation.pk)
        return Line(cells.number, body["title"], NEW)

    def _organisation(self, cells: Cells) -> Organisation:
        here = Organisation.objects.filter(city=self.place.slug, verified_at__isnull=False)
        if cells["vcode"]:
            found = list(here.filter(vcode=cells["vcode"])[:2])
        else:
            found = list(here.filter(name__iexact=cells["organisation"]).order_by("pk")[:2])
        if not found:
            raise Wrong(gettext("Deze organisatie ken ik niet. Lees haar eerst in, en zeg dat jullie haar kennen."))
        if len(found) > 1:
            raise Wrong(gettext("Er zijn twee organisaties met deze naam. Zet het nummer in de kolom „vCode”."))
        return found[0]

    def _body(self, cells: Cells, organisation: Organisation) -> dict[str, Any]:
        example = cells.choice("example", self.examples, shown="voorbeeld")
        name = example.names[LOCAL_LANGUAGE]
        body = record_from(example, organisation, title=name, text=name)
        for column, path in (("title", "title"), ("text", "text"), ("dutch_min", "dutch_min")):
            body[path] = cells[column] or body[path]
        for column, shown in (("places", "plaatsen"), ("min_age", "leeftijd")):
            number = cells.number_in(column, shown=shown)
            body[column] = body[column] if number is None else int(number) if number.is_integer() else number
        hours = cells.number_in("hours", shown="uren")
        body["commitment"]["hours_per_time"] = body["commitment"]["hours_per_time"] if hours is None else hours
        body["reserved_places"] = min(body["reserved_places"], body["places"])
        if cells["slots"]:
            body["times"]["slots"] = [self._slot(one) for one in re.split(r"[,;]", cells["slots"])]
        if cells["talents"]:
            body["talents_welcome"] = [self._talent(one) for one in re.split(r"[,;]", cells["talents"])]
        return body

    @staticmethod
    def _slot(words: str) -> str:
        day, _space, part = plain(words).strip().partition(" ")
        if day[:2] not in DAY_WORDS or part.strip() not in PART_WORDS:
            raise Wrong(gettext("„%(words)s” is geen dagdeel. Schrijf bijvoorbeeld: ma voormiddag.") % {"words": words})
        return f"{DAY_WORDS[day[:2]]}-{PART_WORDS[part.strip()]}"

    def _talent(self, words: str) -> str:
        code = self.talents.get(_key(words), words.strip())
        if code not in load_catalogue().talents:
            raise Wrong(gettext("Het talent „%(words)s” staat niet in de lijst.") % {"words": words.strip()})
        return code
