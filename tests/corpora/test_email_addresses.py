"""E-mail addresses: those that can be written to arrive as they were written, others are refused, none is repaired."""

from __future__ import annotations

import pytest

from shared.submission import Submission
from tests.corpora.intake import form_of, submitted

FORM = form_of(note='type = "text"')

ADDRESSES = {
    "ada@example.com": "ada@example.com",
    "Ada.Lovelace@EXAMPLE.com": "Ada.Lovelace@example.com",
    "ada+news@example.com": "ada+news@example.com",
    "ada_l@example.com": "ada_l@example.com",
    "ada-l@example.com": "ada-l@example.com",
    "a@example.com": "a@example.com",
    "1234567890@example.com": "1234567890@example.com",
    "ada@sub.sub.example.co.uk": "ada@sub.sub.example.co.uk",
    "ada@example.museum": "ada@example.museum",
    "ada@123.example.com": "ada@123.example.com",
    "ada@ex-ample.com": "ada@ex-ample.com",
    "!#$%&'*+-/=?^_`{|}~@example.com": "!#$%&'*+-/=?^_`{|}~@example.com",
    "o'brien@example.com": "o'brien@example.com",
    "a" * 64 + "@example.com": "a" * 64 + "@example.com",
    "ada@b\u00fccher.example": "ada@xn--bcher-kva.example",
    "\u7528\u6237@example.com": "\u7528\u6237@example.com",
    "  ada@example.com\n": "ada@example.com",
    "\ufeffada@example.com": "ada@example.com",
}

REFUSED = [
    "ada",
    "@",
    "ada@",
    "@example.com",
    "ada@@example.com",
    "ada@example",
    "ada@.example.com",
    "ada@example.com.",
    "ada@example..com",
    "ada@-example.com",
    "ada@example-.com",
    ".ada@example.com",
    "ada.@example.com",
    "a..da@example.com",
    "a da@example.com",
    "ada @example.com",
    "ada@ example.com",
    "ada@exam ple.com",
    "ada@example.com, bob@example.com",
    "ada@example.com;bob@example.com",
    "ada@example.com bob@example.com",
    "Ada Lovelace <ada@example.com>",
    "<ada@example.com>",
    "mailto:ada@example.com",
    "ada@example.com (work)",
    "ada@example.com?subject=x",
    "ada@[127.0.0.1]",
    "ada@127.0.0.1",
    "ada@localhost",
    '"ada lovelace"@example.com',
    "ada\\@home@example.com",
    "ada@exam_ple.com",
    "ada@example.com/x",
    "ada(at)example.com",
    "ada\uff20example.com",
    "ada@" + "b" * 64 + ".com",
    "ada@" + "b." * 130 + "com",
    "jo\ud800hn@example.com",
    "jo\u200bhn@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\x00.example.org",
]


@pytest.mark.parametrize(("written", "stored"), ADDRESSES.items())
def test_an_address_arrives_as_it_was_written(written: str, stored: str) -> None:
    result = submitted(FORM, {"email": [written]})
    assert isinstance(result, Submission), result
    assert result.contact.email == stored


@pytest.mark.parametrize("written", REFUSED, ids=lambda text: ascii(text)[:40])
def test_what_is_not_one_address_is_refused_and_never_repaired(written: str) -> None:
    assert submitted(FORM, {"email": [written]}) == "invalid_email"
