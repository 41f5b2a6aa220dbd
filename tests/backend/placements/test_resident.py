"""The index in a matcher's memory: it follows every change, forgets who is gone, and is never believed blindly."""

import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from backend.common import packed as packed_rows
from backend.coordination.actions import publish_drafts
from backend.opportunities import actions as opportunities
from backend.opportunities.models import Opportunity
from backend.placements import resident, rounds
from backend.placements.models import Proposal
from backend.placements.resident import resident_of
from backend.talent import actions as talent
from backend.talent.case import packed
from backend.talent.models import Consent, MatchProfile, TalentProfile, Volunteer


def people_for(opportunity, city, now):
    return set(resident_of(city.slug, now).people_for(opportunity.pk, 99))


def test_every_record_is_what_the_tables_say_and_holds_no_name(published, small_city):
    assert talent.unlike_their_record(small_city.slug) == []
    assert opportunities.unlike_their_record(small_city.slug) == []
    records = {row.who: bytes(row.record) for row in MatchProfile.objects.all()}
    assert len(records) == 25
    for volunteer in Volunteer.objects.all():
        assert volunteer.first_name.encode() not in records[volunteer.pk]


def test_r032_what_never_touches_a_ranking_changes_no_byte_of_a_record(volunteer, small_city):
    before = bytes(MatchProfile.objects.get(who=volunteer.pk).record)
    Volunteer.objects.filter(pk=volunteer.pk).update(
        first_name="Zineb", declared_statuses=["rva_werkloos"], language="ar", digital="good", transport="car"
    )

    talent.pack_volunteers(small_city.slug, Volunteer.objects.filter(pk=volunteer.pk))

    row = MatchProfile.objects.get(who=volunteer.pk)
    assert (bytes(row.record), row.version) == (before, MatchProfile.objects.get(who=volunteer.pk).version)


def test_a_pause_is_followed_and_so_is_its_end(published, volunteer, small_city, now):
    assert volunteer.pk in people_for(published, small_city, now)

    talent.set_contact_rules(volunteer, paused_until=now.date())

    assert volunteer.pk not in people_for(published, small_city, now)
    assert volunteer.pk in people_for(published, small_city, now + timedelta(days=1))


@pytest.mark.parametrize("way", ["by the application", "by a line of SQL"])
def test_who_is_deleted_is_gone_from_the_index(way, published, volunteer, small_city, now):
    who = volunteer.pk
    assert who in people_for(published, small_city, now)

    if way == "by the application":
        volunteer.delete()
    else:
        TalentProfile.objects.filter(volunteer=who).delete()
        Consent.objects.filter(volunteer=who).delete()
        with connection.cursor() as cursor:
            cursor.execute("delete from talent_volunteer where id = %s", [who])

    assert who not in people_for(published, small_city, now)
    assert bytes(MatchProfile.objects.get(who=who).record) == b""


def test_a_changed_profile_is_followed_without_reading_everything_again(published, volunteer, small_city, now):
    known = resident_of(small_city.slug, now)
    base = known.people
    TalentProfile.objects.filter(volunteer=volunteer).update(max_km=0.5)
    talent.pack_volunteers(small_city.slug, Volunteer.objects.filter(pk=volunteer.pk))

    assert volunteer.pk not in people_for(published, small_city, now)
    assert resident_of(small_city.slug, now) is known
    assert known.people is base


def test_after_many_changes_everything_is_read_again(published, small_city, now, monkeypatch):
    monkeypatch.setattr(resident, "MERGE_LEAST", 3)
    known = resident_of(small_city.slug, now)
    base = known.people
    for one in Volunteer.objects.all()[:4]:
        talent.set_contact_rules(one, paused_until=now.date())

    known = resident_of(small_city.slug, now)

    assert known.people is not base
    assert known.people.count == 21


def test_an_opportunity_that_is_no_longer_online_is_gone(published, volunteer, small_city, now, sample_records):
    record = next(one for one in sample_records("opportunities") if one["id"] == published.external_id)
    assert published.pk in resident_of(small_city.slug, now).ranked_for(record_of(volunteer, small_city)).ids()

    with transaction.atomic():
        opportunities.store_imported(published.organisation, {**read(record, small_city), "title": "Iets anders doen"})

    assert published.pk not in resident_of(small_city.slug, now).ranked_for(record_of(volunteer, small_city)).ids()
    assert people_for(published, small_city, now) == set()


def read(record, place):
    from matching import citysample
    from matching.catalogue import load_catalogue
    from matching.checks import Report

    return citysample.Format(load_catalogue(), place.matching).check("opportunities", record, Report("x", ""))


def record_of(volunteer, place):
    from backend.talent.queries import with_everything_to_pack
    from matching.packing import layout_for

    fresh = with_everything_to_pack(Volunteer.objects.filter(pk=volunteer.pk)).get()
    return packed(fresh, layout_for(place.matching.policy))


def test_an_index_that_followed_gives_the_lists_of_one_that_was_read_anew(small_city, now):
    publish_drafts(small_city.slug, now=now)
    known = resident_of(small_city.slug, now)
    for place, one in enumerate(Volunteer.objects.order_by("external_id")[:9]):
        TalentProfile.objects.filter(volunteer=one).update(max_km=1 + place, themes=["sport"], themes_excluded=[])
        talent.pack_volunteers(small_city.slug, Volunteer.objects.filter(pk=one.pk))
    followed = {one.pk: known_people(known, one, now) for one in Opportunity.objects.all()}

    resident.forget()

    anew = resident_of(small_city.slug, now)
    assert anew is not known
    assert {one.pk: known_people(anew, one, now) for one in Opportunity.objects.all()} == followed


def known_people(known, opportunity, now):
    known.follow(now)
    return known.people_for(opportunity.pk, 99)


def test_records_of_another_catalogue_and_missing_ones_are_written_before_they_are_read(published, small_city, now):
    expected = people_for(published, small_city, now)
    MatchProfile.objects.filter(who__in=list(expected)[:5]).delete()
    MatchProfile.objects.filter(who__in=list(expected)[5:9]).update(layout="older", record=b"?")
    resident.forget()

    assert people_for(published, small_city, now) == expected


def test_a_record_that_is_not_true_is_found_repaired_and_never_believed(
    published, volunteer, small_city, now, monkeypatch
):
    """P37 moves his limit to half a kilometre, behind the back of the records. There is a place for everybody, so that
    a round comes to him; and what it says is heard here, whatever another test did to the logs."""
    said = []
    monkeypatch.setattr(rounds.logger, "error", lambda words, *about: said.append(words % about))
    Opportunity.objects.filter(pk=published.pk).update(places=60)
    opportunities.pack_opportunities(Opportunity.objects.filter(pk=published.pk))
    TalentProfile.objects.filter(volunteer=volunteer).update(max_km=0.5)
    assert talent.unlike_their_record(small_city.slug) == [volunteer.pk]

    rounds.run_round(small_city.slug, now=now)

    assert not Proposal.objects.filter(volunteer=volunteer).exists()
    assert [one for one in said if one.startswith(f"the record of volunteer {volunteer.pk}")], said
    with pytest.raises(CommandError, match="--rebuild"):
        call_command("match_profiles")
    call_command("match_profiles", "--rebuild")
    assert talent.unlike_their_record(small_city.slug) == []


@pytest.mark.django_db(transaction=True)
def test_a_change_that_commits_after_a_later_one_is_not_missed(small_city, now):
    """The slow transaction began first: a number that only grows would have hidden it."""
    slow, quick = Volunteer.objects.order_by("external_id")[:2]
    known = resident_of(small_city.slug, now)
    count = known.people.count
    has_written, may_commit = threading.Event(), threading.Event()

    def change_slowly():
        with transaction.atomic():
            talent.set_contact_rules(slow, paused_until=now.date())
            has_written.set()
            may_commit.wait(20)
        connection.close()

    other = threading.Thread(target=change_slowly)
    other.start()
    assert has_written.wait(20)
    talent.set_contact_rules(quick, paused_until=now.date())
    known.follow(now)
    paused_first = {one.who for one in MatchProfile.objects.filter(changed_in__gte=known._since)}
    assert quick.pk in paused_first
    may_commit.set()
    other.join()
    known.follow(now)

    assert known.whole(now).people.count == count - 2
    Volunteer.objects.update(paused_until=None)
    talent.pack_volunteers(small_city.slug, Volunteer.objects.all())


def test_the_same_change_twice_is_stored_once(volunteer, small_city):
    before = MatchProfile.objects.get(who=volunteer.pk).version
    for _ in range(2):
        talent.pack_volunteers(small_city.slug, Volunteer.objects.filter(pk=volunteer.pk))

    assert MatchProfile.objects.get(who=volunteer.pk).version == before


@pytest.mark.django_db(transaction=True)
def test_a_record_is_never_written_outside_the_transaction_of_its_change(small_city):
    with pytest.raises(RuntimeError, match="in the transaction"):
        packed_rows.store(MatchProfile, small_city.slug, "x", {})
