"""What every list, every act and every edit of the API has in common."""

import json
import random
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from backend.common.models import IdempotencyKey, Tombstone
from backend.common.sentences import FIELDS, LANGUAGES, TITLES
from backend.coordination.actions import publish_drafts
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements import actions, states
from backend.placements.models import Proposal, Question
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db
LIST = "/api/v1/opportunities"


@pytest.fixture
def online(small_city):
    publish_drafts(small_city.slug, now=timezone.now())
    return small_city


@pytest.fixture
def proposal(opportunity, volunteer, small_city):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    return made


def post(client, path, body, key=None, **headers):
    headers = {"Idempotency-Key": key or str(uuid4()), **headers}
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers)


# --- twice is once ---------------------------------------------------------------------------------------------


def test_the_second_call_gets_the_first_answer_byte_for_byte(client, proposal, volunteer):
    client.force_login(volunteer.user)
    path, key = f"/api/v1/proposals/{proposal.pk}/question", "k" * 20

    first, second = (post(client, path, {"text": "Is er een lift?"}, key) for _ in range(2))

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert Question.objects.count() == 1


def test_one_key_is_for_one_body_and_for_one_person(client, proposal, volunteer, member):
    client.force_login(volunteer.user)
    path, key = f"/api/v1/proposals/{proposal.pk}/question", "k" * 20
    post(client, path, {"text": "Een"}, key)

    assert post(client, path, {"text": "Twee"}, key).json()["code"] == "key_reused"
    client.force_login(member)
    assert post(client, path, {"text": "Twee"}, key).json()["code"] == "not_found"


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "spaces are not allowed"])
def test_an_act_without_a_good_key_is_refused(key, client, proposal, volunteer):
    client.force_login(volunteer.user)

    refused = post(client, f"/api/v1/proposals/{proposal.pk}/answer", {"answer": "yes"}, **{"Idempotency-Key": key})

    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_needed")
    assert refused.json()["issues"][0]["in"] == "header"


def test_a_refused_call_may_be_mended_with_the_same_key(client, proposal, volunteer):
    client.force_login(volunteer.user)
    path, key = f"/api/v1/proposals/{proposal.pk}/answer", "k" * 20

    assert post(client, path, {"answer": "perhaps"}, key).status_code == 400
    assert post(client, path, {"answer": "yes"}, key).status_code == 200


def test_while_the_first_still_runs_the_second_waits_and_a_dead_one_is_taken_over(client, proposal, volunteer):
    client.force_login(volunteer.user)
    path, key = f"/api/v1/proposals/{proposal.pk}/answer", "k" * 20
    from backend.common.idempotency import fingerprint_of

    class Said:
        method, data = "POST", {"answer": "yes"}

    Said.path = path
    entry = IdempotencyKey.objects.create(
        scope=volunteer.user.pk, key=key, fingerprint=fingerprint_of(Said), owner=uuid4(),
        locked_until=timezone.now() + timedelta(seconds=60),
    )  # fmt: skip

    assert post(client, path, {"answer": "yes"}, key).json()["code"] == "in_flight"
    IdempotencyKey.objects.filter(pk=entry.pk).update(locked_until=timezone.now() - timedelta(seconds=1))
    assert post(client, path, {"answer": "yes"}, key).json()["state"] == "accepted"


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_are_one_effect(opportunity, volunteer, small_city):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    told, barrier = [], threading.Barrier(8)

    def ask():
        client = Client()
        client.force_login(volunteer.user)
        barrier.wait()
        told.append(post(client, f"/api/v1/proposals/{proposal.pk}/question", {"text": "Lift?"}, "k" * 20).status_code)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Question.objects.count() == 1
    assert set(told) <= {201, 409}
    assert 201 in told


# --- following what changes ------------------------------------------------------------------------------------


class Follower:
    """A client that after the first reading only ever asks what changed, and puts rows by their id."""

    def __init__(self, client, path):
        self.client, self.path, self.rows, self.token = client, path, {}, None

    def catch_up(self, **headers):
        url = self.path + (f"&updated_since={self.token}" if self.token else "")
        while url:
            answer = self.client.get(url, headers=headers)
            assert answer.status_code == 200, answer.content
            page = answer.json()
            for row in page["results"]:
                if row.get("deleted"):
                    self.rows.pop(row["id"], None)
                else:
                    self.rows[row["id"]] = row
            url, token = page["next"], answer.get("X-Sync-Token")
        self.token = token
        return self


def everything(client, path):
    return Follower(client, path).catch_up().rows


def test_a_client_that_only_follows_ends_with_the_servers_state_after_a_thousand_changes(client, online, monkeypatch):
    # Everything happens in one transaction and one minute: without this every reading would see all of it again.
    monkeypatch.setattr("backend.common.paging.LATE_COMMITS", timedelta(0))
    follower = Follower(client, f"{LIST}?page_size=7").catch_up()
    chance = random.Random(20261122)
    # In an order that is the same every time: ids are random, and so would be what is left at the end.
    ids = list(Opportunity.objects.order_by("external_id").values_list("pk", flat=True))
    organisations = list(Organisation.objects.order_by("external_id").values_list("pk", flat=True))

    def rename(pk):
        Opportunity.objects.filter(pk=pk).update(title=f"Taak {chance.random():.6f}")

    def toggle(pk):
        state = states_of[chance.randrange(2)]
        Opportunity.objects.filter(pk=pk, published_at__isnull=False).exclude(state="closed").update(state=state)

    def end(pk):
        if chance.random() < 0.05:
            Opportunity.objects.filter(pk=pk).delete()

    def verify(_pk):
        is_known = chance.random() < 0.7
        Organisation.objects.filter(pk=chance.choice(organisations)).update(
            verified_at=timezone.now() if is_known else None
        )

    states_of = ("published", "paused")
    for number in range(1000):
        chance.choice((rename, rename, toggle, verify, end))(chance.choice(ids))
        if number % 97 == 0:
            follower.catch_up()
    follower.catch_up()

    now = everything(client, f"{LIST}?page_size=100")
    assert len(now) > 3, len(now)
    assert follower.rows == now


def test_what_no_longer_matches_a_filter_is_gone_from_that_list(client, online, opportunity):
    follower = Follower(client, f"{LIST}?neighbourhood={opportunity.neighbourhood}").catch_up()
    assert str(opportunity.pk) in follower.rows
    other = Opportunity.objects.exclude(neighbourhood=opportunity.neighbourhood).first().neighbourhood
    Opportunity.objects.filter(pk=opportunity.pk).update(neighbourhood=other)

    assert str(opportunity.pk) not in follower.catch_up().rows


def test_what_was_never_online_leaves_no_trace(client, online, member, opportunity):
    token = Follower(client, f"{LIST}?").catch_up().token
    Opportunity.objects.filter(pk=opportunity.pk).update(state="draft", published_at=None)

    assert str(opportunity.pk) not in client.get(f"{LIST}?updated_since={token}").content.decode()


def test_a_proposal_follows_what_it_shows_and_what_is_deleted_leaves_a_tombstone(client, proposal, volunteer):
    client.force_login(volunteer.user)
    follower = Follower(client, "/api/v1/proposals?page_size=5").catch_up()
    assert list(follower.rows) == [str(proposal.pk)]

    Opportunity.objects.filter(pk=proposal.opportunity_id).update(title="Anders")
    follower.catch_up()
    assert follower.rows[str(proposal.pk)]["opportunity"]["title"] == "Anders"
    Proposal.objects.filter(pk=proposal.pk).delete()
    assert follower.catch_up().rows == {}
    assert Tombstone.objects.get(resource="proposals").audience == volunteer.user.pk


def test_a_tombstone_is_for_whoever_saw_it(client, proposal, volunteer, member):
    client.force_login(member)
    follower = Follower(client, "/api/v1/proposals?page_size=5").catch_up()
    Proposal.objects.filter(pk=proposal.pk).delete()

    assert client.get(f"/api/v1/proposals?updated_since={follower.token}").json()["results"] == []


def test_an_opportunity_whose_last_day_passed_is_gone(client, online, opportunity):
    follower = Follower(client, f"{LIST}?").catch_up()
    today = timezone.localdate()
    with connection.cursor() as cursor:  # a day passes: nothing in the row changes
        cursor.execute("set local session_replication_role = replica")
    Opportunity.objects.filter(pk=opportunity.pk).update(
        period_from=today - timedelta(days=9), period_until=today - timedelta(days=1),
        updated_at=timezone.now() - timedelta(days=8),
    )  # fmt: skip
    assert str(opportunity.pk) not in follower.catch_up().rows


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_late_is_not_missed(client, online, opportunity):
    began, read = threading.Event(), threading.Event()

    def change_slowly():
        from django.db import transaction

        with transaction.atomic():
            Opportunity.objects.filter(pk=opportunity.pk).update(title="Laat bewaard")
            began.set()
            read.wait(10)
        connections.close_all()

    slow = threading.Thread(target=change_slowly)
    slow.start()
    began.wait(10)
    follower = Follower(client, f"{LIST}?").catch_up()
    assert follower.rows[str(opportunity.pk)]["title"] != "Laat bewaard"
    read.set()
    slow.join()

    assert follower.catch_up().rows[str(opportunity.pk)]["title"] == "Laat bewaard"


def test_a_token_of_31_days_begins_again_and_nonsense_is_refused(client, online):
    from django.core import signing

    old = signing.dumps((timezone.now() - timedelta(days=31)).isoformat(), salt="sync", compress=False)

    gone = client.get(f"{LIST}?updated_since={old}")
    assert (gone.status_code, gone.json()["code"]) == (410, "sync_token_expired")
    assert client.get(f"{LIST}?updated_since=x").json()["code"] == "bad_cursor"


# --- versions --------------------------------------------------------------------------------------------------


def patch(client, path, body, etag=None):
    headers = {"If-Match": etag} if etag else {}
    return client.patch(path, json.dumps(body), content_type="application/json", headers=headers)


def test_who_edits_says_what_they_read(client, member, opportunity):
    client.force_login(member)
    path = f"{LIST}/{opportunity.pk}"
    etag = client.get(path)["ETag"]

    assert patch(client, path, {"title": "Nieuw"}).json()["code"] == "if_match_needed"
    changed = patch(client, path, {"title": "Nieuw"}, etag)
    assert (changed.status_code, changed.json()["title"], changed["ETag"] != etag) == (200, "Nieuw", True)
    stale = patch(client, path, {"title": "Nog eens"}, etag)
    assert (stale.status_code, stale.json()["code"], stale.json()["etag"]) == (
        412,
        "changed_meanwhile",
        changed["ETag"],
    )
    assert patch(client, path, {"title": "Zwak"}, f"W/{changed['ETag']}").status_code == 200
    assert patch(client, path, {"title": "Onzin"}, '"x"').status_code == 412


def test_the_same_holds_for_profile_and_organisation(client, volunteer, member, opportunity):
    client.force_login(volunteer.user)
    etag = client.get("/api/v1/me/profile")["ETag"]
    assert patch(client, "/api/v1/me/profile", {"max_km": 7}, etag).json()["max_km"] == 7
    assert patch(client, "/api/v1/me/profile", {"max_km": 8}, etag).status_code == 412
    client.force_login(member)
    path = f"/api/v1/organisations/{opportunity.organisation_id}"
    etag = client.get(path)["ETag"]
    assert patch(client, path, {"description": "Wij helpen."}, etag).json()["description"] == "Wij helpen."
    assert patch(client, path, {"name": "Wij"}, client.get(path)["ETag"]).json()["issues"][0]["code"] == "unknown_field"


def test_nothing_is_sent_twice(client, online):
    first = client.get(LIST)

    same = client.get(LIST, headers={"If-None-Match": first["ETag"]})

    assert (same.status_code, same.content) == (304, b"")


def test_a_change_of_what_is_online_is_checked_again(client, member, opportunity, small_city):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    client.force_login(member)
    path = f"{LIST}/{opportunity.pk}"

    changed = patch(client, path, {"text": "Je krijgt 12 euro per uur."}, client.get(path)["ETag"])

    assert changed.json()["state"] == "draft"
    assert post(client, f"{path}/publish", {}).json()["code"] == "publication_refused"
    assert Opportunity.objects.get(pk=opportunity.pk).findings


# --- limits, languages, headers --------------------------------------------------------------------------------


def test_limits_are_announced_and_end_in_a_problem_that_says_how_long(client, online, settings):
    settings.RATE_LIMIT_SCALE = 1
    cache.clear()

    answers = [client.get("/api/v1/themes") for _ in range(121)]

    assert answers[0]["RateLimit-Policy"] == '"public";q=120;w=60'
    assert answers[0]["RateLimit"].startswith('"public";r=119;t=')
    assert {one.status_code for one in answers[:-1]} <= {200, 429}  # the minute may end on the way
    last = next((one for one in answers if one.status_code == 429), None)
    if last is not None:
        assert last.json()["code"] == "too_many"
        assert 0 < int(last["Retry-After"]) <= 60


def test_without_redis_everything_passes(client, online, settings, caplog):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/1"}}

    assert client.get("/api/v1/themes").status_code == 200
    assert "the cache is away" in caplog.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_problems_speak_the_language_that_is_asked(language, client):
    answer = client.get("/api/v1/me", headers={"Accept-Language": language})

    assert answer["Content-Language"] == language
    assert answer.json()["title"] == TITLES["not_signed_in"][language]


def test_every_problem_has_words_in_every_language():
    assert all(row[language].strip() for row in (*TITLES.values(), *FIELDS.values()) for language in LANGUAGES)


def test_every_answer_carries_a_number_and_says_how_long_it_may_be_kept(client, online, volunteer):
    public = client.get(LIST)
    assert public["Cache-Control"] == "public, max-age=60"
    assert len(public["X-Request-Id"]) == 36
    client.force_login(volunteer.user)
    assert client.get("/api/v1/me")["Cache-Control"] == "private, no-cache"
    assert public.json()["results"][0]["updated_at"].endswith("Z")
    problem = client.get(f"/api/v1/proposals/{uuid4()}")
    assert problem.json()["instance"].endswith(problem["X-Request-Id"])


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=red", "colour"),
        ("q=a&near=1,2,3", "near"),
        ("label=easy", "label"),
        ("max_km=3", "near"),
        ("organisation=x", "organisation"),
        ("bbox=9,9,1,1", "bbox"),
        ("talent=vliegen", "talent"),
    ],
)
def test_an_unknown_or_impossible_filter_is_named(query, name, client, online):
    refused = client.get(f"{LIST}?{query}")

    assert refused.status_code == 400
    assert [(one["in"], one["name"]) for one in refused.json()["issues"]] == [("query", name)]


# --- searching -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["kleren", "klern", "KLEREN", "kléren", "kleren sorteren", "repassage"])
def test_words_are_found_with_typing_errors_accents_and_in_another_language(asked, client, small_city, opportunity):
    publish_drafts(small_city.slug, now=timezone.now())

    titles = [one["title"] for one in client.get(LIST, {"q": asked, "page_size": 100}).json()["results"]]

    assert opportunity.title in titles


def test_arabic_letters_are_found_in_any_of_their_forms(client, member, opportunity, small_city):
    from backend.common.plain_words import plain

    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    Opportunity.objects.filter(pk=opportunity.pk).update(search_text=plain("ترتيب الملابس القديمة"))

    for asked in ("الملابس", "القديمه", "الملابص"):
        assert client.get(LIST, {"q": asked}).json()["count"] == 1, asked
    assert client.get(LIST, {"q": "طبخ"}).json()["count"] == 0


def test_every_filter_narrows_the_list_as_it_says(client, online):
    everything = client.get(f"{LIST}?page_size=100").json()["results"]
    asked = {
        "theme": lambda one: "buurt" in one["themes"], "slot": lambda one: "tue-afternoon" in one["times"]["slots"],
        "dutch_max": lambda one: one["dutch_min"] in ("A0", "A1"), "label": lambda one: one["threshold"] == "laag",
        "once": lambda one: one["times"]["frequency"] == "once", "at_home": lambda one: one["place"]["at_home"],
        "wheelchair": lambda one: one["wheelchair"] == "yes",
    }  # fmt: skip
    values = {"theme": "buurt", "slot": "tue-afternoon", "dutch_max": "A1", "label": "laag", "once": "true",
              "at_home": "true", "wheelchair": "true"}  # fmt: skip
    for name, holds in asked.items():
        found = client.get(LIST, {name: values[name], "page_size": 100}).json()
        assert {one["id"] for one in found["results"]} == {one["id"] for one in everything if holds(one)}, name
        assert found["count"] == len(found["results"])


def test_near_means_within_so_many_kilometres(client, online):
    from matching.geo import great_circle_km
    from matching.types import Point

    here = Point(51.2194, 4.4025)
    everything = client.get(f"{LIST}?page_size=100").json()["results"]

    found = client.get(LIST, {"near": f"{here.lat},{here.lon}", "max_km": "2", "page_size": 100}).json()["results"]

    def km(one):
        return great_circle_km(here, Point(one["place"]["lat"], one["place"]["lon"]))

    assert {one["id"] for one in found} == {one["id"] for one in everything if km(one) <= 2}
    assert 0 < len(found) < len(everything)


# --- no question per row ---------------------------------------------------------------------------------------


def questions_asked(client, path):
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


@pytest.fixture
def with_much_to_read(online, volunteer):
    """Eight proposals, each with a message that was told."""
    from backend.placements.models import LINK_FOR_VOLUNTEER
    from backend.placements.tokens import make_link
    from notifications.models import Delivery

    now = timezone.now()
    for opportunity in Opportunity.objects.filter(state="published")[:8]:
        made = Proposal.objects.create(
            volunteer=volunteer, opportunity=opportunity, parts=[], points=0, distance_km=1, reasons=[], not_perfect=[],
            easy_start=[], for_organisation=[], made_at=now, state=states.DECLINED, answer_until=now + timedelta(days=7),
        )  # fmt: skip
        Delivery.objects.create(
            occasion=f"proposal_made:{made.pk}", kind="proposal_made", recipient=volunteer.pk, language="nl",
            time_zone="Europe/Brussels", channel="email", due_at=now, state="sent",
            link=make_link(made, LINK_FOR_VOLUNTEER, expires_at=now + timedelta(days=9)).pk,
            values={"first_name": "Marc", "title": "x", "answer_until_at": now.isoformat()},
        )  # fmt: skip
    return volunteer


@pytest.mark.parametrize("path", [LIST, "/api/v1/organisations", "/api/v1/proposals", "/api/v1/messages"])
def test_a_longer_list_asks_no_more_questions(path, client, with_much_to_read):
    client.force_login(with_much_to_read.user)

    assert len(client.get(f"{path}?page_size=8").json()["results"]) == 8
    assert questions_asked(client, f"{path}?page_size=8") <= questions_asked(client, f"{path}?page_size=1")


def test_a_message_shows_its_link(client, with_much_to_read):
    client.force_login(with_much_to_read.user)

    assert "/v/" in client.get("/api/v1/messages").json()["results"][0]["body"]


def test_a_guide_with_more_people_asks_no_more_questions(client, small_city):
    from backend.accounts.models import GUIDE, StaffRole, User
    from backend.talent.actions import give_consent

    guide = User.objects.create_user(email="gids@voorbeeld.example")
    role = StaffRole.objects.create(user=guide, city=small_city.slug, role=GUIDE, label="An")
    client.force_login(guide)
    counts = []
    for one in Volunteer.objects.filter(city=small_city.slug)[:5]:
        give_consent(one, "guide", party=str(role.pk), until=None, now=timezone.now())
        counts.append(questions_asked(client, "/api/v1/guided"))

    assert len(client.get("/api/v1/guided").json()) == 5
    assert counts[-1] <= counts[0]


def test_more_candidates_referrals_and_members_ask_no_more_questions(client, online, member, opportunity):
    from backend.accounts.models import User
    from backend.organisations.actions import add_member

    client.force_login(member)
    elsewhere = Opportunity.objects.filter(state="published").exclude(organisation=opportunity.organisation).first()
    counts = []
    for number, one in enumerate(Volunteer.objects.filter(city=opportunity.city).order_by("pk")[:5]):
        now = timezone.now()
        made = [
            Proposal(
                volunteer=one, opportunity=where, parts=[], points=0, distance_km=1, reasons=[], not_perfect=[],
                easy_start=[], for_organisation=[], made_at=now, answer_until=now + timedelta(days=7),
            )
            for where in (opportunity, elsewhere)
        ]  # fmt: skip
        made[1].referred_from = made[0]
        Proposal.objects.bulk_create(made)
        add_member(opportunity.organisation, f"collega{number}@voorbeeld.example", "reader")
        own = f"/api/v1/organisations/{opportunity.organisation_id}/members"
        paths = (f"/api/v1/opportunities/{opportunity.pk}/candidates", "/api/v1/referrals?page_size=50", own)
        counts.append([questions_asked(client, path) for path in paths])

    assert User.objects.filter(email__startswith="collega").count() == 5
    assert len(client.get(paths[0]).json()) == 5
    assert counts[-1] == counts[0]


def test_asking_for_what_does_not_fit_says_what_stands_in_the_way(client, online, volunteer):
    client.force_login(volunteer.user)
    Volunteer.objects.filter(pk=volunteer.pk).update(age_from=15, age_asked_on=timezone.localdate())
    adult = Opportunity.objects.filter(state="published", min_age__gte=18).first()

    refused = post(client, f"{LIST}/{adult.pk}/interest", {})

    assert (refused.status_code, refused.json()["code"]) == (422, "does_not_fit")
    assert "age" in refused.json()["factors"]


def test_whoever_has_a_proposal_open_chooses_first(client, proposal, volunteer, online):
    client.force_login(volunteer.user)
    other = next(
        one for one in Opportunity.objects.filter(state="published").exclude(pk=proposal.opportunity_id)
        if post(client, f"{LIST}/{one.pk}/interest", {}).json().get("code") != "does_not_fit"
    )  # fmt: skip

    assert post(client, f"{LIST}/{other.pk}/interest", {}).json()["code"] == "limit_reached"


def test_pausing_and_closing_take_it_offline(client, member, opportunity, small_city):
    opportunities.publish_opportunity(opportunity, now=timezone.now())
    client.force_login(member)
    path = f"{LIST}/{opportunity.pk}"

    assert post(client, f"{path}/pause", {}).json()["state"] == "paused"
    assert client.get(LIST).json()["count"] == 0
    assert post(client, f"{path}/publish", {}).json()["state"] == "published"
    assert post(client, f"{path}/close", {}).json()["state"] == "closed"
    assert post(client, f"{path}/publish", {}).json()["code"] == "step_not_allowed"


def test_a_threshold_is_told_before_anything_is_saved(client, member, opportunity, sample_records):
    client.force_login(member)
    record = next(one for one in sample_records("opportunities") if one["id"] == "T40")
    body = {**{key: value for key, value in record.items() if key != "id"}, "dutch_min": "C1", "support": ["begeleider"],
            "organisation": str(opportunity.organisation_id)}  # fmt: skip
    before = Opportunity.objects.count()

    told = client.post(f"{LIST}/threshold", json.dumps(body), content_type="application/json").json()

    assert "taal" in [one["code"] for one in told["factors"]]
    assert any("taal" in hint["lowers"] for hint in told["hints"])
    assert Opportunity.objects.count() == before


def test_what_ends_says_so_in_every_answer_and_in_the_document(db, rf):
    from django.urls import re_path
    from drf_spectacular.generators import SchemaGenerator

    from backend.common.api import Ending
    from backend.coordination.api import StatisticsView

    class Old(StatisticsView):
        ends = {"GET": Ending(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 7, 1, tzinfo=UTC))}

    answer = Old.as_view()(rf.get("/api/v1/old"), version="v1")
    routes = [re_path("^api/(?P<version>v1)/old$", Old.as_view())]
    document = SchemaGenerator(patterns=routes, api_version="v1").get_schema(request=None, public=True)

    assert answer["Deprecation"] == "@1798761600"
    assert answer["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert document["paths"]["/api/v1/old"]["get"]["deprecated"] is True
