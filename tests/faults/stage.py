"""Fills a migrated database of the rig: the small invented city, and many copies of one person with a proposal each.

`python -m tests.faults.stage PEOPLE PLACES`: the proposals go round the opportunities, each with its own organisation
and PLACES places (0: three opportunities for everybody). Prints nothing; everything is read back from the database.
"""

import sys
from copy import copy
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import django

django.setup()

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.city.load import default_city
from backend.coordination import actions
from backend.organisations.models import Organisation
from backend.outbox.models import Event
from backend.placements.actions import propose_for_volunteer
from backend.placements.models import LINK_FOR_VOLUNTEER, Link, Proposal
from backend.placements.tokens import hash_of, token_of
from backend.talent.models import TalentProfile, Volunteer
from notifications.models import Delivery

DEMO = Path(__file__).parents[2] / "backend" / "city" / "antwerpen" / "demo"


@transaction.atomic
def fill(people, places):
    now = timezone.now()
    city = default_city()
    actions.load_sample(DEMO, city=city.slug, now=now)
    actions.confirm_invented_people(city.slug, now=now)
    actions.publish_drafts(city.slug, now=now, only=["T40"])
    marc = Volunteer.objects.get(external_id="P37")
    [model] = propose_for_volunteer(marc.pk, now=now)
    opportunities = [
        _like(model.opportunity, places or 200, number) for number in range(-(-people // places) if places else 3)
    ]
    volunteers = [_copy(marc, external_id=None, first_name=f"Persoon {number}") for number in range(people)]
    users = [User(email=f"persoon{number}@voorbeeld.example", password="!", language="nl") for number in range(people)]
    User.objects.bulk_create(users)
    for one, user in zip(volunteers, users, strict=True):
        one.user, one.channel = user, "email"
    Volunteer.objects.bulk_create(volunteers)
    TalentProfile.objects.bulk_create([_copy(marc.profile, volunteer=one) for one in volunteers])
    proposals = [
        _copy(model, volunteer=one, opportunity=opportunities[number % len(opportunities)])
        for number, one in enumerate(volunteers)
    ]
    Proposal.objects.bulk_create(proposals)
    links = [Link(proposal=one, purpose=LINK_FOR_VOLUNTEER, expires_at=now + timedelta(days=20)) for one in proposals]
    for link in links:
        link.token_hash = hash_of(token_of(link.pk))
    Link.objects.bulk_create(links)
    Event.objects.all().delete()
    Delivery.objects.all().delete()


def _like(opportunity, places, number):
    organisation = _copy(
        Organisation.objects.get(pk=opportunity.organisation_id), external_id=None, name=f"Organisatie {number}",
        contact_email=f"organisatie{number}@voorbeeld.example",
    )  # fmt: skip
    organisation.save(force_insert=True)
    made = _copy(
        opportunity, external_id=None, organisation=organisation, title=f"Taak {number}", places=places,
        reserved_places=0, taken_open=0, taken_reserved=0,
    )  # fmt: skip
    made.save(force_insert=True)
    return made


def _copy(row, **changes):
    made = copy(row)
    made._state = copy(row._state)
    made._state.adding, made._state.fields_cache = True, {}
    made.pk = uuid4()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


if __name__ == "__main__":
    fill(int(sys.argv[1]), int(sys.argv[2]))
