"""From what happened to what is told: one Message per occasion, with values only. The words are templates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from backend.accounts.models import User
from backend.city.load import CityFile, city
from backend.opportunities import states as opportunity_states
from backend.opportunities.actions import POINT_SAYS
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.models import (
    LINK_FOR_ORGANISATION,
    LINK_FOR_VOLUNTEER,
    LINK_HOW_IS_IT,
    LINK_STILL_THERE,
    Buddy,
    Campaign,
    Case,
    CheckIn,
    Formality,
    PairPlacement,
    Placement,
    Proposal,
    Question,
    Report,
    Thanks,
    TrialVisit,
)
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link
from backend.talent.models import Volunteer
from notifications.actions import route
from notifications.message import DIGEST, EMAIL, PUSH, SMS, Message, Route

CANDIDATE, EXPECTED_VISIT = "candidate_new", "trial_booked_org"
VISIT_TOMORROW, EXPECTED_TOMORROW = "trial_tomorrow", "trial_tomorrow_org"
PROPOSAL_REMINDER, CANDIDATE_REMINDER = "proposal_reminder", "candidate_reminder"
CHECK_IN, STILL_THERE = "check_in", "are_you_there"
PLACE_FREE, PAIR_MADE = "place_free", "pair_made"
BUDDY_CHOSEN, BUDDY_ASKED = "buddy_chosen", "buddy_asked"
HOW_IS_IT_WORKS, STILL_THERE_WORKS = timedelta(days=180), timedelta(days=120)
# In which order somebody is reached who chose a way; with the other ways of the profile people of the volunteer point
# call, write or tell the guide.
WAYS = {"app": (PUSH, EMAIL, SMS), "email": (EMAIL, SMS), "sms": (SMS, EMAIL)}
BY_SCREEN = tuple(WAYS)
CANNOT_WAIT = (EXPECTED_TOMORROW, CANDIDATE_REMINDER, "trial_cancelled", "candidate_stopped")


def about_proposal(proposal: Proposal) -> Message:
    """To the volunteer: does this suit you?"""
    return _to_volunteer("proposal_made", proposal, proposal.pk, {"answer_until_at": _moment(proposal.answer_until)})


def about_invitation(proposal: Proposal) -> Message:
    """To the volunteer: the organisation would like to meet you."""
    return _to_volunteer("invitation", proposal, proposal.pk, {"answer_until_at": _moment(proposal.answer_until)})


def about_referral(proposal: Proposal) -> Message:
    """To the volunteer: another organisation thinks that this suits you."""
    more = {"answer_until_at": _moment(proposal.answer_until), "referrer": _referrer(proposal)}
    return _to_volunteer("referral_made", proposal, proposal.pk, more)


def about_pair(pair: PairPlacement) -> Message:
    """To who gave a code: somebody they know comes too. Wants both proposals selected."""
    second = pair.second
    other = _one_line(second.volunteer.first_name) if second else ""
    return _to_volunteer(PAIR_MADE, pair.first, f"{pair.second_id}:{pair.pk}", {"other": other})


def about_buddy(buddy: Buddy) -> Message:
    """To who is new: somebody takes you by the hand. Wants both people selected."""
    name = _one_line(buddy.placement.proposal.volunteer.first_name)
    return _to_volunteer(BUDDY_CHOSEN, buddy.newcomer, f"{buddy.placement_id}:{buddy.pk}", {"other": name})


def about_newcomer(buddy: Buddy) -> Message:
    """To the buddy: somebody new comes. No name: whoever is new gave theirs to the organisation alone."""
    return _to_volunteer(
        BUDDY_ASKED, buddy.placement.proposal, f"{buddy.pk}:{buddy.placement_id}",
        expires_at=buddy.chosen_at + WORKS_AFTER_DEADLINE,
    )  # fmt: skip


def about_lost_buddy(proposal: Proposal, buddy_id: UUID) -> Message:
    """To the organisation: who is new needs another buddy."""
    return _to_organisation("buddy_stopped", proposal, buddy_id)


def occasions_with_name(proposal: Proposal) -> list[str]:
    """How the occasions begin of what others were told with this first name in it: who shared a place, who was new.
    Also when they stopped being a duo or a buddy since.
    """
    placements = proposal.placements.values_list("pk", flat=True)
    return [f"{PAIR_MADE}:{proposal.pk}:", *(f"{BUDDY_CHOSEN}:{one}:" for one in placements)]


def about_turned_down(proposal: Proposal) -> Message:
    """To the volunteer who gave an answer: it does not go on here, and we look further."""
    return _to_volunteer("not_this_time", proposal, proposal.pk)


def about_accepted_referral(proposal: Proposal) -> Message | None:
    """To the organisation that sent somebody on: thank you, without a name. None when its own proposal is gone."""
    origin = proposal.referred_from
    if origin is None:
        return None
    told = {"first_name": "", "accepted": _one_line(proposal.opportunity.organisation.name)}
    return replace(_to_organisation("referral_accepted", origin, proposal.pk, told), link=None)


def _referrer(proposal: Proposal) -> str:
    origin = proposal.referred_from
    return _one_line(origin.opportunity.organisation.name) if origin else ""


def about_unanswered_proposal(proposal: Proposal) -> Message:
    """To the volunteer, once: there is still time to choose."""
    return _to_volunteer(PROPOSAL_REMINDER, proposal, proposal.pk, {"answer_until_at": _moment(proposal.answer_until)})


def about_visit_tomorrow(visit: TrialVisit) -> Message:
    """To the volunteer, the day before."""
    return _to_volunteer(VISIT_TOMORROW, visit.proposal, visit.pk, {"starts_at": _moment(visit.starts_at)})


def about_expected_tomorrow(visit: TrialVisit) -> Message:
    """To the organisation, the day before."""
    return _to_organisation(EXPECTED_TOMORROW, visit.proposal, visit.pk, {"starts_at": _moment(visit.starts_at)})


def about_silence(proposal: Proposal) -> Message:
    """To the organisation, once: somebody said yes and waits."""
    return _to_organisation(CANDIDATE_REMINDER, proposal, proposal.pk)


def about_how_it_is(check_in: CheckIn) -> Message:
    """To the volunteer, some time after the start: how is it going?"""
    return _to_volunteer(
        CHECK_IN, check_in.placement.proposal, f"{check_in.placement_id}:{check_in.days}",
        purpose=LINK_HOW_IS_IT, expires_at=check_in.placement.confirmed_at + HOW_IS_IT_WORKS,
    )  # fmt: skip


def about_a_long_silence(proposal: Proposal) -> Message:
    """To the volunteer, once after a silence: do you still want to hear from us?"""
    return _to_volunteer(
        STILL_THERE,
        proposal,
        proposal.pk,
        purpose=LINK_STILL_THERE,
        expires_at=proposal.answer_until + STILL_THERE_WORKS,
    )


def about_formality(when: str) -> Callable[[Formality], Message]:
    """To the volunteer, shortly before the term of an answer ends ("soon") and after it ("over"). It names no form and
    has no link: who reads along learns nothing.
    """

    def about(formality: Formality) -> Message:
        proposal = formality.proposal
        told = {"filed_at": datetime.combine(formality.filed_on or date.min, time(12), UTC).isoformat()}
        return replace(_to_volunteer(f"formality_{when}", proposal, formality.pk, told), link=None)

    return about


def about_case(case: Case) -> Message:
    """To the volunteer: what became of what we looked after. `outcome` is a code; the words are templates."""
    place = city(case.volunteer.city)
    return Message(
        kind="case_closed",
        occasion=f"case_closed:{case.pk}",
        recipient=case.volunteer_id,
        language=case.volunteer.language,
        routes=routes_to(case.volunteer),
        values={"first_name": case.volunteer.first_name, "outcome": case.outcome, "phone": place.phone},
    )


def about_campaign(campaign: Campaign, volunteer: Volunteer) -> Message:
    """To the volunteer: thank you, or hands are needed at once. There is no link: nothing is asked on a screen."""
    place = city(volunteer.city)
    values = {"first_name": volunteer.first_name, "city": place.matching.name, "text": _one_line(campaign.text)}
    return Message(
        kind=campaign.kind,
        occasion=f"{campaign.kind}:{campaign.pk}:{volunteer.pk}",
        recipient=volunteer.pk,
        language=volunteer.language,
        routes=routes_to(volunteer),
        values={**values, "phone": place.phone},
    )


def about_free_place(proposal: Proposal) -> Message:
    """To the volunteer who waited: there is a place now, for you first."""
    told = {"answer_until_at": _moment(proposal.answer_until)}
    return _to_volunteer(PLACE_FREE, proposal, f"{proposal.pk}:{_moment(proposal.answer_until)}", told)


def about_taken_place(proposal: Proposal) -> Message:
    """To the volunteer who said yes a moment too late."""
    return _to_volunteer("place_taken", proposal, proposal.pk)


def about_trial_visit(visit: TrialVisit) -> Message:
    """To the volunteer: when, where, and whom to ask for."""
    return _to_volunteer("trial_booked", visit.proposal, visit.pk, {"starts_at": _moment(visit.starts_at)})


def about_placement(placement: Placement) -> Message:
    """To the volunteer: the organisation says welcome."""
    return _to_volunteer("placement_confirmed", placement.proposal, placement.pk)


def about_thanks(thanks: Thanks) -> Message:
    """To the volunteer: what the organisation wants to say."""
    return _to_volunteer("thanks_given", thanks.placement.proposal, thanks.pk, {"text": _one_line(thanks.text)})


def about_answer(question: Question) -> Message:
    """To the volunteer: what was asked, and the answer."""
    told = {"question": _one_line(question.text), "answer": _one_line(question.answer)}
    return _to_volunteer("question_answered", question.proposal, question.pk, told)


def about_question(question: Question) -> Message:
    """To the organisation: somebody wants to know something. No name: nobody said yes yet."""
    return _to_organisation(
        "question_asked", question.proposal, question.pk, {"question": _one_line(question.text), "first_name": ""}
    )


def about_cancelled_visit(visit: TrialVisit) -> Message:
    """To the organisation: somebody does not come that day."""
    return _to_organisation("trial_cancelled", visit.proposal, visit.pk, {"starts_at": _moment(visit.starts_at)})


def about_candidate(proposal: Proposal) -> Message:
    """To the organisation: somebody said yes. From here on it may know the first name."""
    return _to_organisation(CANDIDATE, proposal, f"{proposal.pk}:{_moment(_answered_at(proposal))}")


def about_expected_visit(visit: TrialVisit) -> Message:
    """To the organisation: who comes when."""
    return _to_organisation(EXPECTED_VISIT, visit.proposal, visit.pk, {"starts_at": _moment(visit.starts_at)})


def about_stopped_candidate(proposal: Proposal) -> Message:
    """To the organisation: somebody who said yes cannot come after all."""
    return _to_organisation("candidate_stopped", proposal, f"{proposal.pk}:{_moment(_answered_at(proposal))}")


def about_erased_candidate(proposal: Proposal) -> Message:
    """To the organisation, when the person was erased: no name is kept in it, and the link leads nowhere.

    Who is erased once more after a restore makes the same occasion: nobody is told twice.
    """
    stopped = about_stopped_candidate(proposal)
    values = {**stopped.values, "first_name": "Iemand"}
    return replace(stopped, occasion=f"{stopped.kind}:{proposal.pk}:erased", values=values, link=None)


def occasions_of_yes(proposal: Proposal) -> list[str]:
    """How the occasions begin that tell an organisation of this yes and of what followed from it."""
    kinds = (EXPECTED_VISIT, EXPECTED_TOMORROW)
    visits = [f"{kind}:{visit.pk}" for visit in proposal.trial_visits.all() for kind in kinds]
    return [f"{CANDIDATE}:{proposal.pk}:", f"{CANDIDATE_REMINDER}:{proposal.pk}", *visits]


def place_of(proposal: Proposal) -> CityFile:
    return city(proposal.volunteer.city)


def _to_volunteer(
    kind: str, proposal: Proposal, occasion: Any, more: dict[str, str] | None = None, *,
    purpose: str = LINK_FOR_VOLUNTEER, expires_at: datetime | None = None,
) -> Message:  # fmt: skip
    volunteer = proposal.volunteer
    return Message(
        kind=kind,
        occasion=f"{kind}:{occasion}",
        recipient=volunteer.pk,
        language=volunteer.language,
        routes=routes_to(volunteer),
        values={**_values(proposal), **(more or {})},
        link=make_link(proposal, purpose, expires_at=expires_at or proposal.answer_until + WORKS_AFTER_DEADLINE).pk,
    )


def _to_organisation(kind: str, proposal: Proposal, occasion: Any, more: dict[str, str] | None = None) -> Message:
    organisation = proposal.opportunity.organisation
    until = _answered_at(proposal) + 2 * WORKS_AFTER_DEADLINE
    return Message(
        kind=kind,
        occasion=f"{kind}:{occasion}",
        recipient=organisation.pk,
        language=place_of(proposal).language,
        routes=routes_to_organisation(kind, organisation),
        values={**_values(proposal), **(more or {})},
        link=make_link(proposal, LINK_FOR_ORGANISATION, expires_at=until).pk,
    )


def routes_to(volunteer: Volunteer) -> tuple[Route, ...]:
    """The way the person chose; the call sheet follows behind it by itself."""
    user = volunteer.user
    if user is None:
        return ()
    ways = WAYS.get(volunteer.channel, ())
    address = {
        PUSH: str(user.pk) if PUSH in ways and user.devices.exists() else "",
        EMAIL: user.email,
        SMS: user.phone if user.phone_verified else "",
    }
    return tuple(one for way in ways for one in route(way, address[way]))


def about_the_day(organisation: Organisation, day: date, lines: list[str]) -> Message:
    """To an organisation that wants one message a day: everything that came in."""
    place = city(organisation.city)
    return Message(
        kind="organisation_digest",
        occasion=f"organisation_digest:{organisation.pk}:{day.isoformat()}",
        recipient=organisation.pk,
        language=place.language,
        routes=route(EMAIL, organisation.contact_email),
        values={
            "organisation": _one_line(organisation.name), "lines": lines, "count": len(lines),
            "door": f"{settings.PUBLIC_URL}/org/", "phone": place.phone,
        },
    )  # fmt: skip


def about_card(organisation: Organisation, seen_on: date) -> Message:
    """To the organisation, twice a year: is your card still right? (R073)"""
    place = city(organisation.city)
    return Message(
        kind="card_check",
        occasion=f"card_check:{organisation.pk}:{seen_on.isoformat()}",
        recipient=organisation.pk,
        language=place.language,
        routes=routes_to_organisation("card_check", organisation),
        values={
            "contact": _one_line(organisation.contact_label), "organisation": _one_line(organisation.name),
            "door": f"{settings.PUBLIC_URL}/org/{organisation.pk}/kaart/", "phone": place.phone,
        },
    )  # fmt: skip


def about_unsafe_report(report: Report, user: User) -> Message:
    """To who reads reports at the volunteer point: look today. What was told stands on the page, not in a message."""
    place = city(report.city)
    return Message(
        kind="unsafe_reported",
        occasion=f"unsafe_reported:{report.pk}:{user.pk}",
        recipient=user.pk,
        language=place.language,
        routes=route(EMAIL, user.email) or route(SMS, user.phone if user.phone_verified else ""),
        values={"door": f"{settings.PUBLIC_URL}/coordinatie/meldingen/", "phone": place.phone},
    )


def about_review(opportunity: Opportunity) -> Message | None:
    """To the organisation: the volunteer point looked at it, and it is online or something is still to do. None when
    the organisation did something else with it since.
    """
    place, organisation = city(opportunity.city), opportunity.organisation
    is_online = opportunity.state == opportunity_states.PUBLISHED
    note = "" if is_online else " ".join(one["sentence"] for one in opportunity.findings if one["code"] == POINT_SAYS)
    if not (is_online or note):
        return None
    return Message(
        kind="opportunity_reviewed",
        occasion=f"opportunity_reviewed:{opportunity.pk}:{opportunity.version}",
        recipient=organisation.pk,
        language=place.language,
        routes=routes_to_organisation("opportunity_reviewed", organisation),
        values={
            "contact": _one_line(organisation.contact_label), "organisation": _one_line(organisation.name),
            "title": _one_line(opportunity.title), "note": _one_line(note),
            "door": f"{settings.PUBLIC_URL}/org/", "phone": place.phone,
        },
    )  # fmt: skip


def routes_to_organisation(kind: str, organisation: Organisation) -> tuple[Route, ...]:
    """Once a day for who wants that, except for what cannot wait; the mail stands behind it."""
    mail = route(EMAIL, organisation.contact_email)
    waits = organisation.one_message_a_day and kind not in CANNOT_WAIT
    return (*route(DIGEST, organisation.contact_email), *mail) if waits else mail


def _values(proposal: Proposal) -> dict[str, str]:
    opportunity = proposal.opportunity
    organisation = opportunity.organisation
    return {
        "first_name": proposal.volunteer.first_name,
        "title": _one_line(opportunity.title),
        "organisation": _one_line(organisation.name),
        "contact": _one_line(organisation.contact_label),
        "postcode": opportunity.postcode,
        "neighbourhood": opportunity.neighbourhood,
        "phone": place_of(proposal).phone,
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _moment(moment: datetime) -> str:
    return moment.isoformat()


def _answered_at(proposal: Proposal) -> datetime:
    return proposal.answered_at or proposal.made_at
