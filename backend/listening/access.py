"""Who may see support requests, signals and trainings. Stranger and missing look the same."""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, F, Model, OuterRef, Prefetch, Q, QuerySet
from django.http import Http404

from backend.accounts.access import SIGNALS, SUPPORT, TALKS, TRAININGS, cities_behind
from backend.accounts.models import GUIDE, StaffRole
from backend.city.load import cities
from backend.listening import states
from backend.listening.models import (
    FOR_PARTNERS,
    KnowledgePage,
    Poll,
    PollChoice,
    Signal,
    SignalGroup,
    Story,
    SupportOffer,
    SupportRequest,
    Talk,
    Training,
    TrainingPlace,
)
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.organisations.access import organisations_of
from backend.organisations.models import OWNER, Membership, Organisation
from backend.talent.codes import hash_of
from backend.talent.models import Volunteer

Found = TypeVar("Found", bound=Model)


def verified_of(user: Any) -> QuerySet[Organisation]:
    """The organisations for which somebody may ask and offer support: verified ones that they may change."""
    return organisations_of(user, may_edit=True).filter(verified_at__isnull=False).order_by("name", "pk")


def requests_around(user: Any) -> QuerySet[SupportRequest]:
    """What the organisations of one's cities ask: the own ones in every state, the others while they are open."""
    own = verified_of(user)
    seen = Q(organisation__in=own) | Q(state=states.OPEN, organisation__city__in=own.values("city"))
    # What was agreed is seen by both sides.
    seen |= Q(agreed_with__organisation__in=own)
    return _with_offers(SupportRequest.objects.filter(seen))


def request_for(user: Any, request_id: UUID) -> SupportRequest:
    """One that somebody may offer to. Raises Http404."""
    return _one(requests_around(user), request_id)


def own_request(user: Any, request_id: UUID) -> SupportRequest:
    """One of the own organisation. Raises Http404."""
    return _one(_with_offers(SupportRequest.objects.filter(organisation__in=verified_of(user))), request_id)


def requests_at_point(request: Any) -> QuerySet[SupportRequest]:
    """Raises Http404 for who does not look after support."""
    return _with_offers(SupportRequest.objects.filter(organisation__city__in=cities_behind(request, SUPPORT)))


def request_at_point(request: Any, request_id: UUID) -> SupportRequest:
    """Raises Http404."""
    return _one(requests_at_point(request), request_id)


def offers_of(found: SupportRequest) -> list[SupportOffer]:
    """Of a request that was found above, the first one first."""
    return sorted(found.offers.all(), key=lambda one: (one.created_at, str(one.pk)))


def organisations_at_point(request: Any) -> QuerySet[Organisation]:
    """By name. Raises Http404 for who does not speak with organisations."""
    return Organisation.objects.filter(city__in=cities_behind(request, TALKS)).order_by("name", "pk")


def organisation_at_point(request: Any, organisation_id: UUID) -> Organisation:
    """Raises Http404."""
    return _one(organisations_at_point(request), organisation_id)


def has_owner(organisation: Organisation) -> bool:
    """Whether somebody decides for an organisation that was found above."""
    return organisation.memberships.filter(role=OWNER).exists()


def own_role(request: Any, organisation: Organisation) -> StaffRole | None:
    """By which whoever asks speaks with an organisation that was found above."""
    roles = StaffRole.objects.filter(user=request.user, city=organisation.city).exclude(role=GUIDE)
    return roles.order_by("created_at", "pk").first()


def drafts_waiting(organisation: Organisation) -> QuerySet[Opportunity]:
    """What the volunteer point wrote for it and it did not look at yet."""
    return Opportunity.objects.filter(organisation=organisation, drafted_by_point=True, state=opportunity_states.DRAFT)


def talks_with(organisation: Organisation) -> QuerySet[Talk]:
    """With an organisation that was found above, newest first."""
    return organisation.talks.select_related("by").order_by("-day", "-created_at", "pk")


def to_call_again(request: Any, day: date) -> QuerySet[Talk]:
    """The last talk with each organisation, where it said to call again on or before a day."""
    later = Talk.objects.filter(organisation=OuterRef("organisation"), day__gt=OuterRef("day"))
    due = Talk.objects.filter(again_on__lte=day, organisation__in=organisations_at_point(request))
    return due.filter(~Exists(later)).select_related("organisation").order_by("again_on", "pk")


def knowledge_pages() -> QuerySet[KnowledgePage]:
    """What everybody may read, newest first."""
    read = KnowledgePage.objects.filter(published_on__isnull=False, city__in=list(cities()))
    return read.select_related("organisation").order_by("-published_on", "title")


def knowledge_page(page_id: UUID) -> KnowledgePage:
    """Raises Http404."""
    return _one(knowledge_pages(), page_id)


def pages_to_look_at(request: Any) -> QuerySet[KnowledgePage]:
    """All of the city, those to look at first. Raises Http404 for who does not speak with organisations."""
    pages = KnowledgePage.objects.filter(city__in=cities_behind(request, TALKS)).select_related("organisation")
    return pages.order_by(F("published_on").desc(nulls_first=True), "title")


def page_to_look_at(request: Any, page_id: UUID) -> KnowledgePage:
    """Raises Http404."""
    return _one(pages_to_look_at(request), page_id)


def signal_behind(code: str) -> Signal | None:
    """For whoever holds the code; None for one that is none."""
    return Signal.objects.filter(code_hash=hash_of(code)).select_related("group").first()


def decided_groups() -> QuerySet[SignalGroup]:
    """What everybody may read: what was decided, and why."""
    found = SignalGroup.objects.filter(state=states.DECIDED, city__in=list(cities()))
    return found.annotate(heard=Count("signals")).order_by("-decided_at", "pk")


def loose_signals(request: Any) -> QuerySet[Signal]:
    """Not bundled yet, oldest first. Raises Http404 for who does not take signals to policy."""
    return Signal.objects.filter(group=None, city__in=cities_behind(request, SIGNALS)).order_by("created_at", "pk")


def loose_signal(request: Any, signal_id: UUID) -> Signal:
    """Raises Http404."""
    return _one(loose_signals(request), signal_id)


def open_groups(request: Any) -> QuerySet[SignalGroup]:
    """Raises Http404."""
    found = SignalGroup.objects.filter(city__in=cities_behind(request, SIGNALS)).exclude(state=states.DECIDED)
    return found.prefetch_related("signals").order_by("created_at", "pk")


def open_group(request: Any, group_id: UUID) -> SignalGroup:
    """Raises Http404."""
    return _one(open_groups(request), group_id)


def trainings_to_come(user: Any, now: Any) -> QuerySet[Training]:
    """What everybody may read; what is for partners only who acts for a verified organisation or the point there."""
    seen = ~Q(kind__in=FOR_PARTNERS)
    if user.is_authenticated:
        seen |= Q(city__in=organisations_of(user).filter(verified_at__isnull=False).values("city"))
        seen |= Q(city__in=StaffRole.objects.filter(user=user).exclude(role=GUIDE).values("city"))
    coming = Training.objects.filter(seen, ends_at__gt=now, cancelled_at=None, city__in=list(cities()))
    return coming.order_by("starts_at", "pk")


def visits_of(user: Any, now: Any) -> QuerySet[Training]:
    """Visits to come at the organisations of somebody, with who comes."""
    own = Training.objects.filter(organisation__in=verified_of(user), ends_at__gt=now, cancelled_at=None)
    return own.prefetch_related("taken").order_by("starts_at", "pk")


def organisations_behind(places: Iterable[TrainingPlace]) -> dict[UUID, str]:
    """Place -> for which organisation of that city somebody comes, in one statement; no key for who acts for none.
    Wants places with their training.
    """
    rows = list(places)
    acts = Membership.objects.filter(user__in=[one.user_id for one in rows])
    names: dict[tuple[UUID | None, str], str] = {}
    for act in acts.select_related("organisation").order_by("organisation__name", "organisation"):
        names.setdefault((act.user_id, act.organisation.city), act.organisation.name)
    known = ((one.pk, names.get((one.user_id, one.training.city))) for one in rows)
    return {pk: name for pk, name in known if name}


def own_visit(user: Any, visit_id: UUID) -> Training:
    """Also one that was cancelled: a second tap is none. Raises Http404."""
    return _one(Training.objects.filter(organisation__in=verified_of(user)), visit_id)


def given_places(trainings: Iterable[Training]) -> dict[UUID, int]:
    """How many places of each are given."""
    taken = TrainingPlace.objects.filter(training__in=list(trainings), state=states.IN)
    return dict(taken.order_by().values_list("training").annotate(many=Count("pk")))


def training_to_come(user: Any, training_id: UUID, now: Any) -> Training:
    """Raises Http404."""
    return _one(trainings_to_come(user, now), training_id)


def places_of(user: Any) -> QuerySet[TrainingPlace]:
    """The own places, also of what is over."""
    if not user.is_authenticated:
        return TrainingPlace.objects.none()
    mine = TrainingPlace.objects.filter(user=user).exclude(state=states.GONE)
    return mine.select_related("training").order_by("training__starts_at", "pk")


def trainings_at_point(request: Any) -> QuerySet[Training]:
    """Raises Http404 for who plans none."""
    found = Training.objects.filter(city__in=cities_behind(request, TRAININGS), cancelled_at=None)
    return found.prefetch_related("taken__user__volunteer").order_by("-starts_at", "pk")


def training_at_point(request: Any, training_id: UUID) -> Training:
    """Also one that was cancelled: a second tap is none. Raises Http404."""
    return _one(Training.objects.filter(city__in=cities_behind(request, TRAININGS)), training_id)


def place_at_point(request: Any, place_id: UUID) -> TrainingPlace:
    """Raises Http404."""
    cities = cities_behind(request, TRAININGS)
    return _one(TrainingPlace.objects.filter(training__city__in=cities, state=states.IN), place_id)


def public_stories() -> QuerySet[Story]:
    """What everybody may read: published, and the yes still stands."""
    found = Story.objects.filter(volunteer__city__in=list(cities()), published_at__isnull=False)
    return found.filter(consent__withdrawn_at=None).order_by("-published_at", "pk")


def stories_of(user: Any) -> QuerySet[Story]:
    """One's own."""
    if not user.is_authenticated:
        return Story.objects.none()
    found = Story.objects.filter(volunteer__user=user, consent__withdrawn_at=None)
    return found.select_related("consent__volunteer").order_by("created_at", "pk")


def stories_at_desk(volunteer: Volunteer) -> QuerySet[Story]:
    """Of somebody who was found at the desk and is there."""
    return Story.objects.filter(volunteer=volunteer, consent__withdrawn_at=None).select_related("consent__volunteer")


def own_story(user: Any, story_id: UUID) -> Story:
    """Raises Http404."""
    return _one(stories_of(user), story_id)


def stories_at_point(request: Any) -> QuerySet[Story]:
    """Raises Http404 for who does not publish stories."""
    found = Story.objects.filter(volunteer__city__in=cities_behind(request, SIGNALS), consent__withdrawn_at=None)
    return found.order_by("published_at", "created_at", "pk")


def story_at_point(request: Any, story_id: UUID) -> Story:
    """Raises Http404."""
    return _one(stories_at_point(request), story_id)


def _with_offers(rows: QuerySet[SupportRequest]) -> QuerySet[SupportRequest]:
    found = rows.select_related("organisation", "agreed_with__organisation").prefetch_related("offers__organisation")
    return found.order_by("needed_on", "created_at", "pk")


def _one(rows: QuerySet[Found], pk: UUID) -> Found:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def polls_in(slug: str) -> QuerySet[Poll]:
    """All of a city, those that run first; for a door that looked who asks."""
    rows = Poll.objects.filter(city=slug).prefetch_related(Prefetch("choices", PollChoice.objects.order_by("position")))
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-created_at", "pk")


def running_poll(poll_id: UUID) -> Poll:
    """What everybody may answer, in a city that has polls. Raises Http404."""
    slugs = [slug for slug, place in cities().items() if place.has_polls]
    return _one(Poll.objects.filter(closed_at=None, city__in=slugs), poll_id)
