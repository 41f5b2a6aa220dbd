"""Fills an installation for a demonstration: the city's own sample, invented contacts, and three people to sign in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.accounts.models import COORDINATOR, StaffRole, User
from backend.accounts.pages import sign_in_path
from backend.city.load import CityFile
from backend.coordination import actions
from backend.listening import knowledge, signals, support, trainings
from backend.listening.models import Training
from backend.opportunities import states as opportunity_states
from backend.opportunities.case import facts_of as opportunity_facts
from backend.opportunities.case import key_of as opportunity_key
from backend.opportunities.models import Opportunity
from backend.organisations.models import OWNER, Membership, Organisation
from backend.talent.case import facts_of as profile_facts
from backend.talent.case import key_of
from backend.talent.models import Volunteer
from backend.talent.queries import active
from matching import engine
from matching.catalogue import load_catalogue
from matching.languages import RANK

MAIL_DOMAIN = "voorbeeld.example"
BY_SCREEN = ("app", "email")
BY_PHONE = ("phone", "sms")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the demonstration: one pair that fits, the organisation behind it, and the coordinator."""

    volunteer: Volunteer
    opportunity: Opportunity
    member: User
    coordinator: User


def seed(place: CityFile, *, now: datetime, progress: actions.Progress = actions.silent) -> Cast:
    """Load the sample of the city (again: it changes nothing) and give people a way to be reached."""
    actions.load_sample(place.folder / "demo", city=place.slug, now=now, progress=progress)
    for volunteer in Volunteer.objects.filter(city=place.slug, user=None, external_id__isnull=False):
        _give_contact(volunteer, place)
    actions.confirm_invented_people(place.slug, now=now)
    volunteer, opportunity = _a_pair(place, now)
    _something_to_hear(place, opportunity, now)
    return Cast(volunteer, opportunity, _member(opportunity), _coordinator(place))


def _something_to_hear(place: CityFile, opportunity: Opportunity, now: datetime) -> None:
    """A training to come, a signal that was answered and one that was not, and a request of another organisation."""
    begins = place.local(now).replace(hour=19, minute=0, second=0, microsecond=0) + timedelta(days=10)
    title = "Omgaan met mensen die het moeilijk hebben"
    if not Training.objects.filter(city=place.slug, title=title, starts_at__gt=now).exists():
        trainings.plan(
            place.slug, title, begins, kind="course", by="Het vrijwilligerspunt", where="Wijkhuis Dam",
            text="We oefenen samen. Er is koffie.", ends_at=begins + timedelta(hours=2), places=12,
        )  # fmt: skip
    page = knowledge.write(
        place.slug, None, "Zo onthaal je iemand de eerste keer",
        "Zeg welkom bij de deur. Drink eerst samen koffie. Toon de plek en stel één vaste persoon voor.\n\n"
        "Spreek een kort eerste keer af. Bel de dag erna: hoe was het?",
    )  # fmt: skip
    knowledge.publish(page.pk, today=place.local(now).date())
    told = {"source": "web", "language": place.language, "contact": ""}
    answered = signals.leave(place, "transport", "De bus rijdt niet op zondag.", code="demo 1", **told)
    signals.leave(place, "papers", "Er zijn te veel formulieren voor één dag helpen.", code="demo 2", **told)
    if answered.group is None:
        group = signals.bundle(answered.pk, "De bus op zondag")
        signals.move(group.pk, "decided", "Vanaf mei rijdt er elk uur een bus op zondag.", now=now)
    others = (
        Organisation.objects.filter(city=place.slug).exclude(pk=opportunity.organisation_id).order_by("external_id")
    )
    asks = others.first()
    if asks and not asks.support_requests.exists():
        support.ask(asks, "material", "20 stoelen voor ons buurtfeest.", (now + timedelta(days=30)).date())


def sign_in_paths(cast: Cast) -> dict[str, str]:
    """A link for each of the three; each works once."""
    people = {"volunteer": cast.volunteer.user, "organisation": cast.member, "coordinator": cast.coordinator}
    return {name: sign_in_path(user) for name, user in people.items() if user}


def _give_contact(volunteer: Volunteer, place: CityFile) -> None:
    """Invented addresses for those who chose a screen, invented numbers for those who chose a phone."""
    number = "".join(digit for digit in str(volunteer.external_id) if digit.isdigit()).zfill(4)
    if volunteer.channel in BY_SCREEN:
        volunteer.user = _user(email=f"{str(volunteer.external_id).lower()}@{MAIL_DOMAIN}")
    elif volunteer.channel in BY_PHONE:
        volunteer.user = _user(phone=f"+3247000{number}")
    levels = {one.language: RANK[one.level] for one in volunteer.profile.languages.all()}
    volunteer.language = max(place.languages, key=lambda code: (levels.get(code, -1), code == place.language))
    volunteer.save(update_fields=["user", "language"])


def _user(email: str | None = None, phone: str | None = None) -> User:
    found = User.objects.filter(email=email, phone=phone).first()
    return found or User.objects.create_user(email=email, phone=phone)


def _a_pair(place: CityFile, now: datetime) -> tuple[Volunteer, Opportunity]:
    """The opportunity that fits the fewest people, among them one with e-mail: easy to follow on a screen."""
    today = place.local(now).date()
    people = {key_of(one): one for one in active(place.slug, today)}
    opportunities = {
        opportunity_key(one): one for one in Opportunity.objects.filter(city=place.slug).select_related("organisation")
    }
    result = engine.rank(
        [profile_facts(one, today) for one in people.values()],
        [opportunity_facts(one) for one in opportunities.values()],
        catalogue=load_catalogue(),
        policy=place.matching.policy,
        today=today,
    )
    fitting: dict[str, list[str]] = {}
    for volunteer, ranking in result.rankings.items():
        for opportunity in ranking.fits:
            fitting.setdefault(opportunity, []).append(volunteer)
    choices = [
        (opportunities[opportunity].state != opportunity_states.DRAFT, len(volunteers), opportunity, volunteer)
        for opportunity, volunteers in fitting.items()
        for volunteer in volunteers
        if people[volunteer].channel in BY_SCREEN
    ]
    if not choices:
        raise LookupError("no opportunity of the sample fits a volunteer with e-mail")
    _is_online, _count, opportunity, volunteer = min(choices)
    return people[volunteer], opportunities[opportunity]


def _member(opportunity: Opportunity) -> User:
    member = _user(email=f"lid@{MAIL_DOMAIN}")
    told = {"role": OWNER, "contact": member.email or ""}
    Membership.objects.get_or_create(organisation=opportunity.organisation, user=member, defaults=told)
    return member


def _coordinator(place: CityFile) -> User:
    coordinator = _user(email=f"coordinator@{MAIL_DOMAIN}")
    told = {"contact": coordinator.email or ""}
    StaffRole.objects.get_or_create(user=coordinator, city=place.slug, role=COORDINATOR, defaults=told)
    return coordinator
