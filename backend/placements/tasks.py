"""Doors for the worker: ids in, one verb, safe to run twice. Only the relay knows when to knock."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db.models import QuerySet

from backend.accounts.access import REPORTS, who_opens
from backend.city.load import cities, city
from backend.common.clock import database_now
from backend.opportunities.models import Opportunity
from backend.outbox.actions import once
from backend.placements import actions, buddies, messages, planned, rhythm, rounds, states
from backend.placements.models import (
    Buddy,
    Case,
    PairPlacement,
    Placement,
    Proposal,
    Question,
    Report,
    Thanks,
    TrialVisit,
)
from backend.talent.models import Volunteer
from notifications.message import Message
from notifications.queries import was_told


@shared_task(name="placements.propose_for_opportunity")
def propose_for_opportunity(*, event_id: int, opportunity_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event and _by_itself(Opportunity.objects.filter(pk=opportunity_id)):
            actions.propose_for_opportunity(UUID(opportunity_id), now=database_now())


@shared_task(name="placements.propose_for_volunteer")
def propose_for_volunteer(*, event_id: int, volunteer_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event and _by_itself(Volunteer.objects.filter(pk=volunteer_id)):
            actions.propose_for_volunteer(UUID(volunteer_id), now=database_now())


@shared_task(name="placements.propose_another")
def propose_another(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            volunteer_id = Proposal.objects.values_list("volunteer_id", flat=True).get(pk=proposal_id)
            if _by_itself(Volunteer.objects.filter(pk=volunteer_id)):
                actions.propose_for_volunteer(volunteer_id, now=database_now())


def _by_itself(row: QuerySet[Any]) -> bool:
    """Does its city propose by itself? Asked only where some do not; a row that is gone is for the verb to say."""
    if all(place.proposes_by_itself for place in cities().values()):
        return True
    slug = row.values_list("city", flat=True).first()
    return slug is None or city(slug).proposes_by_itself


@shared_task(name="placements.run_round")
def run_round(*, event_id: int, city: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event and cities()[city].proposes_by_itself:
            rounds.run_round(city, now=database_now())


@shared_task(name="placements.plan_round")
def plan_round(*, event_id: int, planned_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            planned.plan(UUID(planned_id), now=database_now())


@shared_task(name="placements.send_planned_rounds")
def send_planned_rounds(**_later: Any) -> None:
    """Beat: look for published rounds that nobody stopped in time."""
    planned.send_due(now=database_now())


@shared_task(name="placements.rank_part")
def rank_part(*, event_id: int, split_id: str, number: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            rounds.rank_part(UUID(split_id), int(number))


@shared_task(name="placements.finish_round")
def finish_round(*, event_id: int, split_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            rounds.finish_round(UUID(split_id), now=database_now())


@shared_task(name="placements.tell_about_review")
def tell_about_review(*, event_id: int, opportunity_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            reviewed = Opportunity.objects.select_related("organisation").get(pk=opportunity_id)
            told = messages.about_review(reviewed)
            if told:
                actions.tell(told, city(reviewed.city), now=database_now())


# What is told must still be true: people change their minds while a message waits.


@shared_task(name="placements.tell_about_proposal")
def tell_about_proposal(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    _tell(event_id, proposal_id, _proposal_or_referral, while_in=(states.OPEN,))


def _proposal_or_referral(proposal: Proposal) -> Message:
    return messages.about_referral(proposal) if proposal.referred_from_id else messages.about_proposal(proposal)


@shared_task(name="placements.tell_about_invitation")
def tell_about_invitation(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    _tell(event_id, proposal_id, messages.about_invitation, while_in=states.ANSWERABLE)


@shared_task(name="placements.tell_about_turned_down")
def tell_about_turned_down(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    _tell(event_id, proposal_id, messages.about_turned_down, while_in=(states.WITHDRAWN,))


@shared_task(name="placements.thank_referrer")
def thank_referrer(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        proposal = _proposals().get(pk=proposal_id) if event else None
        message = messages.about_accepted_referral(proposal) if proposal else None
        if proposal and message and proposal.state == states.ACCEPTED:
            actions.tell(message, messages.place_of(proposal), now=database_now())


@shared_task(name="placements.tell_about_taken_place")
def tell_about_taken_place(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    _tell(event_id, proposal_id, messages.about_taken_place, while_in=(states.WAITING,))


@shared_task(name="placements.tell_about_pair")
def tell_about_pair(*, event_id: int, pair_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        rows = PairPlacement.objects.select_related(
            "first__volunteer__user", "first__opportunity__organisation", "second__volunteer"
        )
        pair = rows.filter(pk=pair_id, second__isnull=False).first() if event else None
        if pair:
            actions.tell(messages.about_pair(pair), messages.place_of(pair.first), now=database_now())


@shared_task(name="placements.tell_about_buddy")
def tell_about_buddy(*, event_id: int, buddy_id: str, placement_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        rows = Buddy.objects.select_related(
            "newcomer__volunteer__user",
            "newcomer__opportunity__organisation",
            "placement__proposal__volunteer__user",
            "placement__proposal__opportunity__organisation",
        )
        # Not when it is somebody else by now.
        buddy = rows.filter(pk=buddy_id, placement_id=UUID(placement_id)).first() if event else None
        if buddy and buddies.is_there(buddy):
            place, now = messages.place_of(buddy.newcomer), database_now()
            actions.tell(messages.about_buddy(buddy), place, now=now)
            actions.tell(messages.about_newcomer(buddy), place, now=now)


@shared_task(name="placements.tell_about_lost_buddy")
def tell_about_lost_buddy(*, event_id: int, proposal_id: str, buddy_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        proposal = _proposals().get(pk=proposal_id) if event else None
        # Not when somebody else was chosen since.
        if proposal and proposal.state == states.ACCEPTED and not buddies.buddy_of(proposal):
            about = messages.about_lost_buddy(proposal, UUID(buddy_id))
            actions.tell(about, messages.place_of(proposal), now=database_now())


@shared_task(name="placements.alert_about_report")
def alert_about_report(*, event_id: int, report_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        report = Report.objects.filter(pk=report_id, answered_at=None).first() if event else None
        if report:
            for role in who_opens(REPORTS, report.city):
                actions.tell(messages.about_unsafe_report(report, role.user), city(report.city), now=database_now())


@shared_task(name="placements.tell_about_candidate")
def tell_about_candidate(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    _tell(event_id, proposal_id, messages.about_candidate, while_in=(states.ACCEPTED,))


def _tell(event_id: int, proposal_id: str, about: Callable[[Proposal], Message], *, while_in: tuple[str, ...]) -> None:
    with once(event_id) as event:
        proposal = _proposals().get(pk=proposal_id) if event else None
        if proposal and proposal.state in while_in:
            actions.tell(about(proposal), messages.place_of(proposal), now=database_now())


@shared_task(name="placements.tell_about_stopped_candidate")
def tell_about_stopped_candidate(*, event_id: int, proposal_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            actions.take_back_yes(_proposals().get(pk=proposal_id), now=database_now())


@shared_task(name="placements.tell_about_trial_visit")
def tell_about_trial_visit(*, event_id: int, trial_visit_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        rows = TrialVisit.objects.select_related("proposal__opportunity__organisation", "proposal__volunteer__user")
        visit = rows.get(pk=trial_visit_id) if event else None
        if visit and visit.state == states.PLANNED:
            place = messages.place_of(visit.proposal)
            actions.tell(messages.about_trial_visit(visit), place, now=database_now())
            actions.tell(messages.about_expected_visit(visit), place, now=database_now())


@shared_task(name="placements.tell_about_placement")
def tell_about_placement(*, event_id: int, placement_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        rows = Placement.objects.select_related("proposal__opportunity__organisation", "proposal__volunteer__user")
        placement = rows.get(pk=placement_id) if event else None
        if placement and placement.state != states.ENDED:
            place = messages.place_of(placement.proposal)
            actions.tell(messages.about_placement(placement), place, now=database_now())


BOTH_SIDES = ("opportunity__organisation", "volunteer__user")


@shared_task(name="placements.tell_about_cancelled_visit")
def tell_about_cancelled_visit(*, event_id: int, trial_visit_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        rows = TrialVisit.objects.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))
        visit = rows.get(pk=trial_visit_id) if event else None
        if visit and was_told(f"{messages.EXPECTED_VISIT}:{visit.pk}"):
            place = messages.place_of(visit.proposal)
            actions.tell(messages.about_cancelled_visit(visit), place, now=database_now())


@shared_task(name="placements.tell_about_question")
def tell_about_question(*, event_id: int, question_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            question = _questions().get(pk=question_id)
            actions.tell(messages.about_question(question), messages.place_of(question.proposal), now=database_now())


@shared_task(name="placements.tell_about_answer")
def tell_about_answer(*, event_id: int, question_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            question = _questions().get(pk=question_id)
            actions.tell(messages.about_answer(question), messages.place_of(question.proposal), now=database_now())


@shared_task(name="placements.tell_about_thanks")
def tell_about_thanks(*, event_id: int, thanks_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            rows = Thanks.objects.select_related(*(f"placement__proposal__{name}" for name in BOTH_SIDES))
            thanks = rows.get(pk=thanks_id)
            place = messages.place_of(thanks.placement.proposal)
            actions.tell(messages.about_thanks(thanks), place, now=database_now())


@shared_task(name="placements.tell_about_case")
def tell_about_case(*, event_id: int, case_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            case = Case.objects.select_related("volunteer__user").get(pk=case_id)
            actions.tell(messages.about_case(case), city(case.volunteer.city), now=database_now())


def _questions() -> QuerySet[Question]:
    return Question.objects.select_related(*(f"proposal__{name}" for name in BOTH_SIDES))


def _proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related(*BOTH_SIDES)


@shared_task(name="placements.run_campaign")
def run_campaign(*, event_id: int, campaign_id: str, **_later: Any) -> None:
    with once(event_id) as event:
        if event:
            actions.run_campaign(UUID(campaign_id), now=database_now())


@shared_task(name="placements.expire_proposals")
def expire_proposals(**_later: Any) -> None:
    """Beat: look for what nobody answered."""
    actions.expire_proposals(now=database_now())


@shared_task(name="placements.remind")
def remind(**_later: Any) -> None:
    """Beat: look for what is due today."""
    for place in cities().values():
        rhythm.remind(place, now=database_now())


@shared_task(name="placements.look_again")
def look_again(**_later: Any) -> None:
    """Beat: look for people who may get a proposal by now."""
    for slug, place in cities().items():
        if place.proposes_by_itself:
            rounds.run_round(slug, now=database_now())
