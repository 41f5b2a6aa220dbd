"""What works, written down once and found by everybody: an organisation offers it, the point looks first (R018)."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.common.plain_words import plain, words_of
from backend.listening.models import KNOWLEDGE_LONGEST, TITLE_LONGEST, KnowledgePage
from backend.organisations.models import Organisation


class TitleTaken(Exception):
    """Another page of this city has that title."""


@transaction.atomic
def write(city: str, organisation: Organisation | None, title: str, text: str) -> KnowledgePage:
    """Offered to the volunteer point, which is itself the author without an organisation. The author's own page with
    that title is changed, and waits for a look again. Raises ValueError naming the field, TitleTaken.
    """
    for name, value, longest in (("title", title, TITLE_LONGEST), ("text", text, KNOWLEDGE_LONGEST)):
        if not value or len(value) > longest:
            raise ValueError(f"{name}: 1 to {longest} signs")
    told = {"text": text, "search_text": plain(f"{title} {text}"), "published_on": None}
    found, is_new = KnowledgePage.objects.get_or_create(
        city=city, title=title, defaults={**told, "organisation": organisation}
    )
    if not is_new:
        if found.organisation != organisation:
            raise TitleTaken(title)
        KnowledgePage.objects.filter(pk=found.pk).update(**told)
        found.refresh_from_db()
    return found


def publish(page_id: UUID, *, today: date) -> None:
    """Somebody of the point read it; everybody may from now on. Twice is once."""
    KnowledgePage.objects.filter(pk=page_id, published_on=None).update(published_on=today)


def take_away(page_id: UUID) -> None:
    """By the volunteer point or its author. Twice is once."""
    KnowledgePage.objects.filter(pk=page_id).delete()


def found(pages: QuerySet[KnowledgePage], asked: str) -> QuerySet[KnowledgePage]:
    """Those that hold every word asked, whatever the accents."""
    for word in words_of(asked):
        pages = pages.filter(search_text__contains=word)
    return pages
