"""Whatever a client sends, the API answers with a problem that names it, stores nothing and never falls over."""

import copy
import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_nonsense import VALUES, paths, put

from backend.opportunities.models import Opportunity

pytestmark = pytest.mark.django_db


@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_draft_with_nonsense_is_stored_whole_or_refused_with_a_name(
    data, client, member, opportunity, sample_records
):
    client.force_login(member)
    record = copy.deepcopy(data.draw(st.sampled_from(sample_records("opportunities"))))
    del record["id"]
    record["organisation"] = str(opportunity.organisation_id)
    put(record, data.draw(st.sampled_from([path for path in paths(record) if path])), data.draw(VALUES))
    before = Opportunity.objects.count()

    answer = client.post(
        "/api/v1/opportunities",
        json.dumps(record),
        content_type="application/json",
        headers={"Idempotency-Key": uuid4().hex},
    )

    assert answer.status_code in (201, 400, 404), answer.content
    assert Opportunity.objects.count() == before + (answer.status_code == 201)
    if answer.status_code == 400:
        problem = answer.json()
        assert problem["code"] == "malformed" or problem["issues"]
