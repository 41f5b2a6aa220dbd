"""What pages show of a proposal: words for lines, and nothing an organisation may not know."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.city.load import CityFile, city
from backend.placements import queries, states
from backend.placements.models import DISCRIMINATION, IDEA, NOT_RIGHT, UNSAFE, Placement, Proposal, TrialVisit
from backend.talent.models import Volunteer
from backend.ui.spoken import label_of, spoken_language
from matching import words
from matching.catalogue import load_catalogue
from matching.types import Line

# What stands in the way, by the factor that blocks (rules 3), to the person themselves.
WHY_NOT = {
    "time": _("De momenten zijn anders."),
    "distance": _("Het is verder dan jij wil gaan."),
    "dutch": _("Je hebt er meer Nederlands voor nodig."),
    "language": _("Je hebt er een andere taal voor nodig."),
    "age": _("Je moet er ouder voor zijn."),
    "boundary": _("Er is iets bij dat jij niet kan of wil."),
    "talent": _("Ze zoeken iemand die iets anders kan."),
    "licence": _("Je hebt er een rijbewijs voor nodig."),
    "own_car": _("Je hebt er een auto voor nodig."),
    "commitment": _("Het duurt langer dan jij wil."),
    "hours": _("Het zijn meer uren dan jij wil."),
    "theme_excluded": _("Jij wil niets met dit thema."),
}
# What an organisation may thank with; the volunteer reads it in their own language.
THANKS_WORDS = (
    _("Dank je, {name}! We zijn blij met je hulp."),
    _("Dank je, {name}! De mensen vroegen al naar jou."),
    _("Dank je, {name}! Samen gaat het beter."),
    _("Dank je, {name}! Tot de volgende keer."),
)
# Why somebody said no.
NO_WORDS = {
    "too_far": _("Te ver"), "no_time": _("Nu geen tijd"), "not_for_me": _("Niets voor mij"),
    "too_hard": _("Te moeilijk"), "have_something": _("Ik heb al iets"),
}  # fmt: skip
NO_DRAWINGS = {
    "too_far": "ui/pictures/1F6E3.svg", "no_time": "ui/pictures/23F0.svg", "not_for_me": "ui/pictures/1F937.svg",
    "too_hard": "ui/pictures/1F9D7.svg", "have_something": "ui/pictures/2705.svg",
}  # fmt: skip
FACES = (
    ("good", _("Goed"), "ui/pictures/1F600.svg"), ("mixed", _("Het gaat"), "ui/pictures/1F610.svg"),
    ("bad", _("Niet goed"), "ui/pictures/1F641.svg"),
)  # fmt: skip
REPORT_WORDS = {
    DISCRIMINATION: _("Iemand behandelde mij slecht door wie ik ben"),
    UNSAFE: _("Het was niet veilig"),
    NOT_RIGHT: _("Iets liep niet goed"),
    IDEA: _("Ik heb een idee"),
}
# Who was not safe, or is told so by somebody else: what to do (R071), and for what to call whom.
SAFE_STEPS = (
    _("Ga weg van die plek. Dat mag altijd."), _("Ga naar iemand die je vertrouwt."),
    _("Zeg het aan ons. Je naam hoeft niet."), _("Je hoeft daar niet terug te gaan."),
)  # fmt: skip
LISTENER_STEPS = (
    _("Luister, en blijf rustig."), _("Zeg: ik geloof je, en het is niet jouw schuld."),
    _("Beloof niet dat je het geheim houdt."), _("Vraag wat die persoon zelf wil."),
    _("Schrijf op wat je hoorde, en wanneer."), _("Zeg het aan het vrijwilligerspunt. Los het niet alleen op."),
)  # fmt: skip
SAFETY_WORDS = {
    "danger": _("Je bent nu in gevaar"), "violence": _("Geweld of misbruik"),
    "talk": _("Iemand om mee te praten"), "children": _("Kinderen en jongeren"),
}  # fmt: skip
WALK_KM_PER_MINUTE, DETOUR = 4.8 / 60, 1.3  # a straight line is shorter than the street
WALK_KM_MAX = 3.0


def safety_of(place: CityFile) -> dict[str, Any]:
    """The steps, and the numbers of a city with what each is for."""
    return {
        "safe_steps": SAFE_STEPS,
        "listener_steps": LISTENER_STEPS,
        "numbers": [(SAFETY_WORDS[what], number) for what, number in place.safety.items()],
    }


def sentences(stored: list[dict[str, Any]], audience: str = words.VOLUNTEER) -> list[str]:
    """Stored lines as sentences, in the language of the page."""
    catalogue, language = load_catalogue(), spoken_language()
    return [words.say(Line(one["code"], tuple(one["values"].items())), catalogue, audience, language) for one in stored]


def why_not(factors: Iterable[str]) -> list[str]:
    """Sentences for what stands between somebody and an opportunity, in the order of the rules."""
    found = {code.partition(":")[0] for code in factors}
    return [str(say) for code, say in WHY_NOT.items() if code in found]


def proposal(proposal: Proposal, now: datetime) -> dict[str, Any]:
    """For the volunteer."""
    opportunity = proposal.opportunity
    shared = [slot for slot in opportunity.slots if slot in proposal.volunteer.profile.available]
    visit = planned_visit(proposal)
    return {
        "proposal": proposal,
        "opportunity": opportunity,
        "organisation": opportunity.organisation,
        "first_name": proposal.volunteer.first_name,
        "referrer": proposal.referred_from.opportunity.organisation.name if proposal.referred_from else "",
        "days": [words.slot_words(slot, spoken_language()) for slot in shared],
        "is_all_days": opportunity.choose == "all",
        "distance": distance_words(proposal),
        "why": sentences(proposal.reasons),
        "notes": sentences(proposal.not_perfect),
        "easy": sentences(proposal.easy_start),
        "visit": visit,
        "placement": running_placement(proposal),
        "rests_until": rests_until(proposal.volunteer, now),
        "may_answer": proposal.state in states.ANSWERABLE and now <= proposal.answer_until,
        # A yes may be taken back as long as the link works; a no may become a yes until the deadline.
        "may_change": proposal.state == states.ACCEPTED
        or (proposal.state == states.DECLINED and now <= proposal.answer_until),
        "is_too_late": proposal.state == states.EXPIRED
        or (proposal.state in states.ANSWERABLE and now > proposal.answer_until),
    }


def rests_until(volunteer: Volunteer, now: datetime) -> date | None:
    """The last day without proposals, while somebody rests."""
    until = volunteer.paused_until
    return until if until and until >= city(volunteer.city).local(now).date() else None


def planned_visit(proposal: Proposal) -> TrialVisit | None:
    return next((visit for visit in proposal.trial_visits.all() if visit.state == states.PLANNED), None)


def running_placement(proposal: Proposal) -> Placement | None:
    return next((one for one in proposal.placements.all() if one.state != states.ENDED), None)


def distance_words(proposal: Proposal) -> str:
    """First in minutes, then in kilometres, as far as walking makes sense."""
    if proposal.opportunity.at_home:
        return gettext("Bij jou thuis")
    if proposal.opportunity.own_neighbourhood:
        return gettext("Om de hoek")
    return km_and_minutes(proposal.distance_km)


def km_and_minutes(km: float) -> str:
    if km < words.AROUND_THE_CORNER_KM:
        return gettext("Om de hoek")
    text = words.km_words(km, spoken_language())
    if km > WALK_KM_MAX:
        return text
    minutes = -(-km * DETOUR // WALK_KM_PER_MINUTE)
    return gettext("Ongeveer {minutes} minuten te voet ({km})").format(minutes=f"{minutes:.0f}", km=text)


def boundaries_of(proposal: Proposal) -> list[tuple[str, str]]:
    """(code, words) of what does not go for this person, in the language of the page: for themselves to tick."""
    known = load_catalogue().boundaries
    return [
        (code, label_of("boundaries", code, known[code].sentence))
        for code in proposal.volunteer.profile.boundaries
        if code in known
    ]


def told_boundaries(proposal: Proposal) -> list[str]:
    """What the person ticked, once a placement was agreed and as long as it is a boundary of theirs (R036)."""
    if not proposal.told_boundaries or running_placement(proposal) is None:
        return []
    return [words for code, words in boundaries_of(proposal) if code in proposal.told_boundaries]


def candidate(proposal: Proposal) -> dict[str, Any]:
    """For the organisation. A name and a way to reach the person only while the yes stands."""
    is_yes = proposal.state == states.ACCEPTED
    volunteer, user = proposal.volunteer, proposal.volunteer.user
    contact = (user.email or user.phone) if is_yes and user else None
    return {
        "proposal": proposal,
        "opportunity": proposal.opportunity,
        "is_yes": is_yes,
        "is_open": proposal.state in states.ANSWERABLE,
        "first_name": volunteer.first_name if is_yes else None,
        "contact": contact,
        "facts": sentences(proposal.for_organisation, words.ORGANISATION) if is_yes else [],
        "visit": planned_visit(proposal) if is_yes else None,
        "placement": running_placement(proposal),
        "boundaries": told_boundaries(proposal) if is_yes else [],
        "together": queries.partner_name(proposal) if is_yes else "",
        "questions": [one for one in proposal.questions.all() if one.answered_at is None],
    }
