"""Whatever stands in a file, the reader answers with errors that name it, and never falls over."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import checks, citysample

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["nl", "B1", "2027-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def paths(value, prefix=()):
    yield prefix
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, (*prefix, key))
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from paths(inner, (*prefix, place))


def put(record, path, value):
    *outer, last = path
    for key in outer:
        record = record[key]
    record[last] = value


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_record_with_nonsense_anywhere_is_read_or_refused_with_its_name(data, sample_file, form):
    kind = data.draw(st.sampled_from(["organisations", "opportunities", "volunteers"]))
    record = copy.deepcopy(data.draw(st.sampled_from(sample_file(kind)["items"])))
    for _ in range(data.draw(st.integers(1, 3))):
        put_at = data.draw(st.sampled_from([path for path in paths(record) if path]))
        put(record, put_at, data.draw(VALUES))
    report = checks.Report("file", "item")

    clean = form.check(kind, record, report)

    for problem in report.errors + report.warnings:
        assert problem.code in checks.MESSAGES
        assert problem.path
        assert "{" not in problem.message_nl.replace(str(problem.value), "")
        json.dumps(problem.as_dict(), allow_nan=True)
    if not report.errors:
        assert checks.WRONG not in clean.values()


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_a_file_of_nonsense_is_refused(content, form):
    with pytest.raises(citysample.SampleErrors) as refused:
        citysample.read(content, file="x", kind="volunteers", form=form)

    assert refused.value.problems
