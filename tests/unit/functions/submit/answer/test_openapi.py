"""The OpenAPI file that is served says what the code does. It is written by hand: mend it where a test fails."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from functions.submit.answer.static_files import OPENAPI
from functions.submit.refusal import PROBLEMS, Refusal
from functions.submit.request.body import MAX_DEPTH, MAX_FIELDS
from functions.submit.request.request import MAX_BODY_BYTES, MAX_SIGNED_BODY_BYTES, read_request
from functions.submit.routes import ROUTES
from shared.forms.key_types import ID_PATTERN
from shared.forms.texts import FIELD_TEXTS, PROBLEM_TEXTS
from tests.support.paths import ROOT

OF_TOKENS = {"origin-not-allowed", "form-not-found", "form-broken", "not-accepted"}
OF_PREFLIGHTS = {"origin-not-allowed", "form-not-found", "form-broken"}
OF_SIGN_UPS = PROBLEMS.keys() - {"not-found", "method-not-allowed"}


@pytest.fixture(scope="module")
def served() -> Any:
    return json.loads(OPENAPI.read_text())


@pytest.fixture(scope="module")
def problem(served: Any) -> Any:
    return served["components"]["schemas"]["Problem"]["properties"]


def test_it_has_the_projects_version(served: Any) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert served["info"]["version"] == project["version"]


def test_it_has_every_route_and_no_other(served: Any) -> None:
    described = {
        (method.upper(), re.sub(r"{(\w+)}", r"<\1>", path))
        for path, operations in served["paths"].items()
        for method in operations
        if method != "parameters"
    }

    assert described == {(route.method, route.path) for route in ROUTES}


def test_it_lists_every_problem_type_status_and_error_code(problem: Any) -> None:
    assert problem["type"]["enum"] == [f"urn:signup-relay:problem:{kind}" for kind in PROBLEMS]
    assert problem["status"]["enum"] == sorted({row.status for row in PROBLEMS.values()})
    assert problem["errors"]["items"]["properties"]["code"]["enum"] == sorted(FIELD_TEXTS)


@pytest.mark.parametrize(
    ("path", "method", "kinds", "successes"),
    [
        ("/forms/{form_id}", "post", OF_SIGN_UPS, {"200", "202", "303"}),
        ("/forms/{form_id}", "options", OF_PREFLIGHTS, {"204"}),
        ("/forms/{form_id}/token", "get", OF_TOKENS, {"200"}),
    ],
)
def test_it_describes_every_refusal_of_a_route_with_its_text(
    served: Any, path: str, method: str, kinds: set[str], successes: set[str]
) -> None:
    responses = served["paths"][path][method]["responses"]
    lines: dict[str, list[str]] = {}
    for kind, row in PROBLEMS.items():
        if kind in kinds:
            lines.setdefault(str(row.status), []).append(f"`{kind}`: {PROBLEM_TEXTS[kind][1]}")

    assert {status: responses[status]["description"].split("\n\n") for status in lines} == lines
    assert responses.keys() == lines.keys() | successes


def test_it_names_the_limits_of_a_body(served: Any) -> None:
    sign_up = served["paths"]["/forms/{form_id}"]["post"]

    for limit in (
        f"{MAX_BODY_BYTES // 1024} KiB",
        f"{MAX_SIGNED_BODY_BYTES // 1024} KiB",
        f"{MAX_FIELDS} fields",
        f"JSON depth {MAX_DEPTH}",
    ):
        assert limit in sign_up["description"]
    fields = [media["schema"]["maxProperties"] for media in sign_up["requestBody"]["content"].values()]
    assert fields == [MAX_FIELDS] * 3


def test_it_knows_which_form_ids_there_can_be(served: Any) -> None:
    schema = served["components"]["parameters"]["FormId"]["schema"]

    assert schema["pattern"] == f"^{ID_PATTERN.pattern}$"


@pytest.mark.parametrize("key", ["k", "a b", "x" * 255, "x" * 256, "a\tb", "é"])
def test_it_knows_which_idempotency_keys_are_taken(served: Any, key: str) -> None:
    (parameter,) = served["paths"]["/forms/{form_id}"]["post"]["parameters"]
    schema = parameter["schema"]
    described = len(key) <= schema["maxLength"] and re.search(schema["pattern"], key) is not None
    try:
        taken = read_request("newsletter", {"headers": {"idempotency-key": key}}, 0).idempotency_key == key
    except Refusal:
        taken = False

    assert described is taken
