"""Multipart bodies of another parser's own tests: the same parts, or a refusal."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from shared.forms import Form
from shared.submission import Submission
from tests.corpora.intake import form_of, taken

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "multipart_bodies.json").read_text())


def form_for(case: dict[str, Any]) -> Form:
    names = {part["name"] for part in case["parts"]} or {"field"}
    return form_of(**dict.fromkeys(names, 'type = "text"\nmax_length = 10000'))


def text_of(part: dict[str, Any]) -> str:
    return " ".join(base64.b64decode(part["content"]).decode().split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_body_is_read_as_its_parts_or_refused(case: dict[str, Any]) -> None:
    content_type = f'multipart/form-data; boundary="{case["boundary"]}"'

    result = taken(form_for(case), content_type, base64.b64decode(case["body"]))

    if any(part["type"] == "file" for part in case["parts"]):
        assert result == "invalid-fields"
    elif case["error"]:
        assert isinstance(result, str)
    else:
        assert isinstance(result, Submission), result
        assert result.custom == {part["name"]: text_of(part) for part in case["parts"] if text_of(part)}
