"""Thousands of generated calls over the whole document: no server error, and every answer is what the document says.

First each operation alone, then one after the other along the links of the document, with what the answers showed.
"""

from collections import Counter
from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import missing_required_header, positive_data_acceptance

from backend.accounts.models import User
from backend.common.management.commands.api_documents import document
from backend.common.openapi import ACTS_ON
from backend.coordination.actions import publish_drafts
from backend.placements import actions
from backend.placements.models import Placement, TrialVisit
from backend.talent.models import Volunteer
from tests.api.test_a_journey_by_api_alone import token_for

pytestmark = pytest.mark.django_db
EXAMPLES = 60  # for each operation; about ninety of them

# A schema cannot say that one of two contacts is needed, or that a code stands in a catalogue. A missing If-Match is
# 428 (RFC 6585), which the other check does not know.
BEYOND_A_SCHEMA = [positive_data_acceptance, missing_required_header]

api = schemathesis.openapi.from_dict(document("3.1"))
api.app = get_wsgi_application()
UNHURRIED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def one_connection():
    """A real request closes the connection behind it; here it holds the transaction of the test."""
    signals = ((request_started, close_old_connections), (request_finished, close_old_connections))
    for signal, receiver in signals:
        signal.disconnect(receiver)
    yield
    for signal, receiver in signals:
        signal.connect(receiver)


@pytest.fixture
def token(small_city, opportunity, volunteer, member):
    """Somebody who is everything at once: volunteer, member of an organisation and guide, so that all doors open."""
    from backend.accounts.models import GUIDE, StaffRole

    Volunteer.objects.filter(pk=volunteer.pk).update(user=None)
    User.objects.filter(email="p37@voorbeeld.example").delete()
    Volunteer.objects.filter(pk=volunteer.pk).update(user=member)
    StaffRole.objects.create(user=member, city=small_city.slug, role=GUIDE, label="An")
    return token_for(member)


def keep_the_person(case):
    if case.operation.path == "/api/v1/me" and case.method == "DELETE":
        case.body = {"confirm": False}  # else there is nobody left to ask as


@api.include(path_regex="^/api/").parametrize()
@UNHURRIED
def test_the_api_keeps_its_word(case, token):
    keep_the_person(case)
    headers = {"X-Session-Token": token, "Accept-Encoding": "identity"}
    response = case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)  # raises for a broken word

    assert response.status_code < 500


def test_what_follows_from_an_answer_keeps_its_word_too(token, small_city, opportunity, volunteer):
    """Links are followed in any order: publish, propose, invite, refer, answer, book, ask, reply, thank."""
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    made = actions.propose_for_opportunity(opportunity.pk, now=timezone.now())
    mine = next(one for one in made if one.volunteer_id == volunteer.pk)
    for one in made:
        actions.ask_question(one.pk, "Moet ik iets meebrengen?")
    actions.answer_proposal(mine.pk, actions.YES, source="app", now=timezone.now())
    TrialVisit.objects.create(proposal=mine, starts_at=timezone.now() + timedelta(days=3))
    Placement.objects.create(proposal=mine, confirmed_at=timezone.now())
    followed = Counter()

    things = "|".join(sorted(set(ACTS_ON.values()) - {"me/consents", "devices"}))  # those lead nowhere else

    class Walk(api.include(path_regex=f"^/api/v1/({things})").as_state_machine()):
        def setup(self):
            self.turn = transaction.atomic()
            self.turn.__enter__()

        def teardown(self):
            transaction.set_rollback(True)
            self.turn.__exit__(None, None, None)
            transaction.set_rollback(False)
            super().teardown()

        def get_call_kwargs(self, case):
            return {"headers": {"X-Session-Token": token, "Accept-Encoding": "identity"}}

        def before_call(self, case):
            keep_the_person(case)
            case.query = {}  # nothing is filtered away: what a list shows first is where a walk goes on

        def validate_response(self, response, case, **kwargs):
            followed[case.operation.label] += response.status_code < 300
            case.validate_response(
                response,
                excluded_checks=BEYOND_A_SCHEMA,
                transport_kwargs=kwargs,
                recorder=self.recorder,
                headers=kwargs["headers"],
            )
            assert response.status_code < 500

    Walk.run(settings=settings(UNHURRIED, max_examples=60, stateful_step_count=40))

    assert len([name for name, count in followed.items() if count]) >= 18, followed


@api.include(path_regex="^/_allauth/").parametrize()
@UNHURRIED
def test_the_doors_of_sign_in_never_fall_over(case):
    response = case.call(headers={"Accept-Encoding": "identity"})

    assert response.status_code < 500
