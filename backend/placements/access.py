"""Who may see a proposal. Stranger and missing look the same."""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.http import Http404

from backend.opportunities.models import Opportunity
from backend.organisations.access import organisations_of
from backend.organisations.models import Organisation
from backend.placements import states
from backend.placements.models import COME_ALONG, Case, Placement, Proposal, Question, Report, Thanks, TrialVisit
from backend.talent.codes import hash_of
from backend.talent.models import Volunteer

Found = TypeVar("Found", bound=Model)
REFERRER = "referred_from__opportunity__organisation"
# With whom somebody comes: a duo, and the buddy who is there already.
COMPANY = ("pair__second__volunteer", "joined_pair__first__volunteer", "buddy__placement__proposal__volunteer")
REFERRED_WITHOUT_A_YES = Q(referred_from__isnull=False) & ~Q(state=states.ACCEPTED)


def proposals_of(user: Any) -> QuerySet[Proposal]:
    """What somebody got, newest first; what waits for a matchmaker is not theirs to see yet."""
    if not user.is_authenticated:
        return Proposal.objects.none()
    return (
        Proposal.objects.filter(volunteer__user=user)
        .exclude(state=states.HELD)
        .select_related("opportunity__organisation", "volunteer__profile", REFERRER)
        .order_by("-made_at", "pk")
    )


def proposals_of_volunteer(volunteer: Volunteer) -> QuerySet[Proposal]:
    """For a guide, who fetched the volunteer through talent.access."""
    rows = Proposal.objects.filter(volunteer=volunteer).exclude(state=states.HELD)
    rows = rows.select_related("opportunity__organisation", REFERRER).prefetch_related("questions")
    return rows.order_by("-made_at", "pk")


def proposals_of_people(people: Collection[Volunteer]) -> QuerySet[Proposal]:
    """The same for all people of a guide at once, with what is planned and noted."""
    rows = Proposal.objects.filter(volunteer__in=people).exclude(state=states.HELD).select_related("opportunity")
    return rows.prefetch_related("trial_visits", "placements", "formalities").order_by("-made_at", "pk")


def proposal_for(user: Any, proposal_id: UUID) -> Proposal:
    """One of the person's own. Raises Http404."""
    proposal = proposals_of(user).filter(pk=proposal_id).first()
    if proposal is None:
        raise Http404
    return proposal


def proposal_behind(proposal_id: UUID) -> Proposal:
    """What a link opens, for whoever holds it: `find_link` said that it works. A referral, which is rare, is read when
    it is asked for: with every table in one statement the database needs longer to plan it than to run it.
    """
    return Proposal.objects.select_related("opportunity__organisation", "volunteer__profile").get(pk=proposal_id)


def company_asked(proposal: Proposal) -> bool:
    """Did the person ask that somebody comes along? Of a proposal that was found above."""
    return proposal.state == states.ACCEPTED and Case.objects.filter(kind=COME_ALONG, about=proposal.pk).exists()


def with_formalities(proposal: Proposal) -> Proposal:
    """The same one, with what the list of things to tell reads, in a few statements."""
    prefetch_related_objects([proposal], "formalities", "trial_visits", "placements")
    return proposal


def thanks_of(user: Any) -> QuerySet[Thanks]:
    """What somebody was thanked with and did not hide, newest first."""
    if not user.is_authenticated:
        return Thanks.objects.none()
    mine = Thanks.objects.filter(placement__proposal__volunteer__user=user, hidden_at=None)
    return mine.select_related("placement__proposal__opportunity__organisation").order_by("-created_at", "pk")


def own_thanks(user: Any, thanks_id: UUID) -> Thanks:
    """Raises Http404."""
    return _one(thanks_of(user), thanks_id)


def report_behind(code: str) -> Report | None:
    """For whoever holds the code; None for one that is none."""
    return Report.objects.filter(code_hash=hash_of(code)).first()


def trial_visits_of(user: Any) -> QuerySet[TrialVisit]:
    """One's own as a volunteer."""
    if not user.is_authenticated:
        return TrialVisit.objects.none()
    return TrialVisit.objects.filter(proposal__volunteer__user=user).select_related(
        "proposal__opportunity__organisation", "proposal__volunteer__profile"
    )


def own_trial_visit(user: Any, trial_visit_id: UUID) -> TrialVisit:
    """Raises Http404."""
    return _one(trial_visits_of(user), trial_visit_id)


def last_visit(proposal: Proposal) -> TrialVisit | None:
    """The newest visit that was not cancelled, of somebody whose proposal was found through a link."""
    return proposal.trial_visits.exclude(state=states.CANCELLED).order_by("-starts_at").first()


def placements_of(user: Any) -> QuerySet[Placement]:
    """One's own as a volunteer."""
    if not user.is_authenticated:
        return Placement.objects.none()
    return Placement.objects.filter(proposal__volunteer__user=user).prefetch_related("thanks")


def own_placement(user: Any, placement_id: UUID) -> Placement:
    """Raises Http404."""
    return _one(placements_of(user), placement_id)


def candidates_at(opportunity: Opportunity) -> QuerySet[Proposal]:
    """To whom an opportunity of one's own was proposed, and who did not say no; without names before a yes.

    Nobody for an organisation that is not verified (R110), and nobody who was referred before they said yes (R029).
    """
    shown = Proposal.objects.filter(opportunity=opportunity, opportunity__organisation__verified_at__isnull=False)
    return (
        shown.filter(state__in=(states.OPEN, states.MAYBE, states.WAITING, states.ACCEPTED))
        .exclude(REFERRED_WITHOUT_A_YES)
        .select_related("volunteer__user", "volunteer__profile", "opportunity")
        .prefetch_related("questions", "trial_visits", "placements__thanks", *COMPANY)
        .order_by("made_at", "pk")
    )


def proposals_at_desk(volunteer: Volunteer) -> QuerySet[Proposal]:
    """Of somebody who was found through `talent.access.at_desk`."""
    rows = Proposal.objects.filter(volunteer=volunteer).exclude(state=states.HELD).prefetch_related("placements")
    return rows.select_related("opportunity__organisation").order_by("-made_at", "pk")


def candidate_for(user: Any, proposal_id: UUID) -> Proposal:
    """A proposal at an opportunity of an organisation in which this person may change things. Raises Http404."""
    return _one(_at_ones_own(user), proposal_id)


def trial_visit_at(user: Any, trial_visit_id: UUID) -> TrialVisit:
    """A visit to an organisation in which this person may change things. Raises Http404."""
    return _one(TrialVisit.objects.filter(proposal__in=_at_ones_own(user)), trial_visit_id)


def placement_at(user: Any, placement_id: UUID) -> Placement:
    """Raises Http404."""
    return _one(Placement.objects.filter(proposal__in=_at_ones_own(user)), placement_id)


def question_at(user: Any, question_id: UUID) -> Question:
    """What somebody asked, who may have been referred: asking is their own choice. Raises Http404."""
    own = _of_ones_own(user)
    return _one(Question.objects.filter(proposal__opportunity__organisation__in=own), question_id)


def _at_ones_own(user: Any) -> QuerySet[Proposal]:
    shown = Proposal.objects.filter(opportunity__organisation__in=_of_ones_own(user)).exclude(state=states.HELD)
    return shown.exclude(REFERRED_WITHOUT_A_YES)


def _of_ones_own(user: Any) -> QuerySet[Organisation]:
    return organisations_of(user, may_edit=True).filter(verified_at__isnull=False)


def referrals_by(user: Any) -> QuerySet[Proposal]:
    """Whom one's organisations sent on, newest first: where to, and no more about the person than "not now"."""
    rows = Proposal.objects.filter(referred_from__opportunity__organisation__in=_of_ones_own(user))
    return rows.select_related("opportunity__organisation").order_by("-made_at", "pk")


def _one(rows: QuerySet[Found], pk: UUID) -> Found:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def candidates_of(user: Any) -> QuerySet[Proposal]:
    """Who said yes to an organisation of this person: only from then on may a name be seen."""
    return (
        Proposal.objects.filter(opportunity__organisation__in=organisations_of(user), state=states.ACCEPTED)
        .select_related("opportunity__organisation", "volunteer__user")
        .prefetch_related("trial_visits", "placements")
        .order_by("answered_at", "pk")
    )
