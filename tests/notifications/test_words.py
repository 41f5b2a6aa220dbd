"""Every kind of message has words on every channel, in every language of the city where a volunteer reads it."""

import csv
import re
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.template.loader import get_template
from django.utils import timezone

import notifications
from backend import common
from backend.accounts.models import Device
from backend.city.load import default_city
from backend.engagements import messages as paid
from backend.listening import messages as heard
from backend.placements import messages
from notifications import gsm
from notifications.channels import sms
from notifications.gsm import as_gsm, segments
from notifications.models import Delivery
from notifications.render import render

TO_VOLUNTEERS = [
    "proposal_made",
    "place_taken",
    "place_free",
    "pair_made",
    "buddy_chosen",
    "buddy_asked",
    "trial_booked",
    "placement_confirmed",
    "thanks_given",
    "question_answered",
    "invitation",
    "referral_made",
    "not_this_time",
    "proposal_reminder",
    "trial_tomorrow",
    "check_in",
    "are_you_there",
    "formality_soon",
    "formality_over",
    "case_closed",
    "expenses_near",
    "expenses_over",
    "shift_tomorrow",
    "shift_cancelled",
    "training_place",
    "training_cancelled",
    "thanks_campaign",
    "what_it_meant",
    "crisis_call",
]
TO_ORGANISATIONS = [
    "candidate_new",
    "trial_booked_org",
    "candidate_stopped",
    "buddy_stopped",
    "question_asked",
    "trial_cancelled",
    "referral_accepted",
    "trial_tomorrow_org",
    "candidate_reminder",
    "organisation_digest",
    "opportunity_reviewed",
    "support_offered",
    "support_agreed",
    "draft_made",
    "visitor",
    "card_check",
    "shift_short",
    "insurance_soon",
]
TO_THE_POINT = ["unsafe_reported"]
TO_WHO_LEFT_A_CONTACT = ["signal_answered"]
OVER_THE_PHONE_ONLY = ["card_to_take", "sms_stopped", "sms_understood", "sms_not_understood"]
VALUES = {
    "comes": "yes", "taken": "1", "least": "2", "other": "De Sluis", "most": "1760.83", "outcome": "elsewhere", "where": "Dam", "about": "De bus",
    "first_name": "Marc", "filed_at": "2027-02-10T12:00:00+00:00", "title": "Soep maken", "organisation": "De Pit", "contact": "An", "postcode": "2060",
    "neighbourhood": "Dam", "phone": "03 000 00 00", "referrer": "De Rank", "accepted": "De Boei", "starts_at": "2027-03-09T14:00:00+01:00",
    "text": "Dank je voor de soep", "question": "Is er een lift?", "city": "Antwerpen", "count": "2", "lines": ["Soep maken: iemand wil helpen"], "door": "https://x.example/org/", "answer": "Ja", "answer_until_at": "2027-03-08T22:59:59+00:00",
}  # fmt: skip


def words(kind, language, channel="email"):
    return render(made(kind, language, channel))


def made(kind, language, channel="email", values=VALUES):
    return Delivery(
        kind=kind, language=language, channel=channel, time_zone="Europe/Brussels", values=values, recipient=uuid4(),
        due_at=datetime(2027, 3, 1, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize("kind", TO_VOLUNTEERS)
@pytest.mark.parametrize("language", default_city().languages)
def test_r077_a_volunteer_reads_it_in_the_own_language(kind, language):
    get_template(f"notifications/{kind}/{language}.email.txt")
    text = words(kind, language)

    assert text.subject
    assert "Marc" in text.body
    assert "03 000 00 00" in text.body
    assert "{" not in text.body


LONGEST = {
    **VALUES, "first_name": "Anne-Charlotte Vandenbroucke-Ğülşen", "title": "Samen boodschappen doen met oudere buren in de wijk",
    "organisation": "Vereniging voor buurtwerk en ontmoeting Antwerpen-Noord", "contact": "Marie-Louise van den Bergh",
    "text": "Er staat water in de kelders van de Seefhoek. Wie kan vandaag met emmers komen helpen?",
}  # fmt: skip
LINK = "https://helpen.antwerpen.be/v/2tZQn5p7i8E6jxhpEwNpCf/"


@pytest.mark.parametrize("kind", TO_VOLUNTEERS + OVER_THE_PHONE_ONLY)
@pytest.mark.parametrize("language", default_city().languages)
def test_a_text_message_exists_in_every_language_and_in_dutch_it_is_one(kind, language, monkeypatch):
    get_template(f"notifications/{kind}/{language}.sms.txt")
    monkeypatch.setattr("notifications.render._address", lambda _delivery: LINK)
    text = sms.words_of(made(kind, language, "sms", LONGEST))

    assert text
    assert "{" not in text
    at_most = {"nl": 1, "ar": 3}.get(language, 2)
    assert segments(text) <= at_most, (segments(text), len(text), text)
    if language != "ar":
        assert all(sign in gsm.PLAIN | gsm.DOUBLE for sign in text)


def test_a_language_without_words_of_its_own_falls_back_to_dutch():
    assert words("proposal_made", "so").subject == words("proposal_made", "nl").subject
    assert sms.words_of(made("proposal_made", "so", "sms")).startswith("Dag Marc. Past dit bij jou?")


# Words of the form for friends. Pages of a city say "vous" and "siz"; whoever reads both should not wonder who writes.
FOR_FRIENDS = {
    "fr": r"\b(tu|te|ton|ta|tes|toi|choisis|appelle|regarde et|regarde ici|demande :|lis|dis|attends|écris|donne)\b|\bt'",
    "tr": r"\b(sen|seni|sana|senin|senden|misin|mısın|musun|müsün|seç|bak|ara|yaz|söyle|bekle)\b|bilirsin\b",
}


@pytest.mark.parametrize("language", FOR_FRIENDS)
def test_messages_and_errors_speak_to_people_as_the_pages_do(language):
    mails = Path(notifications.__file__).parent.glob(f"templates/notifications/*/{language}.*.txt")
    said = {f"{path.parent.name}/{path.name}": path.read_text() for path in mails}
    for table in ("problems", "fields"):
        with (Path(common.__file__).parent / f"{table}.csv").open(newline="") as file:
            said |= {row["code"]: row[language] for row in csv.DictReader(file)}

    assert len(said) > 100
    assert {name: text for name, text in said.items() if re.search(FOR_FRIENDS[language], text, re.IGNORECASE)} == {}


def test_a_day_with_one_message_speaks_of_one():
    one = {**VALUES, "count": 1, "lines": ["Soep maken: iemand wil helpen"]}

    assert render(made("organisation_digest", "nl", values=one)).subject == "Overzicht: 1 bericht"
    assert "Er is 1 nieuw bericht." in render(made("organisation_digest", "nl", "callsheet", one)).body
    assert words("organisation_digest", "nl").subject == "Overzicht: 2 berichten"


def test_signs_that_a_text_message_lacks_become_the_nearest():
    assert as_gsm("Güneş İşçi ığ “ja” – ok…", "tr") == 'Günes Isci ig "ja" - ok...'
    assert as_gsm("één ëï ç", "nl") == "één ei c"
    assert as_gsm("مرحبا", "ar") == "مرحبا"
    assert [segments("a" * 160), segments("a" * 161), segments("ş" * 70), segments("ş" * 71)] == [1, 2, 1, 2]
    assert segments("€" * 80) == 1


@pytest.mark.parametrize(("language", "direction"), [("nl", "ltr"), ("ar", "rtl")])
def test_a_mail_is_a_small_page_too_that_loads_nothing(language, direction, monkeypatch):
    monkeypatch.setattr("notifications.render._address", lambda _delivery: LINK)
    page = render(made("proposal_made", language, values={**VALUES, "title": "<b>Soep</b>"})).html

    assert f'lang="{language}" dir="{direction}"' in page
    assert f'href="{LINK}"' in page
    assert "&lt;b&gt;Soep" in page
    assert "<img" not in page
    assert "src=" not in page


@pytest.mark.parametrize("kind", TO_ORGANISATIONS)
def test_an_organisation_reads_it_in_dutch_or_english(kind):
    for language in ("nl", "en"):
        get_template(f"notifications/{kind}/{language}.email.txt")
        text = words(kind, language)
        assert any(one in text.body for one in ("Dank je voor de soep", "Soep maken", "De Pit"))


@pytest.mark.parametrize("kind", TO_THE_POINT)
def test_a_colleague_reads_where_to_look_in_dutch_or_english(kind):
    for language, channel in (("nl", "email"), ("en", "email"), ("nl", "sms"), ("en", "sms")):
        assert VALUES["door"] in words(kind, language, channel).body


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

    volunteer.user.phone = "+32470000000"
    assert [way(channel) for channel in ("email", "app", "sms")] == [["email"], ["email"], ["email"]]
    volunteer.user.phone_verified = True
    Device.objects.create(user=volunteer.user, platform="web", token="{}", language="nl")
    assert way("email") == ["email", "sms"]
    assert way("sms") == ["sms", "email"]
    assert way("app") == ["push", "email", "sms"]
    assert [way(channel) for channel in ("phone", "post", "via_guide")] == [[], [], []]


def test_there_is_a_message_for_every_verb_that_tells():
    told = [name for room in (messages, heard, paid) for name in vars(room) if name.startswith("about_")]
    # One verb for both kinds of campaign and one for both of a formality and of expenses, two for somebody who cannot come after all.
    assert len(told) == len(TO_VOLUNTEERS + TO_ORGANISATIONS + TO_WHO_LEFT_A_CONTACT + TO_THE_POINT) - 2
