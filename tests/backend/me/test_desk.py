"""The desk: a card made together, found again only while the person is here, printed with a code, and taken over."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import JournalEntry, User
from backend.coordination.actions import publish_drafts
from backend.listening.models import Story
from backend.me import start
from backend.placements import actions
from backend.placements.models import Case, CheckIn
from backend.talent import codes
from backend.talent.models import CardCode, Consent, TalentProfile, Volunteer
from tests.backend.me.test_start import ANSWERS, PATHS, answer

pytestmark = pytest.mark.django_db
SAID = {"first_name": "Samira", "age": "21", "said_yes": "on"}


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def samira(desk):
    """Made her card at the desk, in Turkish."""
    desk.cookies["taal"] = "tr"
    desk.post("/balie/nieuw/")
    for screen in ("likes", "when", "where", "languages"):
        answer(desk, screen)
    made = desk.post(PATHS["name"], SAID)
    volunteer = Volunteer.objects.get(first_name="Samira")
    assert made["Location"] == f"/balie/mensen/{volunteer.pk}/"
    return volunteer


@pytest.fixture
def printed(desk, samira, monkeypatch):
    """The code of her printed card."""
    monkeypatch.setattr(codes, "new_code", lambda: "7F3K9QPD")
    card = desk.post(f"/balie/mensen/{samira.pk}/kaart/")
    assert card["Content-Type"] == "application/pdf"
    assert card.content.startswith(b"%PDF")
    return "7F3K9QPD"


def journal_of(**who):
    return list(JournalEntry.objects.filter(**who).order_by("created_at").values_list("what", flat=True))


def test_a_card_is_made_without_a_contact_and_the_yes_is_said_at_the_desk(samira):
    assert (samira.user, samira.channel, samira.language, samira.state) == (None, "phone", "tr", "confirmed")
    consent = Consent.objects.get(volunteer=samira)
    assert (consent.given_how, consent.language) == ("desk", "tr")
    assert (consent.until - consent.given_at).days == 365
    assert {one.talent for one in samira.profile.talents.all()} == set(ANSWERS["likes"]["likes"])
    assert journal_of(waits_for=samira.pk) == ["made_together", "consent_given"]


def test_without_the_yes_nothing_is_kept_and_a_no_wipes_everything(desk):
    desk.post("/balie/nieuw/")
    for screen in ("likes", "when", "where", "languages"):
        answer(desk, screen)
    page = desk.post(PATHS["name"], {**SAID, "said_yes": ""})
    assert page.status_code == 422
    assert "Lees de zinnen voor." in page.content.decode()

    desk.post(PATHS["name"], {**SAID, "wipe": "1"})

    assert not Volunteer.objects.filter(first_name="Samira").exists()
    assert start.DRAFT not in desk.session


def test_r105_a_screen_that_nobody_touches_for_five_minutes_is_empty(desk, monkeypatch):
    desk.post("/balie/nieuw/")
    answer(desk, "likes")
    later = timezone.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert desk.get("/start/wanneer/")["Location"] == "/balie/"
    assert start.DRAFT not in desk.session


def test_the_screen_is_cleared_with_one_tap_and_speaks_dutch_again(desk, samira):
    answer_ = desk.post("/balie/klaar/")

    assert answer_.cookies["taal"].value == ""
    assert (
        "Is <bdi>Samira</bdi> hier bij jou, of aan de telefoon?"
        in desk.get(f"/balie/mensen/{samira.pk}/").content.decode()
    )


def test_before_the_person_is_here_a_colleague_reads_no_more_than_a_name(desk, volunteer):
    page = desk.post("/balie/", {"name": "mar"}).content.decode()
    assert "Marc" in page
    page = desk.get(f"/balie/mensen/{volunteer.pk}/").content.decode()
    assert "Voorstellen" not in page

    desk.post(f"/balie/mensen/{volunteer.pk}/", {"here": "1"})

    assert "Voorstellen" in desk.get(f"/balie/mensen/{volunteer.pk}/").content.decode()
    assert journal_of(person=volunteer.user) == ["looked"]


def test_who_is_not_here_is_neither_answered_for_nor_printed(desk, volunteer, opportunity):
    publish_drafts(opportunity.city, now=timezone.now(), only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())

    assert desk.post(f"/balie/mensen/{volunteer.pk}/{proposal.pk}/", {"answer": "yes"}).status_code == 404
    assert desk.post(f"/balie/mensen/{volunteer.pk}/kaart/").status_code == 404


def test_r052_an_answer_at_the_desk_is_the_persons_and_is_written_down(desk, volunteer, opportunity):
    publish_drafts(opportunity.city, now=timezone.now(), only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    desk.post(f"/balie/mensen/{volunteer.pk}/", {"here": "1"})

    desk.post(f"/balie/mensen/{volunteer.pk}/{proposal.pk}/", {"answer": "yes"})

    proposal.refresh_from_db()
    assert (proposal.state, proposal.answered_by) == ("accepted", "desk")
    assert "answered_for" in journal_of(person=volunteer.user)


@pytest.fixture
def here(desk, volunteer, opportunity):
    """Marc is at the desk and said yes to T40."""
    publish_drafts(opportunity.city, now=timezone.now(), only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    desk.post(f"/balie/mensen/{volunteer.pk}/", {"here": "1"})
    page = f"/balie/mensen/{volunteer.pk}/"
    desk.post(f"{page}{proposal.pk}/", {"question": " Is er een lift? "})
    desk.post(f"{page}{proposal.pk}/", {"answer": "yes"})
    return proposal, page


def test_a_question_a_moment_and_a_face_are_taken_down_at_the_desk(desk, here):
    proposal, page = here
    assert proposal.questions.get().text == "Is er een lift?"
    moments = re.findall(r'name="moment" value="([^"]+)"', desk.get(page).content.decode())
    desk.post(f"{page}{proposal.pk}/", {"moment": moments[1]})
    assert (
        proposal.trial_visits.get().starts_at.isoformat()
        == datetime.fromisoformat(moments[1]).astimezone(UTC).isoformat()
    )
    assert "Proefmoment:" in desk.get(page).content.decode()

    placement = actions.confirm_placement(proposal.pk, now=timezone.now())
    assert 'name="felt"' not in desk.get(page).content.decode()
    desk.post(f"{page}{proposal.pk}/nota/")
    asked = CheckIn.objects.create(placement=placement, days=1)
    assert 'name="felt"' in desk.get(page).content.decode()
    desk.post(f"{page}{proposal.pk}/", {"felt": "bad"})
    asked.refresh_from_db()
    assert asked.felt == "bad"
    assert Case.objects.get().about == asked.pk


def test_the_papers_for_a_start_are_filled_in_and_printed_at_the_desk(desk, here):
    proposal, page = here
    Volunteer.objects.filter(pk=proposal.volunteer_id).update(declared_statuses=[])
    papers = f"{page}{proposal.pk}/papieren/"
    assert papers in desk.get(page).content.decode()
    assert desk.get(f"{page}{proposal.pk}/c45b.pdf").status_code == 404

    asked = desk.post(papers, {"declare": "1", "status": ["rva"]}, follow=True).content.decode()
    assert "C45B" in asked
    sheet = desk.get(f"{page}{proposal.pk}/c45b.pdf")
    assert (sheet["Content-Type"], sheet.content[:4]) == ("application/pdf", b"%PDF")
    desk.post(papers, {"formality": "file_c45b", "state": "filed", "filed_on": timezone.localdate().isoformat()})
    assert proposal.formalities.get().state == "filed"
    assert "answered_for" in journal_of(person=proposal.volunteer.user) + journal_of(waits_for=proposal.volunteer_id)

    desk.post("/balie/klaar/")
    assert desk.get(papers).status_code == 404, "nobody is here any more"


def test_who_comes_together_and_who_wants_to_be_a_buddy_is_taken_down_at_the_desk(desk, here, samira):
    proposal, page = here
    desk.post(page, {"here": "1"})
    desk.post(f"{page}{proposal.pk}/", {"pair": "1"})
    TalentProfile.objects.filter(volunteer=samira).update(available=proposal.opportunity.slots, max_km=20)
    code = re.search(r'Code voor wie meegaat: <strong dir="ltr">([^<]+)', desk.get(page).content.decode())[1]

    other = f"/balie/mensen/{samira.pk}/"
    assert desk.post(f"{other}samen/", {"code": code}).status_code == 404, "she is not here"
    desk.post(other, {"here": "1"})
    assert desk.post(f"{other}samen/", {"code": "ZZZZ-2222"}).status_code == 422
    assert proposal.opportunity.title in desk.post(f"{other}samen/", {"code": code}).content.decode()
    answered = desk.post(f"{other}samen/", {"code": code, "yes": "1"})
    assert answered.status_code == 302
    assert samira.proposals.get().place == "shared"
    assert {"contact_shown", "answered_for"} <= set(journal_of(waits_for=samira.pk))

    desk.post(page, {"here": "1"})
    placement = actions.confirm_placement(proposal.pk, now=timezone.now())
    desk.post(f"{page}{proposal.pk}/nota/")
    for said, is_buddy in (("yes", True), ("no", False)):
        assert f'name="buddy" value="{said}"' in desk.get(page).content.decode()
        desk.post(f"{page}{proposal.pk}/", {"buddy": said})
        placement.refresh_from_db()
        assert placement.is_buddy is is_buddy


def test_what_somebody_wants_to_learn_is_taken_down_at_the_desk(desk, here):
    proposal, page = here
    placement = actions.confirm_placement(proposal.pk, now=timezone.now())
    assert 'name="goal"' not in desk.get(page).content.decode()
    desk.post(f"{page}{proposal.pk}/nota/")
    for number in (1, 1, 2, 3, 4, 5):
        desk.post(f"{page}{proposal.pk}/", {"goal": f" Fietsen herstellen {number}"})
    assert placement.learning_goals.count() == 5
    assert "Fietsen herstellen 5" in desk.get(page).content.decode()
    refused = desk.post(f"{page}{proposal.pk}/", {"goal": "Nog een"}, follow=True).content.decode()
    assert "Er staan al 5 doelen." in refused
    first = placement.learning_goals.first()
    desk.post(f"{page}{proposal.pk}/", {"goal_away": str(first.pk)})
    assert placement.learning_goals.count() == 4
    assert desk.post(f"{page}{proposal.pk}/", {"goal_away": str(first.pk)}).status_code == 404


def test_r085_somebody_tells_a_story_a_colleague_types_it_and_only_with_a_yes(desk, here, samira):
    proposal, page = here
    desk.post(page, {"here": "1"})
    for said in ({"story": "Ik ken nu mijn buren."}, {"story": "", "agree": "1"}, {"story": "x" * 1001, "agree": "1"}):
        assert "vraag of iedereen het mag lezen" in desk.post(f"{page}verhaal/", said, follow=True).content.decode()
    assert not Story.objects.exists()
    for _ in range(2):
        desk.post(f"{page}verhaal/", {"story": " Ik ken nu mijn buren. ", "agree": "1"})
    story = Story.objects.get()
    assert (story.volunteer_id, story.text, story.consent.given_how) == (
        proposal.volunteer_id,
        "Ik ken nu mijn buren.",
        "desk",
    )
    assert story.published_at is None, "it is read first"

    other = f"/balie/mensen/{samira.pk}/"
    desk.post(other, {"here": "1"})
    desk.post(f"{other}verhaal/", {"away": str(story.pk)})
    assert Story.objects.exists(), "only whose story it is takes it away"
    desk.post(page, {"here": "1"})
    assert "Ik ken nu mijn buren." in desk.get(page).content.decode()
    desk.post(f"{page}verhaal/", {"away": str(story.pk)})
    assert not Story.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"moment": "2027-01-01T09:30:00+00:00"},
        {"moment": "morgen"},
        {"felt": "geweldig"},
        {"question": ""},
        {"buddy": "ja"},
        {"goal": "x" * 81},
        {},
    ],
)
def test_what_was_not_offered_is_not_taken_down(desk, here, said):
    proposal, page = here

    answered = desk.post(f"{page}{proposal.pk}/", said)

    assert answered.status_code == (302 if "moment" in said else 404)
    assert not proposal.trial_visits.exists()
    assert proposal.questions.count() == 1


def test_somebody_rests_for_a_month_from_the_desk_and_only_who_is_there(desk, here, volunteer):
    _proposal, page = here
    desk.post(page, {"rest": "1"})
    volunteer.refresh_from_db()
    assert volunteer.paused_until > timezone.now().date() + timedelta(days=27)
    assert "profile_changed" in journal_of(person=volunteer.user)

    other = Volunteer.objects.exclude(pk=volunteer.pk).filter(profile__isnull=False).first()
    assert desk.post(f"/balie/mensen/{other.pk}/", {"rest": "1"}).status_code == 404
    other.refresh_from_db()
    assert other.paused_until is None


def test_the_printed_card_tells_a_first_name_and_nothing_more(client, samira, printed):
    client.logout()
    page = client.get(f"/k/{printed}/").content.decode()

    assert "Samira" in page
    assert samira.profile.neighbourhood not in page
    assert client.post("/k/", {"code": "7f3k-9qpd"})["Location"] == f"/k/{printed}/"
    assert not CardCode.objects.filter(code_hash__contains=printed).exists()


def test_a_new_print_makes_the_old_code_void(desk, client, samira, printed, monkeypatch):
    monkeypatch.setattr(codes, "new_code", lambda: "BBBB2222")
    desk.post(f"/balie/mensen/{samira.pk}/kaart/")

    assert client.get(f"/k/{printed}/").status_code == 404
    assert client.get("/k/BBBB2222/").status_code == 200


def test_whoever_proves_a_contact_takes_the_card_over_with_all_that_was_written_down(client, samira, printed):
    client.logout()
    client.post(f"/k/{printed}/", {"contact": "samira@voorbeeld.example"})
    user = User.objects.get(email="samira@voorbeeld.example")
    code = client.session["card_code"]
    client.force_login(user)
    session = client.session
    session["card_code"] = code
    session.save()

    assert client.get("/k/klaar/")["Location"] == "/ik/kaart/"

    samira.refresh_from_db()
    assert (samira.user, samira.channel) == (user, "email")
    assert journal_of(person=user) == ["made_together", "consent_given", "printed", "taken_over"]
    assert "Samira" in client.get("/ik/kaart/").content.decode()
    assert client.get(f"/k/{printed}/").status_code == 404


def test_whoever_has_a_card_does_not_get_a_second(client, volunteer, samira, printed):
    client.force_login(volunteer.user)
    del client.cookies["taal"]
    client.post(f"/k/{printed}/")

    page = client.get("/k/klaar/", follow=True).content.decode()

    assert "Je had al een kaart." in page
    samira.refresh_from_db()
    assert samira.user is None


def test_whoever_has_no_account_is_erased_at_the_desk_and_once_more_after_a_restore(desk, samira):
    from backend.me.actions import erase_again

    copy = Volunteer(**{one.attname: getattr(samira, one.attname) for one in Volunteer._meta.concrete_fields})
    assert "Alles is gewist." in desk.post(f"/balie/mensen/{samira.pk}/wis/", follow=True).content.decode()

    assert not Volunteer.objects.filter(pk=copy.pk).exists()
    assert journal_of(waits_for=copy.pk) == []
    copy.save(force_insert=True)  # as a copy of yesterday brings them back
    assert erase_again(now=timezone.now()) == 1
    assert not Volunteer.objects.filter(pk=copy.pk).exists()


def test_whoever_has_an_account_is_not_erased_by_somebody_else(desk, volunteer):
    desk.post(f"/balie/mensen/{volunteer.pk}/", {"here": "1"})

    assert desk.post(f"/balie/mensen/{volunteer.pk}/wis/").status_code == 404
    assert Volunteer.objects.filter(pk=volunteer.pk).exists()


def test_whoever_guesses_codes_is_told_to_wait(client, small_city, settings):
    settings.RATE_LIMIT_SCALE = 1
    answers = [client.get(f"/k/BBBB222{number}/").status_code for number in (*range(2, 10), "B", "C", "D")]

    assert answers == [404] * 10 + [429]


def test_a_line_that_waits_may_be_handed_over_and_nothing_else_changes(samira):
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        JournalEntry.objects.filter(waits_for=samira.pk).update(actor="Iemand anders")


@pytest.mark.parametrize("role", ["opportunity_scout", "administrator"])
def test_a_colleague_who_does_not_speak_with_people_finds_no_desk(role, client, coordinator, volunteer):
    coordinator.staff_roles.update(role=role)
    client.force_login(coordinator)

    assert client.get("/balie/").status_code == 404
    assert client.post("/balie/nieuw/").status_code == 404
    assert client.get(f"/balie/mensen/{volunteer.pk}/").status_code == 404


def test_codes_have_no_vowels_and_no_signs_that_look_alike():
    many = "".join(codes.new_code() for _time in range(500))

    assert not set(many) & set("AEIOU01L")
    assert len(set(many)) == len(codes.SIGNS) == 28
    assert re.fullmatch(r"\w{4}-\w{4}", codes.shown(codes.new_code()))


def test_r111_everything_that_is_kept_and_who_looked_is_printed_for_who_has_no_account(desk, opportunity):
    alone = Volunteer.objects.get(external_id="P36")
    alone.user = None
    alone.save()
    assert desk.post(f"/balie/mensen/{alone.pk}/alles/").status_code == 404, "not here"
    desk.post(f"/balie/mensen/{alone.pk}/", {"here": "1"})

    paper = desk.post(f"/balie/mensen/{alone.pk}/alles/").content.decode()

    assert alone.first_name in paper
    assert "journal" in paper
    assert "keek" in paper
    assert alone.profile.neighbourhood in paper


def test_whoever_has_an_account_takes_it_along_there(desk, here, volunteer):
    assert desk.post(f"/balie/mensen/{volunteer.pk}/alles/").status_code == 404
