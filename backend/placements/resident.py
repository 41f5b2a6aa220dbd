"""The index of one city, kept in the memory of the matcher: loaded once, and from then on following what changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np

from backend.city.load import city
from backend.common import packed
from backend.opportunities import actions as opportunity_actions
from backend.opportunities import queries as opportunity_queries
from backend.opportunities.case import facts_of, key_of
from backend.opportunities.models import MatchProfile as OpportunityRecord
from backend.opportunities.models import Opportunity
from backend.talent import actions as talent_actions
from backend.talent.models import MatchProfile as VolunteerRecord
from backend.talent.models import Volunteer
from matching.catalogue import load_catalogue
from matching.columns import Column, Opportunities, People, running
from matching.index import EVERYBODY, Circumstances, Index
from matching.packing import ID_BYTES, Layout, layout_for, read
from matching.policy import Policy
from matching.prepared import Prepared, prepare

MERGE_SHARE = 0.05  # with more changed people than this share, everything is read again
MERGE_LEAST = 200
_known: dict[str, "Resident"] = {}


def resident_of(slug: str, now: datetime) -> "Resident":
    """The index of a city, as the database stands now. Every process has its own, made when first asked for."""
    place = city(slug)
    today, policy = place.local(now).date(), place.matching.policy
    known = _known.get(slug)
    if known is None or (known.today, known.policy) != (today, policy):
        known = _known[slug] = Resident(slug, policy, place.matching.neighbourhoods, today, now)
    known.follow(now)
    return known


def forget() -> None:
    """The next question reads everything again."""
    _known.clear()


@dataclass(frozen=True, slots=True)
class Ranked:
    """What fits one person, best first: rows, points before spread, and whether it shares none of their themes."""

    who: list[bytes]
    rows: Column
    points: Column
    is_other: Column

    def ids(self, count: int | None = None) -> list[UUID]:
        """The first so many; everything when nobody says."""
        return [UUID(bytes=self.who[row]) for row in self.rows[:count]]

    def others(self) -> "Ranked":
        """Those that share no theme with the person: something else for a change (rules 6.6)."""
        return Ranked(self.who, self.rows[self.is_other], self.points[self.is_other], self.is_other[self.is_other])


class Resident:
    """One city in memory. `follow` before every question; a crash costs nothing but a new start."""

    def __init__(self, slug: str, policy: Policy, neighbourhoods: Iterable[str], today: date, now: datetime) -> None:
        self.slug, self.policy, self.today = slug, policy, today
        self.neighbourhoods = tuple(neighbourhoods)
        self.layout: Layout = layout_for(policy)
        self._now = now
        self._load(now)

    def _load(self, now: datetime) -> None:
        _complete(self.slug, self.layout)
        self._since = packed.oldest_running()
        records = packed.everything(OpportunityRecord, self.slug)
        self._opportunity_records = {
            bytes(one["who"]): one.tobytes() for one in np.frombuffer(records, self.layout.opportunity)
        }
        self._opportunities: Opportunities | None = None
        self._prepared: dict[UUID, tuple[bytes, Prepared]] = {}
        records = packed.everything(VolunteerRecord, self.slug)
        self.people = self._people_of(records, now)
        self._is_stale = np.zeros(self.people.count, bool)
        self._fresh: dict[bytes, bytes] = {}
        self._fresh_people: People | None = None
        self._row_order: Column | None = None
        self._whole: Index | None = None

    def _people_of(self, records: bytearray | bytes, now: datetime) -> People:
        columns = np.frombuffer(records, self.layout.profile)
        return People(columns, self.layout, self.policy, today=self.today, now_seconds=int(now.timestamp()))

    # --- following ---------------------------------------------------------------------------------------------

    def follow(self, now: datetime) -> None:
        """Take over what was committed since the last time."""
        self._now = now
        (tasks, people), self._since = packed.changes((OpportunityRecord, VolunteerRecord), self.slug, self._since)
        changed = {who: one for who, one in tasks.items() if self._opportunity_records.get(who, b"") != one}
        if changed:
            self._opportunity_records.update(changed)
            self._opportunity_records = {who: one for who, one in self._opportunity_records.items() if one}
            self._opportunities = self._whole = None
        fresh = {who: one for who, one in people.items() if self._fresh.get(who) != one}
        if not fresh:
            return
        if len(self._fresh) + len(fresh) > max(MERGE_LEAST, MERGE_SHARE * self.people.count):
            self._load(now)
            return
        self._fresh.update(fresh)
        self._fresh_people = None
        rows = self.rows_of(list(fresh))
        self._is_stale[rows[rows >= 0]] = True
        self._whole = None

    def rows_of(self, who: Sequence[bytes]) -> Column:
        """The row of each of them among the people as they were read last; -1 for who is not there."""
        ids = self.people.who.view(np.dtype((np.void, ID_BYTES))).view("<u8").reshape(-1, 2)
        if self._row_order is None:  # ids are random: their first half is enough to find them by
            self._row_order = np.argsort(ids[:, 0], kind="stable")
        wanted = np.frombuffer(b"".join(who), "<u8").reshape(-1, 2)
        if not len(ids) or not len(wanted):
            return np.full(len(wanted), -1, np.int64)
        place = np.searchsorted(ids[:, 0], wanted[:, 0], sorter=self._row_order)
        rows = self._row_order[np.minimum(place, len(ids) - 1)]
        return np.where((ids[rows] == wanted).all(axis=1), rows, -1)

    # --- asking ------------------------------------------------------------------------------------------------

    @property
    def fresh_people(self) -> People:
        """Who changed or came since everything was read, as they are now."""
        if self._fresh_people is None:
            self._fresh_people = self._people_of(b"".join(self._fresh.values()), self._now)
        return self._fresh_people

    @property
    def opportunities(self) -> Opportunities:
        if self._opportunities is None:
            records = running(read(self._opportunity_records.values(), self.layout.opportunity), self.today)
            self._opportunities = Opportunities(records, self.layout, load_catalogue(), self.policy)
        return self._opportunities

    def ranked_for(self, record: bytes) -> "Ranked":
        """Every opportunity online that fits one packed volunteer, best first before spread."""
        what = self.opportunities
        people = People(read([record], self.layout.profile), self.layout, self.policy, today=self.today)
        if not people.count:
            return Ranked([], np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, bool))
        rows, points = Index(people, what, self.policy).list_of_person(0, Circumstances(np.full(what.count, EVERYBODY)))
        shares_no_theme = (people.soft[0] & what.themes[rows].astype(np.uint64)) == 0
        return Ranked(what.who, rows, points, shares_no_theme)

    def people_for(self, opportunity_id: UUID, most: int) -> list[UUID]:
        """The people whom one opportunity fits best, best first before spread; nobody when it is not online."""
        record = self._opportunity_records.get(opportunity_id.bytes)
        if record is None:
            return []
        records = running(read([record], self.layout.opportunity), self.today)
        if not len(records):
            return []
        one = Opportunities(records, self.layout, load_catalogue(), self.policy)
        found = []
        for people, is_stale in ((self.people, self._is_stale), (self.fresh_people, None)):
            if not people.count:
                continue
            index = Index(people, one, self.policy)
            gone = np.zeros(0, np.int64) if is_stale is None else np.flatnonzero(is_stale)
            settled = np.stack([gone, np.zeros_like(gone)], axis=1)
            _, lists = index.lists(0, most, Circumstances(np.full(1, EVERYBODY), settled))
            best = lists.rows[0][lists.rows[0] >= 0]
            km = index.km[0, people.group[best]]
            found += [
                (-int(worth), float(far), int(people.lot[row]), bytes(people.who[row]))
                for row, worth, far in zip(best, lists.points[0][: len(best)], km, strict=True)
            ]
        return [UUID(bytes=who) for _worth, _km, _lot, who in sorted(found)[:most]]

    def with_a_free_place(self, ids: Sequence[UUID]) -> tuple[dict[str, Opportunity], dict[str, Prepared]]:
        """Those of them that are online with a free place, as the tables say, each with what follows from it.

        What an opportunity asks is worked out once for each of its records.
        """
        found = {key_of(one): one for one in opportunity_queries.free_now(ids, self.slug, self.today)}
        return found, {key: self._ready(one) for key, one in found.items()}

    def _ready(self, one: Opportunity) -> Prepared:
        record = self._opportunity_records.get(one.pk.bytes, b"")
        known = self._prepared.get(one.pk)
        if known is None or known[0] != record:
            known = self._prepared[one.pk] = record, prepare(facts_of(one), load_catalogue(), self.policy)
        return known[1]

    def whole(self, now: datetime) -> Index:
        """Everybody against everything, with all changes merged: for a round, and for counting."""
        if self._fresh:
            self._load(now)
        if self._whole is None:
            self._whole = Index(self.people, self.opportunities, self.policy)
        return self._whole


def _complete(slug: str, layout: Layout) -> None:
    """Records of an earlier catalogue, and people or opportunities that never had one, are written before reading."""
    known = VolunteerRecord.objects.filter(city=slug, layout=layout.fingerprint)
    people = Volunteer.objects.filter(city=slug).exclude(pk__in=known.values_list("who"))
    if people.exists():
        talent_actions.pack_volunteers(slug, people)
    packed_before = OpportunityRecord.objects.filter(city=slug, layout=layout.fingerprint)
    opportunities = Opportunity.objects.filter(city=slug).exclude(pk__in=packed_before.values_list("who"))
    if opportunities.exists():
        opportunity_actions.pack_opportunities(opportunities)
