"""What holds on every page of a person: little to load, and whoever goes by keyboard always sees where they are."""

import gzip

import pytest
from django.utils import timezone

from backend.accounts.pages import sign_in_path
from backend.coordination.actions import publish_drafts
from backend.placements import actions
from backend.placements.models import LINK_FOR_VOLUNTEER
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, path_of

pytestmark = pytest.mark.django_db(transaction=True)
PERSON_KB, DRAWINGS_KB, SCRIPT_KB = 20, 30, 4
STOPS_MAX = 80
# The element with focus: its size, whether a corner or its middle can be seen, and whether a ring is drawn.
STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shown = one.closest('label') || one, box = shown.getBoundingClientRect();
  const points = [[.5, .5], [.1, .1], [.9, .9]].map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
  const seen = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (shown.contains(top) || top.contains(shown));
  });
  const ringed = [one, one.nextElementSibling].some(each => {
    if (!each) return false;
    const style = getComputedStyle(each);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
  return {html: one.outerHTML.slice(0, 90), seen, ringed};
}"""


@pytest.fixture
def paths(small_city, opportunity, volunteer):
    """Pages of a person, with the most that each may weigh in KB."""
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    link = make_link(made, LINK_FOR_VOLUNTEER, expires_at=made.answer_until + WORKS_AFTER_DEADLINE)
    return {
        "/": PERSON_KB, "/taal/": PERSON_KB, "/start/graag/": DRAWINGS_KB, "/mag-ik/": PERSON_KB,
        "/organisaties/": PERSON_KB, f"/organisaties/{opportunity.organisation_id}/": PERSON_KB,
        "/taken/": PERSON_KB, f"/taken/{opportunity.pk}/": PERSON_KB, path_of(link): PERSON_KB, "/binnen/": PERSON_KB,
        sign_in_path(volunteer.user): PERSON_KB,
    }  # fmt: skip


def test_a_first_visit_loads_little(browser, live_server, paths):
    for path, most in paths.items():
        context = browser.new_context(viewport={"width": 360, "height": 740})
        page, sizes = context.new_page(), {}
        page.on("response", lambda answer, sizes=sizes: sizes.update({answer.url: answer}))
        page.goto(live_server.url + path, wait_until="networkidle")
        weights = {url: len(gzip.compress(answer.body())) / 1024 for url, answer in sizes.items() if answer.ok}
        context.close()
        assert sum(weights.values()) <= most, (path, weights)
        assert sum(kb for url, kb in weights.items() if url.endswith(".js")) <= SCRIPT_KB, (path, weights)
        assert {url for url in weights if not url.startswith(live_server.url)} == set(), "nothing comes from elsewhere"


@pytest.mark.parametrize(("width", "height"), [(360, 740), (320, 480)])
def test_whoever_goes_by_keyboard_always_sees_where_they_are(width, height, open_page, paths):
    page = open_page("/", width, height)
    site = page.url.removesuffix("/")
    wrong, stops = [], 0
    for path in paths:
        page.goto(site + path)
        first = None
        for _stop in range(STOPS_MAX):
            page.keyboard.press("Tab")
            stop = page.evaluate(STOP)
            if (
                stop is None or stop["html"] == first
            ):  # out of the page, or around it and at the link to the content again
                break
            first = first or stop["html"]
            stops += 1
            if not (stop["seen"] and stop["ringed"]):
                wrong.append((path, stop))
        else:
            raise AssertionError(f"{path} has more than {STOPS_MAX} stops")
    assert wrong == []
    assert stops > 5 * len(paths)
