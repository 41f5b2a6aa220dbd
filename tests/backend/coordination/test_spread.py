"""Who gets the proposals: counted per organisation, said in plain sentences, by a fixed number of statements."""

import pytest

from backend.city.load import default_city
from backend.coordination.actions import publish_drafts
from backend.coordination.spread import spread_of
from backend.opportunities.models import Opportunity
from backend.placements import actions, rounds
from backend.placements.models import Proposal

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


def test_it_asks_the_database_three_times_whatever_the_number(after_a_round, now, django_assert_num_queries):
    with django_assert_num_queries(3):
        spread_of(after_a_round, now)
