"""Which answer a caller gets: JSON or a page, the script, and texts in the form's own words."""

from __future__ import annotations

import gzip
import json

import pytest
from aws_lambda_powertools.event_handler import Response

from functions.submit.answer import answer, static_files
from functions.submit.refusal import PROBLEMS, Refusal
from functions.submit.request.request import read_request
from shared.forms import Form
from shared.forms.invalid_fields import FieldError
from shared.forms.texts import FIELD_TEXTS
from shared.snippet import current_snippet

SNIPPET = "/signup-relay.js"

CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def _form(**more: object) -> Form:
    return Form(**{"id": "news", "title": "News", "fields": {}, "destinations": (), **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/problem+json", False),
        ("application/json, text/plain, */*", False),
        ("application/json, text/html;q=0.9", False),
        ("text/html, application/json", False),
        ("text/html;q=0", False),
        ("image/png", False),
        (CHROMIUM, True),
        ("text/html", True),
        ("TEXT/HTML", True),
        ("application/xhtml+xml", True),
        ("text/html;level=1;q=0.5, application/json;q=0.4", True),
        ("text/html; q=0.9, */*; q=0.1", True),
    ],
)
def test_a_page_is_for_those_who_prefer_one(accept: str | None, html: bool) -> None:
    headers = {} if accept is None else {"Accept": accept}

    assert read_request("news", {"headers": headers}, 0).wants_html is html


@pytest.mark.parametrize(("status", "code"), [("delivered", 200), ("accepted", 202)])
def test_an_api_caller_is_told_the_id_and_the_status(status: str, code: int) -> None:
    response = answer.success(_form(), {"submissionId": "1f", "status": status}, html=False)

    assert (response.status_code, response.content_type) == (code, "application/json")
    assert json.loads(response.body or "") == {"submissionId": "1f", "status": status}


def test_a_browser_is_led_to_the_page_that_the_form_names() -> None:
    form = _form(redirect={"success": "https://www.example.com/thanks"})

    response = answer.success(form, {"submissionId": "1f", "status": "accepted"}, html=True)

    assert response.status_code == 303
    assert response.headers["Location"] == "https://www.example.com/thanks"
    assert not response.body


@pytest.mark.parametrize("status", ["delivered", "accepted"])
def test_a_browser_without_such_a_page_gets_the_built_in_one(status: str) -> None:
    response = answer.success(_form(), {"submissionId": "1f", "status": status}, html=True)

    assert response.status_code == 200
    assert "<h1>Thank you</h1>" in str(response.body)


@pytest.mark.parametrize("kind", sorted(PROBLEMS))
def test_every_problem_has_its_status_as_json_and_as_a_page(kind: str) -> None:
    problem, page = (answer.refusal(_form(), Refusal(kind), html=html) for html in (False, True))

    content = json.loads(problem.body or "")
    assert problem.status_code == page.status_code == content["status"] == PROBLEMS[kind].status
    assert problem.content_type == "application/problem+json"
    assert content["type"].endswith(kind)
    assert content["title"] in str(page.body)
    assert page.content_type == "text/html; charset=utf-8"


def test_errors_come_in_the_words_of_the_form() -> None:
    messages = {
        "invalid-fields-title": "Bitte prüfen",
        "invalid-fields": "Etwas fehlt.",
        "required": "Das fehlt.",
    }
    refused = Refusal("invalid-fields", errors=[FieldError("email", "required"), FieldError("age", "invalid_integer")])

    content = json.loads(answer.refusal(_form(messages=messages), refused, html=False).body or "")

    assert (content["title"], content["detail"]) == ("Bitte prüfen", "Etwas fehlt.")
    assert content["errors"] == [
        {"field": "email", "code": "required", "message": "Das fehlt."},
        {"field": "age", "code": "invalid_integer", "message": FIELD_TEXTS["invalid_integer"]},
    ]


@pytest.mark.parametrize("html", [False, True])
def test_a_wait_is_told_in_whole_seconds_rounded_up(html: bool) -> None:
    response = answer.refusal(_form(), Refusal("too-many-requests", retry_after=1.2), html=html)

    assert response.headers["Retry-After"] == "2"


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("kind", [kind for kind, row in PROBLEMS.items() if row.status == 503])
def test_whoever_finds_us_out_of_order_is_told_when_to_come_again(kind: str, html: bool) -> None:
    assert int(str(answer.refusal(_form(), Refusal(kind), html=html).headers["Retry-After"])) > 0
    assert answer.refusal(_form(), Refusal(kind, retry_after=60), html=html).headers["Retry-After"] == "60"


@pytest.mark.parametrize("html", [False, True])
def test_no_answer_about_a_sign_up_is_stored_or_guessed_at(html: bool) -> None:
    for response in (
        answer.success(_form(), {"submissionId": "1f", "status": "delivered"}, html=html),
        answer.refusal(_form(), Refusal("invalid-fields"), html=html),
    ):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def served(path: str, headers: dict[str, str]) -> Response[str]:
    found = static_files.answer(path, headers)
    assert found is not None
    return found


def test_the_script_is_small_and_cached_and_anybody_may_load_it() -> None:
    response = served(SNIPPET, {})

    assert response.content_type == "text/javascript; charset=utf-8"
    assert len(gzip.compress(str(response.body).encode(), mtime=0)) <= 4000
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert str(response.headers["Cache-Control"]).startswith("public, max-age=3600")


def test_a_version_of_the_script_is_cached_for_good_and_no_other_has_its_address() -> None:
    version = current_snippet().path

    response = served(version, {})

    assert response.body == served(SNIPPET, {}).body
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert static_files.answer(version.replace("-", "_"), {}) is None
    assert static_files.answer("/assets/signup-relay-000000000000.js", {}) is None


@pytest.mark.parametrize("path", [SNIPPET, current_snippet().path])
@pytest.mark.parametrize("form", ["{tag}", "{strong}", '"other", {tag}', "*"])
def test_who_holds_the_script_is_not_sent_it_again(path: str, form: str) -> None:
    tag = str(served(path, {}).headers["ETag"])
    held = form.format(tag=tag, strong=tag.removeprefix("W/"))

    response = served(path, {"if-none-match": held})

    assert (response.status_code, response.body) == (304, None)
    assert response.headers["ETag"] == tag
    assert served(path, {"if-none-match": '"other"'}).status_code == 200
