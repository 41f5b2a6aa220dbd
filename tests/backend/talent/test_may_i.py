"""The self-check: who must hear it before the start; in five languages, and nothing is kept (R016)."""

import logging

import pytest
from django.apps import apps
from django.conf import settings

from backend.talent.may_i import answers

pytestmark = pytest.mark.django_db


def check(client, language="nl", **told):
    answer = client.post("/mag-ik/", told, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def rows():
    return {model: model._base_manager.count() for model in apps.get_models() if model._meta.managed}


def test_r016_rva_hears_of_c45b_the_paying_body_and_before_the_start_and_nothing_is_stored(client, small_city, caplog):
    before = rows()
    with caplog.at_level(logging.DEBUG):
        page = check(client, benefit="rva", age="18")

    assert "C45B" in page
    assert "uitbetalingsinstelling: ABVV, ACV, ACLVB of HVW" in page
    assert "vóór de start" in page
    assert rows() == before
    assert "sessionid" not in client.cookies
    assert "rva" not in caplog.text


def test_whoever_gets_nothing_may_begin_at_once(client):
    page = check(client, age="18", benefit="none", day="student", paid_there="no", doubt="no")

    assert "Ja. Je moet niets melden." in page
    assert 'href="/start/"' in page


def test_whoever_is_too_young_hears_that_alone(client):
    page = check(client, age="younger", benefit="rva")

    assert "Vanaf 15 jaar kan je helpen." in page
    assert "C45B" not in page
    assert 'href="/start/"' not in page


def test_several_answers_give_each_advice_once(client):
    page = check(client, benefit=["swt", "igu_tijdelijk", "leefloon"])

    assert page.count("Vul formulier C45B in") == 1
    assert "maatschappelijk werker van het OCMW" in page


def test_r051_whoever_doubts_may_always_take_part(client):
    assert "Meedoen kan altijd. Kom langs in een open huis." in check(client, doubt="yes")


@pytest.mark.parametrize(("language", "words"), [("fr", "formulaire C45B"), ("ar", "C45B"), ("tr", "C45B formunu")])
def test_the_advice_is_in_the_language_of_the_page(language, words, client):
    assert words in check(client, language, benefit="rva")


def test_nobody_is_asked_for_papers_or_where_they_come_from(client):
    page = client.get("/mag-ik/").content.decode().lower()

    for word in ("nationaliteit", "paspoort", "verblijf", "identiteitskaart"):
        assert word not in page


def test_an_answer_that_does_not_exist_is_refused(client):
    assert client.post("/mag-ik/", {"benefit": "lotto"}).status_code == 422


def test_every_answer_is_said_in_every_language_and_advised_in_all_or_none(client):
    for one in answers().values():
        assert set(one.says_in) == set(one.advice_in) == set(settings.LANGUAGE_CODES)
        assert all(one.says_in.values())
        assert len({bool(words) for words in one.advice_in.values()}) == 1


def test_the_statuses_are_those_of_the_city(client):
    """Whoever may be declared in a profile finds the same here."""
    from backend.city.load import default_city

    asked = {code for question, code in answers() if question in ("benefit", "day")} - {"none", "other"}
    assert asked <= default_city().matching.statuses
