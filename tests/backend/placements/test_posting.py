"""An organisation posts: an example, three screens that were filled in before, hints of one tap, and what stops it."""

import pytest
from django.utils import timezone

from backend.opportunities import states
from backend.opportunities.case import record_of
from backend.opportunities.models import Opportunity
from backend.organisations.models import OWNER, READER, Membership, Organisation
from backend.placements import easier
from backend.placements.posting import NO_TITLE
from matching.types import SLOTS as EVERY_SLOT

pytestmark = pytest.mark.django_db
SLOTS = list(EVERY_SLOT)
WHAT = {
    "title": "Koffie schenken", "text": "Je schenkt koffie.", "themes": ["buurt"], "talents": ["koffie_praatje"],
    "where": "here",
}  # fmt: skip
WHEN = {
    "frequency": "weekly", "slots": ["tue-morning"], "choose": "one_or_more", "how_long": "flexible",
    "hours_per_time": "2,5", "places": "3", "reserved_places": "1",
}  # fmt: skip
WHO = {
    "dutch_min": "A1", "min_age": "16", "company": "group", "wheelchair": "yes", "features": ["publiek"],
    "support": ["begeleider", "proefmoment"], "costs": "none", "expenses": ["travel"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def everybody_is_counted_anew():
    easier.forget()


@pytest.fixture
def signed_in(client, member):
    client.force_login(member)
    return client


@pytest.fixture
def draft(signed_in):
    answer = signed_in.post("/org/taken/nieuw/", {"example": "koffie"})
    made = Opportunity.objects.latest("created_at")
    assert answer["Location"] == f"/org/taken/{made.pk}/wat/"
    return made


def path(opportunity, screen):
    return f"/org/taken/{opportunity.pk}/{screen}/"


def send(client, opportunity, screen, told):
    opportunity.refresh_from_db()
    answer = client.post(path(opportunity, screen), {"version": opportunity.version, **told})
    opportunity.refresh_from_db()
    return answer


def test_an_example_is_a_draft_at_the_place_of_the_organisation(draft, opportunity):
    organisation = opportunity.organisation
    assert (draft.state, draft.organisation) == (states.DRAFT, organisation)
    assert (draft.neighbourhood, draft.lat) == (organisation.neighbourhood, organisation.lat)
    assert draft.title == "Koffie schenken en een praatje maken"


def test_five_taps_put_an_example_online(signed_in, draft):
    """The forms send what they show: nothing typed, nothing changed."""
    before = record_of(draft)
    for screen, next_ in (("wat", "wanneer"), ("wanneer", "wie"), ("wie", "drempel")):
        form = signed_in.get(path(draft, screen)).context["form"]
        told = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
        assert send(signed_in, draft, screen, told)["Location"] == path(draft, next_)
    assert record_of(draft) == before

    page = signed_in.post(path(draft, "online"), follow=True).content.decode()

    draft.refresh_from_db()
    assert "Je taak staat online." in page
    assert draft.state == states.PUBLISHED


def test_the_screens_change_what_they_show_and_nothing_else(signed_in, draft):
    send(signed_in, draft, "wat", {**WHAT, "where": "own_neighbourhood"})
    send(signed_in, draft, "wanneer", WHEN)
    send(signed_in, draft, "wie", {**WHO, "experience": "on", "company": "alone", "features": ["schrijven"]})

    record = record_of(draft)
    assert (record["title"], record["place"]["own_neighbourhood"]) == ("Koffie schenken", True)
    assert (record["times"]["slots"], float(record["commitment"]["hours_per_time"])) == (["tue-morning"], 2.5)
    assert (record["talents_any_of"], record["talents_welcome"]) == (["koffie_praatje"], [])
    assert set(record["features"]) == {"alleen", "lezen", "schrijven"}


def test_what_takes_place_elsewhere_stays_there(signed_in, draft):
    elsewhere = {"neighbourhood": "Dam", "postcode": "2060", "lat": 51.23326, "lon": 4.427619}
    Opportunity.objects.filter(pk=draft.pk).update(**elsewhere)

    send(signed_in, draft, "wat", WHAT)

    assert {name: getattr(draft, name) for name in elsewhere} == elsewhere
    assert draft.title == WHAT["title"]


def test_once_is_one_day_and_only_the_part_of_that_day_counts(signed_in, draft):
    told = {**WHEN, "frequency": "once", "on": "12/06/2027", "slots": ["tue-morning", "tue-evening"]}
    assert send(signed_in, draft, "wanneer", told).status_code == 302

    assert (draft.commitment, draft.slots) == ("once", ["sat-morning", "sat-evening"])
    assert str(draft.period_from) == str(draft.period_until) == "2027-06-12"

    send(signed_in, draft, "wanneer", {**WHEN, "how_long": "fixed"})
    assert (draft.commitment, draft.min_weeks, draft.period_from) == ("fixed", 13, None)


@pytest.mark.parametrize(
    ("screen", "told", "sentence"),
    [
        ("wat", {**WHAT, "title": ""}, "Geef de taak een naam."),
        ("wat", {**WHAT, "themes": ["buurt", "zorg", "sport", "dieren"]}, "Kies niet meer dan 3 thema&#x27;s."),
        ("wanneer", {**WHEN, "slots": []}, "Kies minstens 1 moment."),
        ("wanneer", {**WHEN, "frequency": "once"}, "Vul de dag in."),
        ("wanneer", {**WHEN, "frequency": "once", "on": "31/02/2027"}, "Deze datum klopt niet."),
        ("wanneer", {**WHEN, "hours_per_time": "20"}, "Hoogstens 12 uur."),
        ("wanneer", {**WHEN, "reserved_places": "4"}, "Je kan niet meer plaatsen vrijhouden dan er zijn."),
        ("wie", {**WHO, "support": []}, "Kies minstens 1 ding dat je aanbiedt."),
        ("wie", {**WHO, "features": ["eigen_auto"]}, "Met een eigen auto rijden kan alleen met een rijbewijs."),
        ("wie", {**WHO, "flat_rate_per_day_eur": "20"}, "maak het bedrag leeg."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_changes(screen, told, sentence, signed_in, draft):
    before = record_of(draft)

    answer = send(signed_in, draft, screen, told)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert record_of(draft) == before


def test_two_people_who_change_the_same_are_told(signed_in, draft):
    version = draft.version
    assert send(signed_in, draft, "wat", WHAT).status_code == 302

    answer = signed_in.post(path(draft, "wat"), {**WHAT, "title": "Thee", "version": version})

    draft.refresh_from_db()
    assert "Iemand anders veranderde deze taak intussen." in answer.content.decode()
    assert draft.title == "Koffie schenken"


def test_places_that_are_given_cannot_be_taken_away(signed_in, draft):
    Opportunity.objects.filter(pk=draft.pk).update(taken_open=2)

    answer = send(signed_in, draft, "wanneer", {**WHEN, "places": "1", "reserved_places": "0"})

    assert "2 mensen hebben al een plaats." in answer.content.decode()


def test_a_hint_says_what_it_brings_and_one_tap_takes_it(signed_in, draft):
    Opportunity.objects.filter(pk=draft.pk).update(languages_any_of=["ti"], slots=SLOTS)
    page = signed_in.get(path(draft, "drempel")).content.decode()
    assert "Vraag geen andere taal: wie ze spreekt, is welkom." in page
    assert "mensen meer passen dan." in page

    send(signed_in, draft, "drempel", {"hint": "language_welcome:"})

    assert (draft.languages_any_of, draft.languages_welcome) == ([], ["ti"])
    assert "Vraag geen andere taal" not in signed_in.get(path(draft, "drempel")).content.decode()


@pytest.mark.parametrize(
    ("code", "asked", "value", "without"),
    [("language_welcome", "languages_any_of", ["ti"], []), ("licence", "driving_licence_b", True, False)],
)
def test_the_count_of_a_hint_is_that_of_the_rules_and_small_ones_are_not_told(code, asked, value, without, draft):
    """Everybody who fits with the change and not without it, counted pair by pair."""
    from backend.city.load import default_city
    from backend.opportunities.case import facts_of
    from backend.talent.case import facts_of as profile_of
    from backend.talent.models import Volunteer
    from backend.talent.queries import active
    from matching.catalogue import load_catalogue
    from matching.eligibility import blocks
    from matching.geo import distance_km
    from matching.prepared import prepare

    Opportunity.objects.filter(pk=draft.pk).update(**{asked: value}, slots=SLOTS)
    draft.refresh_from_db()
    place, now = default_city(), timezone.now()
    today, policy = place.local(now).date(), place.matching.policy
    people = [profile_of(one, today) for one in active(place.slug, today)]
    assert len(people) == Volunteer.objects.count()

    def fitting():
        facts = facts_of(draft)
        ready = prepare(facts, load_catalogue(), policy)
        return sum(not blocks(one, ready, distance_km(one, facts), policy) for one in people)

    now_fit = fitting()
    [hint] = [one for one in easier.start_of(draft, now).hints if one.code == code]
    setattr(draft, asked, without)
    more = fitting() - now_fit
    assert hint.more == (more if more >= 10 else None)
    assert 0 < more < len(people)


def test_a_hint_that_does_not_exist_is_not_there(signed_in, draft):
    assert send(signed_in, draft, "drempel", {"hint": "money:yes"}).status_code == 404


def test_what_stops_it_stands_under_a_heading_with_the_words(signed_in, draft):
    send(signed_in, draft, "wat", {**WHAT, "text": "Bel 0470 00 00 00."})

    page = signed_in.post(path(draft, "online"), follow=True).content.decode()

    assert "Dit moet nog in orde komen:" in page
    assert "0470 00 00 00" in page
    assert "Niet akkoord? Bel het vrijwilligerspunt." in page


def test_the_last_one_is_used_again_as_a_new_draft(signed_in, draft):
    Opportunity.objects.filter(pk=draft.pk).update(state=states.CLOSED)

    signed_in.post("/org/taken/nieuw/", {"again": str(draft.pk)})

    made = Opportunity.objects.latest("created_at")
    assert made.pk != draft.pk
    assert (made.state, record_of(made)) == (states.DRAFT, record_of(draft))


def test_the_empty_example_asks_for_a_name(signed_in):
    signed_in.post("/org/taken/nieuw/", {"example": "leeg"})
    made = Opportunity.objects.latest("created_at")

    page = signed_in.get(path(made, "wat")).content.decode()

    assert made.title == NO_TITLE
    assert NO_TITLE not in page


def test_a_hard_text_is_said_to_be_hard_with_the_sentence(signed_in, draft):
    text = "Wij verwachten verantwoordelijkheidszin bij het administratief ondersteunen van onze dienstverlening."
    send(signed_in, draft, "wat", {**WHAT, "text": text})

    page = signed_in.get(path(draft, "wat")).content.decode()

    assert "Dit is moeilijk om te lezen." in page
    assert f"“{text}”" in page


def test_online_can_be_paused_and_stopped(signed_in, draft):
    signed_in.post(path(draft, "online"))
    for state in (states.PAUSED, states.CLOSED):
        signed_in.post(path(draft, "offline"), {"state": state})
        draft.refresh_from_db()
        assert draft.state == state
    assert (
        "Dit kan nu niet." in signed_in.post(path(draft, "offline"), {"state": "paused"}, follow=True).content.decode()
    )


def test_somebody_of_two_organisations_chooses_and_never_a_third(signed_in, member):
    other, third = Organisation.objects.exclude(memberships__user=member)[:2]
    Membership.objects.create(organisation=other, user=member, role=OWNER)
    Membership.objects.create(organisation=third, user=member, role=READER)
    assert "Voor welke organisatie?" in signed_in.get("/org/taken/nieuw/").content.decode()

    signed_in.post("/org/taken/nieuw/", {"example": "tuin", "organisation": str(other.pk)})
    assert Opportunity.objects.latest("created_at").organisation == other

    assert signed_in.post("/org/taken/nieuw/", {"example": "tuin", "organisation": str(third.pk)}).status_code == 404
    assert signed_in.post("/org/taken/nieuw/", {"example": "tuin", "organisation": "x"}).status_code == 404
    assert not Opportunity.objects.filter(organisation=third, title__contains="buurttuin").exists()


def test_r078_a_restriction_is_refused_and_with_a_reason_the_point_judges_it(signed_in, draft, coordinator, client):
    Opportunity.objects.filter(pk=draft.pk).update(text="We koken samen. Alleen voor vrouwen.")
    start, why = (f"/org/taken/{draft.pk}/{one}/" for one in ("drempel", "reden"))
    signed_in.post(f"/org/taken/{draft.pk}/online/")
    draft.refresh_from_db()
    assert (draft.state, draft.outcome) == ("draft", "refuse")
    assert "Is er een goede reden" in signed_in.get(start).content.decode()
    signed_in.post(why, {"reason": " "})
    draft.refresh_from_db()
    assert draft.state == "draft"

    signed_in.post(why, {"reason": "Vrouwen uit de buurt vroegen een plek voor zich."})

    draft.refresh_from_db()
    assert (draft.state, draft.outcome) == ("review", "review")
    client.force_login(coordinator)
    assert "Vrouwen uit de buurt vroegen" in client.get(f"/coordinatie/taken/{draft.pk}/").content.decode()
    client.post(f"/coordinatie/taken/{draft.pk}/nakijken/", {"what": "online"})
    draft.refresh_from_db()
    assert draft.state == "published"
    client.logout()
    assert "Vrouwen uit de buurt vroegen" not in client.get(f"/taken/{draft.pk}/").content.decode()
