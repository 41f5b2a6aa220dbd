"""Nobody sees what is not theirs; a person sees everything of their own, takes it along, and can have it erased."""

import json
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from backend.accounts import journal
from backend.accounts.models import GUIDE, AnonymousCount, ErasedAccount, JournalEntry, StaffRole, User
from backend.common.models import IdempotencyKey, Tombstone
from backend.coordination.actions import publish_drafts
from backend.me import actions as me
from backend.me.queries import everything_about
from backend.opportunities.models import Opportunity
from backend.outbox.models import Event
from backend.placements import actions
from backend.placements.models import Proposal
from backend.talent.actions import give_consent, withdraw_consent
from backend.talent.models import Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
CANARY = "Kanarieke"
MAIL, PHONE = "kanarie@voorbeeld.example", "+32471999888"


def post(client, path, body=None):
    headers = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


@pytest.fixture
def canary(volunteer, small_city):
    """A volunteer whose name and contacts appear nowhere else."""
    User.objects.filter(pk=volunteer.user.pk).delete()
    volunteer.user = User.objects.create_user(email=MAIL, phone=PHONE)
    volunteer.first_name, volunteer.channel, volunteer.guided_by = CANARY, "email", None
    volunteer.save()
    return volunteer


@pytest.fixture
def proposal(canary, opportunity, small_city):
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(canary.pk, now=timezone.now())
    return made


def whole_database():
    """Every row of every table as text."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select t::text from "{table}" t')  # noqa: S608
            found[table] = "\n".join(row[0] for row in cursor.fetchall())
    return found


def lived_through(canary, proposal, client, member):
    """Everything that leaves a trace: answer, visit, question, placement, thanks, messages, sign-in, device."""
    now = timezone.now()
    client.force_login(canary.user)
    post(client, f"proposals/{proposal.pk}/question", {"text": f"Mag {CANARY} de hond meebrengen?"})
    actions.answer_proposal(proposal.pk, "yes", source="app", now=now)
    slots = client.get(f"/api/v1/proposals/{proposal.pk}/slots").json()
    post(client, f"proposals/{proposal.pk}/trial-visit", {"starts_at": slots[0]["starts_at"]})
    post(client, "devices", {"platform": "ios", "token": "toestel-kanarie", "language": "nl"})
    client.get("/api/v1/me/export")
    placement = actions.confirm_placement(proposal.pk, now=now)
    actions.thank(placement.pk, f"Dank je {CANARY}")
    for about, address in ((canary.pk, MAIL), (proposal.opportunity.organisation_id, "org@voorbeeld.example")):
        Delivery.objects.create(
            occasion=f"candidate_new:{proposal.pk}:{address}", kind="candidate_new", recipient=about, language="nl",
            time_zone="Europe/Brussels", channel="email", address=address, values={"first_name": CANARY}, due_at=now,
            state="sent", link=proposal.links.first().pk if proposal.links.exists() else None,
        )  # fmt: skip


def test_r068_erasing_leaves_nothing_of_a_person_anywhere_and_the_counts_stay(client, canary, proposal, member):
    from backend.placements.models import LINK_FOR_ORGANISATION
    from backend.placements.tokens import make_link

    make_link(proposal, LINK_FOR_ORGANISATION, expires_at=timezone.now() + timedelta(days=9))
    lived_through(canary, proposal, client, member)
    assert any(CANARY in rows for rows in whole_database().values())
    user_id, volunteer_id = canary.user.pk, canary.pk
    taken = proposal.opportunity.taken_open

    refused = client.delete("/api/v1/me", json.dumps({"confirm": False}), content_type="application/json")
    assert (refused.status_code, User.objects.filter(pk=user_id).exists()) == (400, True)
    done = client.delete("/api/v1/me", json.dumps({"confirm": True}), content_type="application/json")

    assert done.status_code == 204
    for table, rows in whole_database().items():
        for trace in (CANARY, MAIL, PHONE, PHONE.removeprefix("+32"), "toestel-kanarie", "de hond"):
            assert trace not in rows, table
        if table not in ("accounts_erasedaccount", "talent_matchprofile"):
            assert str(user_id) not in rows, table
            assert str(volunteer_id) not in rows, table
    assert client.get("/api/v1/me").status_code == 401
    counts = dict(AnonymousCount.objects.values_list("what", "count"))
    assert counts == {"volunteers": 1, "proposals.declined": 1, "trial_visits.cancelled": 1, "placements": 1} or counts == {
        "volunteers": 1, "proposals.accepted": 1, "trial_visits.planned": 1, "placements": 1,
    }  # fmt: skip
    proposal.opportunity.refresh_from_db()
    assert proposal.opportunity.taken_open == taken
    leaving = Delivery.objects.get(kind="candidate_stopped")
    assert (leaving.values["first_name"], leaving.link) == ("Iemand", None)


def test_what_people_told_us_is_nowhere_but_in_the_database(client, canary, proposal, member, caplog, settings):
    """A name, an address, a number and words of a person: not in a log at any level, not in Redis."""
    import logging

    from redis import Redis

    from backend.relay import tick

    caplog.set_level(logging.DEBUG)
    published = []
    lived_through(canary, proposal, client, member)
    client.get("/api/v1/me", headers={"X-Session-Token": "wrong"})
    settings.SMS_URL = "json://127.0.0.1:9/{phone}"
    for path, contact in (("/api/v1/accounts", {"phone": PHONE, "language": "nl"}),
                          ("/_allauth/app/v1/auth/code/request", {"email": MAIL}),
                          ("/_allauth/app/v1/auth/code/request", {"phone": PHONE})):  # fmt: skip
        client.post(path, json.dumps(contact), content_type="application/json")
    client.post("/api/v1/me/consents", f'{{"purpose": "{CANARY}"', content_type="application/json")
    tick(lambda *hint: published.append(repr(hint)))

    said = [caplog.text, *published]
    for number in (0, 1):
        store = Redis.from_url(f"{settings.REDIS_URL}/{number}")
        for key in store.scan_iter("*"):
            kind = store.type(key)
            value = store.get(key) if kind == b"string" else store.lrange(key, 0, -1) if kind == b"list" else b""
            said.append(repr((key, value)))
    assert published
    for trace in (CANARY, MAIL, PHONE, "de hond", "toestel-kanarie"):
        assert [text for text in said if trace in text] == [], trace


def test_erasing_a_member_leaves_the_messages_of_the_organisation(member, opportunity):
    Delivery.objects.create(
        occasion="x", kind="candidate_new", recipient=opportunity.organisation_id, language="nl", channel="email",
        time_zone="Europe/Brussels", address=member.email, due_at=timezone.now(),
    )  # fmt: skip

    me.erase(member, now=timezone.now())

    assert Delivery.objects.filter(occasion="x").exists()
    assert not User.objects.filter(pk=member.pk).exists()


def test_a_round_forgets_the_erased_too(canary, small_city):
    from backend.placements.models import Round

    gaps = {
        "alone": [{"volunteer": str(canary.pk), "blocked": {}}],
        "ids": [str(canary.pk), "other"],
        str(canary.pk): 1,
    }
    Round.objects.create(
        city=small_city.slug, people=1, opportunities=1, pairs=1, blocked={}, proposals=0, organisations_reached=0,
        gini=0, seconds=0, gaps=gaps,
    )  # fmt: skip

    me.erase(canary.user, now=timezone.now())

    assert Round.objects.get().gaps == {"alone": [], "ids": ["other"]}


def test_erasing_is_done_again_after_a_restore(canary, tmp_path, capsys):
    who = canary.user.pk
    me.erase(canary.user, now=timezone.now())
    call_command("erase_again")
    log = tmp_path / "log"
    log.write_text(capsys.readouterr().out, encoding="utf-8")
    ErasedAccount.objects.all().delete()  # the copy is from before
    User.objects.create(pk=who, email=MAIL)

    call_command("erase_again", log=str(log))

    assert not User.objects.filter(pk=who).exists()
    assert MAIL not in "".join(whole_database().values())


def test_r089_the_export_holds_every_table_that_knows_the_person(client, canary, proposal, member):
    """A new table with a person in it must be exported, or be named here with its reason."""
    lived_through(canary, proposal, client, member)
    told = json.dumps(everything_about(canary.user), default=str)
    for trace in (CANARY, MAIL, PHONE, "de hond", "Dank je"):
        assert trace in told

    without = {
        "LogEntry": "staff only", "Session": "its key opens the account", "UserSession": "told as sessions",
        "EmailConfirmation": "never made: addresses are proved by a code", "SocialAccount": "connections", "EmailChange": "works for ten minutes",
        "SocialToken": "not kept", "Link": "only a hash",
        "CardCode": "only a hash, gone when there is an account", "MatchProfile": "the profile in another form",
        "ErasedAccount": "nobody is left to tell", "IdempotencyKey": "answers that were told", "Tombstone": "ids only",
        "User": "account", "Volunteer": "volunteer", "TalentProfile": "volunteer", "ProfileTalent": "volunteer",
        "ProfileLanguage": "volunteer", "Consent": "consents", "Proposal": "proposals", "Question": "questions",
        "TrialVisit": "trial_visits", "Placement": "placements", "Thanks": "thanks", "CheckIn": "check_ins", "Case": "cases", "Delivery": "messages",
        "JournalEntry": "journal", "Device": "devices", "EmailAddress": "addresses", "Authenticator": "second_factors",
        "StaffRole": "roles", "Membership": "organisations", "User_groups": "unused", "User_user_permissions": "unused",
        "PlannedPair": "nobody's proposal yet: gone when the round is sent or stopped",
        "Formality": "formalities", "PairPlacement": "pairs", "LearningGoal": "learning_goals", "Buddy": "buddies", "TrainingPlace": "trainings", "Story": "stories", "Engagement": "engagements", "ShiftPlace": "shift_places", "RaisedCeiling": "raised_ceilings", "TokenEntry": "tokens",
        "Event": "ids only, done within minutes",
    }  # fmt: skip
    people = {User, Volunteer, Proposal, *(model for model in apps.get_models() if model.__name__ == "Placement")}
    known = {
        model.__name__
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) in people and field.concrete
    }
    assert known <= set(without), known - set(without)


def test_the_export_can_be_read_and_is_limited(client, canary, settings):
    from django.core.cache import cache

    settings.RATE_LIMIT_SCALE = 1
    cache.clear()
    client.force_login(canary.user)

    page = client.get("/api/v1/me/export?form=html")

    assert CANARY in page.content.decode()
    assert [client.get("/api/v1/me/export").status_code for _ in range(3)] == [200, 200, 429]


@pytest.fixture
def guide(small_city):
    user = User.objects.create_user(email="gids@voorbeeld.example")
    StaffRole.objects.create(user=user, city=small_city.slug, role=GUIDE, label="An, OCMW Dam")
    return user


def test_r008_r075_a_guide_sees_a_person_from_the_yes_until_it_is_taken_back_and_the_person_reads_both(
    client, canary, guide, proposal
):
    client.force_login(canary.user)
    [choice] = client.get("/api/v1/guides").json()
    consent = post(client, "me/consents", {"purpose": "guide", "party": choice["id"]}).json()

    client.force_login(guide)
    [seen] = client.get("/api/v1/guided").json()
    assert seen["profile"]["first_name"] == CANARY
    assert client.get(f"/api/v1/guided/{canary.pk}/proposals").json()[0]["id"] == str(proposal.pk)
    own = f"guided/{canary.pk}/proposals/{proposal.pk}/answer"
    assert post(client, own, {"answer": "maybe"}).json()["state"] == "maybe"
    proposal.refresh_from_db()
    assert proposal.answered_by == "guide"

    client.force_login(canary.user)
    assert client.delete(f"/api/v1/me/consents/{consent['id']}").status_code == 204
    client.force_login(guide)
    assert client.get("/api/v1/guided").json() == []
    assert client.get(f"/api/v1/guided/{canary.pk}/proposals").status_code == 404
    assert post(client, own, {"answer": "no"}).status_code == 404

    client.force_login(canary.user)
    told = [line["text"] for line in client.get("/api/v1/me/journal").json()["results"]]
    assert {"An, OCMW Dam keek naar je profiel.", "An, OCMW Dam gaf jouw antwoord door."} <= set(told)
    assert {"Jij gaf toestemming.", "Jij trok een toestemming in."} <= set(told)


def test_r017_a_guide_reads_no_attendance_and_no_reason_of_a_no_and_without_consent_nothing(
    client, canary, guide, proposal
):
    now = timezone.now()
    role = StaffRole.objects.get(user=guide)
    actions.answer_proposal(proposal.pk, "yes", source="app", now=now)
    visit = proposal.trial_visits.create(starts_at=now - timedelta(hours=2))
    actions.note_attendance(visit.pk, came=False, now=now)
    actions.answer_proposal(proposal.pk, "no", source="app", now=now)
    actions.say_why_not(proposal.pk, "too_hard")
    path = f"/api/v1/guided/{canary.pk}/proposals"
    client.force_login(guide)
    assert client.get("/api/v1/guided").json() == []
    assert client.get(path).status_code == 404

    consent = give_consent(canary, "guide", party=str(role.pk), until=None, now=now)

    told = client.get(path).content.decode()
    assert str(proposal.pk) in told
    for hidden in ("missed", "attend", "too_hard", "why", "felt"):
        assert hidden not in told
    withdraw_consent(consent, now=now)
    assert client.get(path).status_code == 404


def test_r067_a_consent_ends_by_itself(client, canary, guide):
    role = guide.staff_roles.get()
    now = timezone.now()
    consent = give_consent(canary, "guide", party=str(role.pk), until=now + timedelta(days=1), now=now)
    client.force_login(guide)
    assert len(client.get("/api/v1/guided").json()) == 1

    type(consent).objects.update(given_at=now - timedelta(days=9), until=now - timedelta(minutes=1))

    assert client.get("/api/v1/guided").json() == []


def test_a_line_of_the_journal_with_a_word_of_before_is_still_told(volunteer):
    journal.write(volunteer.user, "weighed", actor="An")

    assert journal.sentence_of(JournalEntry.objects.get(what="weighed")) == "An weighed."


def test_the_journal_can_not_be_changed(canary):
    from django.db import DatabaseError, transaction

    entry = JournalEntry.objects.create(person=canary.user, what="looked")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        JournalEntry.objects.filter(pk=entry.pk).update(what="called")


def test_r110_an_organisation_sees_no_name_before_a_yes_and_nobody_when_it_is_not_verified(
    client, proposal, member, canary
):
    client.force_login(member)
    path = f"/api/v1/opportunities/{proposal.opportunity_id}/candidates"

    organisation_name = Proposal.objects.get(pk=proposal.pk).opportunity.organisation.name
    before = client.get(path).content.decode()
    assert len(json.loads(before)) == 1
    for hidden in (CANARY, MAIL, PHONE, str(canary.pk), "age", "place", "points"):
        assert hidden not in before.replace("placements", ""), hidden
    actions.answer_proposal(proposal.pk, "yes", source="app", now=timezone.now())
    assert json.loads(client.get(path).content)[0]["first_name"] == CANARY
    shown = JournalEntry.objects.get(person=canary.user, what="contact_shown")
    assert shown.actor == organisation_name
    type(proposal.opportunity.organisation).objects.update(verified_at=None)
    assert client.get(path).json() == []
    assert post(client, f"candidates/{proposal.pk}/confirm").status_code == 404


PAIRS = 200
NAMES = ("Jan", "Fatma", "Mohammed", "Zoë", "Oluwaseun", "Xiu Ying", "Svetlana")


@pytest.fixture
def many_people(small_city):
    """Two hundred people: those of the sample, and copies of them that are free at another time or live elsewhere."""
    from backend.talent.actions import pack_volunteers

    people = list(Volunteer.objects.filter(city=small_city.slug, profile__isnull=False).order_by("pk"))
    where = sorted(small_city.matching.neighbourhoods.items())
    for number in range(PAIRS - len(people)):
        origin = Volunteer.objects.get(pk=people[number % len(people)].pk)
        profile = origin.profile
        held = {name: list(getattr(profile, name).all()) for name in ("talents", "languages")}
        consents = list(origin.consents.all())
        origin.pk, origin.external_id, origin.user = uuid4(), None, None
        origin.save(force_insert=True)
        code, point = where[(7 * number) % len(where)]
        profile.pk, profile.volunteer = uuid4(), origin
        profile.neighbourhood, profile.lat, profile.lon = code, point.lat, point.lon
        profile.max_km += number % 5
        profile.save(force_insert=True)
        for one in (*held["talents"], *held["languages"]):
            one.pk, one.profile = None, profile
            one.save(force_insert=True)
        for one in consents:
            one.pk, one.volunteer = uuid4(), origin
            one.save(force_insert=True)
    pack_volunteers(small_city.slug, Volunteer.objects.all())
    return Volunteer.objects.filter(city=small_city.slug, profile__isnull=False).order_by("pk")


def test_two_hundred_pairs_of_twins_look_the_same_to_every_organisation(small_city, many_people):
    """The pair of each differs in name, contact, language of messages, declared statuses and age above the minimum.

    What organisations read, the points and the order of who is proposed are equal, byte for byte.
    """
    from backend.placements.access import candidates_at
    from backend.placements.api import CandidateSerializer
    from backend.placements.resident import forget
    from backend.talent.actions import pack_volunteers

    now = timezone.now()
    publish_drafts(small_city.slug, now=now)
    opportunities = list(Opportunity.objects.filter(state="published").order_by("external_id"))

    def seen():
        Proposal.objects.all().delete()
        forget()
        made, told = [], []
        for opportunity in opportunities:
            proposals = actions.propose_for_opportunity(opportunity.pk, now=now)
            made += [(one.volunteer_id, one.points, one.distance_km, json.dumps(one.parts)) for one in proposals]
            cards = CandidateSerializer(candidates_at(opportunity), many=True).data
            told += sorted(json.dumps({**card, "id": None}) for card in cards)
        return told, made

    people = list(many_people)
    assert len(people) == PAIRS
    first = seen()
    for number, person in enumerate(people):
        person.user = User.objects.create_user(email=f"tweeling{number}@voorbeeld.example")
        person.first_name = NAMES[number % len(NAMES)]
        person.language = ("nl", "ar", "tr", "fr", "en")[number % 5]
        person.declared_statuses = sorted(small_city.matching.statuses)[: number % 3]
        person.age_from = 21 if person.age_from >= 18 else person.age_from
        person.save()
    pack_volunteers(small_city.slug, Volunteer.objects.all())

    assert len(first[0]) > PAIRS / 4
    assert seen() == first


WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_while_an_organisation_is_being_told_is_not_told_of(
    small_city, opportunity, volunteer, monkeypatch, another_connection
):
    """The one waits for the other, neither fails, and no message with the name is left behind."""
    from backend.placements import tasks
    from notifications import actions as notifications

    now = timezone.now()
    publish_drafts(small_city.slug, now=now, only=["T40"])
    [proposal] = actions.propose_for_volunteer(volunteer.pk, now=now)
    actions.answer_proposal(proposal.pk, actions.YES, source="app", now=now)
    event = Event.objects.get(name="proposal.accepted")
    failed = []

    def tell():
        try:
            tasks.tell_about_candidate(event_id=event.pk, proposal_id=str(proposal.pk))
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    telling, real = threading.Thread(target=tell), notifications.drop

    def drop_while_somebody_tells(occasion):
        if telling.ident is None:
            telling.start()
            while telling.is_alive() and not another_connection.execute(WAITING).fetchone()[0]:
                time.sleep(0.02)
        return real(occasion)

    monkeypatch.setattr(notifications, "drop", drop_while_somebody_tells)
    me.erase(volunteer.user, now=now)
    telling.join()

    assert failed == []
    assert not User.objects.filter(pk=volunteer.user.pk).exists()
    left = Delivery.objects.exclude(state="dropped")
    assert [one.values for one in left if volunteer.first_name in json.dumps(one.values)] == []


def test_every_night_what_was_kept_long_enough_goes(canary):
    now = timezone.now()
    stale = User.objects.create_user(email="nooit@voorbeeld.example")
    fresh = User.objects.create_user(email="net@voorbeeld.example")
    User.objects.filter(pk__in=[stale.pk, canary.user.pk]).update(created_at=now - timedelta(days=2))
    key = IdempotencyKey.objects.create(scope=uuid4(), key="k" * 16, fingerprint="x", owner=uuid4(), locked_until=now)
    IdempotencyKey.objects.filter(pk=key.pk).update(created_at=now - timedelta(days=3))
    old = Tombstone.objects.create(resource="proposals", what=uuid4())
    Tombstone.objects.filter(pk=old.pk).update(updated_at=now - timedelta(days=31))

    done, waiting = (Event.objects.create(name="x", payload={}) for _ in range(2))
    Event.objects.filter(pk=done.pk).update(done_at=now - timedelta(days=31))

    gone = me.tidy(now=now)

    assert not User.objects.filter(pk=stale.pk).exists()
    assert User.objects.filter(pk__in=[fresh.pk, canary.user.pk]).count() == 2
    assert (gone["idempotency keys"], gone["tombstones"], gone["events"]) == (1, 1, 1)
    assert Event.objects.filter(pk=waiting.pk).exists()
    assert me.tidy(now=now).total() == 0


@pytest.mark.parametrize("value", ["x" * 5000, "a\x00b", "\ud800", 7, None, [], {"a": 1}])
def test_nonsense_for_a_text_is_refused_and_stored_nowhere(value, client, proposal, canary):
    client.force_login(canary.user)

    refused = post(client, f"proposals/{proposal.pk}/question", {"text": value})

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert refused.json()["issues"][0]["name"] == "/text"
    assert proposal.questions.count() == 0


def test_no_field_can_be_set_that_is_not_offered(client, proposal, canary, member, opportunity):
    """Every name that stands anywhere in the document is tried on every body that takes a few fields."""
    from backend.common.management.commands.api_documents import document

    names = {
        name for schema in document("3.1")["components"]["schemas"].values() for name in schema.get("properties", {})
    }
    client.force_login(canary.user)
    for path, body in (
        (f"proposals/{proposal.pk}/answer", {"answer": "maybe"}), ("me/consents", {"purpose": "proposals"}),
        ("devices", {"platform": "web", "token": "t", "language": "nl"}),
    ):  # fmt: skip
        allowed = {"answer", "purpose", "party", "until", "platform", "token", "language", "app_version", "id"}
        for name in sorted(names - allowed):
            refused = post(client, path, {**body, name: "x"})
            assert (refused.status_code, refused.json()["issues"][0]["code"]) == (400, "unknown_field"), (path, name)
