"""By hand: somebody of the point sees what fits and why not higher, proposes, and never lifts a limit."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.accounts.models import JournalEntry, StaffRole
from backend.coordination.actions import publish_drafts
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions, by_hand, states
from backend.placements.models import Proposal
from backend.talent.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference_day(monkeypatch, now):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def online(small_city, now):
    publish_drafts(small_city.slug, now=now)
    Event.objects.all().delete()
    return {
        one.external_id: one for one in Opportunity.objects.filter(state="published").select_related("organisation")
    }


@pytest.fixture
def marc(volunteer):
    return volunteer


def test_the_list_of_a_person_is_that_of_a_proposal(online, marc, small_city, now):
    rows = by_hand.for_person(marc.pk, small_city, now=now)

    made = actions.propose_for_volunteer(marc.pk, now=now)
    assert [one.opportunity.pk for one in rows[: len(made)]] == [one.opportunity_id for one in made]
    assert [one.points for one in rows] == sorted((one.points for one in rows), reverse=True)
    assert rows[0].behind == ()
    for one in rows[1:]:
        assert sum(points for _code, points in one.behind) >= rows[0].points - one.points


def test_the_list_of_an_opportunity_agrees_with_that_of_each_person(online, small_city, now):
    rows = by_hand.for_opportunity(online["T40"], small_city, now=now)

    assert len(rows) > 1
    for one in rows:
        own = {choice.opportunity.pk: choice for choice in by_hand.for_person(one.volunteer.pk, small_city, now=now)}
        if online["T40"].pk in own:  # not beyond the first twenty
            assert own[online["T40"].pk].points == one.points
        assert by_hand.blocking([one.volunteer.pk], online["T40"], small_city, now=now) == {one.volunteer.pk: []}


def test_a_proposal_by_hand_says_why_and_is_told_once(online, marc, now):
    made = by_hand.propose(marc.pk, online["T40"], "spoke_together", now=now)
    again = by_hand.propose(marc.pk, online["T40"], "nothing_else", now=now)

    assert made.pk == again.pk
    assert (made.state, made.by_hand) == (states.OPEN, "spoke_together")
    assert made.reasons
    assert Event.objects.filter(name="proposal.made").count() == 1


def test_a_reason_is_one_of_the_list(online, marc, now):
    with pytest.raises(ValueError, match="a reason is one of"):
        by_hand.propose(marc.pk, online["T40"], "because", now=now)
    assert not Proposal.objects.exists()


def test_no_hand_lifts_a_limit(online, small_city, now):
    blocked = next(
        (who, one)
        for who in Volunteer.objects.filter(state="confirmed")
        for one in online.values()
        if by_hand.blocking([who.pk], one, small_city, now=now).get(who.pk)
    )

    with pytest.raises(actions.DoesNotFit):
        by_hand.propose(blocked[0].pk, blocked[1], "spoke_together", now=now)
    assert not Proposal.objects.exists()


def test_a_pair_is_proposed_once_also_by_hand(online, marc, now):
    made = actions.propose_for_volunteer(marc.pk, now=now)[0]

    with pytest.raises(actions.StepNotAllowed):
        by_hand.propose(marc.pk, Opportunity.objects.get(pk=made.opportunity_id), "spoke_together", now=now)


def test_the_number_that_people_chose_holds_for_a_hand_too(online, marc, now):
    Volunteer.objects.filter(pk=marc.pk).update(proposals_per_week=1)
    by_hand.propose(marc.pk, online["T40"], "spoke_together", now=now)
    [other] = [one for one in by_hand.for_person(marc.pk, place_of(marc), now=now) if one.state == ""][:1]

    assert not other.has_room
    with pytest.raises(actions.NoRoom):
        by_hand.propose(marc.pk, other.opportunity, "spoke_together", now=now)


def place_of(volunteer):
    from backend.city.load import city

    return city(volunteer.city)


def test_who_pauses_is_left_in_peace(online, marc, now):
    Volunteer.objects.filter(pk=marc.pk).update(paused_until=now.date().replace(year=2030))

    with pytest.raises(by_hand.NotActive):
        by_hand.propose(marc.pk, online["T40"], "spoke_together", now=now)


@pytest.fixture
def held(online, marc, now):
    """The machine found too few reasons for the best pair of Marc."""
    made = actions.propose_for_volunteer(marc.pk, now=now)[0]
    Proposal.objects.filter(pk=made.pk).update(state=states.HELD)
    Event.objects.all().delete()
    return Proposal.objects.select_related("opportunity").get(pk=made.pk)


def test_what_waits_for_a_matchmaker_goes_out_by_hand(held, marc, now):
    made = by_hand.propose(marc.pk, held.opportunity, "looked_at_it", now=now)

    assert (made.state, made.by_hand) == (states.OPEN, "looked_at_it")
    assert Proposal.objects.filter(volunteer=marc, opportunity=held.opportunity).count() == 1
    assert Event.objects.filter(name="proposal.made").count() == 1


def test_who_asks_for_what_waits_for_a_matchmaker_gets_it(held, marc, now):
    """It was refused before, as if something stood in the way."""
    asked = actions.ask_for(marc, held.opportunity, now=now)

    assert asked.state == states.OPEN
    assert Proposal.objects.filter(volunteer=marc, opportunity=held.opportunity).count() == 1


# --- the pages -------------------------------------------------------------------------------------------------


def test_the_page_of_a_person_shows_the_list_and_writes_in_the_journal_once_a_day(online, marc, coordinator, client):
    client.force_login(coordinator)

    pages = [client.get(f"/coordinatie/mensen/{marc.pk}/").content.decode() for _ in range(2)]

    assert "Waarom niet hoger?" in pages[1]
    assert "minder dan de eerste" in pages[1]
    assert JournalEntry.objects.filter(person=marc.user, what="looked").count() == 1


def test_one_button_proposes_and_the_person_reads_it_in_the_journal(online, marc, coordinator, client):
    client.force_login(coordinator)
    told = {"volunteer": marc.pk, "opportunity": online["T40"].pk, "reason": "spoke_together", "back": "person"}

    page = client.post("/coordinatie/voorstellen/nieuw/", told, follow=True).content.decode()

    assert "De persoon krijgt een bericht en kiest zelf." in page
    assert Proposal.objects.get().by_hand == "spoke_together"
    assert JournalEntry.objects.filter(person=marc.user, what="proposed").count() == 1
    assert "Met de hand: Ik sprak met de persoon" in client.get("/coordinatie/voorstellen/").content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"reason": ""}, "Kies eerst een reden."), ({"reason": "x"}, "Kies eerst een reden.")],
)
def test_without_a_reason_nothing_is_proposed(change, sentence, online, marc, coordinator, client):
    client.force_login(coordinator)
    told = {"volunteer": marc.pk, "opportunity": online["T40"].pk, "reason": "spoke_together", **change}

    assert sentence in client.post("/coordinatie/voorstellen/nieuw/", told, follow=True).content.decode()
    assert not Proposal.objects.exists()


def test_somebody_of_another_city_proposes_nothing_here(online, marc, coordinator, client):
    StaffRole.objects.filter(user=coordinator).update(city="zilverstad")
    client.force_login(coordinator)
    told = {"volunteer": marc.pk, "opportunity": online["T40"].pk, "reason": "spoke_together"}

    assert client.post("/coordinatie/voorstellen/nieuw/", told).status_code == 404
    assert client.get(f"/coordinatie/mensen/{marc.pk}/").status_code == 404


def test_an_opportunity_scout_sees_what_stands_in_the_way_and_no_names(online, coordinator, client):
    StaffRole.objects.filter(user=coordinator).update(role="opportunity_scout")
    client.force_login(coordinator)

    page = client.get(f"/coordinatie/taken/{online['T40'].pk}/").content.decode()

    assert "Wat houdt tegen?" in page
    assert "Marc" not in page
    assert "Stel voor" not in page


def test_a_talent_scout_looks_after_people_and_proposes_nothing(online, marc, coordinator, client):
    StaffRole.objects.filter(user=coordinator).update(role="talent_scout")
    client.force_login(coordinator)

    page = client.get(f"/coordinatie/mensen/{marc.pk}/").content.decode()

    assert "Waarom niet hoger?" in page
    assert "Stel voor" not in page
    assert "/coordinatie/taken/" not in page
    told = {"volunteer": marc.pk, "opportunity": online["T40"].pk, "reason": "spoke_together"}
    assert client.post("/coordinatie/voorstellen/nieuw/", told).status_code == 404
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("role", ["coordinator", "talent_scout", "matchmaker"])
def test_every_line_of_the_worklist_opens_for_who_sees_it(role, small_city, coordinator, client, now):
    from backend.placements import rounds
    from backend.placements.models import Case

    publish_drafts(small_city.slug, now=now, only=["T40"])
    rounds.run_round(small_city.slug, now=now)
    who = Volunteer.objects.first()
    Case.objects.create(volunteer=who, kind="silence", about=who.pk)
    StaffRole.objects.filter(user=coordinator).update(role=role)
    client.force_login(coordinator)

    page = client.get("/coordinatie/werklijst/").content.decode()
    links = set(re.findall(r'href="(/coordinatie/[^"?]+)"', page))

    assert len(links) > 2
    assert {client.get(path).status_code for path in links} == {200}


def test_threads_of_a_web_process_look_one_after_the_other():
    def may_another_look():
        with ThreadPoolExecutor(1) as other:
            return other.submit(by_hand._turn.acquire, blocking=False).result()

    assert by_hand.in_turn(may_another_look)() is False


def test_a_search_for_an_opportunity_says_what_blocks_and_keeps_the_name_out_of_the_address(
    online, marc, coordinator, client, small_city, now
):
    client.force_login(coordinator)
    blocked = next(one for one in online.values() if by_hand.blocking([marc.pk], one, small_city, now=now)[marc.pk])

    page = client.post("/coordinatie/mensen/", {"name": "marc", "opportunity": blocked.pk})

    assert "Past niet:" in page.content.decode()
    assert "name=" not in page.request["QUERY_STRING"]
    fits = client.post("/coordinatie/mensen/", {"name": "marc", "opportunity": online["T40"].pk}).content.decode()
    assert "Stel voor" in fits


def test_every_reason_for_a_proposal_by_hand_has_words():
    from backend.coordination.matches import REASON_WORDS
    from backend.placements.models import BY_HAND

    assert set(REASON_WORDS) == set(BY_HAND)


def test_every_part_of_a_score_has_words_for_why_not_higher():
    import inspect
    import re

    from backend.coordination.matches import BEHIND_WORDS
    from matching import scoring, spread

    source = inspect.getsource(scoring) + inspect.getsource(spread)
    assert set(re.findall(r'Part\(\s*"(\w+)"', source)) == set(BEHIND_WORDS)


# --- what waits for a look -------------------------------------------------------------------------------------


@pytest.fixture
def waiting(online, now):
    """An organisation asks for an age that the rules let through only after a look."""
    one = online["T40"]
    Opportunity.objects.filter(pk=one.pk).update(state="draft", min_age=30)
    one.refresh_from_db()
    with pytest.raises(opportunities.PublicationStopped):
        opportunities.publish_opportunity(one, now=now)
    one.refresh_from_db()
    assert one.state == "review"
    Event.objects.all().delete()
    return one


def test_a_yes_of_the_point_puts_it_online_and_both_hear_it(waiting, coordinator, client):
    client.force_login(coordinator)
    assert "Kijk dit na" in client.get(f"/coordinatie/taken/{waiting.pk}/").content.decode()

    for _ in range(2):
        client.post(f"/coordinatie/taken/{waiting.pk}/nakijken/", {"what": "online"})

    waiting.refresh_from_db()
    assert (waiting.state, waiting.outcome) == ("published", "")
    assert sorted(Event.objects.values_list("name", flat=True)) == ["opportunity.published", "opportunity.reviewed"]


def test_what_something_else_stops_by_now_stays_where_it_is(waiting, coordinator, client):
    from backend.organisations.models import Organisation

    Organisation.objects.filter(pk=waiting.organisation_id).update(liability_insurance=False)
    client.force_login(coordinator)

    page = client.post(f"/coordinatie/taken/{waiting.pk}/nakijken/", {"what": "online"}, follow=True).content.decode()

    assert "Dit kan nog niet online." in page
    waiting.refresh_from_db()
    assert waiting.state == "review"
    assert not Event.objects.exists()


def test_sent_back_it_is_a_draft_with_a_word_of_the_point(waiting, coordinator, client, member):
    client.force_login(coordinator)
    refused = client.post(f"/coordinatie/taken/{waiting.pk}/nakijken/", {"what": "back", "note": " "}, follow=True)
    assert "Schrijf wat de organisatie nog moet doen" in refused.content.decode()

    client.post(f"/coordinatie/taken/{waiting.pk}/nakijken/", {"what": "back", "note": "Laat jongere mensen ook toe."})

    waiting.refresh_from_db()
    assert waiting.state == "draft"
    client.force_login(member)
    page = client.get(f"/org/taken/{waiting.pk}/drempel/").content.decode()
    assert "Laat jongere mensen ook toe." in page


def test_the_organisation_hears_what_was_decided(waiting, now):
    from backend.placements import messages
    from notifications.models import Delivery
    from notifications.render import render

    opportunities.send_back(waiting, "Laat jongere mensen toe.")
    waiting.refresh_from_db()
    back = messages.about_review(waiting)
    Opportunity.objects.filter(pk=waiting.pk).update(state="paused", findings=[])
    waiting.refresh_from_db()
    assert messages.about_review(waiting) is None, "the organisation paused it since"
    Opportunity.objects.filter(pk=waiting.pk).update(state="published", findings=[])
    waiting.refresh_from_db()

    told = [
        render(
            Delivery(
                kind=one.kind, language="nl", channel="email", time_zone="Europe/Brussels", values=one.values,
                recipient=one.recipient, due_at=now,
            )
        )
        for one in (back, messages.about_review(waiting))
    ]  # fmt: skip
    assert "Laat jongere mensen toe." in told[0].body
    assert "staat nu online" in told[1].body
    assert "jongere" not in told[1].body
