"""Every endpoint, every method, every role has an expected answer; a new route without one fails."""

import json

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from backend.coordination.actions import publish_drafts
from backend.opportunities.models import Opportunity
from backend.placements import actions
from backend.placements.models import LINK_FOR_ORGANISATION, LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, token_of
from notifications.models import Delivery

# route -> method -> role -> status. "volunteer" and "member" own the objects asked for; "stranger" owns others.
ROLES = ("nobody", "volunteer", "member", "stranger", "coordinator")
IN = 302  # sent to the page that says how to come in
ALL_200 = dict.fromkeys(ROLES, 200)
SIGNED_IN = {**ALL_200, "nobody": IN}
AWAY = dict.fromkeys(ROLES, 302)
NO_TOKEN = dict.fromkeys(ROLES, 401)
COORDINATOR = {"nobody": IN, "volunteer": 404, "member": 404, "stranger": 404, "coordinator": 200}
EXPECTED = {
    "": {"GET": ALL_200},
    "healthz": {"GET": ALL_200},
    "binnen/": {"GET": {**AWAY, "nobody": 200}, "POST": {**AWAY, "nobody": 200}},
    "binnen/code/": {"GET": AWAY, "POST": AWAY},  # only after a code was asked for
    "binnen/tweede/": {"GET": AWAY, "POST": AWAY},
    "binnen/sleutel/": {"GET": AWAY, "POST": AWAY},  # an address that nobody proved gets no second factor yet
    "binnen/sleutel/codes/": {"GET": {**dict.fromkeys(ROLES, 404), "nobody": IN}},
    "binnen/toestellen/": {"GET": SIGNED_IN, "POST": AWAY},
    "thuis/": {"GET": AWAY},
    "binnen/<str:name>/<str:token>/": {"GET": dict.fromkeys(ROLES, 404), "POST": dict.fromkeys(ROLES, 404)},
    "buiten/": {"POST": dict.fromkeys(ROLES, 302)},
    "v/<str:token>/": {"GET": ALL_200},
    "v/<str:token>/antwoord/": {"POST": dict.fromkeys(ROLES, 302)},
    "v/<str:token>/moment/": {"GET": dict.fromkeys(ROLES, 302), "POST": dict.fromkeys(ROLES, 302)},
    "o/<str:token>/": {"GET": ALL_200},
    "o/<str:token>/welkom/": {"POST": dict.fromkeys(ROLES, 409)},
    "ik/": {"GET": SIGNED_IN},
    "org/": {"GET": SIGNED_IN},
    "org/taken/<uuid:opportunity_id>/online/": {
        "POST": {"nobody": IN, "volunteer": 404, "member": 302, "stranger": 404, "coordinator": 404}
    },
    "coordinatie/": {"GET": COORDINATOR},
    "coordinatie/gaten/": {"GET": COORDINATOR},
    "coordinatie/online/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "balie/bellijst/": {"GET": COORDINATOR},
    "balie/bellijst/<uuid:delivery_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "api/v1/accounts": {"POST": dict.fromkeys(ROLES, 202)},
    "_allauth/openapi.yaml": {"GET": ALL_200},
    # allauth's doors for apps know the session token only: a cookie says nothing there, so everybody is nobody.
    "_allauth/app/v1/config": {"GET": ALL_200},
    "_allauth/app/v1/auth/session": {"GET": NO_TOKEN, "DELETE": NO_TOKEN},
    "_allauth/app/v1/auth/sessions": {"GET": NO_TOKEN, "DELETE": NO_TOKEN},
    "_allauth/app/v1/auth/code/request": {"POST": dict.fromkeys(ROLES, 400)},
    "_allauth/app/v1/auth/code/confirm": {"POST": dict.fromkeys(ROLES, 409)},
    "_allauth/app/v1/auth/phone/verify": {"POST": dict.fromkeys(ROLES, 409)},
    "_allauth/app/v1/auth/2fa/authenticate": {"POST": NO_TOKEN},
    "_allauth/app/v1/auth/webauthn/login": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 400)},
    "_allauth/app/v1/auth/webauthn/authenticate": {"GET": NO_TOKEN, "POST": NO_TOKEN},
    "_allauth/app/v1/auth/provider/token": {"POST": dict.fromkeys(ROLES, 400)},
    "_allauth/app/v1/account/phone": {"GET": NO_TOKEN, "POST": dict.fromkeys(ROLES, 409)},
    "_allauth/app/v1/account/authenticators": {"GET": NO_TOKEN},
    "_allauth/app/v1/account/authenticators/totp": {"GET": NO_TOKEN, "POST": NO_TOKEN, "DELETE": NO_TOKEN},
    "_allauth/app/v1/account/authenticators/recovery-codes": {"GET": NO_TOKEN, "POST": NO_TOKEN},
    "_allauth/app/v1/account/authenticators/webauthn": dict.fromkeys(("GET", "POST", "PUT", "DELETE"), NO_TOKEN),
    "api/v1/opportunities": {
        "GET": ALL_200,
        "POST": {"nobody": 401, "volunteer": 404, "member": 400, "stranger": 404, "coordinator": 404},
    },
    "api/v1/opportunities/<uuid:pk>": {"GET": ALL_200},
    "api/v1/opportunities/<uuid:pk>/publish": {
        "POST": {"nobody": 401, "volunteer": 404, "member": 200, "stranger": 404, "coordinator": 404}
    },
    "api/v1/proposals": {"GET": {**ALL_200, "nobody": 401}},
    "api/v1/proposals/<uuid:pk>": {
        "GET": {"nobody": 401, "volunteer": 200, "member": 404, "stranger": 404, "coordinator": 404}
    },
    "api/v1/proposals/<uuid:pk>/answer": {
        "POST": {"nobody": 401, "volunteer": 200, "member": 404, "stranger": 404, "coordinator": 404}
    },
    "api/schema/": {"GET": ALL_200},
    "api/docs/": {"GET": ALL_200},
}
BODIES = {
    "api/v1/accounts": {"phone": "0470 12 34 56", "language": "nl"},
    "api/v1/proposals/<uuid:pk>/answer": {"answer": "maybe"},
    "v/<str:token>/antwoord/": {"answer": "maybe"},
    "balie/bellijst/<uuid:delivery_id>/": {"result": "maybe"},
}


def routes(patterns=None, prefix=""):
    for entry in patterns or get_resolver().url_patterns:
        text = str(entry.pattern).replace(r"^api/(?P<version>v1)/", "api/v1/").removesuffix(r"\Z")
        if isinstance(entry, URLPattern):
            yield prefix + text
        else:
            yield from routes(entry.url_patterns, prefix + text)


def test_every_route_has_its_expected_answers():
    assert sorted(EXPECTED) == sorted(set(routes()))
    for answers in EXPECTED.values():
        for expected in answers.values():
            assert set(expected) == set(ROLES)


@pytest.fixture
def people(small_city, volunteer, member, stranger, coordinator):
    return {
        "nobody": None,
        "volunteer": volunteer.user,
        "member": member,
        "stranger": stranger,
        "coordinator": coordinator,
    }


@pytest.fixture
def address(small_city, opportunity, volunteer, now):
    """Fills a route with objects of the volunteer and the member."""
    from django.utils import timezone

    publish_drafts(small_city.slug, now=now, only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    until = proposal.answer_until + WORKS_AFTER_DEADLINE
    own = make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=until)
    call = Delivery.objects.create(
        occasion="x", kind="proposal_made", recipient=volunteer.pk, language="nl", time_zone="Europe/Brussels",
        channel="callsheet", state="listed", due_at=now, link=own.pk, values={},
    )  # fmt: skip
    candidate = make_link(proposal, LINK_FOR_ORGANISATION, expires_at=until)

    def fill(route):
        pk = proposal.pk if "proposals" in route else opportunity.pk
        token = token_of(candidate.pk if route.startswith("o/") else own.pk)
        for part, value in {
            "<str:name>": "x", "<str:token>": token, "<uuid:pk>": pk, "<uuid:opportunity_id>": pk,
            "<uuid:delivery_id>": call.pk,
        }.items():  # fmt: skip
            route = route.replace(part, str(value))
        return "/" + route

    return fill


CASES = [
    (route, method, role)
    for route, answers in EXPECTED.items()
    for method in answers
    for role in ROLES
]  # fmt: skip


@pytest.mark.parametrize(("route", "method", "role"), CASES)
def test_a_role_gets_the_expected_answer(route, method, role, client, people, address, opportunity):
    path = address(route)
    if people[role]:
        client.force_login(people[role])
    body = BODIES.get(route, {"organisation": str(opportunity.organisation_id)} if path.startswith("/api/") else {})
    content = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    data = json.dumps(body) if path.startswith("/api/") else "&".join(f"{key}={value}" for key, value in body.items())
    before = list(Proposal.objects.values("state")), list(Opportunity.objects.values("state"))

    answer = client.get(path) if method == "GET" else client.generic(method, path, data, content_type=content)

    assert answer.status_code == EXPECTED[route][method][role], answer.content[:300]
    if answer.status_code >= 400 or method == "GET":
        assert before == (list(Proposal.objects.values("state")), list(Opportunity.objects.values("state")))
    if answer.status_code >= 400 and path.startswith("/api/"):
        assert answer["Content-Type"] == "application/problem+json"
    if role in ("nobody", "stranger", "coordinator") and not path.startswith(("/v/", "/balie/")):
        assert b"Marc" not in answer.content
        assert b"p37@" not in answer.content


UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("route", sorted(EXPECTED))
def test_a_method_without_an_expected_answer_is_refused(route, client, people, address, member):
    client.force_login(member)
    path = address(route)
    for method in ("GET", *UNSAFE):
        if method not in EXPECTED[route]:
            answer = client.generic(method, path, "{}", content_type="application/json")
            refused = (400, 401, 404, 405, 409) if path.startswith("/_allauth/") else (404, 405)  # who first, then how
            assert answer.status_code in refused, (method, answer.status_code)


WITHOUT_COOKIE = ("_allauth/", "api/v1/accounts")  # where a cookie opens nothing there is nothing to forge


@pytest.mark.parametrize(
    "route",
    [route for route, answers in EXPECTED.items() if "POST" in answers and not route.startswith(WITHOUT_COOKIE)],
)
def test_writing_without_the_forms_own_token_is_refused(route, address, member):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    path = address(route)

    answer = strict.post(
        path, {}, content_type="application/json" if path.startswith("/api/") else "multipart/form-data; boundary=x"
    )

    assert answer.status_code == 403
