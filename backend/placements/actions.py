"""Propose, answer, try, place: the verbs of matching two people who do not know each other yet."""

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from backend.city.load import CityFile
from backend.opportunities import states as opportunity_states
from backend.opportunities.actions import give_back_place, take_place
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.outbox.actions import record, record_many
from backend.placements import messages, queries, states
from backend.placements.case import Scene, scene_of
from backend.placements.models import Placement, Proposal, Round, TrialVisit
from backend.placements.moments import moments_for
from backend.talent.case import facts_of as profile_facts
from backend.talent.models import Volunteer
from matching import eligibility, engine, geo
from matching.prepared import prepare
from matching.spread import gini
from notifications import actions as notifications
from notifications.message import Message
from notifications.queries import was_told
from notifications.timing import decent_moment

YES, MAYBE, NO = "yes", "maybe", "no"
ANSWERS = (YES, MAYBE, NO)


class StepNotAllowed(Exception):
    """The state does not allow this step; `old` and `new` say which."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"{old} -> {new}")
        self.old, self.new = old, new


class TooLate(Exception):
    """The moment to answer has passed, or the opportunity is no longer online."""


class MomentNotOffered(Exception):
    """Somebody asked for a moment that was not among those offered."""


# --- propose ---------------------------------------------------------------------------------------------------


@transaction.atomic
def run_round(city_slug: str, *, now: datetime) -> Round:
    """Look at everybody and everything in a city, and propose what may be proposed now.

    Records "proposal.made" for each. Running it again right away proposes nothing new.
    """
    began = time.perf_counter()
    _one_at_a_time(city_slug)
    scene = scene_of(city_slug, now)
    result = scene.rank()
    made = _propose(scene, result, now)
    sent = dict.fromkeys(result.asked, 0)
    for proposal in made:
        sent[opportunity_key(proposal.opportunity)] += 1
    organisations = {asked.opportunity.organisation for asked in result.asked.values()}
    reached = {result.asked[key].opportunity.organisation for key, count in sent.items() if count}
    return Round.objects.create(
        city=city_slug,
        people=len(scene.volunteers),
        opportunities=len(scene.opportunities),
        pairs=result.pairs,
        blocked=dict(result.blocked.most_common()),
        proposals=len(made),
        organisations_reached=len(reached) / len(organisations) if organisations else 0,
        gini=gini(sent.values()),
        seconds=time.perf_counter() - began,
    )


@transaction.atomic
def propose_for_opportunity(opportunity_id: UUID, *, now: datetime) -> list[Proposal]:
    """A new opportunity: whoever it fits and who may get a proposal now, gets the one that fits best."""
    opportunity = Opportunity.objects.select_related("organisation").get(pk=opportunity_id)
    city_slug = opportunity.organisation.city
    _one_at_a_time(city_slug)
    scene = scene_of(city_slug, now)
    return _propose_to(Volunteer.objects.filter(pk__in=_whom_it_fits(opportunity, scene)), city_slug, now)


@transaction.atomic
def propose_for_volunteer(volunteer_id: UUID, *, now: datetime) -> list[Proposal]:
    """Somebody is new, changed the profile or said no: the opportunities that fit best now."""
    found = Volunteer.objects.filter(pk=volunteer_id)
    volunteer = found.get()
    _one_at_a_time(volunteer.city)
    return _propose_to(found, volunteer.city, now)


def _whom_it_fits(opportunity: Opportunity, scene: Scene) -> list[UUID]:
    policy = scene.place.matching.policy
    asked = prepare(opportunity_facts(opportunity), scene.catalogue, policy)
    fitting = []
    for volunteer in scene.volunteers.values():
        profile = profile_facts(volunteer, scene.today)
        if not eligibility.blocks(profile, asked, geo.distance_km(profile, asked.opportunity), policy):
            fitting.append(volunteer.pk)
    return fitting


def _propose_to(volunteers: QuerySet[Volunteer], city_slug: str, now: datetime) -> list[Proposal]:
    scene = scene_of(city_slug, now, volunteers)
    return _propose(scene, scene.rank(demand=queries.demand(city_slug)), now)


def _one_at_a_time(city_slug: str) -> None:
    """Two runs over one city would each think that a limit still has room; the second waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"propose:{city_slug}"])


def _propose(scene: Scene, result: engine.Round, now: datetime) -> list[Proposal]:
    """The pairs that may be proposed now become rows, and each row a promise to tell."""
    policy = scene.place.matching.policy
    wanted = queries.wanted(scene.volunteers.values(), policy, now)
    month_began_at = scene.place.local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    pairs = engine.hand_out(
        result,
        wanted={key: max(0, wanted[one.pk]) for key, one in scene.volunteers.items()},
        room=queries.room(scene.opportunities.values(), policy),
        organisation_room=queries.organisation_room(scene.opportunities.values(), month_began_at),
    )
    made = [_proposal(scene, result, volunteer, opportunity, now) for volunteer, opportunity in pairs]
    Proposal.objects.bulk_create(made)
    record_many("proposal.made", [{"proposal_id": one.pk} for one in made if one.state == states.OPEN])
    return made


def _proposal(scene: Scene, result: engine.Round, volunteer: str, opportunity: str, now: datetime) -> Proposal:
    fit, told = result.rankings[volunteer].fits[opportunity], result.explain(volunteer, opportunity)
    return Proposal(
        volunteer=scene.volunteers[volunteer],
        opportunity=scene.opportunities[opportunity],
        state=states.OPEN if result.has_enough_reasons(volunteer, opportunity) else states.HELD,
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
        answer_until=now + timedelta(days=result.policy.answer_days),
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
    proposal = _locked(proposal_id)
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
    return _answered(proposal, states.ACCEPTED, source=source, now=now)


def _decline(proposal: Proposal, *, source: str, now: datetime) -> Proposal:
    if proposal.state == states.ACCEPTED and proposal.place:
        give_back_place(proposal.opportunity_id, proposal.place)
        proposal.place = None
        proposal.trial_visits.filter(state=states.PLANNED).update(state=states.CANCELLED)
        proposal.placements.exclude(state=states.ENDED).update(state=states.ENDED)
        record("proposal.stopped", proposal_id=proposal.pk)
    record("proposal.declined", proposal_id=proposal.pk)
    return _answered(proposal, states.DECLINED, source=source, now=now)


def _answered(proposal: Proposal, state: str, *, source: str, now: datetime) -> Proposal:
    proposal.state, proposal.answered_at, proposal.answered_by = state, now, source
    proposal.save(update_fields=["state", "place", "answered_at", "answered_by", "updated_at"])
    return proposal


def _locked(proposal_id: UUID) -> Proposal:
    rows = Proposal.objects.select_related("opportunity__organisation", "volunteer__profile", "volunteer__user")
    return rows.select_for_update(of=("self",)).get(pk=proposal_id)


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
    proposal = _locked(proposal_id)
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
    proposal = _locked(proposal_id)
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


def tell(message: Message, place: CityFile, *, now: datetime) -> None:
    """Promise one message, at a decent hour in that city."""
    quiet = place.quiet_hours
    due_at = now
    if not settings.IGNORE_QUIET_HOURS:
        due_at = decent_moment(now, quiet.begins, quiet.ends, quiet.time_zone)
    notifications.send(message, due_at=due_at, time_zone=quiet.time_zone)
