"""Whom to tell before a start: a list, a sheet and a clock for the person alone; nothing of it stops anybody (R031)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from backend.opportunities.models import Opportunity
from backend.placements import actions, formalities, rhythm
from backend.placements.access import proposal_behind, with_formalities
from backend.placements.models import Formality, Placement
from backend.placements.sheet import facts_of
from backend.talent.actions import declare_statuses
from backend.talent.models import Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.usefixtures("at_noon")
TODAY = date(2027, 3, 1)


@pytest.fixture
def yes(proposal, now):
    """Marc said yes."""
    return actions.answer_proposal(proposal.pk, "yes", source="link", now=now)


@pytest.fixture
def papers(yes, path):
    return f"{path}papieren/"


def to_do(proposal):
    return formalities.to_do(with_formalities(proposal_behind(proposal.pk)), TODAY)


def filed(papers, client, day="2027-03-01"):
    client.post(papers, {"declare": "1", "status": ["rva"]})
    return client.post(papers, {"formality": "file_c45b", "state": "filed", "filed_on": day})


def test_r031_who_gets_a_benefit_reads_whom_to_tell_and_takes_a_filled_sheet_along(client, papers, yes):
    asked = client.get(papers).content.decode()
    assert "Wat past bij jou?" in asked

    page = client.post(papers, {"declare": "1", "status": ["rva", "leefloon"]}, follow=True).content.decode()

    assert "C45B" in page
    assert "maatschappelijk werker" in page
    assert page.count("Nog te doen</h2>") == 2
    sheet = client.get(f"{papers}formulier.pdf")
    assert (sheet["Content-Type"], sheet.content[:4]) == ("application/pdf", b"%PDF")
    told = str(facts_of(proposal_behind(yes.pk), "nl", TODAY))
    opportunity = Opportunity.objects.select_related("organisation").get(pk=yes.opportunity_id)
    for words in ("Deel I", "Deel II", "Marc", opportunity.organisation.name, opportunity.title, "wet van 3 juli 2005"):
        assert words in told


def test_the_sheet_fills_in_nothing_that_we_do_not_keep():
    kept = {field.name for field in Volunteer._meta.get_fields()}
    assert not kept & {"last_name", "national_number", "address", "birth_date"}


def test_r031_a_start_before_the_form_warns_and_never_stops(client, papers, yes, now):
    client.post(papers, {"declare": "1", "status": ["rva"]})
    placement = actions.confirm_placement(yes.pk, now=now)
    Placement.objects.filter(pk=placement.pk).update(
        state="active", information_note_confirmed_at=now, information_note_version="1"
    )

    assert "Je eerste keer is op maandag 1 maart" in client.get(papers).content.decode()
    assert to_do(yes)[0].starts_on == TODAY
    filed(papers, client)
    assert to_do(yes)[0].starts_on is None


def test_the_term_of_an_answer_is_twelve_working_days_without_holidays(place):
    assert formalities.answer_by(place, TODAY, 12) == date(2027, 3, 17)
    # Easter Monday is 29 March 2027, and who hands in on a Saturday counts from Monday.
    assert formalities.answer_by(place, date(2027, 3, 20), 12) == date(2027, 4, 7)


def test_what_somebody_did_is_kept_and_may_be_taken_back(client, papers, yes):
    page = filed(papers, client)
    assert page.status_code == 302
    shown = client.get(papers).content.decode()
    assert "Je gaf het af op maandag 1 maart" in shown
    assert "Het antwoord komt ten laatste op woensdag 17 maart" in shown

    client.post(papers, {"formality": "file_c45b", "state": "answered"})
    assert Formality.objects.get().filed_on == TODAY
    client.post(papers, {"formality": "file_c45b", "state": ""})
    assert not Formality.objects.exists()
    assert "Nog te doen" in client.get(papers).content.decode()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("", "Zeg op welke dag je het afgaf."), ("2027-03-02", "Kies een dag die al voorbij is."), ("x", "Kies een dag.")],
)
def test_a_day_that_cannot_be_is_said_and_nothing_is_kept(day, sentence, client, papers):
    wrong = filed(papers, client, day)

    assert wrong.status_code == 422
    assert sentence in wrong.content.decode()
    assert not Formality.objects.exists()


def test_what_does_not_stand_on_the_list_is_not_kept(client, papers):
    client.post(papers, {"declare": "1", "status": ["leefloon"]})

    assert client.post(papers, {"formality": "tell_nobody", "state": "not_needed"}).status_code == 404
    assert not Formality.objects.exists()


def test_the_database_wants_a_day_for_what_was_handed_in(yes):
    with pytest.raises(IntegrityError, match="formality_was_filed_on_a_day"), transaction.atomic():
        Formality.objects.create(proposal=yes, formality="file_c45b", state="filed")


def test_somebody_hears_once_shortly_before_and_once_after_the_term(client, papers, place, now):
    filed(papers, client)

    days = {}
    for ahead in range(30):
        for _ in range(2):
            told = rhythm.remind(place, now=now + timedelta(days=ahead))
        days.update({kind: ahead for kind in told if kind.startswith("formality_") and told[kind]})
        for one in Delivery.objects.filter(kind__startswith="formality_"):
            days.setdefault(one.kind, ahead)

    assert days == {"formality_soon": 14, "formality_over": 17}  # the 10th and the 13th working day
    assert Delivery.objects.filter(kind__startswith="formality_").count() == 2
    assert not Delivery.objects.filter(kind__startswith="formality_", link__isnull=False).exists()
    assert "C45B" not in str(list(Delivery.objects.filter(kind__startswith="formality_").values_list("values")))


def test_who_got_an_answer_hears_nothing_more(client, papers, place, now):
    filed(papers, client)
    client.post(papers, {"formality": "file_c45b", "state": "answered"})

    rhythm.remind(place, now=now + timedelta(days=17))

    assert not Delivery.objects.filter(kind__startswith="formality_").exists()


def test_a_status_is_asked_again_after_half_a_year(client, papers, yes, at_noon):
    client.post(papers, {"declare": "1"})
    assert "Je moet niets melden." in client.get(papers).content.decode()

    assert formalities.is_asked(Volunteer.objects.get(pk=yes.volunteer_id), TODAY + timedelta(days=182))
    assert not formalities.is_asked(Volunteer.objects.get(pk=yes.volunteer_id), TODAY + timedelta(days=183))


def test_a_status_that_is_none_here_is_not_kept(yes):
    with pytest.raises(ValueError, match="wettig_verblijf"):
        declare_statuses(yes.volunteer, ["wettig_verblijf"], today=TODAY)


def test_whoever_is_sixteen_tells_it_at_home(yes):
    Volunteer.objects.filter(pk=yes.volunteer_id).update(age_from=16, age_asked_on=TODAY, declared_statuses=[])

    assert [one.formality for one in to_do(yes)] == ["tell_parents"]


def test_an_organisation_sees_nothing_of_it(client, papers, yes, member):
    filed(papers, client)
    client.force_login(member)

    page = client.get(f"/org/taken/{yes.opportunity_id}/kandidaten/").content.decode()
    listed = client.get(f"/api/v1/opportunities/{yes.opportunity_id}/candidates").content.decode()

    assert "Marc" in page
    for leak in ("C45B", "rva", "formalit", "Nog te doen"):
        assert leak not in page + listed


def test_before_a_yes_and_without_a_form_there_is_nothing_to_see(client, path, proposal, now):
    assert client.get(f"{path}papieren/").status_code == 302
    actions.answer_proposal(proposal.pk, "yes", source="link", now=now)
    client.post(f"{path}papieren/", {"declare": "1"})
    assert client.get(f"{path}papieren/formulier.pdf").status_code == 404


def test_r054_that_an_extract_was_shown_is_kept_as_a_day_and_nothing_else(client, member, yes, now):
    actions.confirm_placement(yes.pk, now=now)
    address = f"/org/kandidaten/{yes.pk}/uittreksel/"
    client.force_login(member)
    client.post(address)
    assert Placement.objects.get().extract_shown_on is None, "nobody asks for one here"

    Opportunity.objects.filter(pk=yes.opportunity_id).update(extract_596_2=True)
    for _ in range(2):
        client.post(address)

    assert Placement.objects.get().extract_shown_on == TODAY
    assert (
        "Uittreksel getoond op 1 maart" in client.get(f"/org/taken/{yes.opportunity_id}/kandidaten/").content.decode()
    )


def test_no_form_takes_a_file():
    """No upload of identity, benefit or medical papers: an organisation gives a photo of its door, and the volunteer
    point reads in lists of organisations and opportunities. That is all."""
    pages = [file.name for file in Path("backend").rglob("*.html") if 'type="file"' in file.read_text()]
    assert sorted(pages) == ["card.html", "incoming.html"]
    asked = [file.as_posix() for file in Path("backend").rglob("*.py") if "request.FILES" in file.read_text()]
    assert sorted(asked) == ["backend/coordination/incoming_pages.py", "backend/organisations/pages.py"]
