"""Every kind of read of the API, and every list page, beside nothing but the statements it asks the database."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import COORDINATOR, StaffRole, User
from backend.opportunities.models import Opportunity
from backend.organisations.models import OWNER, Membership
from backend.placements import states
from backend.placements.models import Proposal
from backend.talent.models import Volunteer
from benchmarks import data

HELD_BY_ONE = 40


def reads(count: int) -> dict[str, Any]:
    """Per path: p95 of a whole request in this process, and p50 of its own SELECTs sent and fetched bare."""
    with override_settings(ALLOWED_HOSTS=["*"], RATE_LIMIT_SCALE=10_000), connection.cursor() as cursor:
        cursor.execute("analyze")
        return {path: _measure(client, path, count) for client, path in _asked()}


def _asked() -> list[tuple[Client, str]]:
    cache.clear()
    volunteer = Volunteer.objects.filter(city=data.CITY, user=None).first()
    assert volunteer is not None
    volunteer.user = User.objects.create_user(email="race@voorbeeld.example")
    volunteer.save()
    now = timezone.now()
    shown = list(Opportunity.objects.filter(city=data.CITY, state="published")[:HELD_BY_ONE])
    Proposal.objects.bulk_create(
        Proposal(
            volunteer=volunteer, opportunity=one, state=states.DECLINED, parts=[], points=0, distance_km=1,
            reasons=[{"code": "near", "values": {"km": "1.0"}}], not_perfect=[], easy_start=[], for_organisation=[],
            made_at=now, answer_until=now + timedelta(days=7),
        )
        for one in shown
    )  # fmt: skip
    client = Client()
    client.force_login(volunteer.user)
    token = client.get("/api/v1/proposals?page_size=100")["X-Sync-Token"]
    paths = [
        "opportunities", "opportunities?q=koffie", "opportunities?near=51.22,4.4&max_km=2", "opportunities?label=laag",
        f"opportunities/{shown[0].pk}", f"opportunities?updated_since={token}", "organisations", "proposals", "me",
        "me/profile", "trial-visits", "messages", f"proposals/{Proposal.objects.filter(volunteer=volunteer)[0].pk}",
        "me/consents", "me/contact-rules", "me/journal", "placements", "thanks", "guides", "guided", "statistics",
    ]  # fmt: skip
    return [(client, f"/api/v1/{path}") for path in paths] + _asked_by_an_organisation()


def _asked_by_an_organisation() -> list[tuple[Client, str]]:
    """An owner, with candidates for an opportunity of theirs."""
    opportunity = Opportunity.objects.filter(city=data.CITY, state="published").order_by("-pk")[0]
    owner = User.objects.create_user(email="owner@voorbeeld.example")
    Membership.objects.create(organisation=opportunity.organisation, user=owner, role=OWNER)
    now = timezone.now()
    proposals = [
        Proposal(
            volunteer=one, opportunity=opportunity, parts=[], points=0, distance_km=1, reasons=[], not_perfect=[],
            easy_start=[], for_organisation=[{"code": "distance", "values": {"km": "1.0"}}], made_at=now,
            answer_until=now + timedelta(days=7),
        )
        for one in Volunteer.objects.filter(city=data.CITY).order_by("-pk")[:HELD_BY_ONE]
    ]  # fmt: skip
    Proposal.objects.bulk_create(proposals)
    client = Client()
    client.force_login(owner)
    own = f"/api/v1/organisations/{opportunity.organisation_id}"
    paths = (f"/api/v1/opportunities/{opportunity.pk}/candidates", "/api/v1/referrals", own, f"{own}/members")
    return [(client, path) for path in paths]


def pages(count: int) -> dict[str, Any]:
    """The same for the pages with a list: of everybody, a volunteer, an organisation and the volunteer point."""
    more = {"ALLOWED_HOSTS": ["*"], "RATE_LIMIT_SCALE": 10_000, "STAFF_SECOND_FACTOR": False}
    with override_settings(**more), connection.cursor() as cursor:
        asked = _asked()
        volunteer, owner = asked[0][0], asked[-1][0]
        own = Opportunity.objects.filter(city=data.CITY, state="published").order_by("-pk")[0]
        user = User.objects.create_user(email="point@voorbeeld.example")
        StaffRole.objects.create(user=user, city=data.CITY, role=COORDINATOR)
        point = Client()
        point.force_login(user)
        cursor.execute("analyze")
        paths = [
            (volunteer, ("taken/", "taken/?page=50", "taken/?q=koffie", "taken/?label=laag&once=true", "taken/ingebed/",
                         "taken/nieuw.atom", "organisaties/", "ik/")),
            (owner, ("org/", f"org/taken/{own.pk}/kandidaten/")),
            (point, ("coordinatie/", "coordinatie/werklijst/", "coordinatie/voorstellen/", "coordinatie/verdeling/",
                     "coordinatie/taken/?staat=published", "coordinatie/spreiding/", "coordinatie/kaart/",
                     "coordinatie/gaten/", "balie/bellijst/")),
        ]  # fmt: skip
        return {f"/{path}": _measure(client, f"/{path}", count) for client, some in paths for path in some}


def _measure(client: Client, path: str, count: int) -> dict[str, float]:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:200])
    statements = [one["sql"] for one in asked.captured_queries if one["sql"].startswith("SELECT")]

    def bare() -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()

    whole, alone = [], []
    for _ in range(count + 3):
        whole.append(_seconds(lambda: client.get(path)))
        alone.append(_seconds(bare))
    return {"p95_s": float(np.percentile(whole[3:], 95)), "bare_p50_s": float(np.percentile(alone[3:], 50))}


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
