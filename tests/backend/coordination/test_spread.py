"""Who gets the proposals: counted per organisation, said in plain sentences, by a fixed number of statements."""

from datetime import timedelta

import pytest

from backend.city.load import default_city
from backend.coordination.actions import publish_drafts
from backend.coordination.spread import spread_of
from backend.opportunities.models import Opportunity
from backend.placements import actions, rounds
from backend.placements.models import Placement, Proposal
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def after_a_round(small_city, now):
    publish_drafts(small_city.slug, now=now)
    rounds.run_round(small_city.slug, now=now)
    return default_city()


def test_before_there_is_a_proposal_it_says_so(small_city, now):
    publish_drafts(small_city.slug, now=now)

    assert spread_of(default_city(), now).sentences[0] == "Er waren nog geen voorstellen in deze 28 dagen."


def test_every_figure_is_that_of_the_tables(after_a_round, now):
    chosen = Proposal.objects.filter(state="open").first()
    actions.answer_proposal(chosen.pk, "yes", source="link", now=now)
    actions.confirm_placement(chosen.pk, now=now)
    found = spread_of(after_a_round, now)

    assert [one.proposals for one in found.shares] == sorted((one.proposals for one in found.shares), reverse=True)
    for one in found.shares:
        mine = Proposal.objects.filter(opportunity__organisation__name=one.name).exclude(state="held")
        assert (one.proposals, one.yes) == (mine.count(), mine.filter(state="accepted").count())
        online = Opportunity.objects.filter(organisation__name=one.name, state="published")
        assert one.reserved == sum(online.values_list("reserved_places", flat=True))
    assert sum(one.placements for one in found.shares) == 1
    assert found.shares[0].bar == 100


def test_whoever_got_none_is_named_and_what_is_older_does_not_count(after_a_round, now):
    from datetime import timedelta

    first = spread_of(after_a_round, now).shares[0]
    Proposal.objects.filter(opportunity__organisation__name=first.name).update(made_at=now - timedelta(days=29))

    found = spread_of(after_a_round, now)

    assert next(one for one in found.shares if one.name == first.name).proposals == 0
    assert any(sentence.startswith("Nog geen voorstel: ") for sentence in found.sentences)


def decide(organisation, now, *, guided, declined, of):
    """`of` candidates of an organisation that were decided about, of whom so many were turned down."""
    for number in range(of):
        person = Volunteer.objects.create(
            city="antwerpen", first_name="Iemand", age_from=21, age_asked_on=now.date(),
            guided_by="Toeleider" if guided else None,
        )  # fmt: skip
        is_no = number < declined
        proposal = Proposal.objects.create(
            opportunity=Opportunity.objects.filter(organisation=organisation).first(), volunteer=person, parts={}, points=1,
            distance_km=1, reasons=[], not_perfect=[], easy_start=[], for_organisation=[], made_at=now,
            answer_until=now + timedelta(days=7), state="withdrawn" if is_no else "accepted",
            place=None if is_no else "open", not_for_us="other_hours" if is_no else "",
        )  # fmt: skip
        if not is_no:
            Placement.objects.create(proposal=proposal, confirmed_at=now)


@pytest.mark.parametrize(
    ("guided", "others", "is_told"),
    [
        ((8, 10), (2, 10), True),
        ((4, 10), (2, 10), True),
        ((3, 10), (2, 10), False),
        ((8, 9), (2, 10), False),
        ((9, 10), (8, 10), False),
    ],
)
def test_r079_who_declines_guided_people_far_more_often_is_named_to_the_point(
    guided, others, is_told, after_a_round, now
):
    organisation = Opportunity.objects.filter(state="published").order_by("title").first().organisation
    for is_guided, (declined, of) in ((True, guided), (False, others)):
        decide(organisation, now, guided=is_guided, declined=declined, of=of)

    said = [one for one in spread_of(after_a_round, now).sentences if "met een begeleider" in one]

    assert bool(said) is is_told
    if is_told:
        assert organisation.name in said[0]
        assert f"{guided[0]} van {guided[1]}" in said[0]


def test_it_asks_the_database_four_times_whatever_the_number(after_a_round, now, django_assert_num_queries):
    with django_assert_num_queries(4):
        spread_of(after_a_round, now)
