"""The screens of whoever begins: what is asked, what is refused with which sentence, and what is kept."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from backend.accounts.models import User
from backend.common import limits
from backend.me import start
from backend.me.queries import everything_about
from backend.opportunities.actions import publish_opportunity
from backend.opportunities.models import Opportunity
from backend.placements.models import Proposal
from backend.talent.case import own_record_of
from backend.talent.models import Consent, ProfileTalent, TalentProfile, Volunteer

pytestmark = pytest.mark.django_db
ANSWERS = {
    "likes": {"likes": ["dieren", "koken_thuis"]},
    "when": {"when": ["weekend-morning"]},
    "where": {"postcode": "2060", "reach": "walk"},
    "languages": {"speaks": ["ar"], "dutch": "A1", "helps": ["wish:rustig", "limit:geen_trappen"]},
    "name": {"first_name": "Samira", "contact": "samira@voorbeeld.example", "age": "21", "proposals": "on"},
}
PATHS = {
    "likes": "/start/graag/", "when": "/start/wanneer/", "where": "/start/waar/", "languages": "/start/talen/",
    "name": "/start/naam/",
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()


def answer(client, screen, **others):
    return client.post(PATHS[screen], {**ANSWERS[screen], **others})


def answer_all(client, until="name", **others):
    for screen in PATHS:
        response = answer(client, screen, **(others if screen == until else {}))
        if screen == until:
            return response
    raise AssertionError(until)


def come_in(client, email="samira@voorbeeld.example"):
    """As after the right code: the session stays."""
    session = dict(client.session)
    client.force_login(User.objects.get(email=email), backend="django.contrib.auth.backends.ModelBackend")
    kept = client.session
    kept.update({key: value for key, value in session.items() if key == start.DRAFT})
    kept.save()
    return client.get("/start/klaar/")


def test_a_screen_sends_back_to_the_first_that_is_not_answered(client, small_city):
    assert client.get("/start/naam/")["Location"] == "/start/graag/"
    answer(client, "likes")
    assert client.get("/start/naam/")["Location"] == "/start/wanneer/"
    answer(client, "when")
    assert client.get("/start/klaar/")["Location"] == "/start/waar/"


@pytest.mark.parametrize(
    ("screen", "said", "sentence"),
    [
        ("likes", {"likes": []}, "Kies minstens 1 tekening."),
        ("likes", {"likes": ["dieren", "naaien", "muziek", "tillen", "spelen", "rijden"]}, "Kies niet meer dan 5."),
        ("likes", {"likes": ["rijk_worden"]}, "rijk_worden"),
        ("when", {"when": []}, "Kies een moment. Of kies"),
        ("where", {"postcode": ""}, "Vul je postcode in, of kies je wijk."),
        ("where", {"postcode": "206"}, "Een postcode heeft 4 cijfers."),
        ("where", {"postcode": "1000"}, "Je woont buiten de stad. Je kan toch meedoen."),
        ("name", {"first_name": " "}, "Vul je voornaam in."),
        ("name", {"contact": ""}, "Vul je gsm-nummer of je e-mail in."),
        ("name", {"contact": "samira@"}, "Dit e-mailadres klopt niet."),
        ("name", {"contact": "04"}, "Dit nummer klopt niet. Een gsm-nummer begint met 04."),
        ("name", {"contact": "0470123456"}, "Een sms sturen kan hier niet."),
        ("name", {"age": ""}, "Kies hoe oud je bent."),
        ("name", {"age": "younger"}, "Vanaf 15 jaar kan je helpen."),
        ("name", {"age": "15"}, "Dan moet je eerst 2 jaar middelbare school gedaan hebben."),
    ],
)
def test_a_mistake_is_said_and_nothing_is_stored(screen, said, sentence, client, small_city):
    before = Volunteer.objects.count(), User.objects.count()

    response = answer_all(client, until=screen, **said)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert (Volunteer.objects.count(), User.objects.count()) == before


def test_r003_the_answers_become_a_card_and_a_yes_to_proposals(client, small_city):
    answer_all(client)
    assert come_in(client)["Location"] == "/ik/kaart/"

    profile = TalentProfile.objects.select_related("volunteer").get(volunteer__user__email="samira@voorbeeld.example")
    assert {one.talent: one.level for one in profile.talents.all()} == {"dieren": 2, "koken_thuis": 2}
    assert profile.available == ["sat-morning", "sun-morning"]
    assert (profile.postcode, profile.max_km, profile.volunteer.transport) == ("2060", 2.0, "walk")
    assert {one.language: one.level for one in profile.languages.all()} == {"nl": "A1", "ar": "B2"}
    assert (profile.wishes, profile.boundaries) == (["rustig"], ["geen_trappen"])
    assert (profile.volunteer.channel, profile.volunteer.age_from) == ("email", 21)
    assert Consent.objects.filter(volunteer=profile.volunteer, purpose="proposals", withdrawn_at=None).count() == 1
    assert start.DRAFT not in client.session


def test_without_the_tick_nobody_gets_proposals_and_the_card_says_so(client, small_city):
    answer_all(client, proposals="")
    come_in(client)

    assert not Consent.objects.filter(volunteer__user__email="samira@voorbeeld.example").exists()
    assert "Je krijgt nu geen voorstellen." in client.get("/ik/kaart/").content.decode()
    client.post("/ik/kaart/")
    assert Consent.objects.filter(volunteer__user__email="samira@voorbeeld.example").count() == 1


def test_who_skips_what_may_be_skipped_has_a_card_too(client, small_city):
    for screen in ("likes", "when", "where"):
        answer(client, screen, **({"when": ["unknown"]} if screen == "when" else {}))
    client.post(PATHS["languages"], {})
    answer(client, "name")
    come_in(client)

    profile = TalentProfile.objects.get(volunteer__user__email="samira@voorbeeld.example")
    assert {one.language: one.level for one in profile.languages.all()} == {"nl": "A1"}
    assert profile.available == []
    assert "Dat weten we nog niet." in client.get("/ik/kaart/").content.decode()


def test_somebody_of_fifteen_begins_after_two_years_of_school(client, small_city):
    assert answer_all(client, age="15", two_years="on").status_code == 302
    come_in(client)

    assert Volunteer.objects.get(user__email="samira@voorbeeld.example").age_from == 15


def test_who_lives_elsewhere_chooses_where_to_help(client, small_city):
    answer(client, "likes")
    answer(client, "when")

    assert answer(client, "where", postcode="1000", neighbourhood="Seefhoek").status_code == 302
    assert client.session[start.DRAFT]["postcode"] == "2060"


def test_who_had_a_card_is_asked_before_it_changes(client, volunteer):
    before = {one.talent for one in volunteer.profile.talents.all()}
    answer_all(client, contact=volunteer.user.email)

    assert "Je had al een kaart" in come_in(client, volunteer.user.email).content.decode()
    client.post("/start/klaar/")
    volunteer.profile.refresh_from_db()
    assert {one.talent for one in volunteer.profile.talents.all()} == before

    answer_all(client, until="languages")
    session = client.session
    session[start.DRAFT] = {**session[start.DRAFT], "first_name": "Marc", "age": 21, "channel": "email"}
    session.save()
    client.post("/start/klaar/", {"keep": "1"})
    assert {"dieren", "koken_thuis"} <= {one.talent for one in volunteer.profile.talents.all()}


def test_nobody_can_see_whether_an_address_is_known(client, volunteer):
    known = answer_all(client, contact=volunteer.user.email)
    client.cookies.clear()
    unknown = answer_all(client)

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_answers_wait_a_day(client, small_city, monkeypatch):
    answer(client, "likes")
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(start.timezone, "now", lambda: tomorrow)

    assert client.get("/start/wanneer/")["Location"] == "/start/graag/"


def test_too_many_codes_to_one_address_are_refused(client, small_city, monkeypatch, settings):
    settings.RATE_LIMIT_SCALE = 1
    monkeypatch.setattr(limits, "CONTACT", limits.Limit("contact", 2, 3600))
    answer_all(client, until="languages")
    for _ in range(2):
        assert answer(client, "name").status_code == 302

    response = answer(client, "name")
    assert response.status_code == 422
    assert "Te vaak geprobeerd." in response.content.decode()


def test_the_language_that_somebody_chose_stays_and_reaches_their_messages(client, small_city):
    response = client.post("/taal/", {"language": "tr", "next": "/start/graag/"})
    assert response["Location"] == "/start/graag/"
    assert 'lang="tr"' in client.get("/start/graag/").content.decode()

    answer_all(client)
    assert User.objects.get(email="samira@voorbeeld.example").language == "tr"


@pytest.mark.parametrize("elsewhere", ["https://elders.example/", "//elders.example", "/\\elders.example"])
def test_the_way_back_never_leads_elsewhere(elsewhere, client, small_city):
    assert client.post("/taal/", {"language": "nl", "next": elsewhere})["Location"] == "/"


def test_what_fits_is_shown_before_a_name_is_asked_and_counts_what_would_help(client, opportunity):
    publish_opportunity(opportunity, now=timezone.now())
    answer(client, "likes", likes=["sorteren_inpakken"])
    answer(client, "when", when=list(opportunity.slots))
    answer(client, "where")
    assert opportunity.title in client.get("/start/past/").content.decode()

    answer(client, "when", when=["sun-evening"])
    answer(client, "where")
    page = client.get("/start/past/").content.decode()
    assert "We vonden nog geen plek die past" in page
    assert "Als je ook op andere momenten kan: 1." in page


def test_the_words_of_a_card_are_in_the_language_of_the_page(volunteer):
    with translation.override("fr"):
        assert start._times(["mon-morning"]) == ["Lundi: matin"]


def change(client, volunteer):
    client.force_login(volunteer.user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post("/ik/kaart/", {"change": "1"})


def record_of(volunteer):
    return own_record_of(Volunteer.objects.select_related("profile").get(pk=volunteer.pk))


def test_who_changes_nothing_keeps_everything_also_what_the_screens_do_not_show(client, volunteer):
    profile = volunteer.profile
    Volunteer.objects.filter(pk=volunteer.pk).update(transport="car")
    profile.available, profile.max_km, profile.wishes = ["mon-morning"], 11.0, ["groep"]
    profile.driving_licence_b = True
    profile.save()
    pictured = ["koken_thuis", "spelen", "ouderen", "dieren", "naaien", "muziek", "tillen"]
    for code in {"geduldig", *pictured} - {one.talent for one in profile.talents.all()}:
        ProfileTalent.objects.create(profile=profile, talent=code, level=3)
    before = record_of(volunteer)

    change(client, volunteer)
    draft = client.session[start.DRAFT]
    page = client.get("/start/wanneer/").content.decode()
    assert 'value="mon-morning" checked' in page
    client.post(PATHS["likes"], {"likes": draft["likes"]})
    client.post(PATHS["when"], {"when": ["mon-morning"], "per_dag": "1"})
    client.post(
        PATHS["where"],
        {"postcode": draft["postcode"], "neighbourhood": before["neighbourhood"], "reach": draft["reach"]},
    )
    spoken = [code for code in before["languages"] if code in start.SPOKEN_HERE]
    client.post(PATHS["languages"], {"speaks": spoken})
    assert client.get("/start/naam/")["Location"] == "/start/klaar/"
    client.get("/start/klaar/")

    assert record_of(volunteer) == before


def test_who_takes_a_drawing_away_loses_that_talent_and_no_other(client, volunteer):
    for code in ("dieren", "geduldig"):
        ProfileTalent.objects.update_or_create(profile=volunteer.profile, talent=code, defaults={"level": 2})
    change(client, volunteer)
    draft = client.session[start.DRAFT]
    client.post(PATHS["likes"], {"likes": [*[one for one in draft["likes"] if one != "dieren"][:4], "naaien"]})
    assert client.get("/start/klaar/")["Location"] == "/ik/kaart/"

    talents = record_of(volunteer)["talents"]
    assert ("dieren" in talents, talents["geduldig"], talents["naaien"]) == (False, 2, 2)


def test_somebody_who_is_in_already_needs_no_code(client, member):
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")

    assert answer_all(client, contact=member.email)["Location"] == "/start/klaar/"
    assert client.get("/start/klaar/")["Location"] == "/ik/kaart/"
    assert Volunteer.objects.get(user=member).first_name == "Samira"


def test_what_was_proposed_before_is_not_offered_again(client, volunteer, opportunity):
    from backend.placements import actions

    publish_opportunity(opportunity, now=timezone.now())
    client.force_login(volunteer.user, backend="django.contrib.auth.backends.ModelBackend")
    assert f"/taken/{opportunity.pk}/graag/" in client.get("/ik/kaart/").content.decode()

    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    actions.answer_proposal(proposal.pk, "no", source="app", now=timezone.now())
    assert f"/taken/{opportunity.pk}/graag/" not in client.get("/ik/kaart/").content.decode()


def test_answers_of_who_did_not_come_in_are_gone_after_a_day(client, small_city):
    answer(client, "likes")
    assert client.session.get_expiry_age() <= 86400

    answer_all(client)
    come_in(client)
    assert client.session.get_expiry_age() > 86400


SUITS_T40 = {
    "likes": {"likes": ["sorteren_inpakken"]}, "when": {"when": ["week-morning"]}, "where": {"reach": "bike"},
    "languages": {"helps": []},
}  # fmt: skip


def want(client, opportunity):
    return client.post(f"/taken/{opportunity.pk}/graag/")


def test_whoever_wants_something_makes_a_card_and_is_then_asked_about_it(client, opportunity):
    publish_opportunity(opportunity, now=timezone.now())
    assert want(client, opportunity)["Location"] == "/start/"
    assert opportunity.title in client.get("/start/graag/").content.decode()

    for screen in PATHS:
        answer(client, screen, **SUITS_T40.get(screen, {}))
    asked = come_in(client)

    assert asked["Location"].startswith("/v/")
    proposal = Proposal.objects.get(opportunity=opportunity)
    assert (proposal.state, proposal.volunteer.first_name) == ("open", "Samira")
    assert start.DRAFT not in client.session


def test_whoever_has_a_card_is_asked_at_once_and_a_second_time_the_same(client, volunteer, opportunity):
    publish_opportunity(opportunity, now=timezone.now())
    client.force_login(volunteer.user)

    first, second = want(client, opportunity), want(client, opportunity)

    assert first["Location"].startswith("/v/")
    assert first["Location"] == second["Location"]
    assert Proposal.objects.filter(volunteer=volunteer).count() == 1


def test_what_does_not_fit_is_said_with_what_stands_in_the_way_and_nothing_is_stored(client, volunteer, opportunity):
    Opportunity.objects.filter(pk=opportunity.pk).update(languages_any_of=["ti"], slots=["sun-evening"])
    opportunity.refresh_from_db()
    publish_opportunity(opportunity, now=timezone.now())
    client.force_login(volunteer.user)

    page = client.post(f"/taken/{opportunity.pk}/graag/", follow=True).content.decode()

    assert "Dit past nu niet bij jouw kaart." in page
    assert "De momenten zijn anders. Je hebt er een andere taal voor nodig." in page
    assert not Proposal.objects.exists()


def test_what_went_offline_while_a_card_was_made_leads_to_the_card(client, opportunity):
    publish_opportunity(opportunity, now=timezone.now())
    want(client, opportunity)
    Opportunity.objects.filter(pk=opportunity.pk).update(state="paused")
    answer_all(client)

    assert come_in(client)["Location"] == "/ik/kaart/"
    assert Volunteer.objects.filter(first_name="Samira").exists()
    assert not Proposal.objects.exists()


# --- own words, and how well -----------------------------------------------------------------------------------


def test_own_words_bring_drawings_and_are_kept_nowhere(client, small_city):
    page = client.post("/start/graag/", {"words": "ik repareer fietsen", "find": "1", "likes": ["dieren"]})

    text = page.content.decode()
    assert page.status_code == 200
    assert "Bedoel je dit?" in text
    assert text.index("fiets_herstellen") < text.index('value="koken_thuis"')
    assert 'value="dieren" checked' in text, "what was chosen stays chosen"
    assert start.DRAFT not in client.session


@pytest.mark.parametrize("button", [{"more": "1"}, {}])
def test_the_enter_key_looks_for_the_words_whatever_button_it_presses(button, client, small_city):
    page = client.post("/start/graag/", {"words": "boekhouden", **button})

    assert page.status_code == 200
    assert 'value="boekhouding"' in page.content.decode()


def test_words_that_name_nothing_are_said_kindly(client, small_city):
    page = client.post("/start/graag/", {"words": "qqqq", "find": "1"}).content.decode()

    assert "We vonden niets." in page
    assert "qqqq" in page, "what was typed stays"


def test_a_talent_without_a_drawing_comes_on_the_card_and_goes_again(client, small_city):
    answer(client, "likes", likes=["boekhouding", "dieren"])
    for screen in ("when", "where", "languages", "name"):
        answer(client, screen)
    come_in(client)
    assert "De boekhouding doen" in client.get("/ik/kaart/").content.decode()

    client.post("/ik/kaart/", {"change": "1"})
    assert 'value="boekhouding" checked' in client.get("/start/graag/").content.decode()
    answer(client, "likes", likes=["dieren"])
    for screen in ("when", "where", "languages", "name"):
        answer(client, screen)
    client.get("/start/klaar/")
    assert [one.talent for one in ProfileTalent.objects.filter(profile__volunteer__first_name="Samira")] == ["dieren"]


def test_somebody_says_what_to_learn_and_what_goes_well(client, small_city):
    response = answer(client, "likes", levels="1")
    assert response["Location"] == "/start/kan/"
    assert client.get("/start/kan/").content.decode().count('value="2" checked') == 2

    client.post("/start/kan/", {"dieren": "1", "koken_thuis": "3", "naaien": "3"})
    for screen in ("when", "where", "languages", "name"):
        answer(client, screen)
    come_in(client)

    profile = TalentProfile.objects.get(volunteer__user__email="samira@voorbeeld.example")
    assert {one.talent: one.level for one in profile.talents.all()} == {"dieren": 1, "koken_thuis": 3}
    card = client.get("/ik/kaart/").content.decode()
    assert "Ik wil dit leren" in card
    client.post("/ik/kaart/", {"change": "1"})
    answer(client, "likes", levels="1")
    assert 'name="dieren" value="1" checked' in client.get("/start/kan/").content.decode()


def test_a_level_that_does_not_exist_changes_nothing(client, small_city):
    answer(client, "likes")

    client.post("/start/kan/", {"dieren": "9"})

    assert client.session[start.DRAFT]["levels"] == {}


def test_r096_a_profession_elsewhere_is_kept_in_own_words_and_no_organisation_reads_it(
    client, volunteer, member, opportunity
):
    ProfileTalent.objects.create(profile=volunteer.profile, talent="beroep_elders", level=3)
    record = own_record_of(volunteer)
    client.force_login(volunteer.user)
    assert "Welk beroep had je in een ander land?" in client.get("/ik/kaart/").content.decode()
    client.post("/ik/kaart/beroep/", {"profession": "x" * 81})
    client.post("/ik/kaart/beroep/", {"profession": "Tandarts in Homs"})

    assert "Tandarts in Homs" in client.get("/ik/kaart/").content.decode()
    assert everything_about(volunteer.user)["volunteer"]["profession_elsewhere"] == "Tandarts in Homs"
    volunteer.refresh_from_db()
    assert own_record_of(volunteer) == record, "what matching reads is what it was"
    client.force_login(member)
    assert "Tandarts" not in client.get(f"/org/taken/{opportunity.pk}/kandidaten/").content.decode()
