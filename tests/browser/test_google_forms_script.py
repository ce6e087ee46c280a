"""The script of `docs/form-builders.md`: it sends what a Google form was given, and signs it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.paths import ROOT
from tests.support.relay import event

pytestmark = pytest.mark.browser

(SCRIPT,) = re.findall(
    r"^```js\n(.*?)^```$", (ROOT / "docs" / "form-builders.md").read_text(), re.MULTILINE | re.DOTALL
)
GOOGLE = """
const sent = [];
const PropertiesService = { getScriptProperties: () => ({ getProperty: (name) => `the property ${name}` }) };
const Utilities = {
  Charset: { UTF_8: "UTF-8" },
  computeHmacSha256Signature: (text, key, charset) => ({ text, key, charset }),
  base64Encode: (mac) => mac,
};
const UrlFetchApp = { fetch: (url, options) => sent.push({ url, ...options }) };
"""
SUBMIT = """
send({ response: {
  getItemResponses: () => Object.entries(given.answers).map(([title, answer]) => (
    { getItem: () => ({ getTitle: () => title }), getResponse: () => answer })),
  getId: () => given.responseId,
  getTimestamp: () => new Date(given.submittedAt),
  getRespondentEmail: () => given.email,
} });
return sent;
"""


def run(page: Page, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the requests of the script when a response is `given`."""
    result: list[dict[str, Any]] = page.evaluate(f"(given) => {{ {GOOGLE} {SCRIPT} {SUBMIT} }}", given)
    return result


def test_the_script_sends_what_the_example_form_reads_and_signs_it(page: Page) -> None:
    given = json.loads(event("webhook-google-forms")["body"])

    (request,) = run(page, given)

    assert json.loads(request["payload"]) == given
    assert (request["method"], request["contentType"]) == ("post", "application/json")
    assert request["url"].endswith("/forms/webhook-google-forms")
    signature = {"text": request["payload"], "key": "the property SECRET", "charset": "UTF-8"}
    assert request["headers"] == {"X-Relay-Signature": signature}
