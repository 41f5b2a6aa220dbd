"""A day is confirmed once, money is added up and warned of, and an organisation keeps its list (R090)."""

import csv
import io
import re
import threading
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction

from backend.common import sheets
from backend.engagements import actions, queries
from backend.engagements.ceilings import Ceilings, ceilings_of, sums_of, warnings_of
from backend.engagements.models import Engagement
from backend.engagements.tasks import tell_about_expenses
from backend.me.actions import erase, tidy
from backend.me.queries import everything_about
from backend.organisations.models import Organisation
from backend.outbox.models import Event
from backend.placements import actions as placements
from backend.placements.models import Placement
from backend.talent.models import Volunteer
from notifications.models import Delivery

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 22)
CEILINGS = Ceilings(Decimal("44.02"), Decimal("1760.83"), is_of_that_year=False)


def confirm(placement, day=TODAY, hours="2", **more):
    return actions.confirm(placement.pk, day, Decimal(hours), today=TODAY, **more)


def flat(euro, **more):
    return {"flat_rate_eur": Decimal(euro), **more}


@pytest.fixture
def page(started):
    return f"/org/{started.proposal.opportunity.organisation_id}/uren/"


def posted(started, **more):
    return {"placement": started.pk, "day": "2027-03-20", "hours": "2.5", "money": "nothing", "euro": "", **more}


def table(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


# --- a day, once -----------------------------------------------------------------------------------------------


def test_a_day_is_confirmed_once_by_either_side(started):
    actions.say_i_helped(started.pk, TODAY, Decimal(3), today=TODAY)
    confirm(started, hours="2")
    actions.say_i_helped(started.pk, TODAY, Decimal(5), today=TODAY)

    [kept] = Engagement.objects.all()
    assert (kept.hours, kept.confirmed_by) == (2, "organisation")


def test_whoever_said_it_may_correct_their_own_day(started):
    actions.say_i_helped(started.pk, TODAY, Decimal(3), today=TODAY)
    actions.say_i_helped(started.pk, TODAY, Decimal(4), today=TODAY)

    assert Engagement.objects.get().hours == 4


@pytest.mark.parametrize("day", [date(2027, 2, 28), date(2027, 3, 23)])
def test_a_day_before_the_start_or_still_to_come_is_refused(started, day):
    with pytest.raises(actions.NotThatDay):
        confirm(started, day=day)
    with pytest.raises(actions.NotThatDay):
        actions.say_i_helped(started.pk, day, Decimal(1), today=TODAY)
    assert not Engagement.objects.exists()


def test_a_day_after_the_end_is_refused(started, now):
    placements.stop_placement(started.pk, source="app", now=now + timedelta(days=7))

    confirm(started, day=date(2027, 3, 8))
    with pytest.raises(actions.NotThatDay):
        confirm(started, day=date(2027, 3, 9))


def test_nobody_helped_before_the_information_note(started):
    Placement.objects.update(state="agreed", information_note_confirmed_at=None)

    with pytest.raises(placements.StepNotAllowed):
        confirm(started)


@pytest.mark.parametrize(
    "wrong",
    [{"hours": 0}, {"hours": 25}, {"flat_rate_eur": -1}, {"flat_rate_eur": 1, "real_costs_eur": 1}, {"name": "Marc"}],
)
def test_the_database_refuses_nonsense(started, wrong):
    organisation = started.proposal.opportunity.organisation
    sound = {"placement": started, "organisation": organisation, "reference": "a", "day": TODAY, "hours": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        Engagement.objects.create(**{**sound, "confirmed_by": "organisation", **wrong})


# --- money -----------------------------------------------------------------------------------------------------


def test_warnings_come_at_eighty_percent_and_above_a_ceiling():
    def warned(day, year):
        return warnings_of(CEILINGS, day_eur=Decimal(day), year_eur=Decimal(year))

    assert warned("44.02", "1408.66") == []
    assert warned("10", "1408.67") == ["year_near"]
    assert warned("10", "1760.83") == ["year_near"]
    assert warned("44.03", "1760.84") == ["day_passed", "year_passed"]
    assert warnings_of(None, day_eur=Decimal(900), year_eur=Decimal(9000)) == []
    assert sums_of([(1, Decimal(3)), (2, Decimal(5)), (1, Decimal(4))]) == (7, 12)


def test_a_year_without_amounts_uses_the_last_known_and_says_so(place):
    assert ceilings_of(2027, place.publication) == CEILINGS
    assert ceilings_of(2024, place.publication).day_eur == Decimal("41.48")
    assert ceilings_of(2024, place.publication).is_of_that_year
    assert ceilings_of(1999, place.publication) is None


def test_more_than_a_ceiling_is_kept_only_by_who_read_the_warning(started):
    with pytest.raises(actions.CeilingPassed) as passed:
        confirm(started, **flat("44.03"))
    assert passed.value.warnings == ["day_passed"]
    assert not Engagement.objects.exists()
    assert not Event.objects.exists()

    confirmed = confirm(started, **flat("44.03", despite_ceiling=True))
    assert confirmed.warnings == ["day_passed"]


def test_a_flat_rate_and_real_costs_do_not_go_together_in_one_year(started):
    confirm(started, **flat("10"))
    with pytest.raises(actions.TwoWaysOfPaying):
        confirm(started, day=date(2027, 3, 15), real_costs_eur=Decimal(5))

    confirm(started, real_costs_eur=Decimal(5))  # the same day, corrected
    confirm(started, day=date(2027, 3, 15), real_costs_eur=Decimal(5))
    assert Engagement.objects.filter(flat_rate_eur=0).count() == 2


def earlier(placement, euro, days):
    """So many days of so many euro from New Year on."""
    organisation = placement.proposal.opportunity.organisation
    Engagement.objects.bulk_create(
        Engagement(
            placement=placement, organisation=organisation, reference="a", confirmed_by="organisation", hours=2,
            day=date(2027, 1, 1) + timedelta(days=number), flat_rate_eur=euro,
        )
        for number in range(days)
    )  # fmt: skip


def told():
    for event in Event.objects.filter(name="expenses.confirmed", done_at=None):
        for _ in range(2):
            tell_about_expenses(event_id=event.pk, **event.payload)
    return list(Delivery.objects.order_by("created_at").values_list("kind", flat=True))


def test_the_person_hears_once_that_a_ceiling_is_near_and_once_that_it_is_passed(started):
    earlier(started, 40, 34)
    confirm(started, day=date(2027, 3, 1), **flat("40"))
    assert told() == []
    for day in (2, 3):
        confirm(started, day=date(2027, 3, day), **flat("20"))
        assert told() == ["expenses_near"]
    for day in (4, 5):
        confirm(started, day=date(2027, 3, day), **flat("400", despite_ceiling=True))
        assert told() == ["expenses_near", "expenses_over"]


def test_all_organisations_count_together_for_the_person_and_none_reads_of_another(started, client, member, page):
    confirm(started, **flat("40"))
    other = Engagement.objects.get()
    other.pk, other.day, other.organisation = None, date(2027, 3, 10), Organisation.objects.get(external_id="O01")
    other._state.adding = True
    other.flat_rate_eur = 1700
    other.save(force_insert=True)

    volunteer = Volunteer.objects.get(pk=started.proposal.volunteer_id)
    assert queries.warning_for(volunteer, 2027) == "expenses_over"
    client.force_login(member)
    shown = client.get(page).content.decode()
    assert "40,00" in shown
    assert "1.700" not in shown
    assert "1.740" not in shown
    assert "hoogste bedrag van dit jaar." not in shown


# --- the lists -------------------------------------------------------------------------------------------------


def test_r090_the_expense_list_of_a_year_is_the_sum_of_the_confirmed_days_and_warns(started, client, member, page):
    client.force_login(member)
    amounts = {"2027-03-01": "44.00", "2027-03-08": "40.50", "2027-03-15": "12.25"}
    for day, euro in amounts.items():
        client.post(page, posted(started, day=day, money="flat_rate", euro=euro))
        client.post(page, posted(started, day=day, money="flat_rate", euro=euro))  # a second tap
    refused = client.post(page, posted(started, day="2027-03-20", money="flat_rate", euro="1700"))
    assert refused.status_code == 422
    assert "Meer dan het hoogste bedrag van een dag." in refused.content.decode()
    assert Engagement.objects.count() == 3
    client.post(page, posted(started, day="2027-03-20", money="flat_rate", euro="1700", despite_ceiling="on"))

    head, *lines = table(client.get(page.replace("uren/", "vergoedingen-2027.csv")))

    of_days = [line for line in lines if line[3]]
    assert [(line[0], line[3], line[6]) for line in of_days] == [
        *[("Marc", day, euro) for day, euro in amounts.items()], ("Marc", "2027-03-20", "1700.00"),
    ]  # fmt: skip
    [total] = [line for line in lines if not line[3]]
    assert Decimal(total[6]) == sum(map(Decimal, amounts.values())) + 1700
    assert total[-1] == "Meer dan het hoogste bedrag van een dag. Meer dan het hoogste bedrag van dit jaar."
    assert len(head) == len(total)
    assert table(client.get(page.replace("uren/", "vergoedingen-2026.csv"))) == [head]


def test_r090_the_insurance_list_says_who_helped_when(started, client, member, page):
    confirm(started, day=date(2027, 3, 2), hours="2")
    confirm(started, day=date(2027, 3, 9), hours="3.5")
    client.force_login(member)

    _head, line = table(client.get(page.replace("uren/", "verzekering-2027.csv")))

    assert line[0] == "Marc"
    assert line[3:] == ["2027-03-02", "2027-03-09", "2", "5.50"]
    assert "5,50 uren in de laatste 12 maanden" in client.get(page).content.decode()


def test_a_list_opens_as_a_spreadsheet_and_no_text_becomes_a_formula(started, client, member, page):
    confirm(started, **flat("12.5"))
    Volunteer.objects.filter(pk=started.proposal.volunteer_id).update(first_name="=1+1")
    client.force_login(member)

    book = openpyxl.load_workbook(io.BytesIO(client.get(page.replace("uren/", "vergoedingen-2027.xlsx")).content))
    sheet = book.active

    assert [cell.value for cell in sheet[1]][:3] == ["Voornaam", "Familienaam", "Nummer"]
    first = sheet[2]
    assert (first[0].value, first[0].data_type) == ("=1+1", "s")
    assert (first[3].value.date(), first[6].value) == (TODAY, 12.5)
    in_csv = table(client.get(page.replace("uren/", "vergoedingen-2027.csv")))
    assert in_csv[1][0] == "'=1+1"
    assert sheets.KINDS == ("csv", "xlsx")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hours": "veel"}, "hours"), ({"hours": "25"}, "hours"), ({"hours": "0"}, "hours"), ({"day": "ooit"}, "day"),
        ({"day": "2027-02-01"}, "day"), ({"money": "flat_rate"}, "euro"), ({"money": "flat_rate", "euro": "-1"}, "euro"),
        ({"money": "goud"}, "money"), ({"placement": "00000000-0000-0000-0000-000000000000"}, "placement"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(started, client, member, page, wrong, field):
    client.force_login(member)
    answer = client.post(page, posted(started, **wrong))

    assert answer.status_code == 422
    assert re.search(rf'<a href="#{field}">', answer.content.decode())
    assert not Engagement.objects.exists()


def test_an_organisation_takes_a_mistake_away_and_no_other_may(started, client, member, stranger, page):
    made = confirm(started).engagement
    for user, left in ((stranger, 1), (member, 0)):
        client.force_login(user)
        client.post(f"{page}{made.pk}/weg/")
        assert Engagement.objects.count() == left


# --- the volunteer ---------------------------------------------------------------------------------------------


def test_a_volunteer_says_i_was_there_and_reads_hours_and_money(started, client, volunteer):
    client.force_login(volunteer.user)
    answer = client.post("/ik/uren/", {"placement": started.pk, "day": "2027-03-21", "hours": "2"}, follow=True)
    assert "Je hielp 1 keer: 2 uur" in answer.content.decode()

    confirm(started, **flat("20"))
    shown = client.get("/ik/uren/").content.decode()
    assert "20.00 euro" in shown.replace(",", ".")
    assert "1760.83 euro per jaar" in shown.replace(",", ".")
    assert everything_about(volunteer.user)["engagements"][0]["confirmed_by"] == "volunteer"
    assert len(everything_about(volunteer.user)["engagements"]) == 2


def test_an_expense_list_outlives_the_person_for_seven_years_and_nothing_else_does(started, client, member, page, now):
    confirm(started, day=date(2027, 3, 2))
    confirm(started, day=date(2027, 3, 9), **flat("15"))
    volunteer = Volunteer.objects.get(pk=started.proposal.volunteer_id)

    erase(volunteer.user, now=now)

    [kept] = Engagement.objects.all()
    assert (kept.name, kept.placement, kept.flat_rate_eur) == ("Marc", None, 15)
    client.force_login(member)
    assert len(table(client.get(page.replace("uren/", "vergoedingen-2027.csv")))) == 3
    assert "Marc" in client.get(page).content.decode()

    assert client.post(f"{page}{kept.pk}/weg/").status_code == 404, "nobody takes it away"
    for wrong in ("vergoedingen-0.csv", "vergoedingen-99999.csv", "vergoedingen-2027.exe", "lonen-2027.csv"):
        assert client.get(page.replace("uren/", wrong)).status_code == 404

    tidy(now=now.replace(year=2034, month=12, day=31))
    assert Engagement.objects.exists()
    tidy(now=now.replace(year=2035, month=1, day=2))
    assert not Engagement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_a_ceiling_together(started):
    """Whoever adds up a person's money does so alone: of two, one reads the warning."""
    earlier(started, 43, 40)
    both, refused = threading.Barrier(2), []

    def one(day):
        both.wait()
        try:
            confirm(started, day=day, **flat("40"))
        except actions.CeilingPassed as passed:
            refused.append(passed.warnings)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(date(2027, 3, day),)) for day in (8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == [["year_passed"]]
    assert Engagement.objects.count() == 41
