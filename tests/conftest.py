"""What every test may ask for: three people with fixed relations, and a line to the real worker."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[1]
CITY = ROOT / "backend" / "city" / "antwerpen"
NOW = datetime(2027, 3, 1, 10, tzinfo=UTC)  # the reference day of the sample, 11 o'clock in Brussels
# Minutes of work for one process: begun first, so that at the end nobody waits for them alone.
LONG = ("test_every_route_is_guarded", "test_a_year")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Otherwise in the order that was drawn, file by file."""
    items.sort(key=lambda one: one.path.stem not in LONG)


@pytest.fixture
def now():
    return NOW


@pytest.fixture(autouse=True)
def no_memory_of_another_test():
    """A matcher keeps what it read; what a test wrote is rolled back behind its back."""
    from backend.common.cache import PatientCache

    PatientCache._quiet_until = 0.0
    yield
    if "backend.placements.resident" in sys.modules:
        sys.modules["backend.placements.resident"].forget()


@pytest.fixture(autouse=True)
def patient(settings):
    """Tests come from one address and in no time; those about limits set them back."""
    settings.RATE_LIMIT_SCALE = 10_000
    settings.MFA_RATE_LIMITS = False
    settings.WHITENOISE_AUTOREFRESH = True  # else every client of a test first reads all files of every room


@pytest.fixture
def another_connection(db):
    """A connection to the same database that shares no transaction with the test."""
    import psycopg
    from django.conf import settings
    from django.db import connection

    its = settings.DATABASES["default"]
    with psycopg.connect(
        dbname=connection.settings_dict["NAME"], user=its["USER"], host=its["HOST"], port=its["PORT"] or None,
        password=its["PASSWORD"] or None, autocommit=True,
    ) as made:  # fmt: skip
        yield made


@pytest.fixture
def place(db):
    from backend.city.load import default_city

    return default_city()


def load_small_city():
    from backend.city.load import default_city
    from backend.coordination import actions

    actions.load_sample(CITY / "demo", city=default_city().slug, now=NOW)
    actions.confirm_invented_people(default_city().slug, now=NOW)


class Kept:
    """The small city as every test that rolls back finds it: loaded once, and again after a test that wiped all tables."""

    blocker: ClassVar = None
    stands: ClassVar = False

    @classmethod
    def see_that_it_stands(cls):
        if not cls.stands:
            with cls.blocker.unblock():
                load_small_city()
            cls.stands = True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    Kept.blocker = django_db_blocker
    Kept.see_that_it_stands()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Outside its transaction: inside it, each test after one that wiped the tables would load the city for itself."""
    marker, names = item.get_closest_marker("django_db"), set(item.fixturenames)
    if names & {"transactional_db", "live_server"} or (marker and marker.kwargs.get("transaction")):
        Kept.stands = False
    elif Kept.blocker and (marker or "db" in names):
        Kept.see_that_it_stands()


@pytest.fixture
def small_city(place):
    """The invented small city, everybody confirmed, everything still a draft."""
    from backend.talent.models import Volunteer

    if not Volunteer.objects.exists():
        load_small_city()
    return place


@pytest.fixture
def empty_city(place):
    """The same city without anybody in it."""
    from backend.organisations.models import Organisation
    from backend.outbox.models import Event
    from backend.talent.models import Volunteer

    for table in (Volunteer, Organisation, Event):
        table.objects.all().delete()
    return place


@pytest.fixture
def opportunity(small_city):
    """T40: sorting clothes, 6 places of which 4 reserved; a draft."""
    from backend.opportunities.models import Opportunity

    return Opportunity.objects.get(external_id="T40")


@pytest.fixture
def volunteer(small_city):
    """P37 Marc: fits T40, has an e-mail address."""
    return with_contact("P37", email="p37@voorbeeld.example")


@pytest.fixture
def member(opportunity):
    """Acts for the organisation behind `opportunity`."""
    from backend.accounts.models import User
    from backend.organisations.models import OWNER, Membership

    user = User.objects.create_user(email="lid@voorbeeld.example")
    Membership.objects.create(organisation=opportunity.organisation, user=user, role=OWNER)
    return user


@pytest.fixture
def stranger(small_city):
    """Acts for another organisation, and volunteers too."""
    from backend.accounts.models import User
    from backend.organisations.models import OWNER, Membership, Organisation

    user = User.objects.create_user(email="vreemd@voorbeeld.example")
    Membership.objects.create(organisation=Organisation.objects.get(external_id="O01"), user=user, role=OWNER)
    return user


@pytest.fixture
def coordinator(small_city):
    from backend.accounts.models import COORDINATOR, StaffRole, User

    user = User.objects.create_user(email="coordinator@voorbeeld.example")
    StaffRole.objects.create(user=user, city=small_city.slug, role=COORDINATOR)
    return user


def with_contact(external_id, **contact):
    from backend.accounts.models import User
    from backend.talent.models import Volunteer

    volunteer = Volunteer.objects.get(external_id=external_id)
    volunteer.user = User.objects.create_user(**contact)
    volunteer.save()
    return volunteer


@pytest.fixture
def yes(opportunity, volunteer, now):
    """Marc said yes to T40."""
    from backend.opportunities.actions import publish_opportunity
    from backend.placements import actions

    publish_opportunity(opportunity, now=now)
    [made] = actions.propose_for_volunteer(volunteer.pk, now=now)
    return actions.answer_proposal(made.pk, "yes", source="link", now=now)


@pytest.fixture
def friend(yes, now):
    """Somebody else whom the same opportunity fits."""
    from backend.placements import actions
    from backend.placements.models import Proposal
    from backend.talent.models import Volunteer

    made = actions.propose_for_opportunity(yes.opportunity_id, now=now)
    Proposal.objects.filter(pk__in=[one.pk for one in made]).delete()
    return with_contact(Volunteer.objects.get(pk=made[0].volunteer_id).external_id, email="vriend@voorbeeld.example")


@pytest.fixture
def sample_records():
    """The parsed items of one demo file."""
    return lambda kind: json.loads((CITY / "demo" / f"{kind}.json").read_text(encoding="utf-8"))["items"]


class Inbox:
    """Keeps what a real SMTP server took in."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's own name
        self.messages.append(envelope)
        return "250 OK"

    def to(self, address):
        from email import message_from_bytes, policy

        found = [one for one in self.messages if address in one.rcpt_tos]
        return [message_from_bytes(one.content, policy=policy.default) for one in found]


@pytest.fixture(scope="session")
def mail_server():
    from backend.cli import free_port

    class Server(Controller):
        lines: ClassVar[list] = []

        def factory(self):
            self.lines.append(super().factory())
            return self.lines[-1]

        def hang_up(self):
            """Whoever keeps a connection makes a new one: it knows what a test changes in the server from here on."""
            for line in self.lines:
                if line.transport is not None:
                    self.loop.call_soon_threadsafe(line.transport.close)
            self.lines.clear()

    server = Server(Inbox(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def inbox(mail_server, settings):
    """The real mail server, empty; Django's own test outbox stays out of the way."""
    from notifications.channels.email import hang_up

    mail_server.handler.messages.clear()
    mail_server.hang_up()
    settings.EMAIL_BACKEND = "notifications.channels.email.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    yield mail_server.handler
    hang_up()


class Worker:
    """A real Celery worker for every queue, on the real broker and the test database."""

    LEASE_SECONDS = 3

    def __init__(self, mail_port):
        from django.db import connections

        name = connections["default"].settings_dict["NAME"]
        head, _, query = os.environ["DATABASE_URL"].partition("?")
        self._environment = {
            **os.environ,
            "DATABASE_URL": head.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else ""),
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "IGNORE_QUIET_HOURS": "True",
            "LEASE_SECONDS": str(self.LEASE_SECONDS),
            "PYTHONWARNINGS": "ignore",
        }
        self.start()

    def start(self):
        command = [sys.executable, "-m", "celery", "-q", "-A", "backend", "worker", "-P", "threads", "-c", "4"]
        command += [
            "-Q",
            "matching,steps,urgent,email,sms,push,callsheet",
            "-l",
            "error",
            "--without-mingle",
            "--without-gossip",
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self._environment, start_new_session=True)

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def end(self):
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="session")
def worker(django_db_setup, mail_server):
    running = Worker(mail_server.port)
    yield running
    running.end()


@pytest.fixture
def line(transactional_db, worker, settings):
    """`line.until(...)` lets the relay walk and the real worker work until something is true."""
    from backend.relay import Broker, tick

    settings.IGNORE_QUIET_HOURS = True
    settings.REHINT_SECONDS = 1
    broker = Broker()
    running = Line(lambda: tick(broker.publish), worker)
    yield running
    running.until_quiet()
    broker.drop()


class Line:
    PATIENCE_SECONDS = 60

    def __init__(self, walk, worker):
        self.walk, self._worker = walk, worker

    def until(self, is_true):
        end = time.monotonic() + self.PATIENCE_SECONDS
        while not (found := is_true()):
            assert self._worker.process.poll() is None, "the worker ended"
            assert time.monotonic() < end, "it did not become true"
            self.walk()
            time.sleep(0.02)
        return found

    def until_quiet(self):
        """Nothing is waiting to follow, and nothing is waiting to be sent."""
        from backend.demoplay import is_quiet

        self.until(is_quiet)
