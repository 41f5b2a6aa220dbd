"""From sign-up by phone code to thanks, by API alone: every call sent twice, every second answer lost on the way."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import User
from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.placements import actions
from backend.placements.models import Placement, Proposal, Question, Thanks, TrialVisit
from backend.talent.models import Consent, Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
PHONE = "+32470123456"
VERSIONED = r"^api/(?P<version>v1)/"
# The examples in the OpenAPI document are what is heard here: RECORD_EXAMPLES=1 writes them anew.
EXAMPLES = Path(__file__).resolve().parents[2] / "backend" / "common" / "examples.json"
RECORDED = {} if os.environ.get("RECORD_EXAMPLES") else None


def is_json(heard):
    return heard.status_code < 300 and heard.get("Content-Type") == "application/json"


def shortened(value):
    """Long lists as one or two of theirs."""
    if isinstance(value, list):
        return [shortened(one) for one in value[:2]]
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    return value


class Phone:
    """A client on a bad network: it repeats what it heard nothing of, and reads only one of the two answers."""

    def __init__(self, client, is_bad):
        self._client, self._is_bad, self.token, self._count = client, is_bad, None, 0

    def call(self, method, path, body=None, **headers):
        headers = {"Idempotency-Key": str(uuid4()), "Accept-Language": "nl", **headers}
        if self.token:
            headers["X-Session-Token"] = self.token
        said = json.dumps(body) if body is not None else ""
        answers = [
            self._client.generic(method, path, said, content_type="application/json", headers=headers)
            for _ in range(2 if self._is_bad else 1)
        ]
        self._client.cookies.clear()
        self._count += 1
        heard = answers[self._count % len(answers)]
        assert heard.status_code < 500, heard.content
        if RECORDED is not None and path.startswith("/api/") and is_json(heard):
            route = re.sub(r"<\w+:(\w+)>", r"{\1}", heard.resolver_match.route).replace("{pk}", "{id}")
            name = f"{method} /{route.replace(VERSIONED, 'api/v1/').removesuffix(chr(92) + 'Z')}"
            RECORDED.setdefault(
                name, {"status": heard.status_code, "request": body, "response": shortened(heard.json())}
            )
        return heard

    def api(self, method, path, body=None, **headers):
        heard = self.call(method, f"/api/v1/{path}", body, **headers)
        assert heard.status_code < 400, (method, path, heard.content)
        return json.loads(heard.content) if heard.content else None


def come_in(phone):
    asked = phone.call("POST", "/_allauth/app/v1/auth/code/request", {"phone": PHONE})
    code = Delivery.objects.filter(kind="sign_in_code").latest("created_at")
    pending = asked.json()["meta"]["session_token"]
    # Two requests made two codes; the one that was told last belongs to the token that was heard last.
    for delivery in [code, *Delivery.objects.filter(kind="sign_in_code").order_by("-created_at")]:
        phone.token = pending
        confirmed = phone._client.post(
            "/_allauth/app/v1/auth/code/confirm", json.dumps({"code": delivery.values["code"]}),
            content_type="application/json", headers={"X-Session-Token": pending},
        )  # fmt: skip
        phone._client.cookies.clear()
        if confirmed.status_code == 200:
            phone.token = confirmed.json()["meta"]["session_token"]
            return
    raise AssertionError(confirmed.content)


def journey(client, member, small_city, opportunity, sample_records, settings, *, is_bad):
    settings.SMS_URL = "json://127.0.0.1:9/{phone}"
    cache.clear()
    phone = Phone(client, is_bad)
    config = phone.api("GET", "config")
    assert "phone" in config["sign_in"]
    phone.api("POST", "accounts", {"phone": "0470 12 34 56", "language": "nl"})
    come_in(phone)
    assert phone.api("GET", "me")["has_profile"] is False

    record = next(one for one in sample_records("volunteers") if one["id"] == "P37")
    profile = {key: value for key, value in record.items() if key not in ("id", "lat", "lon", "story", "guided_by")}
    profile["channel"] = "phone"
    made = phone.call("PUT", "/api/v1/me/profile", profile)
    assert made.status_code in (201, 428), made.content  # the second one would change it, and must say which version
    phone.api("POST", "me/consents", {"purpose": "proposals"})
    etag = phone.call("GET", "/api/v1/me/profile")["ETag"]
    assert phone.call("PATCH", "/api/v1/me/profile", {"max_km": 9}, **{"If-Match": etag}).status_code in (200, 412)

    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    found = phone.api("GET", "opportunities?q=kleren&near=51.22,4.43&max_km=20")
    assert [one["title"] for one in found["results"]] == [opportunity.title]
    proposal = phone.api("POST", f"opportunities/{found['results'][0]['id']}/interest")
    own = f"proposals/{proposal['id']}"
    phone.api("POST", f"{own}/question", {"text": "Is er een lift?"})

    desk = Phone(client, is_bad)
    desk.token = token_for(member)
    [candidate] = desk.api("GET", f"opportunities/{opportunity.pk}/candidates")
    assert candidate["first_name"] is None
    assert candidate["contact"] is None
    desk.api("POST", f"questions/{candidate['questions'][0]['id']}/answer", {"answer": "Ja, er is een lift."})

    assert phone.api("GET", own)["questions"][0]["answer"] == "Ja, er is een lift."
    assert phone.api("POST", f"{own}/answer", {"answer": "yes"})["state"] == "accepted"
    slots = phone.api("GET", f"{own}/slots")
    visit = phone.api("POST", f"{own}/trial-visit", {"starts_at": slots[0]["starts_at"]})
    ics = phone.call("GET", f"/api/v1/trial-visits/{visit['id']}/ics").content.decode()
    assert re.search(r"DTSTART.*\d{8}T\d{6}", ics)

    [candidate] = desk.api("GET", f"opportunities/{opportunity.pk}/candidates")
    assert candidate["first_name"] == "Marc"
    assert candidate["contact"] == PHONE
    TrialVisit.objects.update(starts_at=timezone.now() - timedelta(hours=3))  # the day came
    desk.api("POST", f"trial-visits/{visit['id']}/attendance", {"came": True})
    phone.api("POST", f"trial-visits/{visit['id']}/feedback", {"felt": "good"})
    placement = desk.api("POST", f"candidates/{proposal['id']}/confirm")
    phone.api("POST", f"placements/{placement['id']}/confirm-note", {"version": "2026-11"})
    desk.api("POST", f"placements/{placement['id']}/thanks", {"text": "Dank je wel!"})
    assert [one["text"] for one in phone.api("GET", "thanks")["results"]] == ["Dank je wel!"]
    assert phone.api("GET", "placements")["results"][0]["state"] == "active"
    for path in ("proposals", "trial-visits", "messages", "organisations", "guides", "talents", "themes", "languages",
                 "neighbourhoods", "me/contact-rules", "me/consents", "me/journal"):  # fmt: skip
        assert phone.call("GET", f"/api/v1/{path}").status_code == 200
    return end_state()


def token_for(user):
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


def end_state():
    """How many of what, in which state; ids and moments differ between two runs."""
    return {
        "users": User.objects.filter(phone=PHONE).count(),
        "volunteers": Volunteer.objects.filter(user__phone=PHONE).count(),
        "consents": Consent.objects.filter(volunteer__user__phone=PHONE).count(),
        "proposals": list(Proposal.objects.values_list("state", "answered_by", "place")),
        "questions": list(Question.objects.values_list("text", "answer")),
        "visits": list(TrialVisit.objects.values_list("state", "felt")),
        "placements": list(Placement.objects.values_list("state", "information_note_version")),
        "thanks": list(Thanks.objects.values_list("text", flat=True)),
        "taken": list(Opportunity.objects.filter(external_id="T40").values_list("taken_open", "taken_reserved")),
    }


@pytest.fixture(scope="module", autouse=True)
def kept_examples():
    yield
    if RECORDED:
        EXAMPLES.write_text(json.dumps(RECORDED, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


@pytest.mark.parametrize("is_bad", [False, True])
def test_r001_a_bad_network_leads_to_the_same_end(
    is_bad, client, member, small_city, opportunity, sample_records, settings
):
    end = journey(client, member, small_city, opportunity, sample_records, settings, is_bad=is_bad)

    assert end == {
        "users": 1,
        "volunteers": 1,
        "consents": 1,
        "proposals": [("accepted", "app", "open")],
        "questions": [("Is er een lift?", "Ja, er is een lift.")],
        "visits": [("came", "good")],
        "placements": [("active", "2026-11")],
        "thanks": ["Dank je wel!"],
        "taken": [(1, 0)],
    }


def test_a_link_answers_without_coming_in(client, small_city, opportunity, volunteer):
    from backend.placements.models import LINK_FOR_VOLUNTEER
    from backend.placements.tokens import make_link, token_of

    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    link = make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=timezone.now() + timedelta(days=9))
    phone = Phone(client, is_bad=True)

    path = f"links/{token_of(link.pk)}"
    assert phone.api("GET", path)["state"] == "open"
    assert phone.api("POST", f"{path}/answer", {"answer": "yes"})["state"] == "accepted"
    slots = phone.api("GET", f"{path}/booking")
    phone.api("POST", f"{path}/booking", {"starts_at": slots[-1]["starts_at"]})
    assert TrialVisit.objects.get().state == "planned"
    assert phone.call("GET", f"/api/v1/{path}")["Cache-Control"] == "no-store"
    assert phone.call("GET", "/api/v1/links/wrong").status_code == 404
