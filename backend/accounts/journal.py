"""Who saw or did what, for the person to read."""

from typing import Any
from uuid import UUID

from backend.accounts.models import JournalEntry

LOOKED, ANSWERED_FOR, CONTACT_SHOWN, CALLED = "looked", "answered_for", "contact_shown", "called"
CONSENT_GIVEN, CONSENT_WITHDRAWN = "consent_given", "consent_withdrawn"
PROFILE_CHANGED, EXPORTED, EMAIL_CHANGED = "profile_changed", "exported", "email_changed"
WORDS = {
    LOOKED: "keek naar je profiel",
    ANSWERED_FOR: "gaf jouw antwoord door",
    CONTACT_SHOWN: "kreeg je naam en hoe je te bereiken bent, omdat je ja zei",
    CALLED: "belde met jou",
    CONSENT_GIVEN: "gaf toestemming",
    CONSENT_WITHDRAWN: "trok een toestemming in",
    PROFILE_CHANGED: "veranderde je profiel",
    EMAIL_CHANGED: "veranderde je e-mailadres",
    EXPORTED: "haalde al je gegevens op",
}


def write(person: Any, what: str, *, actor: str = "", about: UUID | None = None) -> None:
    """One line; `person` may be None for somebody without an account, of whom nobody can read it."""
    if person is not None:
        JournalEntry.objects.create(person=person, what=what, actor=actor, about=about)


def write_many(people: list[Any], what: str, *, actor: str) -> None:
    """The same line for several people."""
    JournalEntry.objects.bulk_create(JournalEntry(person=one, what=what, actor=actor) for one in people if one)


def sentence_of(entry: JournalEntry) -> str:
    return f"{entry.actor or 'Jij'} {WORDS.get(entry.what, entry.what)}."
