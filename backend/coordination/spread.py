"""How proposals spread over organisations: per organisation, and in plain sentences (R030)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backend.city.load import CityFile
from backend.opportunities import queries as opportunity_queries
from backend.placements import states
from backend.placements.models import Placement, Proposal

LOOKED_BACK = timedelta(days=28)
NAMED_MAX = 5
BAR = 100  # a bar of 100 is the most of all
DECLINES_GUIDED = _(
    "{name} zei “niet voor ons” tegen {no} van {guided} mensen met een begeleider en {others_no} van {others} anderen."
    " Ga in gesprek."
)
A_YEAR = timedelta(days=365)
LEAST_TO_COMPARE, FAR_MORE, FAR_APART = 10, 2, 0.2  # twice as often, and at least a fifth of the people more


@dataclass(frozen=True, slots=True)
class Share:
    """One organisation with something online: what it got in 28 days, and its reserved places that are taken."""

    name: str
    proposals: int
    yes: int
    placements: int
    reserved: int
    reserved_taken: int
    bar: int


@dataclass(frozen=True, slots=True)
class Spread:
    """A city: most proposals first; `sentences` say what strikes."""

    name: str
    shares: tuple[Share, ...]
    sentences: tuple[str, ...]


def spread_of(place: CityFile, now: datetime) -> Spread:
    """Four statements, whatever the number of organisations."""
    online = opportunity_queries.published(place.slug, place.local(now).date()).order_by()
    rows = online.values_list("organisation", "organisation__name")
    places = rows.annotate(reserved=Sum("reserved_places"), taken=Sum("taken_reserved"))
    since = now - LOOKED_BACK
    made = Proposal.objects.filter(opportunity__city=place.slug, made_at__gte=since).exclude(state=states.HELD)
    by_organisation = made.values_list("opportunity__organisation").annotate(
        all=Count("pk"), yes=Count("pk", filter=Q(state=states.ACCEPTED))
    )
    proposals = {who: (all_, yes) for who, all_, yes in by_organisation}
    placed = Placement.objects.filter(confirmed_at__gte=since, proposal__opportunity__city=place.slug)
    placements = dict(placed.values_list("proposal__opportunity__organisation").annotate(Count("pk")))
    most = max((proposals.get(who, (0, 0))[0] for who, *_rest in places), default=0)
    shares = [
        Share(
            name, *proposals.get(who, (0, 0)), placements.get(who, 0), reserved, taken,
            round(BAR * proposals.get(who, (0, 0))[0] / most) if most else 0,
        )
        for who, name, reserved, taken in places
    ]  # fmt: skip
    shares.sort(key=lambda one: (-one.proposals, one.name))
    sentences = [*_sentences(shares), *_declines_guided_people(place, now)]
    return Spread(place.matching.name, tuple(shares), tuple(sentences))


def _declines_guided_people(place: CityFile, now: datetime) -> list[str]:
    """Organisations that turn down people with a guide far more often than others (R079), over a year: a reason to
    talk, for the volunteer point alone. Of each kind at least ten must have been decided about.
    """
    decided = Proposal.objects.filter(opportunity__city=place.slug, made_at__gte=now - A_YEAR).annotate(
        is_guided=Q(volunteer__guided_by__isnull=False),
        is_welcome=Exists(Placement.objects.filter(proposal=OuterRef("pk"))),
    )
    decided = decided.exclude(not_for_us="", is_welcome=False)
    rows = decided.order_by().values_list("opportunity__organisation__name", "is_guided")
    counted: defaultdict[str, dict[bool, tuple[int, int]]] = defaultdict(dict)
    for name, is_guided, all_, declined in rows.annotate(
        all=Count("pk"), declined=Count("pk", filter=~Q(not_for_us=""))
    ):
        counted[name][is_guided] = (all_, declined)
    found = []
    for name in sorted(counted):
        (guided, no), (others, others_no) = (counted[name].get(kind, (0, 0)) for kind in (True, False))
        if min(guided, others) < LEAST_TO_COMPARE:
            continue
        here, there = no / guided, others_no / others
        if here >= FAR_MORE * there and here - there >= FAR_APART:
            told = {"name": name, "no": no, "guided": guided, "others_no": others_no, "others": others}
            found.append(str(DECLINES_GUIDED).format(**told))
    return found


def _sentences(shares: list[Share]) -> list[str]:
    if not any(one.proposals for one in shares):
        return [gettext("Er waren nog geen voorstellen in deze 28 dagen.")]
    found, got = [], [one for one in shares if one.proposals]
    first, last = got[0], got[-1]
    times = first.proposals // last.proposals
    if times > 1:
        found.append(
            gettext("{name} kreeg {times} keer meer voorstellen dan {other}.").format(
                name=first.name, times=times, other=last.name
            )
        )
    without = [one.name for one in shares if not one.proposals]
    if without:
        names = ", ".join(without[:NAMED_MAX])
        if len(without) > NAMED_MAX:
            names = gettext("{names} en {number} andere").format(names=names, number=len(without) - NAMED_MAX)
        found.append(gettext("Nog geen voorstel: {names}. Bel hen: hoe wordt het makkelijker?").format(names=names))
    reserved, taken = sum(one.reserved for one in shares), sum(one.reserved_taken for one in shares)
    if reserved:
        found.append(
            gettext("Voorbehouden plaatsen: {taken} van {reserved} bezet.").format(taken=taken, reserved=reserved)
        )
    return found or [gettext("De voorstellen zijn goed gespreid.")]
