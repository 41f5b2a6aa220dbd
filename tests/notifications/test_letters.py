"""A message on paper, in the reader's language."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from notifications import letters
from notifications.models import Delivery

VALUES = {
    "first_name": "Marc", "title": "Soep maken", "organisation": "De Pit", "phone": "03 000 00 00",
    "answer_until_at": "2027-03-08T22:59:59+00:00",
}  # fmt: skip
LINK = "https://helpen.antwerpen.be/v/2tZQn5p7i8E6jxhpEwNpCf/"


@pytest.fixture
def delivery(monkeypatch):
    monkeypatch.setattr("notifications.render._address", lambda _delivery: LINK)
    return lambda language: Delivery(
        kind="proposal_made", language=language, channel="callsheet", time_zone="Europe/Brussels", recipient=uuid4(),
        due_at=timezone.now(), values=VALUES,
    )  # fmt: skip


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("a5", (420, 595))])
@pytest.mark.parametrize("language", ["nl", "ar"])
def test_a_letter_is_one_page_of_the_paper_that_was_asked_for(paper, size, language, delivery):
    pdf = letters.pdf_of(delivery(language), paper)

    assert pdf.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [(round(float(width)), round(float(height))) for width, height in boxes] == [size]


def test_there_is_no_other_paper(delivery):
    with pytest.raises(KeyError):
        letters.pdf_of(delivery("nl"), "a3")
