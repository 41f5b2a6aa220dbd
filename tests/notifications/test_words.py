"""Every kind of message has words on every channel, in every language of the city where a volunteer reads it."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.template.loader import get_template
from django.utils import timezone

from backend.city.load import default_city
from backend.placements import messages
from notifications.models import Delivery
from notifications.render import render

TO_VOLUNTEERS = [
    "proposal_made",
    "place_taken",
    "trial_booked",
    "placement_confirmed",
    "thanks_given",
    "question_answered",
    "invitation",
    "referral_made",
    "not_this_time",
    "proposal_reminder",
    "trial_tomorrow",
]
TO_ORGANISATIONS = [
    "candidate_new",
    "trial_booked_org",
    "candidate_stopped",
    "question_asked",
    "trial_cancelled",
    "referral_accepted",
    "trial_tomorrow_org",
    "candidate_reminder",
]
VALUES = {
    "first_name": "Marc", "title": "Soep maken", "organisation": "De Pit", "contact": "An", "postcode": "2060",
    "neighbourhood": "Dam", "phone": "03 000 00 00", "referrer": "De Rank", "accepted": "De Boei", "starts_at": "2027-03-09T14:00:00+01:00",
    "text": "Dank je voor de soep", "question": "Is er een lift?", "answer": "Ja", "answer_until_at": "2027-03-08T22:59:59+00:00",
}  # fmt: skip


def words(kind, language, channel="email"):
    delivery = Delivery(
        kind=kind, language=language, channel=channel, time_zone="Europe/Brussels", values=VALUES, recipient=uuid4(),
        due_at=datetime(2027, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    return render(delivery)


@pytest.mark.parametrize("kind", TO_VOLUNTEERS)
@pytest.mark.parametrize("language", default_city().languages)
def test_a_volunteer_reads_it_in_the_own_language(kind, language):
    get_template(f"notifications/{kind}/{language}.email.txt")
    text = words(kind, language)

    assert text.subject
    assert "Marc" in text.body
    assert "03 000 00 00" in text.body
    assert "{" not in text.body


@pytest.mark.parametrize("kind", TO_ORGANISATIONS)
def test_an_organisation_reads_it_in_dutch_or_english(kind):
    for language in ("nl", "en"):
        get_template(f"notifications/{kind}/{language}.email.txt")
        assert "Soep maken" in words(kind, language).body


@pytest.mark.parametrize("kind", TO_VOLUNTEERS + TO_ORGANISATIONS)
def test_whoever_calls_has_at_most_five_sentences_to_say(kind):
    text = words(kind, "ar", "callsheet")

    assert text.subject
    assert len([part for part in text.body.replace("?", ".").split(".") if part.strip()]) <= 6


@pytest.mark.parametrize(("today", "year"), [(date(2027, 3, 1), ""), (date(2026, 11, 22), " 2027")])
def test_moments_are_told_in_the_readers_language_and_the_citys_time(today, year, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda: today)

    assert f"dinsdag 9 maart{year}, 14:00 uur" in words("trial_booked", "nl").body
    assert f"mardi 9 mars{year}, 14:00" in words("trial_booked", "fr").body
    assert f"9 Mart Salı{year}, 14:00" in words("trial_booked", "tr").body
    assert f"maandag 8 maart{year}" in words("proposal_made", "nl").body


@pytest.mark.django_db
def test_people_are_told_the_way_they_chose(small_city, volunteer):
    def way(channel):
        volunteer.channel = channel
        return [route.channel for route in messages.routes_to(volunteer)]

    assert [way(channel) for channel in ("email", "app")] == [["email"], ["email"]]
    assert [way(channel) for channel in ("sms", "phone", "post", "via_guide")] == [[], [], [], []]


def test_there_is_a_message_for_every_verb_that_tells():
    told = [name for name in vars(messages) if name.startswith("about_")]
    assert len(told) == len(TO_VOLUNTEERS + TO_ORGANISATIONS)
