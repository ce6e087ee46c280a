"""Routes are said once: what a path answers, and that the gateway sends it here."""

from __future__ import annotations

import re

import pytest

from functions.submit.routes import ROUTES
from local.template import Template
from tests.functional.submit.form_texts import newsletter
from tests.support.paths import ROOT
from tests.support.relay import ORIGIN, Relay


@pytest.fixture(autouse=True)
def form(relay: Relay) -> None:
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")


def test_the_gateway_has_no_route_that_the_handler_does_not_know_and_sends_it_everything_else() -> None:
    (submit,) = (each for each in Template.read(ROOT / "template.yaml").resources if each.name == "SubmitFunction")
    events = [event["Properties"] for event in submit.properties["Events"].values() if event["Type"] == "HttpApi"]
    routed = {(event["Method"], re.sub(r"{\w+}", "<>", event["Path"])) for event in events if "Path" in event}

    assert routed <= {(route.method, re.sub(r"<\w+>", "<>", route.path)) for route in ROUTES}
    assert any("Path" not in event for event in events), "the default route"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/forms/newsletter", "OPTIONS, POST"),
        ("/forms/newsletter/token", "GET"),
        ("/signup-relay.js", "GET"),
        ("/assets/signup-relay-000000000000.js", "GET"),
        ("/openapi.json", "GET"),
    ],
)
def test_another_method_is_told_which_ones_there_are(relay: Relay, path: str, allowed: str) -> None:
    answer = relay.request("DELETE", path, headers={"origin": ORIGIN})

    assert (answer.status, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize(
    "path", ["/", "/forms", "/forms/", "/forms/newsletter/other", "/signup-relay.js/x", "/assets/x.js", "/assets/", ""]
)
def test_another_path_is_not_found(relay: Relay, path: str) -> None:
    assert relay.request("GET", path).status == 404
