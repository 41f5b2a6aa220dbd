"""Talking with organisations: what was said, when to call again, and a draft that they only have to look at (R005)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from backend.accounts.models import StaffRole
from backend.city.load import city
from backend.listening import messages
from backend.listening.access import drafts_waiting
from backend.listening.models import LONGEST, TALK_WAYS, Talk
from backend.opportunities import actions as opportunities
from backend.opportunities.case import checked
from backend.opportunities.examples import Example, record_from
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements.actions import tell
from matching.types import LOCAL_LANGUAGE


class DoesNotStand(Exception):
    """The draft is not one that may be kept; the sentences say why."""


def note(
    organisation: Organisation,
    by: StaffRole | None,
    *,
    day: date,
    way: str,
    text: str,
    again_on: date | None,
    today: date,
) -> Talk:
    """The same words of the same day are one. Raises ValueError naming the field."""
    if way not in TALK_WAYS:
        raise ValueError(f"way: {way!r} is not one of {', '.join(TALK_WAYS)}")
    if not text or len(text) > LONGEST:
        raise ValueError(f"text: 1 to {LONGEST} signs")
    if day > today:
        raise ValueError("day: still to come")
    if again_on is not None and again_on <= day:
        raise ValueError("again_on: must come after the day")
    told = {"way": way, "by": by, "again_on": again_on}
    return Talk.objects.update_or_create(organisation=organisation, day=day, text=text, defaults=told)[0]


@transaction.atomic
def draft(organisation: Organisation, example: Example, talent: str, *, now: datetime) -> Opportunity:
    """A draft from an example, which asks for a talent that nobody asks for here; the organisation hears of it, and it
    alone may publish it. The same one that still waits is one. Raises DoesNotStand.
    """
    name = example.names[LOCAL_LANGUAGE]  # stored, so not in the language of whoever makes it
    body = record_from(example, organisation, title=name, text=example.values["text"] or name)
    if talent and talent not in body["talents_welcome"]:
        body["talents_welcome"] = [talent, *body["talents_welcome"]]
    return draft_from(organisation, body, now=now)


@transaction.atomic
def draft_from(organisation: Organisation, body: dict[str, Any], *, is_told: bool = True, now: datetime) -> Opportunity:
    """A draft of an opportunity record for an organisation, which hears of it unless it hears of another one anyhow.

    The same one that still waits is one. Raises DoesNotStand.
    """
    record, errors = checked(body, city(organisation.city).matching)
    if errors:
        raise DoesNotStand(" ".join(one.message_nl for one in errors))
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    known = (
        drafts_waiting(organisation).filter(title=record["title"], talents_welcome=record["talents_welcome"]).first()
    )
    if known:
        return known
    made = opportunities.draft_opportunity(organisation, record, by_point=True)
    if is_told:
        tell(messages.about_draft(made), city(organisation.city), now=now)
    return made
