"""A form that is deployed with a mistake answers 503 and says why in the log; the others go on."""

from __future__ import annotations

import pytest

from functions.submit.handler import application
from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.support.deployment import metrics
from tests.support.relay import Relay

GOOD = newsletter("", EMAIL)
ADA = {"email": "ada@example.com"}


@pytest.mark.parametrize(
    "broken",
    [
        "title = ",
        "",
        "\xff",
        GOOD.replace('type = "email"', 'type = "email"\nmaps_to = []'),
        GOOD.replace("source = 7", 'source = "seven"'),
        GOOD.replace("options = {", "when = { news = true }\noptions = {"),
        GOOD.replace("options = {", 'write = { phone = "fill" }\noptions = {'),
        GOOD.replace("title", "body = []\ntitle"),
        GOOD.replace("title", 'signature = { scheme = "header-secret" }\ntitle'),
        GOOD.replace("title", "privacy = { notice_url = 7 }\ntitle"),
    ],
)
def test_a_broken_form_is_503_and_the_others_go_on(
    relay: Relay, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    (relay.forms / "broken.toml").write_bytes(broken.encode("latin-1"))
    relay.form("newsletter", GOOD)
    relay.twin("pulse", "pulse-us")
    application.cache_clear()  # an environment that starts with the broken file

    answer = relay.post("broken", ADA)

    assert answer.status == 503
    assert answer.json["type"].endswith("form-broken")
    assert int(answer.headers["retry-after"]) > 0
    assert relay.post("newsletter", ADA).status == 200
    told = [vars(record) for record in caplog.records if record.message == "form is broken"]
    assert [each["file"] for each in told] == ["broken.toml"]
    assert all(each["problems"] for each in told)
    assert metrics(capsys).count("FormBroken") == 1


def test_a_form_that_is_mended_works_at_once(relay: Relay) -> None:
    relay.form("newsletter", "title = ")
    relay.twin("pulse", "pulse-us")
    assert relay.post("newsletter", ADA).status == 503

    relay.form("newsletter", GOOD)

    assert relay.post("newsletter", ADA).status == 200
