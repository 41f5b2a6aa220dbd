"""Fills the database of a race: real rows of the product, its packed records, and flat tables for the SQL peers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from backend.city.load import city as city_file
from backend.opportunities.actions import pack_opportunities
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.talent.actions import pack_volunteers
from backend.talent.models import Volunteer
from benchmarks import invented
from matching import citysample, columns, index
from matching.catalogue import load_catalogue
from matching.packing import COMMITMENTS, GUIDED, LICENCE, OWN_CAR, Layout, Records, layout_for
from matching.types import LEVELS, SLOTS
from matching.types import Opportunity as Facts

CITY = "antwerpen"
NOW = datetime(2027, 3, 1, 10, tzinfo=UTC)
MILLION, TEN, ONE_OF_TEN = "race-million", "race-ten", "race-one"  # cities that exist as packed records only


@dataclass(frozen=True, slots=True)
class Setting:
    """What every contender is told."""

    layout: Layout
    catalogue: Any
    policy: Any
    city: Any


def setting() -> Setting:
    place = city_file(CITY).matching
    return Setting(layout_for(place.policy), load_catalogue(), place.policy, place)


def samples() -> list[Facts]:
    """The opportunities of the demonstration, to mix from."""
    place = city_file(CITY)
    content = (place.folder / "demo" / "opportunities.json").read_bytes()
    known = {one["organisation"] for one in json.loads(content)["items"]}
    form = citysample.Format(load_catalogue(), place.matching)
    read = citysample.read(
        content,
        file="demo",
        kind="opportunities",
        form=form,
        known_organisations=sorted(known),
        is_fiction_welcome=True,
    )
    return [citysample.to_opportunity(record) for record in read.records]


def fill(rng: np.random.Generator, people: int, opportunities: int) -> None:
    """The city of the race as rows of the product, then packed by the product itself."""
    write(rng, people, opportunities)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def write(rng: np.random.Generator, people: int, opportunities: int, organisations: int = 0) -> None:
    """The same rows, in a transaction of whoever asks too."""
    it = setting()
    records = invented.people(rng, people, it.layout, it.catalogue, it.city)
    asked = invented.opportunities(rng, opportunities, samples(), it.catalogue, it.city, organisations=organisations)
    with transaction.atomic():
        _write_people(records, it)
        _write_opportunities(list(asked))
    with transaction.atomic():
        pack_volunteers(CITY, Volunteer.objects.all())
        pack_opportunities(Opportunity.objects.all())


def fill_records_only(rng: np.random.Generator, slug: str, people: Records, opportunities: Iterable[Facts]) -> None:
    """A city as packed records alone: for sizes and places that no product row is needed for."""
    from matching.packing import pack_opportunity

    it = setting()
    _copy(
        "talent_matchprofile", ("who", "city", "version", "layout", "record"),
        ((UUID(bytes=bytes(one["who"])), slug, 1, it.layout.fingerprint, one.tobytes()) for one in people),
    )  # fmt: skip
    rows = []
    for one in opportunities:
        who = rng.bytes(16)
        record = pack_opportunity(one, who, it.layout, it.catalogue, it.policy)
        rows.append((UUID(bytes=who), slug, 1, it.layout.fingerprint, record))
    _copy("opportunities_matchprofile", ("who", "city", "version", "layout", "record"), rows)


def _copy(table: str, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    connection.ensure_connection()
    statement = f"copy {table} ({', '.join(names)}) from stdin"
    with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _write_people(records: Records, it: Setting) -> None:
    names = list(it.city.neighbourhoods)
    points = {name: it.city.neighbourhoods[name] for name in names}
    at = {(point.lat, point.lon): name for name, point in points.items()}
    people, profiles, talents, languages, consents = [], [], [], [], []
    talent_codes, language_codes = list(it.layout.talents), list(it.layout.languages)
    held = np.unpackbits(records["talents"].view(np.uint8).reshape(len(records), 3, -1), axis=2, bitorder="little")
    levels = held.sum(axis=1)
    for number, one in enumerate(records):
        who, flags = UUID(bytes=bytes(one["who"])), int(one["flags"])
        name = at[float(one["lat"]), float(one["lon"])]
        guide = "Toeleider" if flags & GUIDED else None
        people.append((who, NOW, NOW, CITY, "Iemand", "nl", int(one["age_from"]), invented.TODAY, "phone", "none",
                       "walk", guide, [], "confirmed", False, False, []))  # fmt: skip
        profiles.append((who, NOW, NOW, who, 1, name, it.city.postcode_of[name], float(one["lat"]), float(one["lon"]),
                         float(one["max_km"]), int(one["hours"]) / 1000, COMMITMENTS[one["commitment"]],
                         codes(one["slots"], SLOTS), codes(one["themes"], it.layout.themes),
                         codes(one["themes_excluded"], it.layout.themes),
                         codes(one["boundaries"], it.layout.boundaries), codes(one["wishes"], it.layout.wishes),
                         bool(flags & LICENCE), bool(flags & OWN_CAR)))  # fmt: skip
        for place in np.flatnonzero(levels[number]):
            talents.append((who, talent_codes[place], int(levels[number, place]), False))
        languages.append((who, "nl", LEVELS[one["dutch"]]))
        for code in codes(one["spoken"], language_codes):
            if code != "nl":
                languages.append((who, code, "B2"))
        consents.append((who, NOW, NOW, who, "proposals", "", "2026-11", "nl", "desk", NOW))
    _copy("talent_volunteer", ("id", "created_at", "updated_at", "city", "first_name", "language", "age_from",
          "age_asked_on", "channel", "digital", "transport", "guided_by", "declared_statuses", "state",
          "wants_surprise", "crisis_calls", "muted"), people)  # fmt: skip
    _copy("talent_talentprofile", ("id", "created_at", "updated_at", "volunteer_id", "version", "neighbourhood",
          "postcode", "lat", "lon", "max_km", "max_hours_per_week", "max_commitment", "available", "themes",
          "themes_excluded", "boundaries", "wishes", "driving_licence_b", "own_car"), profiles)  # fmt: skip
    _copy("talent_profiletalent", ("profile_id", "talent", "level", "point_only"), talents)
    _copy("talent_profilelanguage", ("profile_id", "language", "level"), languages)
    _copy("talent_consent", ("id", "created_at", "updated_at", "volunteer_id", "purpose", "party", "text_version",
          "language", "given_how", "given_at"), consents)  # fmt: skip


def codes(bits: Any, known: Iterable[str]) -> list[str]:
    return [code for place, code in enumerate(known) if int(bits) >> place & 1]


def _write_opportunities(facts: list[Facts]) -> None:
    organisations = {
        one.organisation: Organisation(
            city=CITY, name=one.organisation, legal_form="vzw", neighbourhood=one.neighbourhood, postcode="2000",
            lat=one.point.lat, lon=one.point.lon, verified_at=NOW, charter_accepted_at=NOW,
        )
        for one in facts
    }  # fmt: skip
    Organisation.objects.bulk_create(organisations.values())
    same = ("dutch_min", "slots", "choose", "frequency", "commitment", "hours_per_time", "period_until",
            "neighbourhood", "postcode", "at_home",
            "own_neighbourhood", "wheelchair", "min_age", "extract_596_2", "driving_licence_b",
            "costs", "company", "places", "reserved_places")  # fmt: skip
    lists = ("themes", "talents_any_of", "talents_welcome", "languages_any_of", "languages_welcome", "features",
             "expenses", "support")  # fmt: skip
    Opportunity.objects.bulk_create(
        [
            Opportunity(
                organisation=organisations[one.organisation], city=CITY, state="published", published_at=NOW,
                external_id=one.id, title=one.id, text="Een taak.", min_weeks=0, period_from=one.period_until,
                lat=one.point.lat, lon=one.point.lon,
                **{name: getattr(one, name) for name in same}, **{name: sorted(getattr(one, name)) for name in lists},
            )
            for one in facts
        ],
        batch_size=1000,
    )  # fmt: skip


# --- flat tables for the SQL peers -----------------------------------------------------------------------------


def signed(column: Any) -> list[int]:
    """Numbers as PostgreSQL knows them."""
    numbers: list[int] = column.astype(np.int64).tolist()
    return numbers


def fill_flat_tables() -> None:
    """The same facts as the packed records, in the shape that serves SQL best: numbers, bits and short joins.

    Distances and what each threshold factor is worth are worked out beforehand, which no peer of ours does.
    """
    from backend.common.packed import everything
    from backend.opportunities.models import MatchProfile as Tasks
    from backend.talent.models import MatchProfile as People

    it = setting()
    people = columns.People(
        np.frombuffer(everything(People, CITY), it.layout.profile), it.layout, it.policy, today=invented.TODAY
    )
    tasks = columns.Opportunities(
        np.frombuffer(everything(Tasks, CITY), it.layout.opportunity), it.layout, it.catalogue, it.policy
    )
    both = index.Index(people, tasks, it.policy)
    with connection.cursor() as cursor:
        cursor.execute(FLAT_TABLES)
    _copy(
        "race_v", ("v", "place", "max_km", "near", "slots", "spoken", "excluded", "boundaries", "themes", "wishes",
                   "dutch", "age", "flags", "commitment", "hours", "pattern", "lot"),
        zip(range(people.count), signed(people.group), people.max_km.tolist(), people.near.tolist(),
            signed(people.slots), signed(people.spoken), signed(people.themes_excluded), signed(people.boundaries),
            signed(people.soft & np.uint64(2**32 - 1)), signed(people.soft >> np.uint64(32)), signed(people.dutch),
            signed(people.age), signed(people.flags), signed(people.order), signed(people.hours),
            signed(people.pattern), [str(int(one)) for one in people.lot], strict=True),
    )  # fmt: skip
    _copy(
        "race_o", ("o", "slots", "takes_all", "dutch", "any_of", "welcome", "min_age", "clashes", "needs_talent",
                   "flags", "commitment", "hours", "themes", "fulfils", "inexperienced", "far", "low", "high",
                   "lat", "lon", "is_here"),
        zip(range(tasks.count), signed(tasks.slots), tasks.takes_all.tolist(), signed(tasks.dutch),
            signed(tasks.languages_any_of), signed(tasks.languages_welcome), signed(tasks.min_age),
            signed(tasks.clashes), tasks.needed.any(axis=1).tolist(), signed(tasks.flags), signed(tasks.commitment),
            signed(tasks.hours), signed(tasks.themes), signed(tasks.fulfils), signed(tasks.ease_inexperienced),
            signed(tasks.ease_far), tasks.ease_low.tolist(), tasks.ease_high.tolist(),
            tasks.records["lat"].tolist(), tasks.records["lon"].tolist(), tasks.is_here.tolist(), strict=True),
    )  # fmt: skip
    _copy(
        "race_km", ("place", "o", "km", "limited", "points"),
        ((place, o, float(both.km[o, place]), float(both.limited_km[o, place]), int(both.near_points[o, place]))
         for place in range(both.km.shape[1]) for o in range(tasks.count)),
    )  # fmt: skip
    held = np.unpackbits(people.talents.view(np.uint8).reshape(people.count, 3, -1), axis=2, bitorder="little").sum(
        axis=1
    )
    who, which = np.nonzero(held)
    _copy(
        "race_vt", ("v", "talent", "level"), zip(who.tolist(), which.tolist(), held[who, which].tolist(), strict=True)
    )
    rows = []
    for o in range(tasks.count):
        for wide, worth in ((tasks.asked_full, tasks.worth_full), (tasks.asked_half, tasks.worth_half)):
            total = sum(int(word) << (64 * place) for place, word in enumerate(wide[o]))
            needed = sum(int(word) << (64 * place) for place, word in enumerate(tasks.needed[o]))
            for talent in range(total.bit_length()):
                if total >> talent & 1:
                    rows.append((o, talent, bool(needed >> talent & 1), np.cumsum(worth[o]).tolist()))
    _copy("race_ot", ("o", "talent", "is_needed", "worth"), rows)
    with connection.cursor() as cursor:
        cursor.execute(FLAT_INDEXES)


FLAT_TABLES = """
drop table if exists race_v, race_o, race_km, race_vt, race_ot;
create unlogged table race_v (v int, place int, max_km float8, near float8, slots int, spoken bigint, excluded int,
    boundaries int, themes int, wishes int, dutch int, age int, flags int, commitment int, hours int, pattern int,
    lot numeric);
create unlogged table race_o (o int, slots int, takes_all bool, dutch int, any_of bigint, welcome bigint, min_age int,
    clashes int, needs_talent bool, flags int, commitment int, hours int, themes int, fulfils int, inexperienced int,
    far int, low int[], high int[], lat float8, lon float8, is_here bool);
create unlogged table race_km (place int, o int, km float8, limited float8, points int);
create unlogged table race_vt (v int, talent int, level int);
create unlogged table race_ot (o int, talent int, is_needed bool, worth int[]);
"""
FLAT_INDEXES = """
alter table race_v add primary key (v);
alter table race_o add primary key (o);
create index on race_km (place, limited) include (o, km, points);
create index on race_km (o, limited) include (place, km, points);
create index on race_v (place, max_km);
create index on race_vt (v) include (talent, level);
create index on race_vt (talent) include (v, level);
create index on race_ot (o) include (talent, is_needed, worth);
create index on race_ot (talent) include (o, is_needed, worth);
analyze race_v; analyze race_o; analyze race_km; analyze race_vt; analyze race_ot;
"""
