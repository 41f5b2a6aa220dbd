"""The OpenAPI document: valid in both versions, complete, typed, the same as the one that is kept, and kept by the app."""

import re
from pathlib import Path

import pytest
import yaml
from drf_spectacular.renderers import OpenApiYamlRenderer
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from backend.common.management.commands.api_documents import document

ROOT = Path(__file__).resolve().parents[2]
VALIDATORS = {"3.1": OpenAPIV31SpecValidator, "3.0": OpenAPIV30SpecValidator}
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(scope="module", params=sorted(VALIDATORS))
def version(request):
    return request.param


@pytest.fixture(scope="module")
def found(version):
    return document(version)


def operations(found):
    for path, item in found["paths"].items():
        for method in METHODS & set(item):
            yield path, method, item[method]


def test_it_is_valid(found, version):
    assert found["openapi"].startswith(version)
    assert list(VALIDATORS[version](found).iter_errors()) == []


def test_it_makes_no_warning(capsys, version):
    document(version)

    assert "arning" not in capsys.readouterr().err


def test_the_kept_file_is_the_same(found, version):
    kept = (ROOT / "docs" / "api" / f"openapi-{version}.yaml").read_bytes()

    assert kept == OpenApiYamlRenderer().render(found), "run: python3 backend/dev.py manage api_documents"


def test_over_the_web_it_is_written_once_by_a_process(client, found, version, monkeypatch):
    from drf_spectacular.generators import SchemaGenerator

    from backend.common.document_view import DocumentView

    written, made = SchemaGenerator.get_schema, []
    monkeypatch.setattr(DocumentView, "written", {})
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda self, **asked: made.append(1) or written(self, **asked))
    path = {"3.1": "/api/schema/", "3.0": "/api/schema/3.0/"}[version]
    answers = [client.get(path) for _ in range(2)]
    assert yaml.safe_load(answers[0].content) == yaml.safe_load(OpenApiYamlRenderer().render(found))
    assert [one.content == answers[0].content for one in answers] == [True, True]
    assert len(made) == 1
    as_json = client.get(path, headers={"Accept": "application/vnd.oai.openapi+json"})
    assert as_json.json()["openapi"].startswith(version)


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(found):
    names = [operation["operationId"] for _path, _method, operation in operations(found)]

    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z0-9_]+", name) for name in names)
    assert [
        path for path, _method, one in operations(found) if not (one.get("description") or one.get("summary"))
    ] == []


def test_every_operation_of_ours_lists_its_problems_and_headers(found):
    for path, method, operation in operations(found):
        if path.startswith("/api/"):
            assert "default" in operation["responses"], (path, method)
            for response in operation["responses"].values():
                assert "X-Request-Id" in response["headers"], (path, method)


def test_examples_are_what_the_document_says(version, found):
    if version == "3.0":
        pytest.skip("3.0 has a language of its own for schemas; the examples are the same")
    seen = 0
    for path, method, operation in operations(found):
        bodies = [*operation["responses"].values(), operation.get("requestBody", {})]
        for content in [
            one["content"]["application/json"] for one in bodies if "application/json" in one.get("content", {})
        ]:
            if "example" in content and path.startswith("/api/"):
                schema = {**content["schema"], "components": found["components"]}
                errors = [str(error.message) for error in Draft202012Validator(schema).iter_errors(content["example"])]
                assert errors == [], (path, method)
                seen += 1
    assert seen > 40


def test_every_object_is_typed(found):
    """A schema without a type, or an object without properties, becomes `Any` in a generated client."""
    assert [path for path, schema in schemas(found["components"]["schemas"]) if is_untyped(schema)] == []


def schemas(value, path=""):
    for name, schema in value.items():
        yield from schemas_of(schema, f"{path}{name}")


def schemas_of(schema, path):
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from schemas_of(inner, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from schemas_of(schema["items"], f"{path}[]")


def is_untyped(schema):
    if any(name in schema for name in ("$ref", "allOf", "anyOf", "oneOf", "enum", "const")):
        return False
    if schema.get("type") == "object":
        return "properties" not in schema and "additionalProperties" not in schema
    return "type" not in schema


# Words that no parameter may be called in Kotlin, Swift, TypeScript or Python: generators stumble over them.
KEPT = """
as async await break case catch class const continue default defer delete do else enum export extends extension false for
from func fun function guard if import in init interface internal is lambda let new nil null object open operator package
private protocol public repeat return self static struct super switch this throw throws true try type typealias typeof val
var void when where while with yield
"""


def test_no_parameter_is_a_word_that_a_language_of_clients_keeps_for_itself(found):
    parameters = [
        one["name"] for _path, _method, operation in operations(found) for one in operation.get("parameters", [])
        if "name" in one
    ]  # fmt: skip

    assert len(parameters) > 100
    assert set(KEPT.split()).intersection(parameters) == set()


def test_no_null_is_hidden_and_no_empty_list_of_required_is_left(found, version):
    text = yaml.safe_dump(plain(found))

    assert "required: []" not in text
    assert ("nullable" in text) == (version == "3.0")


def test_every_code_list_is_without_an_empty_member(found):
    for path, schema in schemas(found["components"]["schemas"]):
        assert "" not in schema.get("enum", []), path


def test_the_route_table_and_the_document_name_the_same_paths(found):
    from django.urls import get_resolver

    from tests.contracts.test_every_route_is_guarded import routes

    assert get_resolver()
    known = {re.sub(r"<\w+:(\w+)>", r"{\1}", "/" + route).replace("{pk}", "{id}") for route in routes()}
    mine = {path for path in known if path.startswith("/api/v1/")}
    assert mine == {path for path in found["paths"] if path.startswith("/api/")}
