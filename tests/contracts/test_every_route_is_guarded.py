"""Every endpoint, every method, every role has an expected answer; a new route without one fails."""

import contextlib
import io
import json
from collections import defaultdict
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from PIL import Image

from backend.accounts.models import MATCHMAKER, StaffRole, User
from backend.city import load
from backend.coordination.actions import publish_drafts
from backend.engagements.models import Engagement, Shift
from backend.listening import stories
from backend.listening.models import KnowledgePage, Signal, SignalGroup, SupportRequest, Training, TrainingPlace
from backend.opportunities.models import Opportunity
from backend.organisations import locations
from backend.organisations.models import READER, Membership, Organisation, OrganisationPhoto
from backend.placements import actions
from backend.placements.models import (
    LINK_FOR_ORGANISATION,
    LINK_FOR_VOLUNTEER,
    LINK_HOW_IS_IT,
    LINK_STILL_THERE,
    Case,
    Placement,
    PlannedRound,
    Proposal,
    Report,
    Thanks,
    TrialVisit,
)
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, token_of
from backend.talent.actions import give_consent
from backend.talent.messages import SALT
from backend.talent.models import Consent, Volunteer
from notifications.models import Delivery

# route -> method -> role -> status. "volunteer" and "member" own the objects asked for; "stranger" owns others.
# "reader" reads in the member's organisation; "guide" was chosen by the volunteer; "outsider" is a guide whom nobody
# chose; "coordinator" works at the volunteer point.
ROLES = ("nobody", "volunteer", "member", "reader", "stranger", "guide", "outsider", "coordinator")
IN = 302  # sent to the page that says how to come in
ALL_200 = dict.fromkeys(ROLES, 200)
SIGNED_IN = {**ALL_200, "nobody": IN}
AWAY = dict.fromkeys(ROLES, 302)
NO_TOKEN = dict.fromkeys(ROLES, 401)
COORDINATOR = {**dict.fromkeys(ROLES, 404), "nobody": IN, "coordinator": 200}


def only(status, *roles, nobody=401, others=404):
    """One status for some roles; whoever is not signed in and all others get theirs."""
    return {role: status if role in roles else nobody if role == "nobody" else others for role in ROLES}


CATALOGUES = ("talents", "themes", "boundaries", "wishes", "support", "languages", "neighbourhoods")
SIGNED_IN_API = {**ALL_200, "nobody": 401}
EXPECTED = {
    "": {"GET": ALL_200},
    "over/": {"GET": ALL_200},
    "privacy/": {"GET": ALL_200},
    "voor-thuis/": {"GET": ALL_200},
    "wie-ziet-wat/": {"GET": ALL_200},
    "toeleider/": {"GET": only(200, "guide", "outsider", nobody=IN)},
    "taken/affiche/<str:neighbourhood>/": {"GET": dict.fromkeys(ROLES, 404)},  # of no neighbourhood here
    "coordinatie/oproepen/kaart.pdf": {"GET": COORDINATOR},
    "ik/leren/": {"GET": SIGNED_IN, "POST": {**dict.fromkeys(ROLES, 422), "nobody": IN}},
    "ik/leren/<uuid:goal_id>/weg/": {"POST": only(302, "volunteer", nobody=IN)},
    "ik/voorstellen/<uuid:proposal_id>/terug/": {"POST": only(302, "volunteer", nobody=IN)},
    "ik/bedankt/<uuid:thanks_id>/": {"POST": only(302, "volunteer", nobody=IN)},
    "hulp/": {"GET": ALL_200},
    "toegankelijkheid/": {"GET": ALL_200},
    "taal/": {"GET": ALL_200, "POST": AWAY},
    "start/": {"GET": AWAY},
    "start/graag/": {"GET": ALL_200, "POST": AWAY},
    # Screens that come after another one send back to it.
    "start/kan/": {"GET": AWAY, "POST": AWAY},
    "start/wanneer/": {"GET": AWAY, "POST": AWAY},
    "start/waar/": {"GET": AWAY, "POST": AWAY},
    "start/past/": {"GET": AWAY, "POST": AWAY},
    "start/talen/": {"GET": AWAY, "POST": AWAY},
    "start/naam/": {"GET": AWAY, "POST": AWAY},
    "start/klaar/": {"GET": AWAY, "POST": AWAY},
    "ik/kaart/": {"GET": {**AWAY, "volunteer": 200}, "POST": AWAY},
    "organisaties/": {"GET": ALL_200},
    "organisaties/<uuid:organisation_id>/": {"GET": ALL_200},
    "organisaties/<uuid:organisation_id>/sms/": {"POST": only(302, "guide", "outsider", "coordinator", nobody=IN)},
    "organisaties/<uuid:organisation_id>/fiche/": {"GET": ALL_200},
    "organisaties/<uuid:organisation_id>/foto.jpg": {"GET": ALL_200},
    "organisaties/<uuid:organisation_id>/naast/<uuid:other_id>/": {"GET": ALL_200},
    "volunteering.jsonld": {"GET": ALL_200},
    **{
        f"hsds/{name}": {"GET": ALL_200}
        for name in (
            "",
            "organizations",
            "organizations/<uuid:pk>",
            "services",
            "services/<uuid:pk>",
            "service_at_locations",
            "everything.json",
        )
    },
    "mag-ik/": {"GET": ALL_200, "POST": ALL_200},
    "taken/": {"GET": ALL_200},
    "taken/nieuw.atom": {"GET": ALL_200},
    "taken/ingebed/": {"GET": ALL_200},
    "taken/kaart/": {"GET": ALL_200},
    "taken/<uuid:opportunity_id>/": {"GET": ALL_200},
    "taken/<uuid:opportunity_id>/graag/": {"POST": AWAY},  # to the proposal, or to the first screen of a card
    ".well-known/apple-app-site-association": {"GET": dict.fromkeys(ROLES, 404)},
    ".well-known/assetlinks.json": {"GET": dict.fromkeys(ROLES, 404)},
    "sw.js": {"GET": ALL_200},
    "health/live": {"GET": ALL_200},
    "health/ready": {"GET": ALL_200},
    "metrics": {"GET": dict.fromkeys(ROLES, 404)},  # no METRICS_TOKEN is set here
    "binnen/": {"GET": {**AWAY, "nobody": 200}, "POST": {**AWAY, "nobody": 200}},
    "binnen/code/": {"GET": AWAY, "POST": AWAY},  # only after a code was asked for
    "binnen/tweede/": {"GET": AWAY, "POST": AWAY},
    "binnen/sleutel/": {"GET": AWAY, "POST": AWAY},  # an address that nobody proved gets no second factor yet
    "binnen/sleutel/codes/": {"GET": {**dict.fromkeys(ROLES, 404), "nobody": IN}},
    "binnen/opnieuw/": {
        "GET": {**dict.fromkeys(ROLES, 403), "nobody": IN},
        "POST": {**dict.fromkeys(ROLES, 403), "nobody": IN},
    },
    "binnen/opnieuw/toestel/": {
        "GET": {**dict.fromkeys(ROLES, 403), "nobody": IN},
        "POST": {**dict.fromkeys(ROLES, 403), "nobody": IN},
    },
    "binnen/toestel/": {"GET": AWAY, "POST": AWAY},
    "binnen/toestel/nieuw/": {"GET": AWAY, "POST": AWAY},  # an address that nobody proved gets no key yet
    "binnen/toestel/<int:pk>/weg/": {"GET": only(404, nobody=IN), "POST": only(404, nobody=IN)},
    "binnen/via/los/": {"POST": AWAY},
    "binnen/via/<slug:provider_id>/": {"POST": dict.fromkeys(ROLES, 404)},  # no provider is known here
    "binnen/via/<slug:provider_id>/terug/": {"GET": dict.fromkeys(ROLES, 404)},
    "binnen/toestellen/": {"GET": SIGNED_IN, "POST": AWAY},
    "thuis/": {"GET": AWAY},
    "binnen/<str:name>/<str:token>/": {"GET": dict.fromkeys(ROLES, 404), "POST": dict.fromkeys(ROLES, 404)},
    "buiten/": {"POST": dict.fromkeys(ROLES, 302)},
    "v/<str:token>/": {"GET": ALL_200},
    "v/<str:token>/antwoord/": {"POST": dict.fromkeys(ROLES, 302)},
    "v/<str:token>/moment/": {"GET": dict.fromkeys(ROLES, 302), "POST": dict.fromkeys(ROLES, 302)},
    "v/<str:token>/agenda.ics": {"GET": ALL_200},
    "v/<str:token>/vraag/": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 422)},
    "v/<str:token>/nota/": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 422)},
    "v/<str:token>/papieren/": {"GET": AWAY, "POST": AWAY},  # nobody said yes yet
    "v/<str:token>/papieren/formulier.pdf": {"GET": dict.fromkeys(ROLES, 404)},
    "v/<str:token>/waarom/": {"POST": dict.fromkeys(ROLES, 302)},
    "v/<str:token>/samen/": {"POST": AWAY},
    "v/<str:token>/grenzen/": {"POST": AWAY},
    "v/<str:token>/duo/": {"GET": AWAY, "POST": AWAY},  # nobody said yes yet
    "v/<str:token>/buddy/": {"POST": AWAY},
    "samen/": {"GET": SIGNED_IN, "POST": {**dict.fromkeys(ROLES, 200), "volunteer": 422, "nobody": IN}},  # no code
    "v/<str:token>/rust/": {"POST": dict.fromkeys(ROLES, 302)},
    "o/<str:token>/": {"GET": ALL_200},
    "o/<str:token>/welkom/": {"POST": dict.fromkeys(ROLES, 409)},
    "o/<str:token>/antwoord/": {"POST": AWAY},
    "ik/": {"GET": SIGNED_IN},
    "ik/berichten/": {
        "GET": only(200, "volunteer", nobody=IN),
        "POST": only(302, "volunteer", nobody=IN),
    },
    "org/": {"GET": SIGNED_IN},
    "org/<uuid:organisation_id>/uren/plafond/": {"POST": only(404, nobody=IN)},  # nobody is named
    "org/<uuid:organisation_id>/plekken/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(422, "member", nobody=IN),  # nothing is filled in
    },
    "org/<uuid:organisation_id>/plekken/<uuid:part_id>/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/muntjes/": {"GET": only(404, nobody=IN), "POST": only(404, nobody=IN)},  # none here
    "org/<uuid:organisation_id>/beleid/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(302, "member", nobody=IN),
    },
    "org/<uuid:organisation_id>/betekenis/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(422, "member", nobody=IN),
    },
    "org/<uuid:organisation_id>/momenten/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(422, "member", nobody=IN),  # nothing is filled in
    },
    "org/<uuid:organisation_id>/momenten/<uuid:shift_id>/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/momenten/<uuid:shift_id>/weg/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/uren/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(422, "member", nobody=IN),  # nothing is filled in
    },
    "org/<uuid:organisation_id>/uren/<uuid:goal_id>/geleerd/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/uren/<uuid:engagement_id>/weg/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/uren/<uuid:engagement_id>/klopt/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/<slug:what>-<int:year>.<slug:kind>": {"GET": only(200, "member", nobody=IN)},
    "org/<uuid:organisation_id>/kaart/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(422, "member", nobody=IN),  # nothing is filled in
    },
    "org/<uuid:organisation_id>/foto/": {"POST": only(302, "member", nobody=IN)},
    "org/<uuid:organisation_id>/team/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(422, "member", nobody=IN),  # nothing is filled in
    },
    "org/<uuid:organisation_id>/team/<uuid:member_id>/weg/": {"POST": only(302, "member", nobody=IN)},
    "org/taken/<uuid:opportunity_id>/kandidaten/": {"GET": only(200, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/nodig-uit/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/niet-voor-ons/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/welkom/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/kwam/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/afspraak/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/afspraak.pdf": {"GET": only(404, nobody=IN)},  # this organisation signs none
    "org/kandidaten/<uuid:proposal_id>/uittreksel/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/buddy/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/bedankt/": {"POST": only(302, "member", nobody=IN)},
    "org/kandidaten/<uuid:proposal_id>/nota/": {"GET": only(404, nobody=IN)},  # nobody said yes yet
    "org/kandidaten/<uuid:proposal_id>/doorverwijzen/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(302, "member", nobody=IN),
    },
    "org/taken/nieuw/": {
        "GET": only(200, "member", "stranger", nobody=IN),
        "POST": only(302, "member", "stranger", nobody=IN),
    },
    **{
        f"org/taken/<uuid:opportunity_id>/{screen}/": {
            "GET": only(200, "member", nobody=IN),
            "POST": only(422, "member", nobody=IN),  # nothing is filled in
        }
        for screen in ("wat", "wanneer", "wie")
    },
    "org/taken/<uuid:opportunity_id>/drempel/": {
        "GET": only(200, "member", nobody=IN),
        "POST": only(302, "member", nobody=IN),
    },
    "org/taken/<uuid:opportunity_id>/reden/": {"POST": only(302, "member", nobody=IN)},
    "org/taken/<uuid:opportunity_id>/offline/": {"POST": only(302, "member", nobody=IN)},
    "org/taken/<uuid:opportunity_id>/online/": {"POST": only(302, "member", nobody=IN)},
    "coordinatie/": {"GET": COORDINATOR},
    "coordinatie/mensen/": {"GET": COORDINATOR, "POST": COORDINATOR},
    "coordinatie/mensen/<uuid:volunteer_id>/": {"GET": COORDINATOR},
    "coordinatie/taken/": {"GET": COORDINATOR},
    "coordinatie/taken/<uuid:opportunity_id>/": {"GET": COORDINATOR},
    "coordinatie/taken/<uuid:opportunity_id>/nakijken/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/voorstellen/": {"GET": COORDINATOR},
    "coordinatie/voorstellen/nieuw/": {"POST": only(404, nobody=IN)},  # nobody and nothing is named
    "coordinatie/verdeling/": {"GET": COORDINATOR, "POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/verdeling/<uuid:planned_id>/": {"GET": COORDINATOR},
    "coordinatie/verdeling/<uuid:planned_id>/beslis/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/gaten/": {"GET": COORDINATOR},
    "coordinatie/kaart/": {"GET": COORDINATOR},
    "coordinatie/spreiding/": {"GET": COORDINATOR},
    "coordinatie/berichten/": {"GET": COORDINATOR},
    "veilig/": {"GET": ALL_200},
    "melden/": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 422)},
    "melden/<str:code>/": {"GET": dict.fromkeys(ROLES, 404)},
    "coordinatie/meldingen/": {"GET": COORDINATOR},
    "coordinatie/meldingen/<uuid:pk>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "verhalen/": {"GET": ALL_200},
    "ik/kaart/beroep/": {"POST": only(302, "volunteer", nobody=IN)},
    "ik/muntjes/": {"GET": only(404, nobody=IN), "POST": only(404, nobody=IN)},  # this city has none
    "ik/momenten/<uuid:placement_id>/buddy/": {"POST": only(302, "volunteer", nobody=IN)},
    "ik/momenten/": {"GET": SIGNED_IN},
    "ik/momenten.ics": {"GET": SIGNED_IN},
    "ik/momenten/<uuid:own_shift_id>/": {"POST": only(302, "volunteer", nobody=IN)},
    "ik/uren/": {"GET": SIGNED_IN, "POST": {**dict.fromkeys(ROLES, 422), "nobody": IN}},  # nothing is filled in
    "ik/uren/<uuid:placement_id>/plafond/": {"POST": only(302, "volunteer", nobody=IN)},
    "ik/uren/<uuid:placement_id>/attest.<slug:kind>": {"GET": only(200, "volunteer", nobody=IN)},
    "attest/sleutels.json": {"GET": ALL_200},
    "attest/<slug:city_slug>/": {"GET": ALL_200},
    "ik/verhaal/": {"GET": only(200, "volunteer", nobody=IN), "POST": only(422, "volunteer", nobody=IN)},
    "ik/verhaal/<uuid:story_id>/weg/": {"POST": only(302, "volunteer", nobody=IN)},
    "coordinatie/verhalen/": {"GET": COORDINATOR},
    "coordinatie/verhalen/<uuid:story_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/verslag/": {"GET": COORDINATOR},
    "coordinatie/verslag.<slug:kind>": {"GET": COORDINATOR},
    "signalen/": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 422)},
    "signalen/<str:code>/": {"GET": dict.fromkeys(ROLES, 404)},
    "coordinatie/signalen/": {"GET": COORDINATOR},
    "coordinatie/signalen/<uuid:signal_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/signalen/groep/<uuid:group_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "vormingen/": {"GET": ALL_200},
    "vormingen/<uuid:training_id>/": {"POST": AWAY},
    "vormingen/<uuid:training_id>/agenda.ics": {"GET": ALL_200},
    "coordinatie/peilingen/": {"GET": only(404, nobody=IN), "POST": only(404, nobody=IN)},  # this city has none
    "peiling/<uuid:poll_id>/": {"GET": dict.fromkeys(ROLES, 404), "POST": dict.fromkeys(ROLES, 404)},  # none here
    "coordinatie/muntjes/": {"GET": only(404, nobody=IN), "POST": only(404, nobody=IN)},  # this city has none
    "coordinatie/inlezen/": {"GET": COORDINATOR, "POST": {**COORDINATOR, "coordinator": 422}},
    "coordinatie/organisaties/": {"GET": COORDINATOR},
    "coordinatie/organisaties/<uuid:organisation_id>/onthaal/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/organisaties/<uuid:organisation_id>/kennen/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/organisaties/<uuid:organisation_id>/": {
        "GET": COORDINATOR,
        "POST": {**COORDINATOR, "coordinator": 422},
    },
    "coordinatie/organisaties/<uuid:organisation_id>/ontwerp/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/kennis/": {"GET": COORDINATOR, "POST": {**COORDINATOR, "coordinator": 422}},
    "coordinatie/kennis/<uuid:page_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "kennis/": {"GET": ALL_200},
    "kennis/<uuid:page_id>/": {"GET": ALL_200},
    "org/talenten/": {"GET": only(200, "member", "stranger", nobody=IN)},
    "org/talenten/<uuid:card_id>/": {"POST": only(404, nobody=IN)},  # no opportunity is named
    "ik/kaart/talentgids/": {"POST": only(302, "volunteer", nobody=IN)},
    "org/kennis/": {
        "GET": only(200, "member", "stranger", nobody=IN),
        "POST": only(422, "member", "stranger", nobody=IN),  # nothing is filled in
    },
    "coordinatie/vormingen/": {"GET": COORDINATOR, "POST": {**COORDINATOR, "coordinator": 422}},
    "coordinatie/vormingen/<uuid:place_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/vormingen/<uuid:training_id>/weg/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "org/bezoek/": {
        "GET": only(200, "member", "stranger", nobody=IN),
        "POST": only(422, "member", "stranger", nobody=IN),  # nothing is filled in
    },
    "org/bezoek/<uuid:visit_id>/weg/": {"POST": only(302, "member", nobody=IN)},
    "org/steun/": {
        "GET": only(200, "member", "stranger", nobody=IN),
        "POST": only(422, "member", "stranger", nobody=IN),  # nothing is filled in
    },
    "org/steun/<uuid:request_id>/": {"POST": only(302, "member", nobody=IN)},
    "coordinatie/steun/": {"GET": COORDINATOR},
    "coordinatie/steun/<uuid:request_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/werklijst/": {"GET": COORDINATOR},
    "coordinatie/werklijst/neem/": {"POST": only(404, nobody=IN)},  # no line is named
    "coordinatie/werklijst/<uuid:pk>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/oproepen/": {"GET": COORDINATOR, "POST": {**COORDINATOR, "coordinator": 302}},
    "balie/bellijst/<uuid:delivery_id>/brief/": {"GET": COORDINATOR},
    "t/<str:token>/": {"GET": ALL_200, "POST": ALL_200},
    "n/<str:token>/": {"GET": ALL_200, "POST": ALL_200},
    "uit/<str:token>/": {"GET": ALL_200, "POST": ALL_200},
    "berichten/sms/<str:secret>/": {"POST": dict.fromkeys(ROLES, 404)},  # no SMS_IN_SECRET is set here
    "coordinatie/berichten/<uuid:pk>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/online/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/team/": {"GET": COORDINATOR, "POST": {**COORDINATOR, "coordinator": 302}},
    "coordinatie/team/<uuid:role_id>/weg/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "balie/": {"GET": COORDINATOR, "POST": COORDINATOR},
    "balie/nieuw/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "balie/klaar/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "balie/mensen/<uuid:volunteer_id>/": {"GET": COORDINATOR, "POST": COORDINATOR},
    # Nobody is here: only then may a colleague answer or print.
    "balie/mensen/<uuid:volunteer_id>/kaart/": {"POST": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/wis/": {"POST": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/papieren/": {
        "GET": only(404, nobody=IN),
        "POST": only(404, nobody=IN),
    },
    "balie/mensen/<uuid:volunteer_id>/samen/": {"GET": only(404, nobody=IN), "POST": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/verhaal/": {"POST": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/alles/": {"POST": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/attest.pdf": {"GET": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/c45b.pdf": {"GET": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/nota/": {"POST": only(404, nobody=IN)},
    "balie/mensen/<uuid:volunteer_id>/<uuid:proposal_id>/": {"POST": only(404, nobody=IN)},
    "k/": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 422)},
    "k/klaar/": {"GET": {**AWAY, "nobody": IN}},
    "k/<str:code>/": {"GET": dict.fromkeys(ROLES, 404), "POST": dict.fromkeys(ROLES, 404)},
    "balie/bellijst/": {"GET": COORDINATOR},
    "balie/bellijst/<uuid:delivery_id>/": {"POST": {**COORDINATOR, "coordinator": 302}},
    "api/v1/ops/queue": {"GET": only(200, "coordinator")},
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
    "api/v1/config": {"GET": ALL_200},
    "api/v1/statistics": {"GET": ALL_200},
    **{f"api/v1/{name}": {"GET": ALL_200} for name in CATALOGUES},
    "api/v1/opportunities": {"GET": ALL_200, "POST": only(400, "member")},
    "api/v1/opportunities/threshold": {"POST": only(400, "member")},
    "api/v1/opportunities/<uuid:pk>": {"GET": ALL_200, "PATCH": only(428, "member")},
    "api/v1/opportunities/<uuid:pk>/publish": {"POST": only(200, "member")},
    "api/v1/opportunities/<uuid:pk>/pause": {"POST": only(200, "member")},
    "api/v1/opportunities/<uuid:pk>/close": {"POST": only(200, "member")},
    "api/v1/opportunities/<uuid:pk>/interest": {"POST": only(201, "volunteer")},
    "api/v1/opportunities/<uuid:pk>/candidates": {"GET": only(200, "member")},
    "api/v1/candidates/<uuid:pk>/confirm": {"POST": only(409, "member")},  # nobody said yes
    "api/v1/candidates/<uuid:pk>/invite": {"POST": only(200, "member")},
    "api/v1/candidates/<uuid:pk>/decline": {"POST": only(409, "member")},  # a placement runs
    "api/v1/candidates/<uuid:pk>/refer": {"GET": only(200, "member"), "POST": only(422, "member")},  # to nothing
    "api/v1/referrals": {"GET": SIGNED_IN_API},
    "api/v1/questions/<uuid:pk>/answer": {"POST": only(200, "member")},
    "api/v1/organisations": {"GET": ALL_200},
    "api/v1/organisations/<uuid:pk>": {"GET": ALL_200, "PATCH": only(428, "member")},
    "api/v1/organisations/<uuid:pk>/members": {"GET": only(200, "member"), "POST": only(201, "member")},
    "api/v1/organisations/<uuid:pk>/members/<uuid:member_id>": {"DELETE": only(204, "member")},
    "api/v1/proposals": {"GET": SIGNED_IN_API},
    "api/v1/proposals/<uuid:pk>": {"GET": only(200, "volunteer")},
    "api/v1/proposals/<uuid:pk>/answer": {"POST": only(200, "volunteer")},
    "api/v1/proposals/<uuid:pk>/slots": {"GET": only(200, "volunteer")},
    "api/v1/proposals/<uuid:pk>/trial-visit": {"POST": only(409, "volunteer")},  # before a yes
    "api/v1/proposals/<uuid:pk>/question": {"POST": only(201, "volunteer")},
    "api/v1/trial-visits": {"GET": SIGNED_IN_API},
    "api/v1/trial-visits/<uuid:pk>/ics": {"GET": only(200, "volunteer")},
    "api/v1/trial-visits/<uuid:pk>/cancel": {"POST": only(200, "volunteer")},
    "api/v1/trial-visits/<uuid:pk>/move": {"POST": only(409, "volunteer")},
    "api/v1/trial-visits/<uuid:pk>/feedback": {"POST": only(409, "volunteer")},  # before the day
    "api/v1/trial-visits/<uuid:pk>/attendance": {"POST": only(409, "member")},
    "api/v1/placements": {"GET": SIGNED_IN_API},
    "api/v1/placements/<uuid:pk>/confirm-note": {"POST": only(200, "volunteer")},
    "api/v1/placements/<uuid:pk>/stop": {"POST": only(200, "volunteer")},
    "api/v1/placements/<uuid:pk>/thanks": {"POST": only(201, "member")},
    "api/v1/placements/<uuid:pk>/hours": {"POST": only(409, "volunteer", "member")},  # nobody read the note
    "api/v1/engagements": {"GET": SIGNED_IN_API},
    "api/v1/shifts": {"GET": SIGNED_IN_API},
    "api/v1/shifts/<uuid:pk>/place": {"POST": only(200, "volunteer"), "DELETE": only(204, "volunteer")},
    "api/v1/trainings": {"GET": ALL_200},
    "api/v1/trainings/<uuid:pk>/place": {
        "POST": {**dict.fromkeys(ROLES, 200), "nobody": 401},
        "DELETE": only(404),
    },
    "api/v1/proposals/<uuid:pk>/formalities": {"GET": only(200, "volunteer"), "POST": only(400, "volunteer")},
    "api/v1/proposals/<uuid:pk>/company": {"GET": only(200, "volunteer")},
    "api/v1/proposals/<uuid:pk>/come-back": {"POST": only(409, "volunteer")},  # never began there
    "api/v1/proposals/<uuid:pk>/pair": {"POST": only(409, "volunteer")},  # before a yes
    "api/v1/placements/<uuid:pk>/goals": {"GET": only(200, "volunteer"), "POST": only(409, "volunteer")},  # not begun
    "api/v1/goals/<uuid:pk>": {"DELETE": only(204, "volunteer")},
    "api/v1/goals/<uuid:pk>/learned": {"POST": only(200, "member")},
    "api/v1/pairs": {"POST": only(400, "volunteer")},  # no such code
    "api/v1/pairs/look": {"POST": only(400, "volunteer")},
    "api/v1/placements/<uuid:pk>/buddy": {"POST": only(409, "volunteer")},  # not begun
    "api/v1/candidates/<uuid:pk>/buddy": {"GET": only(200, "member"), "POST": only(409, "member")},  # nobody said yes
    "api/v1/proposals/<uuid:pk>/boundaries": {"POST": only(409, "volunteer")},  # before a yes
    "api/v1/links/<str:token>": {"GET": ALL_200},
    "api/v1/links/<str:token>/answer": {"POST": ALL_200},
    "api/v1/links/<str:token>/booking": {"GET": ALL_200, "POST": dict.fromkeys(ROLES, 409)},
    "api/v1/links/<str:token>/question": {"POST": dict.fromkeys(ROLES, 201)},
    "api/v1/links/<str:token>/feedback": {"POST": dict.fromkeys(ROLES, 409)},  # before the day
    "api/v1/links/<str:token>/stop": {"POST": ALL_200},
    "api/v1/me": {
        "GET": SIGNED_IN_API,
        "PATCH": SIGNED_IN_API,
        "DELETE": {**dict.fromkeys(ROLES, 400), "nobody": 401},
    },
    "api/v1/me/email": {"POST": {**dict.fromkeys(ROLES, 202), "nobody": 401}},
    "api/v1/me/email/confirm": {"POST": {**dict.fromkeys(ROLES, 400), "nobody": 401}},  # no code was asked for
    "api/v1/me/export": {"GET": SIGNED_IN_API},
    "api/v1/me/journal": {"GET": SIGNED_IN_API},
    "api/v1/me/profile": {
        "GET": only(200, "volunteer"),
        "PATCH": only(428, "volunteer"),
        "PUT": only(428, "volunteer", others=400),
    },
    "api/v1/me/contact-rules": {"GET": only(200, "volunteer"), "PUT": only(400, "volunteer")},
    "api/v1/me/consents": {"GET": only(200, "volunteer"), "POST": only(201, "volunteer")},
    "api/v1/me/consents/<uuid:pk>": {"DELETE": only(204, "volunteer")},
    "api/v1/guides": {"GET": only(200, "volunteer")},
    "api/v1/guided": {"GET": SIGNED_IN_API},
    "api/v1/guided/<uuid:pk>/proposals": {"GET": only(200, "guide")},
    "api/v1/guided/<uuid:pk>/proposals/<uuid:proposal_id>/answer": {"POST": only(200, "guide")},
    "api/v1/messages": {"GET": SIGNED_IN_API},
    "api/v1/thanks": {"GET": SIGNED_IN_API},
    "api/v1/devices": {"POST": {**dict.fromkeys(ROLES, 201), "nobody": 401}},
    "api/v1/devices/<uuid:pk>": {"DELETE": only(204, "volunteer")},
    "api/schema/": {"GET": ALL_200},
    "api/schema/3.0/": {"GET": ALL_200},
    "api/docs/": {"GET": ALL_200},
}
BODIES = {
    "coordinatie/team/": {"contact": "nieuw@voorbeeld.example", "role": "matchmaker", "city": "antwerpen"},
    "api/v1/organisations/<uuid:pk>/members": {"contact": "nieuw@voorbeeld.example", "role": "reader"},
    "api/v1/accounts": {"phone": "0470 12 34 56", "language": "nl"},
    "api/v1/candidates/<uuid:pk>/confirm": {},
    "api/v1/devices": {"platform": "ios", "token": "t" * 20, "language": "nl"},
    "api/v1/links/<str:token>/answer": {"answer": "maybe"},
    "api/v1/links/<str:token>/booking": {"starts_at": "2027-03-09T13:00:00Z"},
    "api/v1/candidates/<uuid:pk>/decline": {"reason": "other_hours"},
    "api/v1/candidates/<uuid:pk>/refer": {"opportunity": "00000000-0000-4000-8000-000000000000"},
    "api/v1/candidates/<uuid:pk>/invite": {},
    "api/v1/links/<str:token>/question": {"text": "Is er een lift?"},
    "api/v1/links/<str:token>/feedback": {"felt": "good"},
    "api/v1/links/<str:token>/stop": {},
    "api/v1/me": {"language": "fr"},
    "api/v1/me/email": {"email": "nieuw@voorbeeld.example"},
    "api/v1/me/email/confirm": {"code": "123456"},
    "api/v1/me/consents": {"purpose": "proposals"},
    "api/v1/placements/<uuid:pk>/confirm-note": {"version": "2026-11"},
    "api/v1/placements/<uuid:pk>/thanks": {"text": "Dank je"},
    "api/v1/placements/<uuid:pk>/hours": {"day": "2027-03-01", "hours": "2"},
    "api/v1/proposals/<uuid:pk>/formalities": {"formality": "file_c45b", "state": "answered"},
    "api/v1/proposals/<uuid:pk>/boundaries": {"boundaries": []},
    "api/v1/proposals/<uuid:pk>/come-back": {},
    "api/v1/proposals/<uuid:pk>/pair": {},
    "api/v1/placements/<uuid:pk>/goals": {"text": "Fietsen herstellen"},
    "api/v1/pairs": {"code": "ABCD2345"},
    "api/v1/pairs/look": {"code": "ABCD2345"},
    "api/v1/placements/<uuid:pk>/buddy": {"wanted": True},
    "api/v1/candidates/<uuid:pk>/buddy": {"placement": None},
    "api/v1/guided/<uuid:pk>/proposals/<uuid:proposal_id>/answer": {"answer": "maybe"},
    "api/v1/proposals/<uuid:pk>/answer": {"answer": "maybe"},
    "api/v1/proposals/<uuid:pk>/question": {"text": "Is er een lift?"},
    "api/v1/proposals/<uuid:pk>/trial-visit": {"starts_at": "2027-03-09T13:00:00Z"},
    "api/v1/questions/<uuid:pk>/answer": {"answer": "Ja"},
    "api/v1/trial-visits/<uuid:pk>/attendance": {"came": True},
    "api/v1/trial-visits/<uuid:pk>/feedback": {"felt": "good"},
    "api/v1/trial-visits/<uuid:pk>/move": {"starts_at": "2027-03-09T13:00:00Z"},
    "v/<str:token>/antwoord/": {"answer": "maybe"},
    "taal/": {"language": "nl"},
    "start/graag/": {"likes": "dieren"},
    "org/taken/nieuw/": {"example": "koffie"},
    "org/kandidaten/<uuid:proposal_id>/niet-voor-ons/": {"reason": "other_hours"},
    "org/kandidaten/<uuid:proposal_id>/kwam/": {"came": "yes"},
    "org/kandidaten/<uuid:proposal_id>/bedankt/": {"thanks": "0"},
    "org/kandidaten/<uuid:proposal_id>/doorverwijzen/": {"opportunity": "00000000-0000-4000-8000-000000000000"},
    "org/taken/<uuid:opportunity_id>/drempel/": {"hint": "support:vervoer"},
    "o/<str:token>/antwoord/": {"answer": "Ja"},
    "balie/bellijst/<uuid:delivery_id>/": {"result": "maybe"},
    "coordinatie/berichten/<uuid:pk>/": {"what": "again"},
    "coordinatie/verdeling/": {"preset": "fair", "city": "antwerpen"},
    "coordinatie/verdeling/<uuid:planned_id>/beslis/": {"what": "publish"},
    "ik/berichten/": {"channel": "email"},
    "coordinatie/oproepen/": {"kind": "thanks_campaign", "city": "antwerpen"},
    "t/<str:token>/": {"felt": "good"},
    "org/steun/<uuid:request_id>/": {"what": "done"},
    "coordinatie/organisaties/<uuid:organisation_id>/ontwerp/": {"example": "koffie"},
    "org/<uuid:organisation_id>/plekken/<uuid:part_id>/": {"what": "leave"},
    "coordinatie/vormingen/<uuid:place_id>/": {"came": "yes"},
    "n/<str:token>/": {"answer": "yes"},
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
def people(small_city, volunteer, member, stranger, coordinator, opportunity, now):
    from backend.accounts.models import GUIDE, StaffRole, User
    from backend.organisations.models import READER, Membership
    from backend.talent.actions import give_consent

    found = {"nobody": None, "volunteer": volunteer.user, "member": member, "stranger": stranger}
    for name in ("reader", "guide", "outsider"):
        found[name] = User.objects.create_user(email=f"{name}@voorbeeld.example")
    Membership.objects.create(organisation=opportunity.organisation, user=found["reader"], role=READER)
    roles = {
        name: StaffRole.objects.create(user=found[name], city=small_city.slug, role=GUIDE, label=name)
        for name in ("guide", "outsider")
    }
    give_consent(volunteer, "guide", party=str(roles["guide"].pk), until=None, now=now)
    return {**found, "coordinator": coordinator}


def filling(proposal, now):
    """Fills a route with objects around one proposal."""
    from django.utils import timezone

    from backend.accounts.models import Device

    volunteer, opportunity = proposal.volunteer, proposal.opportunity
    until = proposal.answer_until + WORKS_AFTER_DEADLINE
    own = make_link(proposal, LINK_FOR_VOLUNTEER, expires_at=until)
    call = Delivery.objects.create(
        occasion=f"x{proposal.pk}", kind="proposal_made", recipient=volunteer.pk, language="nl",
        time_zone="Europe/Brussels", channel="callsheet", state="listed", due_at=now, link=own.pk,
        values={"answer_until_at": until.isoformat()},
    )  # fmt: skip
    stuck = Delivery.objects.create(
        occasion=f"y{proposal.pk}", kind="place_taken", recipient=volunteer.pk, language="nl",
        time_zone="Europe/Brussels", channel="email", state="parked", due_at=now, link=own.pk, values={},
    )  # fmt: skip
    candidate = make_link(proposal, LINK_FOR_ORGANISATION, expires_at=until)
    later = timezone.now() + timedelta(days=30)
    signal = Signal.objects.create(
        city=volunteer.city, theme="money", text="De bus is duur.", source="web", language="nl", code_hash=str(uuid4())
    )
    training = Training.objects.create(
        city=volunteer.city, kind="course", title=str(uuid4()), by="De Pit", where="Dam", starts_at=later,
        ends_at=later + timedelta(hours=2), places=8,
    )  # fmt: skip
    helped = Placement.objects.create(proposal=proposal, confirmed_at=timezone.now(), state="ended")
    goal = helped.learning_goals.create(text="Fietsen herstellen", learned_on=now.date())
    days = [
        Engagement.objects.create(
            placement=helped, organisation=opportunity.organisation, reference="a", day=date(2027, 3, day), hours=2,
            confirmed_by="organisation",
        )
        for day in (1, 2, 3)
    ]  # fmt: skip
    own_shift, shift = a_shift_of(volunteer, opportunity, later), a_shift_at(opportunity, later)
    door = io.BytesIO()
    Image.new("RGB", (4, 4)).save(door, "JPEG")
    OrganisationPhoto.objects.update_or_create(
        organisation=opportunity.organisation, defaults={"jpeg": door.getvalue()}
    )
    learner = User.objects.create_user(email=f"{uuid4()}@voorbeeld.example")
    objects = {
        "<uuid:request_id>": SupportRequest.objects.create(
            organisation=opportunity.organisation, kind="material", text="20 stoelen"
        ).pk,
        "<uuid:signal_id>": signal.pk,
        "<uuid:card_id>": give_consent(volunteer, "talent_guide", until=None, now=now).pk,
        "<uuid:page_id>": KnowledgePage.objects.create(
            city=volunteer.city, title=str(uuid4()), text="Zo doen wij het.", search_text="", published_on=now.date()
        ).pk,
        "<uuid:thanks_id>": Thanks.objects.create(
            placement=helped, text="Dank je",
        ).pk,
        "<uuid:placement_id>": helped.pk,
        "<uuid:engagement_id>": days[0].pk,
        "<uuid:goal_id>": goal.pk,
        "goals": goal.pk,
        "<uuid:story_id>": stories.tell(volunteer, "Ik leerde veel mensen kennen.", now=now).pk,
        "<uuid:group_id>": SignalGroup.objects.create(city=volunteer.city, title=str(uuid4())).pk,
        "<uuid:training_id>": training.pk,
        "<uuid:visit_id>": Training.objects.create(
            city=volunteer.city, kind="visit", title=str(uuid4()), by="De Pit", where="Dam", starts_at=later,
            ends_at=later + timedelta(hours=2), places=8, organisation=opportunity.organisation,
        ).pk,
        "<uuid:place_id>": TrainingPlace.objects.create(
            training=training, user=learner, state="in", asked_at=timezone.now()
        ).pk,
        "guided": volunteer.pk,
        "berichten": stuck.pk,
        "meldingen": Report.objects.create(
            city=volunteer.city, kind="unsafe", text="Er was geen licht.", code_hash=str(proposal.pk)
        ).pk,
        "werklijst": Case.objects.create(volunteer=volunteer, kind="silence", about=proposal.pk).pk,
        "opportunities": opportunity.pk,
        "organizations": opportunity.organisation_id,
        "services": opportunity.pk,
        "organisations": opportunity.organisation.pk,
        "candidates": proposal.pk,
        "proposals": proposal.pk,
        "questions": actions.ask_question(proposal.pk, "Moet ik iets meebrengen?").pk,
        "trial-visits": TrialVisit.objects.create(proposal=proposal, starts_at=later).pk,
        "placements": Placement.objects.create(proposal=proposal, confirmed_at=timezone.now()).pk,
        "trainings": training.pk,
        "shifts": own_shift.pk,
        "<uuid:own_shift_id>": own_shift.pk,
        "<uuid:poll_id>": uuid4(),
        "<uuid:part_id>": locations.open_place(
            opportunity.organisation, name=str(uuid4()), text="Soep", neighbourhood=min(load.city(opportunity.organisation.city).matching.neighbourhoods),
            wheelchair="yes", open_from=None, now=now,
        ).parts.get().pk,
        "<uuid:shift_id>": shift.pk,
        "consents": Consent.objects.get(volunteer=volunteer, purpose="proposals").pk,
        "devices": Device.objects.create(
            user=volunteer.user or User.objects.create_user(email="ander@voorbeeld.example"), platform="web",
            token=f"x{proposal.pk}", language="nl",
        ).pk,
        "<uuid:opportunity_id>": opportunity.pk,
        "<uuid:organisation_id>": opportunity.organisation_id,
        "<uuid:other_id>": opportunity.organisation_id,
        "<uuid:proposal_id>": proposal.pk,
        "<uuid:delivery_id>": call.pk,
        "<uuid:volunteer_id>": volunteer.pk,
        "<uuid:member_id>": Membership.objects.create(
            organisation=opportunity.organisation, user=User.objects.create_user(email=f"{uuid4()}@voorbeeld.example"),
            role=READER,
        ).pk,
        "<uuid:planned_id>": PlannedRound.objects.create(city=volunteer.city, preset="fair", state="ready").pk,
        "<uuid:role_id>": StaffRole.objects.create(
            user=User.objects.create_user(email=f"{uuid4()}@voorbeeld.example"), city=opportunity.city, role=MATCHMAKER
        ).pk,
    }  # fmt: skip
    tokens = {"o": token_of(candidate.pk), "uit": signing.dumps([str(volunteer.pk), "thanks"], salt=SALT)}
    for name, purpose in (("t", LINK_HOW_IS_IT), ("n", LINK_STILL_THERE)):
        tokens[name] = token_of(make_link(proposal, purpose, expires_at=until).pk)
    return filled(objects, token_of(own.pk), tokens)


def a_shift_at(opportunity, starts_at):
    ends_at = starts_at + timedelta(hours=2)
    return Shift.objects.create(opportunity=opportunity, starts_at=starts_at, ends_at=ends_at, least=1, most=9)


def a_shift_of(volunteer, opportunity, starts_at):
    """At an organisation that none of these roles acts for, where this person helps now."""
    other = Opportunity.objects.get(pk=opportunity.pk)
    known = [one.organisation_id for one in Membership.objects.all()]
    other.organisation = Organisation.objects.exclude(pk__in=[*known, opportunity.organisation_id]).order_by("pk")[0]
    other.pk, other.external_id, other.state, other._state.adding = uuid4(), None, "paused", True
    other.save()
    yes = Proposal.objects.get(volunteer=volunteer, opportunity=opportunity)
    yes.pk, yes.opportunity, yes.state, yes._state.adding = uuid4(), other, "accepted", True
    yes.answered_at, yes.place = yes.made_at, "open"
    yes.save()
    Placement.objects.create(
        proposal=yes, state="active", confirmed_at=yes.made_at, information_note_confirmed_at=yes.made_at,
        information_note_version="1", information_note_source="desk",
    )  # fmt: skip
    return a_shift_at(other, starts_at)


def filled(objects, token, tokens):
    def fill(route):
        parts = route.split("/")
        whose = parts[parts.index("<uuid:pk>") - 1] if "<uuid:pk>" in parts else ""
        pk = objects.get(whose, objects["opportunities"])
        for part, value in {
            "<str:secret>": "x", "<str:name>": "x", "<str:neighbourhood>": "x", "<slug:provider_id>": "acm", "<str:code>": "BBBB2222", "<int:pk>": 1, "<uuid:pk>": pk,
            "<slug:kind>": "pdf" if "attest" in route else "csv", "<slug:what>": "vergoedingen", "<int:year>": 2027, "<slug:city_slug>": "antwerpen",
            "<str:token>": tokens.get(parts[0], token),
            **{name: one for name, one in objects.items() if name.startswith("<")},
        }.items():  # fmt: skip
            route = route.replace(part, str(value))
        return "/" + route

    return fill


@pytest.fixture
def address(small_city, opportunity, volunteer, now):
    """Objects of the volunteer and the member."""
    from django.utils import timezone

    publish_drafts(small_city.slug, now=now, only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    return filling(Proposal.objects.get(pk=proposal.pk), now)


@pytest.fixture
def proposal_of_others(small_city, people, opportunity, now):
    """Between a person and an organisation that none of these roles has anything to do with."""
    from django.utils import timezone

    publish_drafts(small_city.slug, now=now)
    known = [one.organisation_id for one in Membership.objects.all()]
    free = Opportunity.objects.filter(state="published").exclude(organisation__in=known).order_by("external_id")
    made = (actions.propose_for_opportunity(one.pk, now=timezone.now()) for one in free)
    proposal = next(one for proposals in made for one in proposals if one.volunteer.external_id != "P37")
    return Proposal.objects.get(pk=proposal.pk)


@pytest.fixture
def address_of_others(proposal_of_others, now):
    return filling(proposal_of_others, now)


@pytest.fixture
def address_elsewhere(proposal_of_others, now, settings):
    """The same in another city of this installation, at whose volunteer point nobody of these works."""
    settings.CITIES = ["antwerpen", str(Path(__file__).parents[1] / "cities" / "zilverstad")]
    load.cities.cache_clear()
    opportunity = proposal_of_others.opportunity
    for table, pk in (
        (Organisation, opportunity.organisation_id),
        (Opportunity, opportunity.pk),
        (Volunteer, proposal_of_others.volunteer_id),
    ):
        table.objects.filter(pk=pk).update(city="zilverstad")
    yield filling(Proposal.objects.get(pk=proposal_of_others.pk), now)
    load.cities.cache_clear()


@pytest.fixture
def address_of_a_neighbour(small_city, people, opportunity, volunteer, now):
    """Another person's things at the organisation of the member: same organisation, other volunteer."""
    from django.utils import timezone

    publish_drafts(small_city.slug, now=now, only=["T40"])
    made = actions.propose_for_opportunity(opportunity.pk, now=timezone.now())
    other = next(one for one in made if one.volunteer_id != volunteer.pk)
    return filling(Proposal.objects.get(pk=other.pk), now)


@pytest.fixture
def address_of_nothing():
    """Ids and tokens that nobody has."""
    return filled(defaultdict(uuid4, opportunities=uuid4(), **{
        f"<uuid:{name}_id>": uuid4() for name in ("opportunity", "organisation", "volunteer", "proposal", "delivery", "member", "role", "planned", "request", "signal", "group", "training", "place", "other", "story", "thanks", "placement", "engagement", "goal", "page", "card", "shift", "own_shift", "part", "poll", "visit")
    }), "A" * 22, {})  # fmt: skip


def ask(route, method, path, user, body=None):
    """One call by somebody, with the body of the route."""
    body = BODIES.get(route, body or {})
    is_api = path.startswith("/api/")
    data = json.dumps(body) if is_api else "&".join(f"{key}={value}" for key, value in body.items())
    client = Client()
    if user:
        client.force_login(user)
    return client.generic(
        method, path, data if method != "GET" else "", headers={"Idempotency-Key": "k" * 16},
        content_type="application/json" if is_api else "application/x-www-form-urlencoded",
    )  # fmt: skip


# The world around a route takes longer to make than to ask, so routes are asked together, by the door they lead to.
DOORS = ("api", "_allauth", "coordinatie", "org", "balie", "ik", "v", "binnen", "")


def behind(door, routes=EXPECTED):
    """Those of some routes that this door leads to; "" for all that have no door of their own."""
    own = [one.partition("/")[0] for one in routes]
    return [one for one, first in zip(routes, own, strict=True) if (first if first in DOORS else "") == door]


def cases(door):
    return [(route, method) for route in behind(door) for method in EXPECTED[route]]


class TakenBack(Exception):
    """Rolls back what a role did."""


@contextlib.contextmanager
def taken_back():
    """What somebody does in here is undone, before the next one comes."""
    with contextlib.suppress(TakenBack), transaction.atomic():
        yield
        raise TakenBack


@pytest.fixture
def afresh():
    """After a route: a matcher keeps nothing of what was undone behind its back."""
    from backend.placements import resident

    return resident.forget


def standing():
    """What an answer of 4xx, or a GET, must leave as it is."""
    tables = (Proposal, Opportunity, TrialVisit, Placement, Consent)
    return [sorted(table.objects.values_list("pk", "updated_at")) for table in tables]


@pytest.mark.parametrize("door", DOORS)
def test_every_role_gets_the_expected_answer(door, people, address, opportunity, afresh):
    """The objects are made once; what one role does is taken back before the next comes."""
    wrong = []
    for route, method in cases(door):
        path = address(route)
        body = {"organisation": str(opportunity.organisation_id)} if path.startswith("/api/") else {}
        before = standing()
        for role in ROLES:
            case = route, method, role
            with taken_back():
                answer = ask(route, method, path, people[role], body)
                if answer.status_code != EXPECTED[route][method][role]:
                    wrong.append((*case, answer.status_code, answer.content[:300]))
                if answer.status_code >= 400 or method == "GET":
                    assert before == standing(), case
                if answer.status_code >= 400 and path.startswith("/api/"):
                    assert answer["Content-Type"] == "application/problem+json", case
                if role not in ("volunteer", "guide") and not path.startswith(INVENTED):
                    assert b"Marc" not in answer.content, case
                    assert b"p37@" not in answer.content, case
        afresh()
    assert wrong == []


def with_an_id(door):
    return [(route, method) for route, method in cases(door) if "<uuid:" in route or "<str:token>" in route]


PUBLIC_THINGS = (  # everybody reads these, and may say "Ik wil dit"
    "api/v1/opportunities/<uuid:pk>",
    "api/v1/opportunities/<uuid:pk>/interest",
    "api/v1/organisations/<uuid:pk>",
    "taken/<uuid:opportunity_id>/",
    "taken/<uuid:opportunity_id>/graag/",
    "organisaties/<uuid:organisation_id>/",
    "organisaties/<uuid:organisation_id>/sms/",
    "organisaties/<uuid:organisation_id>/fiche/",
    "organisaties/<uuid:organisation_id>/foto.jpg",
    "hsds/organizations/<uuid:pk>",
    "hsds/services/<uuid:pk>",
    "organisaties/<uuid:organisation_id>/naast/<uuid:other_id>/",
    "vormingen/<uuid:training_id>/",
    "vormingen/<uuid:training_id>/agenda.ics",
    "kennis/<uuid:page_id>/",
    "api/v1/trainings/<uuid:pk>/place",
)


@pytest.mark.parametrize("where", ["here", "in another city"])
@pytest.mark.parametrize("door", [one for one in DOORS if with_an_id(one)])
def test_what_belongs_to_others_looks_like_what_does_not_exist(
    door, where, people, address_of_nothing, request, afresh
):
    """Only what everybody may read, and a link that somebody holds, open; the point sees everybody of its own city."""
    theirs = request.getfixturevalue("address_of_others" if where == "here" else "address_elsewhere")
    wrong = []
    for (route, method), role in product(with_an_id(door), ROLES):
        found = {}
        for whose, address in (("others", theirs), ("nothing", address_of_nothing)):
            with taken_back():
                found[whose] = ask(route, method, address(route), people[role])
        afresh()
        expected = EXPECTED[route][method]["nobody" if role == "nobody" else "outsider"]
        is_open = (expected < 400 and role != "nobody") or route in PUBLIC_THINGS or "<str:token>" in route
        if role == "coordinator" and EXPECTED[route][method]["coordinator"] != 404 and where == "here":
            continue
        case = route, method, role
        if found["nothing"].status_code not in ((IN, 401, 404) if role == "nobody" else (404,)):
            wrong.append((*case, "nothing", found["nothing"].status_code))
        if not is_open and found["others"].status_code != found["nothing"].status_code:
            wrong.append((*case, "others", found["others"].status_code))
        if not is_open and shape_of(found["others"]) != shape_of(found["nothing"]):
            wrong.append((*case, "another body", shape_of(found["others"]), shape_of(found["nothing"])))
    assert wrong == []


@pytest.mark.parametrize("door", [one for one in DOORS if with_an_id(one)])
def test_a_neighbour_at_the_same_organisation_is_somebody_else(door, people, address_of_a_neighbour, afresh):
    """Its members do with this person what they do with the other; one volunteer, and their guide, never with another."""
    wrong = []
    for (route, method), role in product(with_an_id(door), ROLES):
        is_for_all = route in PUBLIC_THINGS or "<str:token>" in route
        like = "outsider" if role in ("volunteer", "guide") and not is_for_all else role
        with taken_back():
            answer = ask(route, method, address_of_a_neighbour(route), people[role])
            if answer.status_code != EXPECTED[route][method][like]:
                wrong.append((route, method, role, answer.status_code, answer.content[:200]))
        afresh()
    assert wrong == []


def shape_of(answer):
    """The answer without the number of the request and without the address that was asked."""
    if answer.headers.get("Content-Type") == "application/problem+json":
        return {key: value for key, value in json.loads(answer.content).items() if key != "instance"}
    return answer.headers.get("Location", "").partition("?")[0]


INVENTED = (
    "/v/",
    "/balie/",
    "/coordinatie/",
    "/api/schema/",
)  # the examples in the document are of invented people
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("door", DOORS)
def test_a_method_without_an_expected_answer_is_refused(door, people, address, member):
    for route, method in product(behind(door), ("GET", *UNSAFE)):
        if method in EXPECTED[route]:
            continue
        client, path = Client(), address(route)
        client.force_login(member)
        with taken_back():
            answer = client.generic(method, path, "{}", content_type="application/json")
        refused = (400, 401, 404, 405, 409) if path.startswith("/_allauth/") else (404, 405)  # who first, then how
        assert answer.status_code in refused, (route, method, answer.status_code)


WITHOUT_COOKIE = (
    "_allauth/",
    "api/v1/accounts",
    "api/v1/links/",
)  # where a cookie opens nothing there is nothing to forge


# Whoever posts here has no cookie of ours: a mail program, a gateway. A token or a secret in the address says who it is.
BY_MACHINES = ("uit/", "berichten/sms/")


def written_by_people(door):
    return [
        one for one in behind(door) if "POST" in EXPECTED[one] and not one.startswith((*WITHOUT_COOKIE, *BY_MACHINES))
    ]


@pytest.mark.parametrize("door", [one for one in DOORS if written_by_people(one)])
def test_writing_without_the_forms_own_token_is_refused(door, address, member):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)
    for route in written_by_people(door):
        path = address(route)
        is_api = path.startswith("/api/")
        kind = "application/json" if is_api else "multipart/form-data; boundary=x"
        assert strict.post(path, {}, content_type=kind).status_code == 403, route
