"""A worker keeps its connection to the database from task to task, and gets another when the server closed it."""

import pytest
from celery.signals import task_prerun
from django.db import OperationalError, connection

from backend.celery import app
from backend.common.statements import ask

pytestmark = pytest.mark.django_db(transaction=True)
WHO_AM_I = "select pg_backend_pid() + %s"


@pytest.fixture
def closed_by_the_server(another_connection):
    """The number of the server process behind our connection, which is gone."""
    [(mine,)] = ask(WHO_AM_I, [0])
    another_connection.execute("select pg_terminate_backend(%s, 5000)", [mine])
    yield mine
    connection.close()


def test_a_connection_that_the_server_closed_is_replaced_before_the_next_task(closed_by_the_server):
    with pytest.raises(OperationalError):
        ask(WHO_AM_I, [0])

    task_prerun.send(sender=None)

    assert ask(WHO_AM_I, [0]) != [(closed_by_the_server,)]


def test_a_connection_is_kept_from_task_to_task_with_its_plans():
    """Celery itself would close it around every task."""
    connection.close()  # that of earlier tests may be as old as a connection gets
    before = ask(WHO_AM_I, [0])
    task_prerun.send(sender=None)

    assert ask(WHO_AM_I, [0]) == before
    assert ask("select count(*)::int from pg_prepared_statements where statement like %s", ["%pg_backend_pid%"]) == [
        (1,)
    ]
    assert app.conf.get("CELERY_DB_REUSE_MAX") > 10**9
