"""What happens with an opportunity."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from backend.city.load import city
from backend.common import packed as packed_rows
from backend.common import versions
from backend.opportunities import states
from backend.opportunities.case import columns_of, facts_of, packed
from backend.opportunities.models import REASON_LONGEST, MatchProfile, Opportunity
from backend.opportunities.publication import BLOCK, HOLD, REVIEW, Finding, check, found, outcome_of
from backend.organisations.models import Organisation
from backend.outbox.actions import record as record_event
from matching.catalogue import load_catalogue
from matching.packing import layout_for
from matching.policy import Policy
from matching.threshold import thresholds

STATE_OF_OUTCOME = {BLOCK: states.BLOCKED, REVIEW: states.REVIEW}
POINT_SAYS = "point_says"  # what the volunteer point wrote, among the findings
NOTE_LONGEST = 300


class StepNotAllowed(Exception):
    """The state of the opportunity does not allow this step."""


class PlacesTaken(Exception):
    """More places are given away already than would be left."""

    def __init__(self, taken: int) -> None:
        super().__init__(str(taken))
        self.taken = taken


class PublicationStopped(Exception):
    """Publication was refused, is on hold or waits for the volunteer point; `findings` say why."""

    def __init__(self, outcome: str, findings: list[Finding]) -> None:
        super().__init__(outcome)
        self.outcome, self.findings = outcome, findings


def store_imported(organisation: Organisation, record: dict[str, Any]) -> bool:
    """Make or update the opportunity of a clean record; True when new. New ones are drafts.

    A published one whose content changes becomes a draft again: what is online was always checked.
    Raises PlacesTaken when more places are given away than the record leaves.
    """
    columns = {**columns_of(record), "organisation": organisation}
    found = Opportunity.objects.filter(city=organisation.city, external_id=record["id"]).first()
    if found is None:
        language = city(organisation.city).language
        Opportunity.objects.create(city=organisation.city, external_id=record["id"], language=language, **columns)
        return True
    open_places = record["places"] - record["reserved_places"]
    if open_places < found.taken_open or record["reserved_places"] < found.taken_reserved:
        raise PlacesTaken(found.taken_open + found.taken_reserved)
    _change(found, columns)
    return False


def _change(found: Opportunity, columns: dict[str, Any]) -> None:
    changed = [name for name, value in columns.items() if getattr(found, name) != value]
    if changed:
        for name in changed:
            setattr(found, name, columns[name])
        found.version += 1
        if found.state in (states.PUBLISHED, states.PAUSED, states.REVIEW):
            found.state = states.DRAFT
            changed.append("state")
        found.save(update_fields=[*changed, "version", "updated_at"])
        pack_opportunities(Opportunity.objects.filter(pk=found.pk))


@transaction.atomic
def change_opportunity(opportunity: Opportunity, record: dict[str, Any], *, version: int) -> Opportunity:
    """Take over a clean record. What is online becomes a draft again: what is online was always checked.

    Raises ChangedMeanwhile when the version is another by now, PlacesTaken when more places are given away than the
    record leaves, StepNotAllowed for one that is closed or blocked.
    """
    found = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    versions.expect(found.version, version)
    if found.state in (states.CLOSED, states.BLOCKED):
        raise StepNotAllowed(f"{found.state} -> {states.DRAFT}")
    open_places = record["places"] - record["reserved_places"]
    if open_places < found.taken_open or record["reserved_places"] < found.taken_reserved:
        raise PlacesTaken(found.taken_open + found.taken_reserved)
    _change(found, columns_of(record))
    return Opportunity.objects.select_related("organisation").get(pk=opportunity.pk)


@transaction.atomic
def take_offline(opportunity: Opportunity, state: str) -> Opportunity:
    """Pause (and publish again later) or close for good; twice is once. Raises StepNotAllowed."""
    found = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if found.state != state:
        if state not in (states.PAUSED, states.CLOSED) or not states.may_step(found.state, state):
            raise StepNotAllowed(f"{found.state} -> {state}")
        Opportunity.objects.filter(pk=found.pk).update(state=state, version=F("version") + 1)
        pack_opportunities(Opportunity.objects.filter(pk=found.pk))
    return Opportunity.objects.select_related("organisation").get(pk=found.pk)


def draft_opportunity(organisation: Organisation, record: dict[str, Any], *, by_point: bool = False) -> Opportunity:
    """A new draft from a clean record, by the organisation or by the volunteer point for it."""
    language = city(organisation.city).language
    return Opportunity.objects.create(
        organisation=organisation, city=organisation.city, language=language, drafted_by_point=by_point,
        **columns_of(record),
    )  # fmt: skip


def say_why_restricted(opportunity: Opportunity, reason: str) -> None:
    """Why only some people are asked; the last word counts. Raises ValueError for none or too many words."""
    if not reason or len(reason) > REASON_LONGEST:
        raise ValueError(f"restriction_reason: 1 to {REASON_LONGEST} signs")
    Opportunity.objects.filter(pk=opportunity.pk).update(restriction_reason=reason)
    opportunity.restriction_reason = reason


def publish_opportunity(opportunity: Opportunity, *, now: datetime) -> list[dict[str, str]]:
    """Check and put online; the warnings come back. Records "opportunity.published", once.

    Raises PublicationStopped (draft, review or blocked is stored with the findings) and StepNotAllowed.
    """
    [stopped] = publish_many(
        [opportunity], event=("opportunity.published", {"opportunity_id": opportunity.pk}), now=now
    )
    if stopped:
        raise stopped
    return opportunity.findings


def publish_many(
    opportunities: Sequence[Opportunity], *, event: tuple[str, dict[str, Any]], now: datetime
) -> list[PublicationStopped | None]:
    """Check each and put online what may; `event` (name, ids) is recorded once, when anything went online.

    The answer holds for each, in the same order, what stopped it, or None. What stopped it is stored with it: the
    person who posts and the volunteer point both read it.
    """
    told: list[PublicationStopped | None] = []
    is_anything_new = False
    with transaction.atomic():
        for opportunity in opportunities:
            try:
                is_anything_new |= _publish(opportunity, now=now)
                told.append(None)
            except PublicationStopped as stopped:
                told.append(stopped)
        if is_anything_new:
            name, ids = event
            record_event(name, **ids)
        pack_opportunities(Opportunity.objects.filter(pk__in=[one.pk for one in opportunities]))
    return told


@transaction.atomic
def approve(opportunity: Opportunity, *, now: datetime) -> None:
    """A person of the volunteer point looked at it: online in spite of what only asks for that look. Twice is once.

    Records "opportunity.published" and "opportunity.reviewed". Raises StepNotAllowed for one that waits for nobody,
    PublicationStopped when something else stops it by now.
    """
    locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if locked.state == states.PUBLISHED:
        return
    if locked.state != states.REVIEW:
        raise StepNotAllowed(f"{locked.state} -> {states.PUBLISHED}")
    _publish(opportunity, now=now, is_looked_at=True)
    pack_opportunities(Opportunity.objects.filter(pk=opportunity.pk))
    record_event("opportunity.published", opportunity_id=opportunity.pk)
    record_event("opportunity.reviewed", opportunity_id=opportunity.pk)


@transaction.atomic
def send_back(opportunity: Opportunity, note: str) -> None:
    """A draft again, with a word of the volunteer point among the findings. Records "opportunity.reviewed".

    Raises StepNotAllowed for one that waits for nobody, ValueError without a word or for one that is too long.
    """
    if not 0 < len(note) <= NOTE_LONGEST:
        raise ValueError(f"a note has 1 to {NOTE_LONGEST} signs")
    locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    if locked.state != states.REVIEW:
        raise StepNotAllowed(f"{locked.state} -> {states.DRAFT}")
    locked.state, locked.outcome = states.DRAFT, HOLD
    locked.findings = [Finding(POINT_SAYS, HOLD, note).as_dict()]
    locked.version += 1
    locked.save(update_fields=["state", "outcome", "findings", "version", "updated_at"])
    record_event("opportunity.reviewed", opportunity_id=opportunity.pk)


def _publish(opportunity: Opportunity, *, now: datetime, is_looked_at: bool = False) -> bool:
    """True when it went online now, False when it was there already. With `is_looked_at` a person said yes to what
    only asks for a look.
    """
    locked = Opportunity.objects.select_for_update().get(pk=opportunity.pk)
    organisation = opportunity.organisation
    place = city(organisation.city)
    if locked.state == states.PUBLISHED:
        return False
    if not states.may_step(locked.state, states.PUBLISHED):
        raise StepNotAllowed(f"{locked.state} -> {states.PUBLISHED}")
    findings = check(locked, organisation, facts_of(locked), place.publication, place.local(now).date())
    outcome = outcome_of([one for one in findings if not (is_looked_at and one.outcome == REVIEW)])
    if organisation.charter_accepted_at is None and outcome == "":
        outcome = "hold"
        findings = [
            found(place.publication, "charter_not_accepted", outcome),
            *findings,
        ]
    locked.outcome = outcome
    locked.findings = [finding.as_dict() for finding in findings]
    locked.state = STATE_OF_OUTCOME.get(outcome, states.DRAFT) if outcome else states.PUBLISHED
    locked.version += 1
    if not outcome:
        locked.published_at = now
        if locked.structural_contact_with_minors is not None:
            # The organisation answered, so the rule decides (law of 1 February 2023; youth work is exempt).
            locked.extract_596_2 = locked.structural_contact_with_minors and not organisation.youth_work
    locked.save()
    opportunity.refresh_from_db()
    if outcome:
        raise PublicationStopped(outcome, findings)
    return True


def pack_opportunities(opportunities: QuerySet[Opportunity]) -> int:
    """Write what matching knows of these opportunities, in the transaction of the change. Returns how many."""
    count = 0
    with transaction.atomic():
        rows = opportunities.select_related("organisation").order_by("city", "pk")
        for slug, some in groupby(rows.iterator(), key=lambda one: one.city):
            policy = city(slug).matching.policy
            layout = layout_for(policy)
            rows_of_city = list(some)
            records = {one.pk: packed(one, layout, policy) for one in rows_of_city}
            _label(rows_of_city, policy)
            packed_rows.store(MatchProfile, slug, layout.fingerprint, records)
            count += len(records)
    return count


def _label(opportunities: Sequence[Opportunity], policy: Policy) -> None:
    """Keep how easy it is to start beside the row, for the public list to filter by."""
    changed: dict[str, list[UUID]] = {}
    for one in opportunities:
        label = thresholds(facts_of(one), load_catalogue(), policy).label
        if one.threshold != label:
            changed.setdefault(label, []).append(one.pk)
    for label, ids in changed.items():
        Opportunity.objects.filter(pk__in=ids).update(threshold=label)


def unlike_their_record(slug: str) -> list[UUID]:
    """The opportunities whose record is not what the tables say; empty when all is well."""
    policy = city(slug).matching.policy
    layout = layout_for(policy)
    rows = Opportunity.objects.filter(city=slug).select_related("organisation")
    return packed_rows.differing(MatchProfile, ((one.pk, packed(one, layout, policy)) for one in rows.iterator()))


def take_place(opportunity_id: Any, *, is_guided: bool) -> str | None:
    """Give one place away, for good and at most once; which kind, or None when there is none (rules 6.2).

    One UPDATE that counts what it changed: of any number of simultaneous calls for the last place, one wins.
    """
    reserved = Opportunity.objects.filter(pk=opportunity_id, taken_reserved__lt=F("reserved_places"))
    if is_guided and reserved.update(taken_reserved=F("taken_reserved") + 1):
        return "reserved"
    free = Opportunity.objects.filter(pk=opportunity_id, taken_open__lt=F("places") - F("reserved_places"))
    return "open" if free.update(taken_open=F("taken_open") + 1) else None


def release_reserved(slug: str, *, online_before: datetime) -> int:
    """What is still reserved at opportunities that are online since before a moment opens to everybody; how many
    opportunities. Whoever has a reserved place keeps it. Twice is once.
    """
    late = Opportunity.objects.filter(
        city=slug, state=states.PUBLISHED, published_at__lt=online_before, reserved_places__gt=F("taken_reserved")
    )
    return late.update(reserved_places=F("taken_reserved"), version=F("version") + 1, updated_at=Now())


def give_back_place(opportunity_id: Any, kind: str) -> None:
    """A place that was taken is free again."""
    column = {"open": "taken_open", "reserved": "taken_reserved"}[kind]
    Opportunity.objects.filter(pk=opportunity_id).update(**{column: F(column) - 1})
