"""What somebody of the volunteer point may see: what is of their own city. Stranger and missing look the same."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from backend.accounts.access import CALLS, CASES, GAPS, MATCHES, ONLINE, REPORTS, STUCK, cities_behind
from backend.accounts.models import GUIDE, StaffRole
from backend.listening.models import Signal, TrainingPlace
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.models import CareStep, Case, PlannedRound, Proposal, Report
from backend.talent.models import Volunteer
from notifications.models import Delivery
from notifications.queries import call_sheet, stuck

Found = TypeVar("Found", bound=Model)


def calls_for(request: Any) -> QuerySet[Delivery]:
    """Raises Http404 for everybody who does not call for a city."""
    return _of(call_sheet(), cities_behind(request, CALLS))


def stuck_for(request: Any) -> QuerySet[Delivery]:
    """Messages that no machine can settle. Raises Http404 for everybody who does not look after them."""
    return _of(stuck(), cities_behind(request, STUCK))


def stuck_one(request: Any, delivery_id: UUID) -> Delivery:
    """Raises Http404."""
    return _one(stuck_for(request), delivery_id)


def reports_for(request: Any) -> QuerySet[Report]:
    """What waits for an answer, oldest first. Raises Http404 for everybody but who coordinates."""
    open_ones = Report.objects.filter(answered_at=None, city__in=cities_behind(request, REPORTS))
    return open_ones.order_by("created_at", "pk")


def report_for(request: Any, report_id: UUID) -> Report:
    """Raises Http404."""
    return _one(reports_for(request), report_id)


def cases_for(request: Any) -> QuerySet[Case]:
    """What a person of the point has to look at, oldest first. Raises Http404 for everybody else."""
    cities = cities_behind(request, CASES)
    open_ones = Case.objects.filter(closed_at=None, volunteer__city__in=cities)
    return open_ones.select_related("volunteer__user").order_by("created_at", "pk")


def case_for(request: Any, case_id: UUID) -> Case:
    """Raises Http404."""
    return _one(cases_for(request), case_id)


def own_roles(request: Any) -> QuerySet[StaffRole]:
    """By which whoever asks looks after people. Raises Http404 for everybody else."""
    cities = cities_behind(request, CASES)
    return StaffRole.objects.filter(user=request.user, city__in=cities).exclude(role=GUIDE).order_by("created_at", "pk")


def people_for(request: Any) -> QuerySet[Volunteer]:
    """The people of a city, for who speaks with them. Raises Http404 for everybody else."""
    people = Volunteer.objects.filter(city__in=cities_behind(request, CASES), profile__isnull=False)
    return people.select_related("profile", "user")


def one_of_the_people(request: Any, volunteer_id: UUID) -> Volunteer:
    """Raises Http404."""
    return _one(people_for(request), volunteer_id)


def opportunities_for(request: Any) -> QuerySet[Opportunity]:
    """All opportunities of one's cities, in every state. Raises Http404."""
    return _opportunities(cities_behind(request, GAPS))


def one_opportunity(request: Any, opportunity_id: UUID) -> Opportunity:
    """Raises Http404."""
    return _one(opportunities_for(request), opportunity_id)


def opportunity_to_match(request: Any, opportunity_id: UUID) -> Opportunity:
    """For who may bring people together. Raises Http404."""
    return _one(_opportunities(cities_behind(request, MATCHES)), opportunity_id)


def opportunity_to_review(request: Any, opportunity_id: UUID) -> Opportunity:
    """For who may put things online. Raises Http404."""
    return _one(_opportunities(cities_behind(request, ONLINE)), opportunity_id)


def proposals_for(request: Any) -> QuerySet[Proposal]:
    """All proposals of one's cities, in every state. Raises Http404."""
    rows = Proposal.objects.filter(volunteer__city__in=cities_behind(request, MATCHES))
    return rows.select_related("opportunity__organisation", "volunteer").order_by("-made_at", "pk")


def planned_rounds_for(request: Any) -> QuerySet[PlannedRound]:
    """Of one's cities, newest first. Raises Http404."""
    return PlannedRound.objects.filter(city__in=cities_behind(request, MATCHES)).order_by("-created_at", "pk")


def planned_round(request: Any, planned_id: UUID) -> PlannedRound:
    """Raises Http404."""
    return _one(planned_rounds_for(request), planned_id)


def _opportunities(cities: list[str]) -> QuerySet[Opportunity]:
    return Opportunity.objects.filter(city__in=cities).select_related("organisation").order_by("title", "pk")


def _one(rows: QuerySet[Found], pk: UUID) -> Found:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _of(deliveries: QuerySet[Delivery], cities: list[str]) -> QuerySet[Delivery]:
    people = Volunteer.objects.filter(city__in=cities).values("pk")
    organisations = Organisation.objects.filter(city__in=cities).values("pk")
    signals = Signal.objects.filter(city__in=cities).values("pk")
    places = TrainingPlace.objects.filter(training__city__in=cities)
    whose = Q(recipient__in=people) | Q(recipient__in=organisations)
    whose |= Q(recipient__in=signals) | Q(recipient__in=places.filter(user=None).values("pk"))
    whose |= Q(recipient__in=places.exclude(user=None).values("user"))
    return deliveries.filter(whose)


def call_for(request: Any, delivery_id: UUID) -> Delivery:
    """Raises Http404."""
    return _one(calls_for(request), delivery_id)


def is_volunteer(delivery: Delivery) -> bool:
    """Is it for a volunteer? Else for an organisation."""
    return Volunteer.objects.filter(pk=delivery.recipient).exists()


def steps_of(lines: list[UUID]) -> dict[UUID, list[CareStep]]:
    """What happened to lines of a worklist that was found for whoever asks, oldest first."""
    found: dict[UUID, list[CareStep]] = {about: [] for about in lines}
    for step in CareStep.objects.filter(about__in=lines).select_related("by").order_by("created_at", "pk"):
        found[step.about].append(step)
    return found
