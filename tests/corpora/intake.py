"""The way from a body to a sign-up, without HTTP, AWS or a vendor: what corpora are sent through."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from functions.submit.refusal import PROBLEMS, Refusal
from functions.submit.request.body import read_values
from shared.forms import Form
from shared.forms.build_submission import SubmissionContext, build_submission
from shared.forms.invalid_fields import InvalidFields
from shared.forms.loading import parse_form
from shared.forms.texts import FIELD_TEXTS
from shared.submission import Submission

BOUNDARY = "corpus-boundary-7d1f"


def form_of(**fields: str) -> Form:
    """Return a form with these fields, each given by the rest of its table."""
    tables = "".join(f"[fields.{name}]\n{table}\n" for name, table in fields.items())
    return parse_form(
        "corpus",
        f'title = "Corpus"\n{tables}[fields.email]\ntype = "email"\n'
        '[[destinations]]\nname = "pulse-us"\nvendor = "pulse"\naction = "upsert"\noptions = { source = 7 }\n',
    )


def taken(form: Form, content_type: str, body: bytes) -> Submission | str:
    """Return the sign-up, or the code by which it is refused; every refusal is the sender's, never ours."""
    try:
        values = read_values(form, content_type, body)
    except Refusal as refused:
        return _senders_fault(refused.kind)
    return submitted(form, values)


def submitted(form: Form, values: dict[str, list[Any]]) -> Submission | str:
    """Return the sign-up, or the code of its first wrong field."""
    try:
        submission = build_submission(form, values, SubmissionContext("s1", 1))
    except InvalidFields as invalid:
        return _known(invalid.errors[0].code)
    # What is accepted can be queued and read again.
    assert Submission.model_validate_json(submission.model_dump_json()) == submission
    return submission


def _senders_fault(kind: str) -> str:
    assert 400 <= PROBLEMS[kind].status < 500, kind
    return kind


def _known(code: str) -> str:
    assert code in FIELD_TEXTS, code
    return code


def bodies_of(name: str, text: str) -> dict[str, bytes]:
    """Return the same field as the three content types send it."""
    part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n--{BOUNDARY}--\r\n'
    return {
        "application/json": json.dumps({name: text}).encode(),
        "application/x-www-form-urlencoded": urlencode({name: text}).encode(),
        f"multipart/form-data; boundary={BOUNDARY}": part.encode(),
    }
