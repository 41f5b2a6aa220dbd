"""Propose, answer, try, place: the verbs of matching two people who do not know each other yet."""

from collections.abc import Collection
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from backend.accounts import journal
from backend.accounts.models import StaffRole
from backend.city.load import CityFile, city
from backend.common.statements import ask, insert
from backend.opportunities import states as opportunity_states
from backend.opportunities.actions import give_back_place, take_place
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.outbox.actions import record, record_many, recording
from backend.placements import messages, queries, states
from backend.placements.care import open_case, settled
from backend.placements.case import Scene
from backend.placements.models import (
    AFTERCARE,
    CLOSED_CASE,
    COME_ALONG,
    OUTCOMES,
    QUESTION_LONGEST,
    SHARED_PLACE,
    SILENCE,
    SPOKE,
    THANKS,
    WHY_NOT,
    Buddy,
    Campaign,
    CareStep,
    Case,
    CheckIn,
    PairPlacement,
    Placement,
    Proposal,
    Question,
    Thanks,
    TrialVisit,
)
from backend.placements.moments import moments_for
from backend.placements.resident import Ranked, Resident, resident_of
from backend.talent import queries as talent_queries
from backend.talent.actions import set_contact_rules, unsubscribe
from backend.talent.case import facts_of, standing_of
from backend.talent.messages import is_muted
from backend.talent.models import PROPOSALS, Volunteer
from matching import engine
from matching.catalogue import load_catalogue
from matching.packing import pack_profile
from matching.policy import Policy
from matching.prepared import prepare
from matching.types import Explanation, Fit
from notifications import actions as notifications
from notifications.message import Message
from notifications.queries import was_told
from notifications.timing import decent_moment

YES, MAYBE, NO = "yes", "maybe", "no"
LATER, BAD = "later", "bad"
A_MONTH, A_YEAR = timedelta(days=30), timedelta(days=365)
ANSWERS = (YES, MAYBE, NO)
LOOKED_AT, TIMES_AS_MANY = 4, 3  # opportunities read for one person: these first, then so many times as many
TURN = "pg_advisory_xact_lock(hashtext('propose:' || {}))"  # one at a time proposes in a city
FEW = 5  # proposals that one person may get at once; a round makes many
NOTHING_LEFT = -(2**31)
PEOPLE_LOOKED_AT = 200  # for one new opportunity; the hourly round looks at everybody


class StepNotAllowed(Exception):
    """The state does not allow this step; `old` and `new` say which."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"{old} -> {new}")
        self.old, self.new = old, new


class DoesNotFit(Exception):
    """Something stands between this person and this opportunity; `factors` say what."""

    def __init__(self, factors: list[str]) -> None:
        super().__init__(", ".join(factors))
        self.factors = factors


class NoRoom(Exception):
    """The person has enough proposals for now, or the opportunity has."""


class TooLate(Exception):
    """The moment to answer has passed, or the opportunity is no longer online."""


class MomentNotOffered(Exception):
    """Somebody asked for a moment that was not among those offered."""


# --- propose ---------------------------------------------------------------------------------------------------


@transaction.atomic
def propose_for_opportunity(opportunity_id: UUID, *, now: datetime) -> list[Proposal]:
    """A new opportunity: the people it fits best, and who may get a proposal now, get the one that fits them best."""
    opportunity = Opportunity.objects.select_related("organisation").get(pk=opportunity_id)
    city_slug = opportunity.organisation.city
    one_at_a_time(city_slug)
    resident = resident_of(city_slug, now)
    made: list[Proposal] = []
    around = queries.around(None, [opportunity], resident.policy, month_began_at(city(city_slug), now))
    room = around.room[opportunity_key(opportunity)]
    for volunteer_id in resident.people_for(opportunity_id, PEOPLE_LOOKED_AT):
        if sum(one.opportunity_id == opportunity_id for one in made) >= room:
            break
        made += _propose_to(volunteer_id, city_slug, resident, now)
    return made


@transaction.atomic
def propose_for_volunteer(volunteer_id: UUID, *, now: datetime) -> list[Proposal]:
    """Somebody is new, changed the profile or said no: the opportunities that fit best now."""
    city_slug = _city_alone(volunteer_id)
    return _propose_to(volunteer_id, city_slug, resident_of(city_slug, now), now)


def _propose_to(volunteer_id: UUID, city_slug: str, resident: Resident, now: datetime) -> list[Proposal]:
    """What fits one person best now, as far as they want another proposal.

    The index says in which order to look, the tables and the plain engine decide: only as many opportunities are
    read as spread could still bring to the top.
    """
    found = queries.one_wanting(volunteer_id, city_slug, resident.today, resident.policy, now)
    if found is None or found[1] <= 0:
        return []
    volunteer, wanted = found
    profile, standing = facts_of(volunteer, resident.today), standing_of(volunteer, is_active=True)
    ranked = resident.ranked_for(pack_profile(profile, standing, resident.layout))
    made: list[Proposal] = []
    if volunteer.wants_surprise and queries.is_due_for_a_surprise(volunteer.pk):
        others = ranked.others()
        made = _best_of(volunteer, others, 1, resident, now, is_surprise=True)
    if len(made) < wanted:
        made += _best_of(volunteer, ranked, wanted - len(made), resident, now)
    return made


def _best_of(
    volunteer: Volunteer, ranked: Ranked, wanted: int, resident: Resident, now: datetime, *, is_surprise: bool = False
) -> list[Proposal]:
    """Look at more and more, until what comes next is too far behind for spread to bring it to the top."""
    cap, looked_at = resident.policy.spread_cap, LOOKED_AT
    month = month_began_at(city(volunteer.city), now)
    while True:
        tasks, prepared = resident.with_a_free_place(ranked.ids(looked_at))
        around = queries.around(volunteer, tasks.values(), resident.policy, month)
        result = Scene(volunteer, tasks, prepared, around, resident.policy).rank(resident.today)
        [(person, ranking)] = result.rankings.items()
        pairs = engine.hand_out(
            result, wanted={person: wanted}, room=around.room, organisation_room=around.organisation_room
        )
        chosen = [(task, ranking.fits[task]) for _person, task in pairs]
        is_enough = len(chosen) >= wanted and chosen[-1][1].points > next_points(ranked, looked_at) + cap
        if is_enough or looked_at >= len(ranked.rows):
            break
        looked_at *= TIMES_AS_MANY
    made = [
        proposal_of(
            volunteer, tasks[task], fit, result.explain(person, task),
            policy=resident.policy, now=now, is_surprise=is_surprise,
        )
        for task, fit in chosen
    ]  # fmt: skip
    keep(made)
    return made


def next_points(ranked: Ranked, looked_at: int) -> int:
    """The points of the first one not looked at; nothing can be lower than the least when all were."""
    return int(ranked.points[looked_at]) if looked_at < len(ranked.points) else NOTHING_LEFT


def one_at_a_time(city_slug: str) -> None:
    """Two runs over one city would each think that a limit still has room; the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {TURN.format('%s')}", [city_slug])


def _city_alone(volunteer_id: UUID) -> str:
    """The city of a volunteer, and the turn to propose there. Raises Volunteer.DoesNotExist."""
    found = ask(f"select city, {TURN.format('city')} from talent_volunteer where id = %s", [volunteer_id])  # noqa: S608  our own words
    if not found:
        raise Volunteer.DoesNotExist(volunteer_id)
    return str(found[0][0])


def month_began_at(place: CityFile, now: datetime) -> datetime:
    return place.local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def keep(made: list[Proposal]) -> None:
    """The proposals become rows, and each that may be sent a promise to tell. Records "proposal.made"."""
    told = [{"proposal_id": one.pk} for one in made if one.state == states.OPEN]
    if len(made) > FEW:
        Proposal.objects.bulk_create(made)
        record_many("proposal.made", told)
    else:
        insert(made, then=recording("proposal.made", told))


def proposal_of(
    volunteer: Volunteer,
    opportunity: Opportunity,
    fit: Fit,
    told: Explanation,
    *,
    policy: Policy,
    now: datetime,
    is_surprise: bool = False,
) -> Proposal:
    """A pair with its parts and reasons; with too few reasons it waits for a matchmaker (rules 7.1)."""
    return Proposal(
        volunteer=volunteer,
        opportunity=opportunity,
        state=states.OPEN if len(told.reasons) >= policy.reasons_min else states.HELD,
        parts=[
            {"code": part.code, "raw": part.raw, "weight": part.weight, "points": part.points, "about": part.about}
            for part in fit.parts
        ],
        points=fit.points,
        distance_km=fit.distance_km,
        reasons=[line.as_dict() for line in told.reasons],
        not_perfect=[line.as_dict() for line in told.not_perfect],
        easy_start=[line.as_dict() for line in told.easy_start],
        for_organisation=[line.as_dict() for line in told.for_organisation],
        made_at=now,
        answer_until=now + timedelta(days=policy.answer_days),
        is_surprise=is_surprise,
    )


# --- answer ----------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_proposal(proposal_id: UUID, answer: str, *, source: str, now: datetime) -> Proposal:
    """The volunteer says yes, maybe or no; the same answer twice changes nothing.

    A yes takes a place; when the last one just went, the proposal waits and the person hears it kindly. Records
    "proposal.accepted", "proposal.place_taken", "proposal.stopped" or "proposal.declined".
    Raises ValueError for another word, TooLate and StepNotAllowed.
    """
    if answer not in ANSWERS:
        raise ValueError(f"an answer is one of {', '.join(ANSWERS)}, not {answer!r}")
    proposal = locked(proposal_id)
    asked = {YES: states.ACCEPTED, MAYBE: states.MAYBE, NO: states.DECLINED}[answer]
    if proposal.state == asked or (asked == states.ACCEPTED and proposal.state == states.WAITING):
        return proposal
    if not states.may_step(states.PROPOSAL_STEPS, proposal.state, asked):
        raise TooLate if proposal.state in (states.EXPIRED, states.WITHDRAWN) else StepNotAllowed(proposal.state, asked)
    if answer == NO:
        return _decline(proposal, source=source, now=now)
    if now > proposal.answer_until or not _is_online(proposal.opportunity, now, messages.place_of(proposal)):
        raise TooLate
    if answer == MAYBE:
        return _answered(proposal, states.MAYBE, source=source, now=now)
    return _accept(proposal, source=source, now=now)


def _accept(proposal: Proposal, *, source: str, now: datetime) -> Proposal:
    proposal.place = take_place(proposal.opportunity_id, is_guided=proposal.volunteer.is_guided)
    if proposal.place is None:
        record("proposal.place_taken", proposal_id=proposal.pk)
        return _answered(proposal, states.WAITING, source=source, now=now)
    record("proposal.accepted", proposal_id=proposal.pk)
    if proposal.referred_from_id:
        record("referral.accepted", proposal_id=proposal.pk)
    name = proposal.opportunity.organisation.name
    volunteer = proposal.volunteer
    journal.write(volunteer.user, journal.CONTACT_SHOWN, actor=name, about=proposal.pk, waits_for=volunteer.pk)
    return _answered(proposal, states.ACCEPTED, source=source, now=now)


def _decline(proposal: Proposal, *, source: str, now: datetime) -> Proposal:
    if proposal.state == states.ACCEPTED and proposal.place:
        leave_place(proposal)
        proposal.trial_visits.filter(state=states.PLANNED).update(state=states.CANCELLED)
        proposal.placements.exclude(state=states.ENDED).update(state=states.ENDED, ended_at=now)
        leave_newcomers(proposal.placements.all())
        record("proposal.stopped", proposal_id=proposal.pk)
    record("proposal.declined", proposal_id=proposal.pk)
    return _answered(proposal, states.DECLINED, source=source, now=now)


def leave_newcomers(placements: QuerySet[Placement]) -> None:
    """These people are nobody's buddy any more. Records "buddy.stopped" for whoever still comes."""
    for buddy in Buddy.objects.filter(placement__in=placements).select_related("newcomer"):
        if buddy.newcomer.state == states.ACCEPTED:
            record("buddy.stopped", proposal_id=buddy.newcomer_id, buddy_id=buddy.pk)
        buddy.delete()


def leave_place(proposal: Proposal) -> None:
    """Of a proposal that is locked and saved afterwards: the place is free again, or the other of a duo keeps it."""
    pairs = PairPlacement.objects.filter(Q(first=proposal) | Q(second=proposal))
    if proposal.place and proposal.place != SHARED_PLACE:
        # The other one first and the pair last: whoever leaves at the same moment does so in this order too.
        other = Proposal.objects.filter(joined_pair__first=proposal, place=SHARED_PLACE)
        if not other.update(place=proposal.place, updated_at=Now()):
            give_back_place(proposal.opportunity_id, proposal.place)
    pairs.delete()
    proposal.place = None


def say_why_not(proposal_id: UUID, why: str) -> None:
    """After a no, for who wants to say it: the last word counts, and nothing follows from it. Raises ValueError for
    another word, StepNotAllowed without a no.
    """
    if why not in WHY_NOT:
        raise ValueError(f"a reason is one of {', '.join(WHY_NOT)}, not {why!r}")
    if not Proposal.objects.filter(pk=proposal_id, state=states.DECLINED).update(why_not=why):
        raise StepNotAllowed(Proposal.objects.get(pk=proposal_id).state, states.DECLINED)


def _answered(proposal: Proposal, state: str, *, source: str, now: datetime) -> Proposal:
    proposal.state, proposal.answered_at, proposal.answered_by = state, now, source
    proposal.save(update_fields=["state", "place", "answered_at", "answered_by", "updated_at"])
    return proposal


def locked(proposal_id: UUID) -> Proposal:
    """A proposal that nobody else can change until this transaction ends; what only points to it may still be made."""
    rows = Proposal.objects.select_related("opportunity__organisation", "volunteer__profile", "volunteer__user")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=proposal_id)


def _is_online(opportunity: Opportunity, now: datetime, place: CityFile) -> bool:
    is_over = opportunity.period_until is not None and opportunity.period_until < place.local(now).date()
    return opportunity.state == opportunity_states.PUBLISHED and not is_over


def expire_proposals(*, now: datetime) -> int:
    """What nobody answered in time rests; it never counts against the person."""
    late = Proposal.objects.filter(answer_until__lt=now, state__in=states.ANSWERABLE)
    return late.update(state=states.EXPIRED, updated_at=now)


# --- try and place ---------------------------------------------------------------------------------------------


@transaction.atomic
def book_trial_visit(proposal_id: UUID, starts_at: datetime, *, now: datetime) -> TrialVisit:
    """The volunteer chooses a moment to try; another choice replaces the first. Records "trial_visit.booked".

    Raises StepNotAllowed without a yes, MomentNotOffered for a moment that was not offered.
    """
    proposal = locked(proposal_id)
    if proposal.state != states.ACCEPTED:
        raise StepNotAllowed(proposal.state, states.PLANNED)
    planned = proposal.trial_visits.filter(state=states.PLANNED).first()
    if planned and planned.starts_at == starts_at:
        return planned
    if starts_at not in moments_for(proposal, now):
        raise MomentNotOffered(starts_at.isoformat())
    if planned:
        TrialVisit.objects.filter(pk=planned.pk).update(state=states.CANCELLED)
    visit = TrialVisit.objects.create(proposal=proposal, starts_at=starts_at)
    record("trial_visit.booked", trial_visit_id=visit.pk)
    return visit


@transaction.atomic
def confirm_placement(proposal_id: UUID, *, now: datetime) -> Placement:
    """The organisation says welcome; twice is once. Records "placement.confirmed". Raises StepNotAllowed without a yes.

    The placement is agreed, not active: that waits for the information note.
    """
    proposal = locked(proposal_id)
    if proposal.state != states.ACCEPTED:
        raise StepNotAllowed(proposal.state, states.AGREED)
    came = proposal.trial_visits.filter(state=states.PLANNED, starts_at__lte=now)
    came.update(state=states.CAME)
    running = proposal.placements.exclude(state=states.ENDED).first()
    if running:
        return running
    placement = Placement.objects.create(proposal=proposal, confirmed_at=now)
    record("placement.confirmed", placement_id=placement.pk)
    return placement


@transaction.atomic
def cancel_trial_visit(trial_visit_id: UUID) -> TrialVisit:
    """The volunteer does not come that day; the yes stands. Twice is once. Raises StepNotAllowed after the day."""
    visit = TrialVisit.objects.select_for_update().get(pk=trial_visit_id)
    if visit.state != states.CANCELLED:
        _step_visit(visit, states.CANCELLED)
        record("trial_visit.cancelled", trial_visit_id=visit.pk)
    return visit


@transaction.atomic
def note_attendance(trial_visit_id: UUID, *, came: bool, now: datetime) -> TrialVisit:
    """The organisation says whether somebody came. Twice is once. Raises StepNotAllowed before the moment."""
    visit = TrialVisit.objects.select_for_update().get(pk=trial_visit_id)
    state = states.CAME if came else states.MISSED
    if visit.state != state:
        if visit.starts_at > now:
            raise StepNotAllowed(visit.state, state)
        _step_visit(visit, state)
    return visit


def tell_how_it_was(trial_visit_id: UUID, felt: str, *, now: datetime) -> TrialVisit:
    """One of three faces, by the volunteer, from the moment it began. Raises StepNotAllowed before it or without it."""
    TrialVisit.objects.filter(pk=trial_visit_id, starts_at__lte=now).exclude(state=states.CANCELLED).update(felt=felt)
    visit = TrialVisit.objects.get(pk=trial_visit_id)
    if visit.felt != felt:
        raise StepNotAllowed(visit.state, felt)
    return visit


def _step_visit(visit: TrialVisit, state: str) -> None:
    if not states.may_step(states.TRIAL_VISIT_STEPS, visit.state, state):
        raise StepNotAllowed(visit.state, state)
    visit.state = state
    visit.save(update_fields=["state", "updated_at"])


@transaction.atomic
def confirm_information_note(placement_id: UUID, version: str, *, source: str, now: datetime) -> Placement:
    """The volunteer read what the law asks (art. 4): from now on the placement is active, unless both must sign an
    agreement first. Twice is once. Raises StepNotAllowed for one that ended.
    """
    placement = Placement.objects.select_for_update(of=("self",)).get(pk=placement_id)
    if not states.may_step(states.PLACEMENT_STEPS, placement.state, states.ACTIVE):
        if placement.state != states.ACTIVE:
            raise StepNotAllowed(placement.state, states.ACTIVE)
        return placement
    if placement.information_note_confirmed_at is None:
        placement.information_note_version, placement.information_note_source = version, source
        placement.information_note_confirmed_at = now
    activate(placement)
    return placement


def activate(placement: Placement) -> None:
    """Of a placement that is locked: it begins when everything that must come before it is there. Stored either way."""
    needs_agreement = placement.proposal.opportunity.organisation.flemish_welfare_decree
    if placement.information_note_confirmed_at and (placement.agreement_signed_on or not needs_agreement):
        placement.state = states.ACTIVE
    placement.save()


def stop_placement(placement_id: UUID, *, source: str, now: datetime) -> Placement:
    """The volunteer stops; the place is free again, and the organisation hears it. Twice is once."""
    placement = Placement.objects.get(pk=placement_id)
    if placement.state != states.ENDED:
        answer_proposal(placement.proposal_id, NO, source=source, now=now)
        placement.refresh_from_db()
    return placement


def may_come_back(proposal: Proposal) -> bool:
    """Who helped there and stopped (R035). Reads the placements of a proposal that was found with them."""
    return proposal.state == states.DECLINED and any(
        one.state == states.ENDED and one.information_note_confirmed_at for one in proposal.placements.all()
    )


@transaction.atomic
def come_back(proposal_id: UUID, *, source: str, now: datetime) -> Proposal:
    """A yes again by who helped there and stopped, in one step (R035): by the hard rules and the places of today.

    The organisation hears it as of anybody who says yes. Twice is once. Raises StepNotAllowed for who never began there
    or rests, TooLate when it is not online, DoesNotFit, NoRoom when the organisation welcomes nobody more this month.
    """
    proposal = locked(proposal_id)
    if proposal.state in (states.ACCEPTED, states.WAITING):
        return proposal
    if not may_come_back(proposal):
        raise StepNotAllowed(proposal.state, states.ACCEPTED)
    place = messages.place_of(proposal)
    if not _is_online(proposal.opportunity, now, place):
        raise TooLate
    active = talent_queries.one_active(proposal.volunteer_id, place.slug, place.local(now).date())
    if active is None:
        raise StepNotAllowed(proposal.state, states.ACCEPTED)
    # The places are looked at when one is taken.
    fresh = fresh_proposal(active, proposal.opportunity, now=now, shares_place=True)
    proposal.answer_until, proposal.why_not = fresh.answer_until, ""
    proposal.save(update_fields=["answer_until", "why_not", "updated_at"])
    return _accept(proposal, source=source, now=now)


def hide_thanks(thanks_id: UUID, *, now: datetime) -> None:
    """By who was thanked: they do not want to read it any more. Twice is once."""
    Thanks.objects.filter(pk=thanks_id, hidden_at=None).update(hidden_at=now, updated_at=now)


@transaction.atomic
def thank(placement_id: UUID, text: str) -> Thanks:
    """A thank-you; the same words twice are one. Records "thanks.given"."""
    placement = Placement.objects.select_for_update().get(pk=placement_id)
    known = placement.thanks.filter(text=text).first()
    if known:
        return known
    thanks = Thanks.objects.create(placement=placement, text=text)
    record("thanks.given", thanks_id=thanks.pk)
    return thanks


@transaction.atomic
def ask_question(proposal_id: UUID, text: str) -> Question:
    """A question before answering; the organisation hears it without a name. Records "question.asked", once."""
    proposal = locked(proposal_id)
    if proposal.state not in (*states.ANSWERABLE, states.ACCEPTED):
        raise StepNotAllowed(proposal.state, proposal.state)
    known = proposal.questions.filter(text=text).first()
    if known:
        return known
    question = Question.objects.create(proposal=proposal, text=text)
    record("question.asked", question_id=question.pk)
    return question


@transaction.atomic
def answer_question(question_id: UUID, answer: str, *, now: datetime) -> Question:
    """By the organisation; the first answer stands. Records "question.answered"."""
    question = Question.objects.select_for_update().get(pk=question_id)
    if question.answered_at is None:
        question.answer, question.answered_at = answer, now
        question.save()
        # It shows in the proposal, which clients follow.
        Proposal.objects.filter(pk=question.proposal_id).update(updated_at=now)
        record("question.answered", question_id=question.pk)
    return question


@transaction.atomic
def ask_for(volunteer: Volunteer, opportunity: Opportunity, *, now: datetime) -> Proposal:
    """ "Ik wil dit": a proposal of one's own, with the same limits and reasons as every other (rules 6.4).

    The same one when it was proposed before. Raises DoesNotFit with what stands in the way, and NoRoom.
    """
    one_at_a_time(volunteer.city)
    known = Proposal.objects.filter(volunteer=volunteer, opportunity=opportunity).first()
    if known and known.state != states.HELD:
        return known
    proposal = fresh_proposal(volunteer, opportunity, now=now)  # whoever asks for it needs no reasons from us
    proposal.save(force_insert=True)
    return proposal


def fresh_proposal(
    volunteer: Volunteer, opportunity: Opportunity, *, now: datetime, shares_place: bool = False
) -> Proposal:
    """A proposal that a person asks for, open and not stored yet; one that waited for a matchmaker makes room for it.

    By the rules and the limits of every other (rules 6.4); who shares a place takes none. Raises DoesNotFit with what
    stands in the way, and NoRoom.
    """
    place = city(volunteer.city)
    policy, today = place.matching.policy, place.local(now).date()
    key = opportunity_key(opportunity)
    if shares_place:  # to the rules it has the place that is shared, however full it is
        opportunity = copy(opportunity)
        opportunity.taken_open = opportunity.taken_reserved = 0
    around = queries.around(volunteer, [opportunity], policy, month_began_at(place, now))
    ready = {key: prepare(opportunity_facts(opportunity), load_catalogue(), policy)}
    scene = Scene(volunteer, {key: opportunity}, ready, replace(around, settled=frozenset()), policy)
    result = scene.rank(today)
    [(person, ranking)] = result.rankings.items()
    if key not in ranking.fits:
        raise DoesNotFit(sorted(ranking.blocked))
    wanted = queries.wanted([volunteer], policy, now)[volunteer.pk]
    has_room = shares_place or (wanted > 0 and around.room[key] > 0)
    if not has_room or around.organisation_room.get(str(opportunity.organisation_id), 1) <= 0:
        raise NoRoom
    Proposal.objects.filter(volunteer=volunteer, opportunity=opportunity, state=states.HELD).delete()
    told = result.explain(person, key)
    proposal = proposal_of(volunteer, opportunity, ranking.fits[key], told, policy=policy, now=now)
    proposal.state = states.OPEN
    return proposal


# --- afterwards ------------------------------------------------------------------------------------------------


def ask_company(proposal_id: UUID) -> None:
    """ "Iemand gaat mee": a case for the volunteer point, which looks who comes along (R037). Twice is once.

    Raises StepNotAllowed without a yes.
    """
    proposal = Proposal.objects.select_related("volunteer").get(pk=proposal_id)
    if proposal.state != states.ACCEPTED:
        raise StepNotAllowed(proposal.state, COME_ALONG)
    open_case(COME_ALONG, proposal.pk, proposal.volunteer)


def tell_boundaries(proposal_id: UUID, codes: Collection[str]) -> None:
    """What the organisation may know of once somebody starts: own boundaries only, and none of them is an answer too.

    The last word counts. Raises StepNotAllowed without a yes.
    """
    proposal = Proposal.objects.select_related("volunteer__profile").get(pk=proposal_id)
    if proposal.state != states.ACCEPTED:
        raise StepNotAllowed(proposal.state, "tell boundaries")
    proposal.told_boundaries = [one for one in proposal.volunteer.profile.boundaries if one in codes]
    proposal.save(update_fields=["told_boundaries", "updated_at"])


def say_more(proposal_id: UUID, words: str, *, now: datetime) -> None:
    """The one open question after a face: own words, or none any more; for the volunteer point alone (R086).

    Raises ValueError for too many.
    """
    if len(words) > QUESTION_LONGEST:
        raise ValueError(f"words: at most {QUESTION_LONGEST} signs")
    last = CheckIn.objects.filter(placement__proposal=proposal_id).exclude(felt="").order_by("-days").first()
    if last:
        last.words = words
        last.save(update_fields=["words", "updated_at"])


@transaction.atomic
def say_how_it_is(proposal_id: UUID, felt: str, *, now: datetime) -> CheckIn | None:
    """By the volunteer, to the last question "how is it going?"; None when nothing was asked. A sad face opens a case
    for a person of the point, once (R007).
    """
    asked = CheckIn.objects.select_for_update(of=("self",)).filter(placement__proposal=proposal_id)
    check_in = asked.select_related("placement__proposal__volunteer").order_by("-days").first()
    if check_in is None:
        return None
    check_in.felt, check_in.answered_at = felt, now
    check_in.save(update_fields=["felt", "answered_at", "updated_at"])
    if felt == BAD:
        open_case(AFTERCARE, check_in.pk, check_in.placement.proposal.volunteer)
    return check_in


@transaction.atomic
def say_still_there(proposal_id: UUID, answer: str, *, now: datetime) -> None:
    """After a silence: yes, not for a month, or nothing any more. Raises ValueError for another word."""
    proposal = Proposal.objects.select_related("volunteer").get(pk=proposal_id)
    volunteer = proposal.volunteer
    if answer not in (YES, LATER, NO):
        raise ValueError(answer)
    Volunteer.objects.filter(pk=volunteer.pk).update(heard_at=now)
    silence = Case.objects.filter(volunteer=volunteer, kind=SILENCE)
    silence.filter(closed_at=None).update(closed_at=now)
    settled(silence)
    if answer == LATER:
        rest_for_a_month(volunteer, now=now)
    if answer == NO:
        unsubscribe(volunteer.pk, PROPOSALS, now=now)


def rest_for_a_month(volunteer: Volunteer, *, now: datetime) -> None:
    """No proposals for a month; somebody who rests longer already keeps that."""
    until = city(volunteer.city).local(now).date() + A_MONTH
    if volunteer.paused_until is None or volunteer.paused_until < until:
        set_contact_rules(volunteer, paused_until=until)


@transaction.atomic
def close_case(case_id: UUID, outcome: str, *, now: datetime, by: StaffRole | None = None) -> None:
    """Somebody of the point looked after it; the first outcome stands. Records "case.closed" when the person does not
    know it yet. Raises ValueError for an outcome that is none.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome: {outcome!r} is not one of {', '.join(OUTCOMES)}")
    still_open = Case.objects.filter(pk=case_id, closed_at=None)
    if still_open.update(closed_at=now, outcome=outcome, updated_at=now):
        settled(Case.objects.filter(pk=case_id))
        kind = Case.objects.get(pk=case_id).kind
        CareStep.objects.create(kind=kind, about=case_id, what=CLOSED_CASE, by=by, note=outcome)
        if outcome != SPOKE:
            record("case.closed", case_id=case_id)


@transaction.atomic
def start_campaign(place: CityFile, kind: str, *, text: str = "", postcode: str = "", now: datetime) -> Campaign:
    """The same one on the same day is one. Records "campaign.started"."""
    day = place.local(now).date()
    campaign, is_new = Campaign.objects.get_or_create(city=place.slug, kind=kind, day=day, text=text, postcode=postcode)
    if is_new:
        record("campaign.started", campaign_id=campaign.pk)
    return campaign


def run_campaign(campaign_id: UUID, *, now: datetime) -> int:
    """Everybody it is for hears it once: thanks go to who helped in the last year, a call in need to who said that it
    may. How many people.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    place = city(campaign.city)
    people = Volunteer.objects.filter(city=campaign.city).select_related("user").order_by("pk")
    if campaign.kind == THANKS:
        helped = Placement.objects.filter(proposal__volunteer=OuterRef("pk"), confirmed_at__gt=now - A_YEAR)
        people = people.filter(Exists(helped))
    else:
        people = people.filter(crisis_calls=True)
    if campaign.postcode:
        people = people.filter(profile__postcode=campaign.postcode)
    return sum(tell(messages.about_campaign(campaign, one), place, now=now) for one in people)


# --- tell ------------------------------------------------------------------------------------------------------


def take_back_yes(proposal: Proposal, *, now: datetime) -> None:
    """The organisation hears that somebody cannot come after all; who heard nothing yet hears nothing, and no name."""
    if proposal.state == states.ACCEPTED:
        return  # changed back meanwhile: the yes stands
    occasions = messages.occasions_of_yes(proposal)
    for occasion in occasions:
        notifications.drop(occasion)
    if any(was_told(occasion) for occasion in occasions):
        tell(messages.about_stopped_candidate(proposal), messages.place_of(proposal), now=now)


def tell(message: Message, place: CityFile, *, now: datetime) -> bool:
    """Promise one message, at a decent hour in that city. False when the person does not want to hear this kind."""
    if is_muted(message.kind, message.recipient):
        return False
    quiet = place.quiet_hours
    due_at = now
    if not settings.IGNORE_QUIET_HOURS:
        due_at = decent_moment(now, quiet.begins, quiet.ends, quiet.time_zone)
    notifications.send(message, due_at=due_at, time_zone=quiet.time_zone)
    return True
