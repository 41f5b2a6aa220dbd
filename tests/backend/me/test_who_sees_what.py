"""The page "Wie ziet wat?" says of every field and everybody what the pages and the API of each really show (R046)."""

import json
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.models import GUIDE, StaffRole, User
from backend.coordination.actions import publish_drafts
from backend.engagements import actions as engagements
from backend.engagements import goals
from backend.placements import actions
from backend.placements.models import CheckIn, Proposal
from backend.talent.actions import give_consent
from backend.talent.models import Volunteer
from backend.ui.pages import AFTER_YES, AS_REASON, LOWER_BOUND, NO, SEEN, WHO_WORDS, YES

pytestmark = pytest.mark.django_db
# How a field would show itself; of what has a code, code or words will do.
MARKS = {
    "first_name": r"Kanarieke",
    "contact": r"kanarie@voorbeeld\.example|32471999888",
    "talents": r"Goed luisteren|luisteren|luistert",
    "boundaries": r"niet_laat|[Nn]iet laat|na 22",
    "age": r"\"age\"|63 jaar|Vanaf 21|21 of ouder|21 jaar",
    "status": r"\bswt\b|SWT|uitbetalingsinstelling",
    "hours": r"17[,.]25",
    "goals": r"Oude radio's maken|Oude radio&#x27;s maken",
    "felt": r"Zo moe van alles|droevig gezicht",
}


@pytest.fixture
def canary(volunteer):
    User.objects.filter(pk=volunteer.user_id).update(email="kanarie@voorbeeld.example", phone="+32471999888")
    Volunteer.objects.filter(pk=volunteer.pk).update(first_name="Kanarieke")
    return Volunteer.objects.get(pk=volunteer.pk)


@pytest.fixture
def proposal(canary, opportunity, small_city):
    opportunity.talents_welcome = ["luisteren"]
    opportunity.save()
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(canary.pk, now=timezone.now())
    return Proposal.objects.get(pk=made.pk)


@pytest.fixture
def guide(canary, small_city):
    user = User.objects.create_user(email="gids@voorbeeld.example")
    role = StaffRole.objects.create(user=user, city=small_city.slug, role=GUIDE, label="An, OCMW Dam")
    give_consent(canary, "guide", party=str(role.pk), until=None, now=timezone.now())
    return user


@pytest.fixture
def pages(client, canary, proposal, guide, member, coordinator):
    """Who -> every page and answer about this person that they may open, as one text."""
    users = {"volunteer": canary.user, "organisation": member, "guide": guide, "point": coordinator}
    paths = {
        "volunteer": ["/ik/kaart/", "/ik/", "/ik/uren/", "/ik/leren/", "/api/v1/me/export", "/api/v1/me/profile"],
        "organisation": [
            "/org/", f"/org/{proposal.opportunity.organisation_id}/uren/", f"/org/taken/{proposal.opportunity_id}/kandidaten/",
            f"/api/v1/opportunities/{proposal.opportunity_id}/candidates",
        ],
        "guide": ["/toeleider/", "/api/v1/guided", f"/api/v1/guided/{canary.pk}/proposals"],
        "point": [
            "/coordinatie/mensen/", f"/coordinatie/mensen/{canary.pk}/", "/coordinatie/werklijst/",
            "/coordinatie/voorstellen/", "/balie/",
        ],
    }  # fmt: skip

    def read(who):
        client.force_login(users[who])
        found = []
        for path in paths[who]:
            answer = client.get(path)
            assert answer.status_code == 200, path
            text = answer.content.decode()
            # Letters of other languages come escaped in JSON; what a page is about is not who it is about.
            found.append(json.dumps(json.loads(text), ensure_ascii=False) if path.startswith("/api/") else main(text))
        return "\n".join(found)

    return read


def main(page):
    return page.partition("<main")[2].partition("</main>")[0]


def live_on(proposal):
    now = timezone.now()
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    placement = actions.confirm_placement(proposal.pk, now=now)
    actions.confirm_information_note(placement.pk, "1", source="link", now=now)
    CheckIn.objects.create(placement=placement, days=1)
    today = timezone.localdate()
    engagements.confirm(placement.pk, today, Decimal(2), today=today, flat_rate_eur=Decimal("17.25"))
    goals.add(placement.pk, "Oude radio's maken")
    actions.say_how_it_is(proposal.pk, "bad", now=now)
    actions.say_more(proposal.pk, "Zo moe van alles", now=now)


def test_r046_every_cell_of_the_page_is_what_is_really_shown(pages, proposal):
    before = {who: pages(who) for who in WHO_WORDS}
    live_on(proposal)
    after = {who: pages(who) for who in WHO_WORDS}

    wrong = []
    for field, (_say, cells) in SEEN.items():
        for who, cell in cells.items():
            seen = tuple(bool(re.search(MARKS[field], text)) for text in (before[who], after[who]))
            expected = {
                YES: (seen[0], True), NO: (False, False), AFTER_YES: (False, True), AS_REASON: seen,
                LOWER_BOUND: seen,
            }[cell]  # fmt: skip
            if seen != expected:
                wrong.append((field, who, str(cell), seen))
    assert re.search(MARKS["talents"], after["organisation"]), "as a reason"
    assert not wrong, "\n".join(map(str, wrong))


def test_the_page_shows_every_field_and_everybody(client):
    page = client.get("/wie-ziet-wat/").content.decode()

    for say, cells in SEEN.values():
        assert str(say) in page
        assert set(cells) == set(WHO_WORDS)
    assert all(str(say) in page for say in WHO_WORDS.values())


def test_nobody_sees_a_birth_date_because_there_is_none():
    assert not [one.name for one in Volunteer._meta.get_fields() if "birth" in one.name]


def test_r088_a_guide_with_three_people_sees_three_and_not_four(client, guide, canary, small_city, proposal):
    others = list(Volunteer.objects.filter(city=small_city.slug).exclude(pk=canary.pk).order_by("external_id")[:3])
    role = StaffRole.objects.get(user=guide)
    for one in others[:2]:
        give_consent(one, "guide", party=str(role.pk), until=None, now=timezone.now())
    live_on(proposal)
    client.force_login(guide)

    client.get("/toeleider/")
    with CaptureQueriesContext(connection) as three:
        page = client.get("/toeleider/").content.decode()

    assert page.count("<article") == 3
    give_consent(others[2], "guide", party=str(role.pk), until=None, now=timezone.now())
    with CaptureQueriesContext(connection) as four:
        assert client.get("/toeleider/").content.decode().count("<article") == 4
    assert len(four) == len(three), "as many questions whatever the number of people"
    assert "Kanarieke" in page
    assert f"Is welkom bij “{proposal.opportunity.title}”." in page
    assert "C45B" in page, "what must still be told before the start"
    assert others[2].first_name not in main(page)
    assert client.get("/thuis/")["Location"] == "/toeleider/"
