"""Proposals over the API: the volunteer reads one's own and answers."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.functions import Greatest
from django.http import HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.city.load import city
from backend.common import limits
from backend.common.api import ApiMixin, OrTombstone, asked_in
from backend.common.idempotency import once_per_key
from backend.common.models import Tombstone
from backend.common.paging import Followed
from backend.common.problems import Problem, issue
from backend.common.serializers import StrictSerializer, TextField
from backend.opportunities.access import opportunity_for, own_opportunity_for
from backend.opportunities.api import OpportunitySerializer
from backend.placements import actions, calendar, candidates, formalities, states
from backend.placements.access import (
    candidate_for,
    candidates_at,
    last_visit,
    own_placement,
    own_trial_visit,
    placement_at,
    placements_of,
    proposal_behind,
    proposal_for,
    proposals_of,
    question_at,
    referrals_by,
    trial_visit_at,
    trial_visits_of,
    with_formalities,
)
from backend.placements.models import (
    FELT,
    FORMALITY_STATES_TOLD,
    LINK_FOR_VOLUNTEER,
    NOT_FOR_US,
    QUESTION_LONGEST,
    TO_DO,
    Placement,
    Proposal,
    Question,
    TrialVisit,
)
from backend.placements.moments import moments_for
from backend.placements.tokens import find_link
from backend.talent.access import own_volunteer
from backend.ui.spoken import spoken_language
from matching import words
from matching.catalogue import load_catalogue
from matching.types import Line

INFORMATION_NOTE = "2026-11"
# A proposal shows its opportunity: when that changes, the proposal did too.
CHANGED = Greatest("updated_at", "opportunity__updated_at", "opportunity__organisation__updated_at")


class LineSerializer(serializers.Serializer):
    """One reason or note: a stable code, its values, and the sentence for a person."""

    code = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    text = serializers.CharField()


class QuestionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ReferrerSerializer(serializers.Serializer):
    """The organisation that thought of this for somebody."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class ProposalSerializer(OrTombstone, serializers.Serializer):
    """A proposal as its volunteer sees it: no score, no rank, no kind of place, nobody else."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=states.PROPOSAL_STATES)
    surprise = serializers.BooleanField()
    opportunity = OpportunitySerializer()
    distance_km = serializers.FloatField()
    reasons = LineSerializer(many=True)
    not_perfect = LineSerializer(many=True)
    easy_start = LineSerializer(many=True)
    made_at = serializers.DateTimeField()
    answer_until = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    questions = QuestionSerializer(many=True)
    invited_at = serializers.DateTimeField(allow_null=True)
    referred_by = ReferrerSerializer(allow_null=True)
    updated_at = serializers.DateTimeField()

    def to_representation(self, proposal: Proposal | Tombstone) -> dict[str, Any]:
        if isinstance(proposal, Tombstone):
            return dict(super().to_representation(proposal))
        return super().to_representation(
            {
                "id": proposal.pk,
                "state": proposal.state,
                "surprise": proposal.is_surprise,
                "questions": proposal.questions.all(),
                "updated_at": proposal.updated_at,
                "opportunity": proposal.opportunity,
                "distance_km": round(proposal.distance_km, 1),
                "reasons": lines(proposal.reasons),
                "not_perfect": lines(proposal.not_perfect),
                "easy_start": lines(proposal.easy_start),
                "made_at": proposal.made_at,
                "answer_until": proposal.answer_until,
                "answered_at": proposal.answered_at,
                "invited_at": proposal.invited_at,
                "referred_by": proposal.referred_from and proposal.referred_from.opportunity.organisation,
            }
        )


def lines(stored: list[dict[str, Any]], audience: str = words.VOLUNTEER) -> list[dict[str, Any]]:
    """Stored lines with their sentence, in the language of the call."""
    catalogue, language = load_catalogue(), spoken_language()
    return [
        {**one, "text": words.say(Line(one["code"], tuple(one["values"].items())), catalogue, audience, language)}
        for one in stored
    ]


class AnswerSerializer(StrictSerializer):
    answer = serializers.ChoiceField(choices=actions.ANSWERS)


class MomentSerializer(serializers.Serializer):
    """A moment to come and try, and the time zone in which people read it."""

    starts_at = serializers.DateTimeField()
    time_zone = serializers.CharField()


class BookSerializer(StrictSerializer):
    starts_at = serializers.DateTimeField()


class TextSerializer(StrictSerializer):
    text = TextField(max_length=QUESTION_LONGEST)


class ThanksTextSerializer(StrictSerializer):
    text = TextField(max_length=300)


class ReplySerializer(StrictSerializer):
    answer = TextField(max_length=QUESTION_LONGEST)


class FeltSerializer(StrictSerializer):
    felt = serializers.ChoiceField(choices=FELT)


class AttendanceSerializer(StrictSerializer):
    came = serializers.BooleanField()


class NoteSerializer(StrictSerializer):
    """The version of the information note that was read."""

    version = serializers.ChoiceField(choices=[INFORMATION_NOTE])


class TrialVisitSerializer(OrTombstone, serializers.Serializer):
    id = serializers.UUIDField()
    proposal = serializers.UUIDField(source="proposal_id")
    starts_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=states.TRIAL_VISIT_STATES)
    felt = serializers.CharField(help_text="good, mixed or bad; empty until the volunteer says.")
    updated_at = serializers.DateTimeField()


class ThanksSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    created_at = serializers.DateTimeField()


class PlacementSerializer(OrTombstone, serializers.Serializer):
    id = serializers.UUIDField()
    proposal = serializers.UUIDField(source="proposal_id")
    state = serializers.ChoiceField(choices=states.PLACEMENT_STATES)
    confirmed_at = serializers.DateTimeField()
    information_note_version = serializers.CharField()
    information_note_confirmed_at = serializers.DateTimeField(allow_null=True)
    is_buddy = serializers.BooleanField()
    thanks = ThanksSerializer(many=True)
    updated_at = serializers.DateTimeField()


class CandidateSerializer(serializers.Serializer):
    """Somebody who fits, as the organisation may know them: reasons only, and a name only while a yes stands."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=states.PROPOSAL_STATES)
    reasons = LineSerializer(many=True)
    first_name = serializers.CharField(allow_null=True)
    contact = serializers.CharField(allow_null=True)
    invited_at = serializers.DateTimeField(allow_null=True)
    questions = QuestionSerializer(many=True)
    trial_visits = TrialVisitSerializer(many=True)
    placements = PlacementSerializer(many=True)

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        is_yes = proposal.state == states.ACCEPTED
        user = proposal.volunteer.user
        return super().to_representation(
            {
                "id": proposal.pk,
                "state": proposal.state,
                "reasons": lines(proposal.for_organisation, words.ORGANISATION),
                "first_name": proposal.volunteer.first_name if is_yes else None,
                "contact": (user.email or user.phone) if is_yes and user else None,
                "invited_at": proposal.invited_at,
                "questions": proposal.questions.all(),
                "trial_visits": proposal.trial_visits.all() if is_yes else [],
                "placements": proposal.placements.all() if is_yes else [],
            }
        )


class NotForUsSerializer(StrictSerializer):
    reason = serializers.ChoiceField(choices=NOT_FOR_US)


class ReferSerializer(StrictSerializer):
    opportunity = serializers.UUIDField()


class ElsewhereSerializer(serializers.Serializer):
    """An opportunity of another organisation, by name only."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    organisation = ReferrerSerializer()


class ReferralSerializer(serializers.Serializer):
    """Where somebody was sent on to, and what came of it: nothing else about the person."""

    id = serializers.UUIDField()
    opportunity = ElsewhereSerializer()
    made_at = serializers.DateTimeField()
    answer = serializers.ChoiceField(choices=("waiting", "yes", "not_now"))

    def to_representation(self, proposal: Proposal) -> dict[str, Any]:
        state = proposal.state
        said = "yes" if state == states.ACCEPTED else "waiting" if state in states.ANSWERABLE else "not_now"
        shown = {"id": proposal.pk, "opportunity": proposal.opportunity, "made_at": proposal.made_at, "answer": said}
        return super().to_representation(shown)


class ProposalViewSet(ApiMixin, Followed, mixins.ListModelMixin, viewsets.GenericViewSet):
    """The proposals of the person who is signed in."""

    serializer_class = ProposalSerializer
    queryset = Proposal.objects.none()
    page_field = "made_at"
    changed_field = "changed_at"
    resource = "proposals"
    acts = ("answer", "slots", "trial_visit", "question", "come_back")
    limits = {"question": limits.QUESTIONS}
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        return proposals_of(self.request.user).annotate(changed_at=CHANGED).prefetch_related("questions")

    def candidates(self) -> Any:
        own = Proposal.objects.filter(volunteer__user=self.request.user).exclude(state=states.HELD)
        return own.annotate(changed_at=CHANGED)

    @extend_schema(responses=ProposalSerializer)
    def retrieve(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """One of one's own."""
        return Response(ProposalSerializer(proposal_for(request.user, pk)).data)

    @extend_schema(request=AnswerSerializer, responses={200: ProposalSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def answer(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Yes, maybe or no; the same answer twice changes nothing. A yes too late gives the state `waiting`."""
        proposal = proposal_for(request.user, pk)
        answer(proposal.pk, request, source="app")
        return Response(ProposalSerializer(proposal_for(request.user, pk)).data)

    @extend_schema(request=None, responses={200: ProposalSerializer})
    @action(detail=True, methods=["post"], url_path="come-back")
    @once_per_key
    def come_back(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I helped there, stopped, and want to help again: a yes by the rules and the places of today."""
        proposal = proposal_for(request.user, pk)
        try:
            step(lambda: actions.come_back(proposal.pk, source="app", now=timezone.now()))
        except actions.DoesNotFit as error:
            raise Problem("does_not_fit", factors=error.factors) from None
        except actions.NoRoom:
            raise Problem("step_not_allowed") from None
        return Response(ProposalSerializer(proposal_for(request.user, pk)).data)

    @extend_schema(responses=MomentSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def slots(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """When one could come and try, soonest first; empty without a yes."""
        return Response(MomentSerializer(slots_of(proposal_for(request.user, pk)), many=True).data)

    @extend_schema(request=BookSerializer, responses={201: TrialVisitSerializer})
    @action(detail=True, methods=["post"], url_path="trial-visit")
    @once_per_key
    def trial_visit(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Choose one of the slots; another choice replaces the first."""
        visit = book(proposal_for(request.user, pk).pk, request)
        return Response(TrialVisitSerializer(visit).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TextSerializer, responses={201: QuestionSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def question(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Ask something; the organisation sees the question, not who asks."""
        proposal = proposal_for(request.user, pk)
        return Response(QuestionSerializer(ask(proposal.pk, request)).data, status=status.HTTP_201_CREATED)


class TrialVisitViewSet(ApiMixin, Followed, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Times to try. Volunteers see their own."""

    serializer_class = TrialVisitSerializer
    queryset = TrialVisit.objects.none()
    page_field = "starts_at"
    resource = "trial_visits"
    acts = ("ics", "cancel", "move", "feedback", "attendance")
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        return trial_visits_of(self.request.user)

    def candidates(self) -> Any:
        return trial_visits_of(self.request.user)

    @extend_schema(responses={(200, "text/calendar"): OpenApiResponse(str, description="One appointment.")})
    @action(detail=True, methods=["get"], renderer_classes=[calendar.CalendarRenderer])
    def ics(self, request: Request, pk: Any = None, **_kwargs: Any) -> HttpResponse:
        """The appointment as a file for a calendar."""
        visit = own_trial_visit(request.user, pk)
        return HttpResponse(calendar.appointment(visit), content_type="text/calendar; charset=utf-8")

    @extend_schema(request=None, responses={200: TrialVisitSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def cancel(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Not that day; the yes stands."""
        visit = own_trial_visit(request.user, pk)
        return Response(TrialVisitSerializer(step(lambda: actions.cancel_trial_visit(visit.pk))).data)

    @extend_schema(request=BookSerializer, responses={200: TrialVisitSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def move(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """Another of the slots instead; the answer is the new visit."""
        visit = own_trial_visit(request.user, pk)
        return Response(TrialVisitSerializer(book(visit.proposal_id, request)).data)

    @extend_schema(request=FeltSerializer, responses={200: TrialVisitSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def feedback(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """How it was, in one of three faces."""
        visit = own_trial_visit(request.user, pk)
        return Response(TrialVisitSerializer(tell_how_it_was(visit, request)).data)

    @extend_schema(request=AttendanceSerializer, responses={200: TrialVisitSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def attendance(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """By a member of the organisation: came, or not."""
        visit = trial_visit_at(request.user, pk)
        asked = asked_in(AttendanceSerializer, request)
        came = asked["came"]
        noted = step(lambda: actions.note_attendance(visit.pk, came=came, now=timezone.now()))
        return Response(TrialVisitSerializer(noted).data)


class PlacementViewSet(ApiMixin, Followed, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Placements. Volunteers see their own."""

    serializer_class = PlacementSerializer
    queryset = Placement.objects.none()
    page_field = "confirmed_at"
    resource = "placements"
    acts = ("confirm_note", "stop", "thanks")
    lookup_value_converter = "uuid"

    def get_queryset(self) -> Any:
        return placements_of(self.request.user)

    def candidates(self) -> Any:
        return placements_of(self.request.user)

    @extend_schema(request=NoteSerializer, responses={200: PlacementSerializer})
    @action(detail=True, methods=["post"], url_path="confirm-note")
    @once_per_key
    def confirm_note(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I read the information note: from now on the placement is active (law of 3 July 2005, art. 4)."""
        placement = own_placement(request.user, pk)
        asked = asked_in(NoteSerializer, request)
        version = asked["version"]
        done = step(lambda: actions.confirm_information_note(placement.pk, version, source="app", now=timezone.now()))
        return Response(PlacementSerializer(done).data)

    @extend_schema(request=None, responses={200: PlacementSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def stop(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """I stop. No reason is asked, and nothing follows from it."""
        placement = own_placement(request.user, pk)
        done = step(lambda: actions.stop_placement(placement.pk, source="app", now=timezone.now()))
        return Response(PlacementSerializer(done).data)

    @extend_schema(request=ThanksTextSerializer, responses={201: ThanksSerializer})
    @action(detail=True, methods=["post"])
    @once_per_key
    def thanks(self, request: Request, pk: Any = None, **_kwargs: Any) -> Response:
        """By a member of the organisation: thank you."""
        placement = placement_at(request.user, pk)
        asked = asked_in(ThanksTextSerializer, request)
        thanks = actions.thank(placement.pk, asked["text"])
        return Response(ThanksSerializer(thanks).data, status=status.HTTP_201_CREATED)


class FormalitySerializer(serializers.Serializer):
    """One thing to tell before a start, worked out from what somebody declared; nobody else reads it."""

    formality = serializers.CharField()
    advice = serializers.CharField()
    state = serializers.ChoiceField(choices=FORMALITY_STATES_TOLD)
    filed_on = serializers.DateField(allow_null=True)
    answer_by = serializers.DateField(allow_null=True)
    starts_on = serializers.DateField(allow_null=True, help_text="Set when the start comes before the handing in.")


class NoteFormalitySerializer(StrictSerializer):
    formality = TextField(max_length=40)
    state = serializers.ChoiceField(choices=FORMALITY_STATES_TOLD)
    filed_on = serializers.DateField(allow_null=True, required=False, default=None)


class ToldBoundariesSerializer(StrictSerializer):
    boundaries = serializers.ListField(child=TextField(max_length=40), max_length=60)


class FormalitiesView(ApiMixin, APIView):
    @extend_schema(responses=FormalitySerializer(many=True), operation_id="proposals_formalities", filters=False)
    def get(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Whom to tell before I start, after a yes; empty for who declared nothing."""
        return Response(self._list(proposal_for(request.user, pk)))

    @extend_schema(
        request=NoteFormalitySerializer, responses={200: FormalitySerializer(many=True)},
        operation_id="proposals_note_formality",
    )  # fmt: skip
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """What I did of it: handed in on a day, answered, or not needed; `to_do` takes it back."""
        proposal = proposal_for(request.user, pk)
        asked, today = asked_in(NoteFormalitySerializer, request), self._today(proposal)
        if asked["formality"] not in {one["formality"] for one in self._list(proposal)}:
            raise Problem("invalid", issues=[issue("formality", "invalid_choice")])
        try:
            state = "" if asked["state"] == TO_DO else asked["state"]
            formalities.note(proposal.pk, asked["formality"], state, asked["filed_on"], today=today)
        except ValueError:
            raise Problem("invalid", issues=[issue("filed_on", "invalid")]) from None
        return Response(self._list(proposal_for(request.user, pk)))

    def _today(self, proposal: Proposal) -> Any:
        return city(proposal.volunteer.city).local(timezone.now()).date()

    def _list(self, proposal: Proposal) -> list[dict[str, Any]]:
        if proposal.state != states.ACCEPTED:
            return []
        found = formalities.to_do(with_formalities(proposal), self._today(proposal))
        told = [{**asdict(one), "state": one.state or TO_DO} for one in found]
        return list(FormalitySerializer(told, many=True).data)


class BoundariesToldView(ApiMixin, APIView):
    @extend_schema(
        request=ToldBoundariesSerializer, responses={200: ToldBoundariesSerializer},
        operation_id="proposals_tell_boundaries",
    )  # fmt: skip
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Which of my boundaries the organisation may read once I start; the whole list each time, own ones only."""
        proposal = proposal_for(request.user, pk)
        asked = asked_in(ToldBoundariesSerializer, request)
        step(lambda: actions.tell_boundaries(proposal.pk, asked["boundaries"]))
        return Response({"boundaries": proposal_for(request.user, pk).told_boundaries})


class InterestView(ApiMixin, APIView):
    @extend_schema(request=None, responses={201: ProposalSerializer}, operation_id="opportunities_interest")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """ "Ik wil dit": a proposal of one's own, to answer like every other. 422 when something stands in the way."""
        volunteer = own_volunteer(request.user)
        opportunity = opportunity_for(request.user, pk)
        if opportunity.state != "published":
            raise Problem("not_found")
        try:
            proposal = actions.ask_for(volunteer, opportunity, now=timezone.now())
        except actions.DoesNotFit as error:
            raise Problem("does_not_fit", factors=error.factors) from None
        except actions.NoRoom:
            raise Problem("limit_reached") from None
        found = ProposalSerializer(proposal_for(request.user, proposal.pk)).data
        return Response(found, status=status.HTTP_201_CREATED)


class CandidatesView(ApiMixin, APIView):
    @extend_schema(responses=CandidateSerializer(many=True), operation_id="opportunities_candidates", filters=False)
    def get(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Who may come, without names until they say yes."""
        rows = candidates_at(own_opportunity_for(request.user, pk))
        return Response(CandidateSerializer(rows, many=True).data)


class ConfirmView(ApiMixin, APIView):
    @extend_schema(request=None, responses={201: PlacementSerializer}, operation_id="candidates_confirm")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Welcome: the placement is agreed. Only after a yes."""
        proposal = candidate_for(request.user, pk)
        placement = step(lambda: actions.confirm_placement(proposal.pk, now=timezone.now()))
        return Response(PlacementSerializer(placement).data, status=status.HTTP_201_CREATED)


class InviteView(ApiMixin, APIView):
    @extend_schema(request=None, responses={200: CandidateSerializer}, operation_id="candidates_invite")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """ "Nodig uit": the person hears that they are welcome, once."""
        proposal = candidate_for(request.user, pk)
        step(lambda: candidates.invite(proposal.pk, now=timezone.now()))
        return Response(CandidateSerializer(candidate_for(request.user, pk)).data)


class NotForUsView(ApiMixin, APIView):
    @extend_schema(request=NotForUsSerializer, responses={200: CandidateSerializer}, operation_id="candidates_decline")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """ "Niet voor ons", with a reason about the place and the hours. The volunteer point reads the reason."""
        proposal = candidate_for(request.user, pk)
        reason = asked_in(NotForUsSerializer, request)["reason"]
        step(lambda: candidates.decline(proposal.pk, reason, now=timezone.now()))
        return Response(CandidateSerializer(candidate_for(request.user, pk)).data)


class ReferView(ApiMixin, APIView):
    @extend_schema(responses=ElsewhereSerializer(many=True), operation_id="candidates_elsewhere", filters=False)
    def get(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """Where this person could be welcome too, best first; other organisations only."""
        found = candidates.elsewhere(candidate_for(request.user, pk), now=timezone.now())
        return Response(ElsewhereSerializer(found, many=True).data)

    @extend_schema(request=ReferSerializer, responses={201: ReferralSerializer}, operation_id="candidates_refer")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """ "Past beter bij …": the person is asked; the other organisation sees nothing before a yes."""
        proposal = candidate_for(request.user, pk)
        asked = asked_in(ReferSerializer, request)
        try:
            made = step(lambda: candidates.refer(proposal.pk, asked["opportunity"], now=timezone.now()))
        except actions.DoesNotFit:
            raise Problem("does_not_fit_there") from None
        except actions.NoRoom:
            raise Problem("enough_proposals") from None
        return Response(ReferralSerializer(made).data, status=status.HTTP_201_CREATED)


class ReferralViewSet(ApiMixin, mixins.ListModelMixin, viewsets.GenericViewSet):
    """Whom the organisations of this person sent on."""

    serializer_class = ReferralSerializer
    queryset = Proposal.objects.none()
    page_field = "made_at"

    def get_queryset(self) -> Any:
        return referrals_by(self.request.user)


class ReplyView(ApiMixin, APIView):
    @extend_schema(request=ReplySerializer, responses={200: QuestionSerializer}, operation_id="questions_answer")
    @once_per_key
    def post(self, request: Request, pk: UUID, **_kwargs: Any) -> Response:
        """A member of the organisation answers what somebody asked; the first answer stands."""
        question = question_at(request.user, pk)
        asked = asked_in(ReplySerializer, request)
        answered = actions.answer_question(question.pk, asked["answer"], now=timezone.now())
        return Response(QuestionSerializer(answered).data)


# --- behind a link, without coming in --------------------------------------------------------------------------


class LinkMixin(ApiMixin):
    """What the link of a message opens. Wrong, old and revoked are all 404, and few tries are allowed."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Cache-Control"] = "no-store"  # nobody is signed in, and yet it is personal
        return answer

    @cached_property
    def proposal_id(self) -> UUID:
        """Looked up once for each call: it is the scope of a key, and what a verb asks for."""
        token = self.kwargs["token"]  # type: ignore[attr-defined]
        link = find_link(token, LINK_FOR_VOLUNTEER, timezone.now()) if "\x00" not in token else None
        if link is None:
            if limits.count(limits.LINKS, limits.address_of(self.request)).left < 0:
                raise Problem("too_many")
            raise Problem("not_found")
        return link.proposal_id

    @property
    def proposal(self) -> Proposal:
        """As it stands now, with everything that is shown of it."""
        return proposal_behind(self.proposal_id)

    def idempotency_scope(self, request: Any, **_kwargs: Any) -> UUID:
        del request
        return self.proposal_id


class LinkView(LinkMixin, APIView):
    @extend_schema(responses=ProposalSerializer, operation_id="links_read")
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """What the link is for. Reading changes nothing."""
        return Response(ProposalSerializer(self.proposal).data)


class LinkAnswerView(LinkMixin, APIView):
    @extend_schema(request=AnswerSerializer, responses=ProposalSerializer, operation_id="links_answer")
    @once_per_key
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Yes, maybe or no, without coming in."""
        return Response(ProposalSerializer(answer(self.proposal_id, request, source="link")).data)


class LinkBookingView(LinkMixin, APIView):
    @extend_schema(responses=MomentSerializer(many=True), operation_id="links_slots", filters=False)
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """When one could come and try."""
        return Response(MomentSerializer(slots_of(self.proposal), many=True).data)

    @extend_schema(request=BookSerializer, responses={201: TrialVisitSerializer}, operation_id="links_book")
    @once_per_key
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Choose one of them."""
        visit = book(self.proposal_id, request)
        return Response(TrialVisitSerializer(visit).data, status=status.HTTP_201_CREATED)


class LinkQuestionView(LinkMixin, APIView):
    @extend_schema(request=TextSerializer, responses={201: QuestionSerializer}, operation_id="links_question")
    @once_per_key
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Ask something; the organisation sees the question, not who asks."""
        return Response(QuestionSerializer(ask(self.proposal_id, request)).data, status=201)


class LinkFeedbackView(LinkMixin, APIView):
    @extend_schema(request=FeltSerializer, responses={200: TrialVisitSerializer}, operation_id="links_feedback")
    @once_per_key
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """How the last visit was, in one of three faces."""
        visit = last_visit(self.proposal)
        if visit is None:
            raise Problem("step_not_allowed")
        return Response(TrialVisitSerializer(tell_how_it_was(visit, request)).data)


class LinkStopView(LinkMixin, APIView):
    @extend_schema(request=None, responses=ProposalSerializer, operation_id="links_stop")
    @once_per_key
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """I stop here: the place is free again. No reason is asked, and nothing follows from it."""
        step(lambda: actions.answer_proposal(self.proposal_id, actions.NO, source="link", now=timezone.now()))
        return Response(ProposalSerializer(self.proposal).data)


# --- what several of them do -----------------------------------------------------------------------------------


def answer(proposal_id: UUID, request: Request, *, source: str) -> Proposal:
    given = asked_in(AnswerSerializer, request)["answer"]
    answered: Proposal = step(lambda: actions.answer_proposal(proposal_id, given, source=source, now=timezone.now()))
    return answered


def ask(proposal_id: UUID, request: Request) -> Question:
    asked = asked_in(TextSerializer, request)
    question: Question = step(lambda: actions.ask_question(proposal_id, asked["text"]))
    return question


def tell_how_it_was(visit: TrialVisit, request: Request) -> TrialVisit:
    felt = asked_in(FeltSerializer, request)["felt"]
    told: TrialVisit = step(lambda: actions.tell_how_it_was(visit.pk, felt, now=timezone.now()))
    return told


def slots_of(proposal: Proposal) -> list[dict[str, Any]]:
    if proposal.state != states.ACCEPTED:
        return []
    zone = city(proposal.volunteer.city).quiet_hours.time_zone
    return [{"starts_at": moment, "time_zone": zone} for moment in moments_for(proposal, timezone.now())]


def book(proposal_id: UUID, request: Request) -> TrialVisit:
    asked = asked_in(BookSerializer, request)
    starts_at: datetime = asked["starts_at"]
    try:
        found: TrialVisit = step(lambda: actions.book_trial_visit(proposal_id, starts_at, now=timezone.now()))
    except actions.MomentNotOffered:
        raise Problem("moment_not_offered") from None
    return found


def step(verb: Any) -> Any:
    """Run a verb; a step that its state does not allow, or that comes too late, is a problem."""
    try:
        return verb()
    except actions.StepNotAllowed as error:
        raise Problem("step_not_allowed", old=error.old, new=error.new) from None
    except actions.TooLate:
        raise Problem("link_expired") from None
