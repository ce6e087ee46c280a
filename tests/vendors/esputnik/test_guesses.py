"""eSputnik: what no page says is a matter of the form file, not of the code."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from local.twins.esputnik.twin import EsputnikTwin
from shared.errors import Ambiguous, OutcomeUnknown, TryLater
from shared.http.vendor_http import VendorHttp
from shared.person_record import PersonRecord
from shared.vendors.esputnik.subscribe import SubscribeOptions
from shared.vendors.esputnik.upsert import UpsertOptions
from tests.support.vendor_fakes import NOW, action, task
from tests.vendors.esputnik.account import ANN, Account
from tests.vendors.recording import Recorder

SECRET = {"base_url": "https://esputnik.example.com/api", "api_key": "key"}


def test_a_repeat_that_the_account_words_otherwise_is_no_refusal(memory: PersonRecord) -> None:
    said = httpx.Response(400, text="This request has been taken before")
    subscribe = action("esputnik", "subscribe", SECRET, Recorder(said).http, repeated_words=["has been taken before"])

    with pytest.raises(TryLater):
        subscribe.deliver(task(email=ANN), memory)


def test_a_segment_type_of_another_name_can_be_joined_where_the_form_file_says_so(
    esputnik: EsputnikTwin, http: VendorHttp, memory: PersonRecord
) -> None:
    esputnik.seed({"channels": [{"type": "email", "value": "bob@example.com"}], "groups": ["Buyers"]})
    for segment in esputnik.book.segments.values():
        segment["type"] = "List"
    account = Account(esputnik, http, "upsert")

    account.deliver(memory, {"groups": ["Buyers"], "joinable_segments": ["List"]})

    assert sorted(len(members) for members in esputnik.book.members.values()) == [2]


@pytest.mark.parametrize(
    ("shown", "path"),
    [
        (["News"], None),
        ([{"name": "News"}], None),
        ([{"category": {"title": "News"}}], "[].category.title"),
    ],
)
def test_categories_that_stand_there_stop_a_fourth_request_however_they_are_shown(
    shown: Any, path: str | None, memory: PersonRecord
) -> None:
    held = {"id": 5, "channels": [{"type": "email", "value": ANN}]}
    lost = httpx.Response(500)
    script = Recorder(lost, lost, lost, [held], held, shown)
    options = {"subscriptions": ["News"], **({"answers": {"subscriptions": path}} if path else {})}
    subscribe = action("esputnik", "subscribe", SECRET, script.http, **options)
    for attempt in range(3):
        memory.now = memory.ends_at = NOW + attempt * 600
        with pytest.raises(OutcomeUnknown):
            subscribe.deliver(task(email=ANN, now=memory.now), memory)

    memory.now = memory.ends_at = NOW + 3 * 600
    with pytest.raises(Ambiguous):
        subscribe.deliver(task(email=ANN, now=memory.now), memory)


@pytest.mark.parametrize(
    ("model", "options", "complaint"),
    [
        (SubscribeOptions, {"answers": {"subscriptions": "["}}, "must be JMESPath"),
        (SubscribeOptions, {"repeated_words": []}, "at least 1 item"),
        (UpsertOptions, {"joinable_segments": [""]}, "at least 1 character"),
    ],
)
def test_a_wrong_guess_is_refused_when_the_form_loads(model: Any, options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        model.model_validate(options)
