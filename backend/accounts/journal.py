"""Who saw or did what, for the person to read."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.accounts.models import JournalEntry

LOOKED, ANSWERED_FOR, CONTACT_SHOWN, CALLED = "looked", "answered_for", "contact_shown", "called"
CONSENT_GIVEN, CONSENT_WITHDRAWN = "consent_given", "consent_withdrawn"
PROFILE_CHANGED, EXPORTED, EMAIL_CHANGED = "profile_changed", "exported", "email_changed"
MADE_TOGETHER, PRINTED, TAKEN_OVER, PROPOSED = "made_together", "printed", "taken_over", "proposed"
NOTE_READ = "note_read"
A_DAY = timedelta(days=1)
POINT = "Het vrijwilligerspunt"  # stored as it is; said in the language of the reader
WORDS = {
    LOOKED: _("{who} keek naar je profiel."),
    ANSWERED_FOR: _("{who} gaf jouw antwoord door."),
    CONTACT_SHOWN: _("{who} kreeg je naam en contact, want je zei ja."),
    CALLED: _("{who} belde met jou."),
    CONSENT_GIVEN: _("{who} gaf toestemming."),
    CONSENT_WITHDRAWN: _("{who} trok een toestemming in."),
    PROFILE_CHANGED: _("{who} veranderde je profiel."),
    EMAIL_CHANGED: _("{who} veranderde je e-mailadres."),
    EXPORTED: _("{who} haalde al je gegevens op."),
    MADE_TOGETHER: _("{who} maakte samen met jou je kaart."),
    PRINTED: _("{who} drukte je kaart af, met een nieuwe code."),
    TAKEN_OVER: _("{who} nam je kaart over."),
    NOTE_READ: _("{who} las samen met jou wat je moet weten voor je start."),
    PROPOSED: _("{who} stelde zelf iets aan jou voor."),
}


def write(person: Any, what: str, *, actor: str = "", about: UUID | None = None, waits_for: UUID | None = None) -> None:
    """One line. Of a volunteer without an account (`person` is None) it waits until they have one."""
    if person is not None:
        JournalEntry.objects.create(person=person, what=what, actor=actor, about=about)
    elif waits_for is not None:
        JournalEntry.objects.create(waits_for=waits_for, what=what, actor=actor, about=about)


def write_once_a_day(person: Any, what: str, *, actor: str, waits_for: UUID, now: datetime) -> None:
    """The same line, unless it stands there since less than a day: somebody who looks again tells nothing new."""
    whose = {"person": person} if person is not None else {"waits_for": waits_for}
    if not JournalEntry.objects.filter(what=what, actor=actor, created_at__gt=now - A_DAY, **whose).exists():
        write(person, what, actor=actor, waits_for=waits_for)


def hand_over(person: Any, waits_for: UUID) -> None:
    """What was written down before somebody had an account is theirs to read now."""
    JournalEntry.objects.filter(waits_for=waits_for).update(person=person, waits_for=None)


def write_many(people: list[Any], what: str, *, actor: str) -> None:
    """The same line for several people."""
    JournalEntry.objects.bulk_create(JournalEntry(person=one, what=what, actor=actor) for one in people if one)


def sentence_of(entry: JournalEntry) -> str:
    """In the language of the reader."""
    who = gettext("Het vrijwilligerspunt") if entry.actor == POINT else entry.actor or gettext("Jij")
    # A line is never changed, so its word may be older than this list.
    return str(WORDS[entry.what]).format(who=who) if entry.what in WORDS else f"{who} {entry.what}."
