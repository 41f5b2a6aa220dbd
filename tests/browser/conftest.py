"""A real browser, and what it must find on every page."""

import os
import shutil

import pytest
from django.utils import timezone

from backend.coordination.actions import publish_drafts
from backend.placements import actions
from backend.placements.models import LINK_FOR_VOLUNTEER, Proposal
from backend.placements.tokens import WORKS_AFTER_DEADLINE, make_link, path_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no Chromium on this computer: the browser tests need one")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread; nothing here is async
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser, live_server):
    """A page of its own; whatever the browser complains about fails the test."""
    complaints = []

    expected = []

    def open_(path, width=360, height=740, *, javascript=True, refusals=0, **others):
        expected.extend(["403"] * refusals)
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=javascript, reduced_motion="reduce",
            locale="nl-BE", **others,
        )  # fmt: skip
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.goto(live_server.url + path)
        return page

    yield open_
    refused = [one for one in complaints if "status of 403" in one]
    assert len(refused) == len(expected)
    # A form with a mistake answers 422, which is no fault of the page.
    assert [one for one in complaints if one not in refused and "status of 422" not in one] == []


@pytest.fixture
def look():
    """axe finds nothing, and nothing is wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe

    def look_(page, name):
        found = Axe().run(page, options={"runOnly": STANDARDS}).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width}"

    return look_


@pytest.fixture
def proposal(small_city, opportunity, volunteer):
    """T40 proposed to Marc, open."""
    publish_drafts(small_city.slug, now=timezone.now(), only=["T40"])
    [made] = actions.propose_for_volunteer(volunteer.pk, now=timezone.now())
    return Proposal.objects.select_related("opportunity__organisation", "volunteer__user").get(pk=made.pk)


def link(proposal, purpose=LINK_FOR_VOLUNTEER):
    return path_of(make_link(proposal, purpose, expires_at=proposal.answer_until + WORKS_AFTER_DEADLINE))
