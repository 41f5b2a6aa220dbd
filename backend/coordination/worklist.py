""" "Doe eerst dit": everybody who is stuck, in one list: who, what is wrong, since when, and one thing to do."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.city.load import city
from backend.coordination.queries import CASE_WORDS
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.organisations.queries import STALE_AFTER, seen_before, seen_on
from backend.placements import states
from backend.placements.models import (
    UNSAFE,
    Care,
    Case,
    CheckIn,
    Placement,
    Proposal,
    Question,
    Report,
    Round,
    TrialVisit,
)
from backend.talent import states as talent_states
from backend.talent.models import Volunteer

EACH_MAX = 200  # of every kind: a day's work, not an archive
ANSWER_PROMISED = timedelta(days=2)  # "Je krijgt antwoord binnen 2 werkdagen"
MOMENT_EXPECTED, WORD_EXPECTED = timedelta(days=2), timedelta(days=3)
NOES, LOOKED_BACK = 3, timedelta(days=90)
CASE_TAGS = {
    "aftercare": _("Droevig gezicht"), "silence": _("Lang stil"), "no_word": _("Organisatie zwijgt"),
    "come_along": _("Iemand gaat mee"),
}  # fmt: skip
# Start values of ours: from when somebody waits until the point has done something.
DUE_WORKING_DAYS = {
    "aftercare": 2, "come_along": 2, "no_word": 2, "silence": 10, "question": 3, "no_moment": 4, "no_feedback": 5,
    "held": 2, "three_noes": 5, "nothing_fits": 10, "review": 2, "stale_card": 10, "report": 2,
    "unsafe": 0,
}  # fmt: skip
GUIDED_COUNTS = 2  # a day of somebody who chose a guide counts twice: who needs help to begin loses courage sooner


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `who` and `what` in words, `kind` a tag, `since` when they wait, `url` where it is settled.

    `case` is set for what somebody closes by hand once it is done.
    """

    kind: str
    tag: str
    who: str
    what: str
    since: datetime
    counts: int
    url: str
    do: str
    city: str
    about: UUID  # the case, or whatever the line is worked out from
    case: UUID | None = None
    care: Care | None = None

    @property
    def due_on(self) -> date:
        """The last day on which it is in time, in working days from when somebody began to wait."""
        place = city(self.city)
        return place.rhythm.working_day(place.local(self.since).date(), DUE_WORKING_DAYS[self.kind])

    def is_late(self, now: datetime) -> bool:
        return self.due_on < city(self.city).local(now).date()

    def urgency(self, now: datetime) -> float:
        return (now - self.since) / timedelta(days=1) * self.counts


def items(cities: list[str], now: datetime, *, may_review: bool, may_read_reports: bool) -> list[Item]:
    """Who was not safe first; then the most urgent: days that somebody waits, twice for who has a guide. A few
    statements, whatever the number.
    """
    found = [
        *_cases(cities),
        *_questions(cities, now),
        *_without_a_moment(cities, now),
        *_without_a_word_after(cities, now),
        *_held(cities),
        *_three_noes(cities, now),
        *_nothing_fits(cities),
        *(_to_review(cities) if may_review else ()),
        *_stale_cards(cities, now),
        *_reports(cities, may_read_reports=may_read_reports),
    ]
    cares = Care.objects.filter(about__in=[one.about for one in found]).select_related("owner")
    taken = {(one.kind, one.about): one for one in cares}
    found = [replace(one, care=taken.get((one.kind, one.about))) for one in found]
    return sorted(found, key=lambda one: (one.kind != "unsafe", -one.urgency(now), one.kind, one.who))


def _of(volunteer: Volunteer) -> int:
    return GUIDED_COUNTS if volunteer.is_guided else 1


def _cases(cities: list[str]) -> Iterable[Item]:
    rows = Case.objects.filter(closed_at=None, volunteer__city__in=cities).select_related("volunteer__user")
    found = list(rows.order_by("created_at", "pk")[:EACH_MAX])
    said = dict(
        CheckIn.objects.filter(pk__in=[one.about for one in found]).exclude(words="").values_list("pk", "words")
    )
    for one in found:
        what = f"{CASE_WORDS[one.kind]} “{said[one.about]}”" if one.about in said else str(CASE_WORDS[one.kind])
        yield Item(
            one.kind, str(CASE_TAGS[one.kind]), one.volunteer.first_name, what, one.created_at,
            _of(one.volunteer), _page_of(one.volunteer), gettext("Bekijk"), one.volunteer.city, one.pk, case=one.pk,
        )  # fmt: skip


def _questions(cities: list[str], now: datetime) -> Iterable[Item]:
    rows = Question.objects.filter(
        answered_at=None, created_at__lt=now - ANSWER_PROMISED, proposal__volunteer__city__in=cities,
        proposal__state__in=states.WELCOMED,
    )  # fmt: skip
    for one in rows.select_related("proposal__volunteer", "proposal__opportunity__organisation").order_by("created_at")[
        :EACH_MAX
    ]:
        proposal = one.proposal
        yield Item(
            "question",
            gettext("Vraag zonder antwoord"),
            proposal.volunteer.first_name,
            gettext("vroeg iets aan {name}. Bel de organisatie.").format(name=proposal.opportunity.organisation.name),
            one.created_at,
            _of(proposal.volunteer),
            _page_of(proposal.volunteer),
            gettext("Bekijk"),
            proposal.volunteer.city,
            one.pk,
        )


def _proposals(cities: list[str], **where: Any) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(volunteer__city__in=cities, **where)
    return rows.select_related("volunteer", "opportunity__organisation")


def _without_a_moment(cities: list[str], now: datetime) -> Iterable[Item]:
    rows = _proposals(cities, state=states.ACCEPTED, answered_at__lt=now - MOMENT_EXPECTED)
    for follow_up in (TrialVisit, Placement):
        rows = rows.exclude(Exists(follow_up.objects.filter(proposal=OuterRef("pk"))))
    # The organisation that keeps silent is a case of its own, later.
    rows = rows.exclude(Exists(Case.objects.filter(about=OuterRef("pk"), closed_at=None)))
    for one in rows.order_by("answered_at")[:EACH_MAX]:
        yield Item(
            "no_moment",
            gettext("Ja zonder moment"),
            one.volunteer.first_name,
            gettext("zei ja op “{title}”. Zoek samen een moment.").format(title=one.opportunity.title),
            one.answered_at or one.made_at,
            _of(one.volunteer),
            _page_of(one.volunteer),
            gettext("Bekijk"),
            one.volunteer.city,
            one.pk,
        )


def _without_a_word_after(cities: list[str], now: datetime) -> Iterable[Item]:
    rows = TrialVisit.objects.filter(
        state=states.PLANNED, felt="", starts_at__lt=now - WORD_EXPECTED, proposal__volunteer__city__in=cities
    ).exclude(Exists(Placement.objects.filter(proposal=OuterRef("proposal"))))
    rows = rows.select_related("proposal__volunteer", "proposal__opportunity__organisation")
    for one in rows.order_by("starts_at")[:EACH_MAX]:
        volunteer, organisation = one.proposal.volunteer, one.proposal.opportunity.organisation
        yield Item(
            "no_feedback",
            gettext("Hoe was het?"),
            volunteer.first_name,
            gettext("ging proberen bij {name}. Niemand zei hoe het was.").format(name=organisation.name),
            one.starts_at,
            _of(volunteer),
            _page_of(volunteer),
            gettext("Bekijk"),
            volunteer.city,
            one.pk,
        )


def _held(cities: list[str]) -> Iterable[Item]:
    for one in _proposals(cities, state=states.HELD, opportunity__state=opportunity_states.PUBLISHED).order_by(
        "made_at"
    )[:EACH_MAX]:
        yield Item(
            "held",
            gettext("Kijk eerst zelf"),
            one.volunteer.first_name,
            gettext("misschien “{title}”: de computer vond te weinig redenen.").format(title=one.opportunity.title),
            one.made_at,
            _of(one.volunteer),
            _page_of(one.volunteer),
            gettext("Beslis"),
            one.volunteer.city,
            one.pk,
        )


def _three_noes(cities: list[str], now: datetime) -> Iterable[Item]:
    """Three times no in a row, lately, and no other answer after them: proposals do not hit what this person wants."""
    other_since = Proposal.objects.filter(volunteer=OuterRef("volunteer"), answered_at__gt=OuterRef("answered_at"))
    noes = Proposal.objects.filter(
        volunteer__city__in=cities, state=states.DECLINED, answered_at__gt=now - LOOKED_BACK
    ).exclude(Exists(other_since.exclude(state=states.DECLINED)))
    counted = noes.order_by().values_list("volunteer").annotate(times=Count("pk"), last=Max("answered_at"))
    last = {who: moment for who, _times, moment in counted.filter(times__gte=NOES).order_by("last")[:EACH_MAX]}
    people = Volunteer.objects.filter(pk__in=last, state=talent_states.CONFIRMED)
    for one in people.order_by("pk"):
        yield Item(
            "three_noes",
            gettext("3 keer nee"),
            one.first_name,
            gettext("zei drie keer nee na elkaar. Vraag wat wel past."),
            last[one.pk],
            _of(one),
            _page_of(one),
            gettext("Bekijk"),
            one.city,
            one.pk,
        )


def _nothing_fits(cities: list[str]) -> Iterable[Item]:
    for slug in cities:
        last = Round.objects.filter(city=slug).order_by("-created_at").values_list("gaps", flat=True).first() or {}
        ids = [one["id"] for one in last.get("people", ())][:EACH_MAX]
        for one in Volunteer.objects.filter(pk__in=ids, profile__isnull=False):
            yield Item(
                "nothing_fits",
                gettext("Niets past"),
                one.first_name,
                gettext("heeft nog geen taak die past. Zoek samen."),
                one.created_at,
                _of(one),
                _page_of(one),
                gettext("Zoek"),
                slug,
                one.pk,
            )


def _to_review(cities: list[str]) -> Iterable[Item]:
    rows = Opportunity.objects.filter(city__in=cities, state=opportunity_states.REVIEW).select_related("organisation")
    for one in rows.order_by("updated_at")[:EACH_MAX]:
        yield Item(
            "review",
            gettext("Taak na te kijken"),
            one.organisation.name,
            gettext("wil “{title}” online zetten.").format(title=one.title),
            one.updated_at,
            1,
            reverse("opportunity_matches", args=[one.pk]),
            gettext("Kijk na"),
            one.city,
            one.pk,
        )


def _stale_cards(cities: list[str], now: datetime) -> Iterable[Item]:
    for slug in cities:
        today = city(slug).local(now).date()
        for one in seen_before(slug, today - STALE_AFTER)[:EACH_MAX]:
            yield Item(
                "stale_card",
                gettext("Kaart niet nagekeken"),
                one.name,
                gettext("antwoordt niet of de kaart nog klopt. Bel de organisatie."),
                now - (today - seen_on(one) - STALE_AFTER),
                1,
                reverse("organisation_card", args=[one.pk]),
                gettext("Bekijk"),
                slug,
                one.pk,
            )


def _reports(cities: list[str], *, may_read_reports: bool) -> Iterable[Item]:
    """Only for who coordinates: nobody else learns that somebody reported something."""
    rows = Report.objects.filter(city__in=cities if may_read_reports else [], answered_at=None)
    for one in rows.alias(goes_first=Q(kind=UNSAFE)).order_by("-goes_first", "created_at")[:EACH_MAX]:
        is_unsafe, what = one.kind == UNSAFE, gettext("meldde iets. Antwoord.")
        if is_unsafe:
            what = gettext("meldde dat het niet veilig was. Kijk vandaag.")
        yield Item(
            "unsafe" if is_unsafe else "report",
            gettext("Melding"),
            gettext("Iemand"),
            what,
            one.created_at,
            1,
            reverse("reports"),
            gettext("Bekijk"),
            one.city,
            one.pk,
        )


def _page_of(volunteer: Volunteer) -> str:
    return reverse("person_matches", args=[volunteer.pk])
