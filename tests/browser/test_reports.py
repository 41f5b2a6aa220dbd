"""Somebody reports what is not right, from the foot of any page, and follows it with a code."""

import pytest

from backend.placements.models import Report
from tests.browser.test_start import no_small_target

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("language", "width", "javascript"), [("nl", 320, True), ("ar", 360, True), ("nl", 1280, False)]
)
def test_iemand_meldt_iets_zonder_naam(language, width, javascript, open_page, small_city, look):
    seen = look if javascript else lambda _page, _name: None  # axe is a script itself
    page = open_page("/taal/?next=/", width, javascript=javascript)
    page.click(f"button[value={language}]")
    page.click("footer a[href='/melden/']")
    seen(page, "report")
    page.click("main button >> nth=0")
    seen(page, "a mistake")
    page.check("input[value=unsafe]")
    page.fill("#text", "De trap is kapot.")
    page.click("main button >> nth=0")

    assert page.url.split("/melden/")[1].strip("/") == page.inner_text(".big").replace("-", "")
    seen(page, "followed")
    assert page.locator("a[href='tel:112']").count() == 1
    page.click("footer a[href='/melden/']")
    page.click("a[href='/veilig/']")
    seen(page, "safe")
    if javascript:
        no_small_target(page, "safe")
    assert Report.objects.get().text == "De trap is kapot."
