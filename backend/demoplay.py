"""What happens on the stage of the demonstration: real requests, real mail, real answers, and a short table."""

import http.cookiejar
import json
import mailbox
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import NoReturn

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from backend.city.load import default_city
from backend.coordination import actions, demo, queries
from backend.coordination.shown import ProgressLine
from backend.outbox.models import Event
from backend.placements.models import Proposal, Round
from backend.talent.models import Volunteer
from matching.citysample import SampleErrors
from notifications.models import Delivery
from notifications.queries import call_sheet

Say = Callable[[str], None]
Wait = Callable[[Callable[[], object], str], None]
LINK = re.compile(r"https?://\S+/(?:v|o)/[0-9A-Za-z]+/")
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def prepare(say: Say) -> None:
    """Make the tables and load the invented city."""
    call_command("migrate", verbosity=0)
    say("tables are up to date")
    if Volunteer.objects.filter(external_id=None).exists():
        stop("this database holds people who are not invented. Give it one of its own.")
    try:
        demo.seed(default_city(), now=timezone.now(), progress=ProgressLine(sys.stdout))
    except (OSError, SampleErrors, LookupError) as error:
        stop(f"the invented city cannot be loaded: {error}")
    say(f"the city {default_city().matching.name} is loaded: {Volunteer.objects.count()} invented people")


class Browser:
    """A person with a browser: keeps cookies, follows redirects, sends the form's own token."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self._token = ""

    def get(self, url: str) -> str:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.address, url)))

    def post(self, url: str, **fields: str) -> str:
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": self._token, **fields}).encode()
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.address, url), body))

    def post_json(self, url: str) -> dict[str, object]:
        headers = {"X-CSRFToken": self._token, "Content-Type": "application/json"}
        headers["Idempotency-Key"] = str(uuid.uuid4())
        request = urllib.request.Request(urllib.parse.urljoin(self.address, url), b"{}", headers)
        found: dict[str, object] = json.loads(self._open(request))
        return found

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=10) as response:
                page: str = response.read().decode()
        except urllib.error.HTTPError as error:
            path = urllib.parse.urlsplit(request.full_url).path
            stop(f"{request.get_method()} {path} answered {error.code}: {error.read()[:300]!r}")
        found = FIELD.search(page)
        self._token = found[1] if found else self._token
        return page


def play(address: str, mail: Path, wait_until: Wait, say: Say) -> None:
    """The main job, end to end, without a person. Exits with 1 and the reason when something does not happen."""
    began = time.perf_counter()
    place = default_city()
    cast = demo.seed(place, now=timezone.now())
    expect(cast.opportunity.state == "draft", "everything is online already: it needs an empty database")
    paths = demo.sign_in_paths(cast)
    title = cast.opportunity.title

    member = sign_in(address, paths["organisation"])
    member.post_json(f"/api/v1/opportunities/{cast.opportunity.pk}/publish")
    say(f"an organisation published “{title}”")

    volunteer_mail = str(cast.volunteer.user and cast.volunteer.user.email)
    wait_until(lambda: link_for(mail, volunteer_mail, "/v/"), "no proposal reached the volunteer by mail")
    say("the worker found who fits, and the proposal arrived by mail")

    volunteer = Browser(address)
    page = volunteer.get(link_for(mail, volunteer_mail, "/v/"))
    expect("Waarom jij?" in page, "the page behind the link gives no reasons")
    expect(Proposal.objects.get(volunteer=cast.volunteer).answered_at is None, "opening the link changed something")
    page = volunteer.post(link_for(mail, volunteer_mail, "/v/") + "antwoord/", answer="yes")
    moments = re.findall(r'name="moment" value="([^"]+)"', page)
    expect(moments, "no moment to try was offered")
    page = volunteer.post(link_for(mail, volunteer_mail, "/v/") + "moment/", moment=moments[0])
    expect("Je zei ja. Tot" in page, "the moment was not kept")
    say("the volunteer said yes with one tap and chose a moment")

    organisation_mail = str(cast.opportunity.organisation.contact_email)
    wait_until(lambda: len(mails_to(mail, organisation_mail)) >= 2, "the organisation heard nothing")
    welcome = Browser(address)
    welcome.get(link_for(mail, organisation_mail, "/o/"))
    welcome.post(link_for(mail, organisation_mail, "/o/") + "welkom/")
    wait_until(lambda: len(mails_to(mail, volunteer_mail)) >= 3, "the volunteer did not hear the confirmation")
    say("the organisation heard it, confirmed the placement, and the volunteer heard that")

    coordinator = sign_in(address, paths["coordinator"])
    coordinator.post("/coordinatie/online/")
    wait_until(Round.objects.exists, "no round ran")
    wait_until(is_quiet, "the messages of the round were not all told")
    say("the coordinator put the other opportunities online; a round looked at everybody")

    page = coordinator.get("/balie/bellijst/")
    called = call_sheet().filter(kind="proposal_made").order_by("due_at", "pk").first()
    expect(called is not None and str(called.pk) in page, "nobody stands on the call sheet")
    coordinator.post(f"/balie/bellijst/{called.pk if called else ''}/", result="yes")
    wait_until(is_quiet, "what followed from the phone call was not all told")
    say("somebody without e-mail was called and said yes by phone")
    print_table(time.perf_counter() - began)


def open_doors(address: str, mail: Path) -> None:
    """For a person who wants to look around: put everything online and print addresses and sign-ins."""
    place = default_city()
    cast = demo.seed(place, now=timezone.now())
    actions.publish_drafts(place.slug, now=timezone.now())
    paths = demo.sign_in_paths(cast)
    print(
        f"""
  Front door       {address}/
  API browser      {address}/api/docs/     document: {address}/api/schema/

  Sign in (each link works once; or with a code at {address}/binnen/: codes arrive with the mail)
    volunteer      {address}{paths["volunteer"]}
    organisation   {address}{paths["organisation"]}
    coordinator    {address}{paths["coordinator"]}

  Mail that was sent lies in {mail}/new
  Ctrl-C stops everything.
""",
        flush=True,
    )


def sign_in(address: str, path: str) -> Browser:
    browser = Browser(address)
    browser.get(path)
    browser.post(path)
    return browser


def mails_to(folder: Path, address: str) -> list[Message]:
    if not (folder / "new").exists():
        return []
    box = mailbox.Maildir(str(folder), create=False)
    return [message for message in box if address in str(message["To"])]


def link_for(folder: Path, address: str, kind: str) -> str:
    """The last link of that kind that was mailed to the address; "" when there is none yet."""
    found = ""
    for message in mails_to(folder, address):
        part = next(one for one in message.walk() if one.get_content_type() == "text/plain")
        payload = part.get_payload(decode=True)
        text = payload.decode() if isinstance(payload, bytes) else ""
        found = next((link for link in LINK.findall(text) if kind in link), found)
    return found


def is_quiet() -> bool:
    """Nothing is waiting to follow and nothing is waiting to be sent."""
    is_event_open = Event.objects.filter(done_at=None, parked_at=None).exists()
    return not is_event_open and not Delivery.objects.filter(state__in=("pending", "claimed", "handing")).exists()


def expect(is_true: object, otherwise: str) -> None:
    if not is_true:
        stop(otherwise)


def stop(reason: str) -> NoReturn:
    """Exit 1 with the reason; what was started is stopped on the way out."""
    sys.exit(f"The demonstration stopped: {reason}")


def print_table(seconds: float) -> None:
    """People, opportunities, pairs, what blocked, proposals, messages, answers, seconds."""
    last = Round.objects.order_by("-created_at")[0]
    answers = Proposal.objects.exclude(answered_at=None)
    rows = [
        ("people", last.people),
        ("opportunities", last.opportunities),
        ("pairs looked at in the round", last.pairs),
        *[(f"  blocked: {code}", count) for code, count in queries.most_first(last.blocked)],
        ("proposals", Proposal.objects.count()),
        *[(f"messages: {name}", count) for name, count in queries.deliveries_by_state().items()],
        *[(f"answers: {state}", count) for state, count in count_by(answers, "state")],
        ("seconds of the round", round(last.seconds, 2)),
        ("seconds of the main job", round(seconds, 1)),
    ]
    print(f"\n  {settings.PUBLIC_URL}, {default_city().matching.name}")
    for name, value in rows:
        print(f"  {name:<32}{value:>8}")
    print(flush=True)


def count_by(rows: "django.db.models.QuerySet[Proposal]", column: str) -> list[tuple[str, int]]:
    from collections import Counter

    return sorted(Counter(rows.values_list(column, flat=True)).items())
