"""Whatever two people do in whatever order: places are counted right, and a name is seen while a yes stands only."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.placements import actions, states
from backend.placements.models import Placement, Proposal, TrialVisit

pytestmark = pytest.mark.django_db
FEW = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_the_life_of_a_proposal(small_city, opportunity, volunteer, member):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    Opportunity.objects.filter(pk=opportunity.pk).update(places=1, reserved_places=0)
    people = {name: Client() for name in ("volunteer", "member")}
    people["volunteer"].force_login(volunteer.user)
    people["member"].force_login(member)

    class Life(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.turn = transaction.atomic()
            self.turn.__enter__()

        def teardown(self):
            transaction.set_rollback(True)
            self.turn.__exit__(None, None, None)
            transaction.set_rollback(False)

        def act(self, who, path, body=None):
            answer = people[who].post(
                f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json",
                headers={"Idempotency-Key": uuid4().hex},
            )  # fmt: skip
            assert answer.status_code < 500, (path, body, answer.content)
            return answer

        @rule(answer=st.sampled_from(actions.ANSWERS))
        def answers(self, answer):
            self.act("volunteer", f"proposals/{proposal.pk}/answer", {"answer": answer})

        @rule(number=st.integers(0, 2))
        def books(self, number):
            slots = people["volunteer"].get(f"/api/v1/proposals/{proposal.pk}/slots").json()
            moment = slots[number]["starts_at"] if number < len(slots) else "2030-01-01T10:00:00Z"
            self.act("volunteer", f"proposals/{proposal.pk}/trial-visit", {"starts_at": moment})

        @rule()
        def a_week_passes(self):
            TrialVisit.objects.update(starts_at=timezone.now() - timedelta(days=1))

        @rule(who=st.sampled_from(["volunteer", "member"]), act=st.sampled_from(["cancel", "feedback", "attendance"]))
        def something_about_the_visit(self, who, act):
            body = {"cancel": {}, "feedback": {"felt": "mixed"}, "attendance": {"came": True}}[act]
            for visit in TrialVisit.objects.all():
                self.act(who, f"trial-visits/{visit.pk}/{act}", body)

        @rule()
        def confirms(self):
            self.act("member", f"candidates/{proposal.pk}/confirm")

        @rule(who=st.sampled_from(["volunteer", "member"]), act=st.sampled_from(["confirm-note", "stop", "thanks"]))
        def something_about_the_placement(self, who, act):
            body = {"confirm-note": {"version": "2026-11"}, "stop": {}, "thanks": {"text": "Dank je"}}[act]
            for placement in Placement.objects.all():
                self.act(who, f"placements/{placement.pk}/{act}", body)

        @rule(state=st.sampled_from(["pause", "publish"]))
        def goes_off_or_online(self, state):
            self.act("member", f"opportunities/{opportunity.pk}/{state}")

        @invariant()
        def a_yes_holds_exactly_one_place(self):
            accepted = Proposal.objects.filter(opportunity=opportunity, state=states.ACCEPTED).count()
            taken = Opportunity.objects.values_list("taken_open", "taken_reserved").get(pk=opportunity.pk)
            assert (accepted, 0) == taken

        @invariant()
        def nothing_runs_without_a_yes(self):
            without = Proposal.objects.exclude(state=states.ACCEPTED)
            assert not Placement.objects.filter(proposal__in=without).exclude(state=states.ENDED).exists()
            assert not TrialVisit.objects.filter(proposal__in=without, state=states.PLANNED).exists()

        @invariant()
        def a_name_is_seen_while_a_yes_stands(self):
            seen = people["member"].get(f"/api/v1/opportunities/{opportunity.pk}/candidates").content.decode()
            is_yes = Proposal.objects.get(pk=proposal.pk).state == states.ACCEPTED
            assert ("Marc" in seen, "p37@" in seen) == (is_yes, is_yes)

    run_state_machine_as_test(Life, settings=FEW)
