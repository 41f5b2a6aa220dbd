"""Figures of the volunteer point."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.accounts.access import CALLS, MATCHES, ONLINE, REPORTS, SIGNALS, STUCK, SUPPORT, doors_of
from backend.accounts.models import (
    ADMINISTRATOR,
    COORDINATOR,
    GUIDE,
    MATCHMAKER,
    OPPORTUNITY_SCOUT,
    TALENT_SCOUT,
    StaffRole,
)
from backend.city.load import CityFile, city
from backend.common.small import PUBLISHED, hide_small
from backend.coordination import access
from backend.listening import states as support_states
from backend.listening.models import Signal, SupportRequest
from backend.opportunities import queries as opportunity_queries
from backend.opportunities import states as opportunity_states
from backend.opportunities.models import Opportunity
from backend.organisations.models import Organisation
from backend.placements import queries as placement_queries
from backend.placements import states
from backend.placements.models import (
    AFTERCARE,
    COME_ALONG,
    CRISIS,
    NO_WORD,
    SILENCE,
    THANKS,
    Campaign,
    Placement,
    Proposal,
    Round,
)
from backend.talent.models import TalentProfile, Volunteer
from backend.ui.spoken import label_of, spoken_language
from matching.catalogue import load_catalogue
from matching.types import LOCAL_LANGUAGE
from notifications.message import EMAIL
from notifications.models import Delivery
from notifications.render import Text, render

CASE_WORDS = {
    AFTERCARE: _("gaf een droevig gezicht. Bel even."),
    SILENCE: _("liet lang niets horen. Vraag één keer hoe het gaat."),
    NO_WORD: _("zei ja en wacht op de organisatie. Bel de organisatie."),
    COME_ALONG: _("wil dat iemand de eerste keer meegaat. Zoek samen wie."),
}
CAMPAIGN_WORDS = {THANKS: _("Bedankje voor iedereen die helpt"), CRISIS: _("Oproep bij nood")}
PROPOSAL_WORDS = {
    states.OPEN: _("nog geen antwoord"),
    states.MAYBE: _("misschien"),
    states.ACCEPTED: _("ja"),
    states.DECLINED: _("nee"),
    states.WAITING: _("ja, maar de plaats was net ingevuld"),
    states.EXPIRED: _("niet geantwoord"),
    states.WITHDRAWN: _("de taak is er niet meer"),
    states.HELD: _("kijk eerst zelf: te weinig redenen"),
}
ROLE_WORDS = {
    COORDINATOR: _("Coördinator: ziet en doet alles"),
    MATCHMAKER: _("Matchmaker: gaten en bellijst"),
    TALENT_SCOUT: _("Goestingzoeker: bellijst"),
    OPPORTUNITY_SCOUT: _("Jobhunter: gaten, en zet taken online"),
    ADMINISTRATOR: _("Beheerder: laat mensen binnen"),
    GUIDE: _("Toeleider: ziet alleen wie hem of haar koos"),
}
FACTOR_WORDS = {
    "time": _("niet vrij op dat moment"),
    "distance": _("te ver"),
    "dutch": _("nog niet genoeg Nederlands"),
    "language": _("spreekt de gevraagde taal niet"),
    "age": _("te jong"),
    "boundary": _("een grens van de persoon"),
    "talent": _("het nodige talent ontbreekt"),
    "licence": _("geen rijbewijs"),
    "own_car": _("geen eigen auto"),
    "commitment": _("te lange belofte"),
    "hours": _("te veel uren per week"),
    "theme_excluded": _("wil dit thema niet"),
}


def name_of_point(slug: str) -> str:
    return f"Vrijwilligerspunt {city(slug).matching.name}"


def team(members: Iterable[StaffRole], user: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """Per city who has which role, for whoever may change that."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in members:
        told = {
            "pk": one.pk, "contact": one.contact or gettext("Adres niet bekend"), "is_me": one.user_id == user.pk,
            "label": one.label, "words": ROLE_WORDS[one.role].partition(":")[0],
        }  # fmt: skip
        found.setdefault(city(one.city).matching.name, []).append(told)
    return list(found.items())


def figures(slug: str) -> dict[str, Any]:
    """Counts for one city, and its last round."""
    by_state = placement_queries.counts_by_state(slug)
    return {
        "name": city(slug).matching.name,
        "people": Volunteer.objects.filter(city=slug).count(),
        "published": Opportunity.objects.filter(city=slug, state=opportunity_states.PUBLISHED).count(),
        "in_review": Opportunity.objects.filter(city=slug, state=opportunity_states.REVIEW).count(),
        "proposals": [(words, by_state[state]) for state, words in PROPOSAL_WORDS.items() if by_state[state]],
        "round": (last := Round.objects.filter(city=slug).order_by("-created_at").first()),
        "blocked": [(FACTOR_WORDS[code], count) for code, count in most_first(last.blocked)] if last else [],
    }


DAY_WORDS = {
    "mon": _("maandag"),
    "tue": _("dinsdag"),
    "wed": _("woensdag"),
    "thu": _("donderdag"),
    "fri": _("vrijdag"),
    "sat": _("zaterdag"),
    "sun": _("zondag"),
}
# What could change, and how many more would then fit: {value} is a level, a kind of support, a day or a number.
CHANGE_WORDS = {
    "dutch": _("als Nederlands {value} genoeg is"),
    "support": _("met {value}"),
    "one_slot": _("als één van de momenten genoeg is"),
    "talent_welcome": _("als het talent welkom is, maar niet nodig"),
    "language_welcome": _("als de taal welkom is, maar niet nodig"),
    "licence": _("zonder rijbewijs"),
    "commitment": _("met een belofte die past: {value}"),
    "costs": _("als niemand iets betaalt"),
    "wheelchair": _("als iedereen binnen kan met een rolstoel"),
    "day": _("met {value} erbij"),
    "km": _("tot {value} km"),
    "hours": _("met {value} uur per week"),
}
COMMITMENT_WORDS = {"flexible": _("flexibel"), "fixed": _("vast"), "short": _("kort"), "once": _("één keer")}
FIGURE_DOORS = (MATCHES, ONLINE, CALLS, STUCK, REPORTS, SIGNALS, SUPPORT)
SMALL = 5  # groups under this size are not shown on a working screen


def published_counts(place: CityFile, now: datetime) -> dict[str, Any]:
    """What everybody may know of a city: people with a profile, placements begun this year, and what is online."""
    local = place.local(now)
    year_began = local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    placed = Placement.objects.filter(confirmed_at__gte=year_began, proposal__volunteer__city=place.slug)
    online = opportunity_queries.published(place.slug, local.date()).order_by()
    return {
        "volunteers": _told(place, TalentProfile.objects.filter(volunteer__city=place.slug), "neighbourhood"),
        "placements_this_year": _told(place, placed, "proposal__opportunity__neighbourhood"),
        "opportunities_online": _told(place, online, "neighbourhood", least=0),  # everybody can count those
    }


def _told(place: CityFile, rows: QuerySet[Any], field: str, least: int = PUBLISHED) -> dict[str, Any]:
    counted = dict(rows.values_list(field).annotate(Count("pk")))
    cells = {code: counted.get(code, 0) for code in sorted(place.matching.neighbourhoods)}
    total, shown = hide_small(cells, least)
    return {"count": total, "by_neighbourhood": [{"code": code, "count": count} for code, count in shown.items()]}


def by_state(rows: QuerySet[Any]) -> dict[str, int]:
    """State -> how many rows."""
    return dict(rows.order_by().values_list("state").annotate(Count("pk")))


def figures_to_open(request: Any) -> list[tuple[str, str, int]]:
    """What waits, as (words, address, how many), for the doors that open to whoever asks."""
    behind = {door: [slug for slug, doors in doors_of(request.user).items() if door in doors] for door in FIGURE_DOORS}
    found: list[tuple[str, str, int]] = []
    if cities := behind[MATCHES]:
        counted = by_state(Proposal.objects.filter(volunteer__city__in=cities))
        address = reverse("proposals_at_point")
        found += [
            (say, f"{address}?staat={state}", counted.get(state, 0))
            for state, say in (
                (states.OPEN, gettext("wachten op een antwoord")),
                (states.MAYBE, gettext("zeggen misschien")),
            )
        ]
    if cities := behind[ONLINE]:
        waiting = Opportunity.objects.filter(city__in=cities, state=opportunity_states.REVIEW).count()
        found.append((gettext("taken na te kijken"), f"{reverse('opportunities_at_point')}?staat=review", waiting))
    if behind[CALLS]:
        found.append((gettext("om te bellen"), reverse("call_sheet"), access.calls_for(request).count()))
    if behind[REPORTS]:
        found.append((gettext("meldingen zonder antwoord"), reverse("reports"), access.reports_for(request).count()))
    if cities := behind[SIGNALS]:
        loose = Signal.objects.filter(group=None, city__in=cities).count()
        found.append((gettext("signalen te bundelen"), reverse("signals_at_point"), loose))
    if cities := behind[SUPPORT]:
        asked = SupportRequest.objects.filter(organisation__city__in=cities, state=support_states.OPEN).count()
        found.append((gettext("organisaties vragen steun"), reverse("support_at_point"), asked))
    if behind[STUCK]:
        found.append((gettext("berichten zitten vast"), reverse("stuck"), access.stuck_for(request).count()))
    return found


def gaps(slug: str) -> dict[str, Any]:
    """The gaps and the fairness of the last round, with the names that somebody of the volunteer point may see."""
    last = Round.objects.filter(city=slug).order_by("-created_at").first()
    stored = last.gaps if last else {}
    tasks = Opportunity.objects.select_related("organisation").in_bulk(
        [one["id"] for one in stored.get("opportunities", ())]
    )
    people = Volunteer.objects.in_bulk([one["id"] for one in stored.get("people", ())])
    by_id = {str(pk): one for pk, one in (tasks | people).items()}
    catalogue = load_catalogue()
    return {
        "name": city(slug).matching.name,
        "round": last,
        "opportunities": _stuck(stored.get("opportunities", []), by_id),
        "people": _stuck(stored.get("people", []), by_id),
        "supply": [
            {
                **one,
                "code": one["talent"],
                "talent": label_of("talents", one["talent"], catalogue.talents[one["talent"]].label),
            }
            for one in stored.get("supply", [])
            if one["talent"] in catalogue.talents
        ],
        "fairness": _fairness(last.fairness) if last and last.fairness else None,
    }


def _stuck(stored: list[dict[str, Any]], by_id: dict[str, Any]) -> list[dict[str, Any]]:
    """What was deleted since the round is left out."""
    return [
        {
            "one": by_id[one["id"]],
            "factors": [(FACTOR_WORDS[code], blocks, alone) for code, blocks, alone in one["factors"]],
            "changes": [(change_words(code, value), more) for code, value, more in one["changes"]],
        }
        for one in stored
        if one["id"] in by_id
    ]


def change_words(code: str, value: str) -> str:
    support = load_catalogue().support
    if code == "support" and value in support:
        label = label_of("support_labels", value, support[value].label)
        value = label[:1].lower() + label[1:]
    return str(CHANGE_WORDS[code]).format(value=DAY_WORDS.get(value, COMMITMENT_WORDS.get(value, value)))


def _fairness(told: dict[str, Any]) -> dict[str, Any]:
    groups = [
        (gettext("iedereen"), told["everybody"]),
        (gettext("mensen met een begeleider"), told["guided"]),
        (gettext("mensen zonder begeleider"), told["not_guided"]),
        (gettext("mensen met nog weinig Nederlands"), told["little_dutch"]),
        *told["neighbourhoods"].items(),
    ]
    names = load_catalogue().languages if spoken_language() == LOCAL_LANGUAGE else load_catalogue().own_names
    groups += [
        (gettext("spreekt {language}").format(language=names.get(code, code)), counts)
        for code, counts in told["languages"].items()
    ]
    return {
        **told,
        "groups": [(name, served, of, round(100 * served / of)) for name, (served, of) in groups if of >= SMALL],
    }


def most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def deliveries_by_state() -> dict[str, int]:
    """`email sent` -> how many, and so on."""
    found = Delivery.objects.values_list("channel", "state").annotate(Count("pk")).order_by("channel", "state")
    return {f"{channel} {state}": count for channel, state, count in found}


def with_people(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each call with the person or organisation it is for."""
    ids = [row["delivery"].recipient for row in rows]
    people = Volunteer.objects.select_related("user").in_bulk(ids)
    organisations = Organisation.objects.in_bulk(ids)
    for row in rows:
        recipient = row["delivery"].recipient
        row["volunteer"], row["organisation"] = people.get(recipient), organisations.get(recipient)
    return rows


def thanks_to_print(place: CityFile, language: str) -> Text:
    """The thank-you of the city as a mail would say it, to nobody in particular."""
    values = {"first_name": "", "city": place.matching.name, "phone": place.phone}
    zone = place.quiet_hours.time_zone
    return render(Delivery(kind=THANKS, language=language, channel=EMAIL, time_zone=zone, values=values))


def campaigns(cities: list[str]) -> list[dict[str, Any]]:
    """What was sent to many, newest first."""
    rows = Campaign.objects.filter(city__in=cities).order_by("-created_at", "pk")[:20]
    return [{"day": one.day, "words": CAMPAIGN_WORDS[one.kind], "text": one.text} for one in rows]
