"""The API: records in and out, problems with pointers, pages, and one valid document."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.placements import actions, states
from backend.placements.models import Proposal

pytestmark = pytest.mark.django_db
LIST = "/api/v1/opportunities"


@pytest.fixture
def post(client):
    return lambda path, body=None: client.post(
        path, json.dumps(body or {}), content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )


@pytest.fixture
def draft(sample_records, opportunity):
    """A complete body for the member's organisation."""
    record = next(one for one in sample_records("opportunities") if one["id"] == "T40")
    return {
        **{key: value for key, value in record.items() if key != "id"},
        "organisation": str(opportunity.organisation_id),
    }


def test_a_draft_becomes_an_opportunity_and_reads_back_as_it_was_sent(client, post, member, draft):
    client.force_login(member)

    made = post(LIST, draft)

    assert made.status_code == 201
    body = made.json()
    assert body["state"] == "draft"
    for key in set(draft) - {"organisation", "reserved_places"}:
        assert body[key] == draft[key], key
    assert body["threshold"] == "laag"
    assert "reserved_places" not in body


@pytest.mark.parametrize(
    ("path", "value", "pointer", "code"),
    [
        ("title", "", "/title", "missing"),
        ("title", 0, "/title", "wrong_type"),
        ("title", "half \ud800", "/title", "wrong_type"),
        ("dutch_min", "B9", "/dutch_min", "not_in_list"),
        ("themes", ["buurt", "vliegen"], "/themes/1", "not_in_list"),
        ("places", 0, "/places", "out_of_range"),
        ("colour", "red", "/colour", "unknown_key"),
        ("id", "T99", "/id", "unknown_key"),
        ("times", {"slots": ["mon-night"], "choose": "all", "frequency": "weekly"}, "/times/slots/0", "not_in_list"),
        ("times", None, "/times", "missing"),
    ],
)
def test_a_wrong_value_is_a_problem_with_its_pointer_and_stores_nothing(
    path, value, pointer, code, client, post, member, draft
):
    client.force_login(member)
    before = Opportunity.objects.count()

    refused = post(LIST, {**draft, path: value})

    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    problem = refused.json()
    assert (problem["code"], problem["status"]) == ("invalid", 400)
    assert (pointer, code) in [(one["name"], one["code"]) for one in problem["issues"]]
    assert Opportunity.objects.count() == before


@pytest.mark.parametrize(
    ("body", "code"), [("{", "malformed"), ("[]", "invalid"), ("null", "invalid"), ('{"organisation": "x"}', "invalid")]
)
def test_nonsense_is_a_problem_too(body, code, client, member):
    client.force_login(member)

    key = {"Idempotency-Key": str(uuid4())}
    refused = client.post(LIST, body, content_type="application/json", headers=key)

    assert (refused.status_code, refused.json()["code"]) == (400, code)


def test_other_media_types_and_methods_are_problems(client, member):
    client.force_login(member)

    form = {"content_type": "application/x-www-form-urlencoded", "headers": {"Idempotency-Key": "a" * 16}}
    assert client.post(LIST, "a=b", **form).json()["code"] == "wrong_media_type"
    assert client.delete(LIST).json()["code"] == "method_not_allowed"
    assert client.get(LIST, headers={"accept": "text/html"}).json()["code"] == "not_acceptable"
    assert client.get("/api/v1/nothing").json()["code"] == "not_found"
    assert client.get("/api/v2/opportunities").json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("text", "code", "outcome"),
    [
        ("Je krijgt 12 euro per uur.", "publication_refused", "refuse"),
        ("Bel 0470 00 00 00.", "publication_on_hold", "hold"),
        ("Vacature: vervanger gezocht.", "publication_in_review", "review"),
    ],
)
def test_what_may_not_go_online_answers_with_the_codes_of_the_check(
    text, code, outcome, client, post, member, opportunity
):
    client.force_login(member)
    Opportunity.objects.filter(pk=opportunity.pk).update(text=text)

    refused = post(f"{LIST}/{opportunity.pk}/publish")

    assert (refused.status_code, refused.json()["code"], refused.json()["outcome"]) == (422, code, outcome)
    assert refused.json()["issues"][0]["detail"]


def test_a_closed_one_cannot_be_published(client, post, member, opportunity):
    client.force_login(member)
    Opportunity.objects.filter(pk=opportunity.pk).update(state="closed")

    assert post(f"{LIST}/{opportunity.pk}/publish").json()["code"] == "step_not_allowed"


def test_drafts_are_seen_by_their_own_members_only(client, member, stranger, opportunity):
    path = f"{LIST}/{opportunity.pk}"

    assert client.get(path).status_code == 404
    client.force_login(stranger)
    here, nowhere = (client.get(one).json() for one in (path, f"{LIST}/{uuid4()}"))
    assert here.pop("instance") != nowhere.pop("instance")
    assert here == nowhere
    client.force_login(member)
    assert client.get(path).json()["state"] == "draft"


def test_pages_show_everything_once_also_when_all_were_published_at_the_same_moment(client, small_city):
    publish_drafts(small_city.slug, now=timezone.now())
    seen, path = [], f"{LIST}?page_size=7"
    while path:
        page = client.get(path).json()
        seen += [one["id"] for one in page["results"]]
        path = page["next"]

    assert len(seen) == len(set(seen)) == 25


@pytest.mark.parametrize(
    ("query", "code"),
    [("page_size=0", "invalid"), ("page_size=101", "invalid"), ("page_size=x", "invalid"), ("cursor=x", "bad_cursor")],
)
def test_a_wrong_page_is_a_problem(query, code, client):
    assert client.get(f"{LIST}?{query}").json()["code"] == code


@pytest.fixture
def proposal(opportunity, volunteer, small_city):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    return made


def test_a_volunteer_reads_the_own_proposals_with_reasons_in_words(client, proposal, volunteer):
    client.force_login(volunteer.user)

    [found] = client.get("/api/v1/proposals").json()["results"]

    assert found["id"] == str(proposal.pk)
    assert all(set(line) == {"code", "values", "text"} for line in found["reasons"])
    assert not {"points", "parts", "place", "volunteer"} & set(found)
    assert "reserved_places" not in json.dumps(found)


def test_an_answer_over_the_api_is_the_same_as_on_the_page(client, post, proposal, volunteer):
    client.force_login(volunteer.user)
    path = f"/api/v1/proposals/{proposal.pk}/answer"

    assert [post(path, {"answer": "yes"}).json()["state"] for _ in range(2)] == ["accepted", "accepted"]
    assert Proposal.objects.get().answered_by == "app"
    assert Opportunity.objects.get(external_id="T40").taken_open == 1


@pytest.mark.parametrize("body", [{}, {"answer": "perhaps"}, {"answer": None}, {"answer": "yes", "why": "x"}])
def test_a_wrong_answer_is_a_problem_and_changes_nothing(body, client, post, proposal, volunteer):
    client.force_login(volunteer.user)

    refused = post(f"/api/v1/proposals/{proposal.pk}/answer", body)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert refused.json()["issues"][0]["detail"]
    assert Proposal.objects.get().state == states.OPEN


def test_an_answer_too_late_is_gone_and_a_step_back_to_maybe_is_refused(client, post, proposal, volunteer):
    client.force_login(volunteer.user)
    path = f"/api/v1/proposals/{proposal.pk}/answer"
    post(path, {"answer": "yes"})
    refused = post(path, {"answer": "maybe"}).json()
    assert (refused["code"], refused["old"], refused["new"]) == ("step_not_allowed", "accepted", "maybe")

    Proposal.objects.update(
        state=states.OPEN,
        place=None,
        answer_until=timezone.now() - timedelta(days=1),
        made_at=timezone.now() - timedelta(days=9),
    )
    gone = post(path, {"answer": "yes"})
    assert (gone.status_code, gone.json()["code"]) == (410, "link_expired")


def test_a_proposal_that_waits_for_a_matchmaker_is_not_shown(client, proposal, volunteer):
    client.force_login(volunteer.user)
    Proposal.objects.update(state=states.HELD)

    assert client.get("/api/v1/proposals").json()["results"] == []
    assert client.get(f"/api/v1/proposals/{proposal.pk}").status_code == 404


def test_an_unexpected_error_is_a_problem_without_details(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("backend.opportunities.api.published_everywhere", lambda now: 1 / 0)

    answer = client.get(LIST)

    assert (answer.status_code, answer.json()["code"]) == (500, "our_fault")
    assert "division" not in answer.content.decode()
