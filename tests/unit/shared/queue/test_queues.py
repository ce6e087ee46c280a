from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from shared.aws.limits import MAX_BATCH_BYTES
from shared.contact import Contact
from shared.errors import QueueUnavailable
from shared.queue.messages import VERSION, DeadLetter, Message, NewerVersion, UnreadableMessage
from shared.queue.queues import Queues
from shared.submission import ConsentReceipt, Grant, Submission

RETRY, DEAD = "https://sqs.example.com/retry", "https://sqs.example.com/dead"


class FakeSqs:
    """Takes everything, unless told to fail; `refused` are the entries of each call that it does not take."""

    def __init__(self, failure: Exception | None = None, refused: Sequence[Sequence[int]] = ()) -> None:
        self.sent: list[tuple[str, list[dict[str, Any]]]] = []
        self.hidden: list[tuple[str, int]] = []
        self._failure = failure
        self._refused = list(refused)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self._failure:
            raise self._failure
        self.sent.append((QueueUrl, Entries))
        refused = self._refused.pop(0) if self._refused else ()
        return {"Failed": [{"Id": str(index)} for index in refused]}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        if self._failure:
            raise self._failure
        self.hidden.append((ReceiptHandle, VisibilityTimeout))


def _queues(sqs: FakeSqs) -> Queues:
    return Queues(cast("Any", sqs), RETRY, DEAD)


def _message(destination: str = "pulse-us", **contact: str) -> Message:
    submission = Submission(
        id="s-1",
        form="news",
        received_at=1_800_000_000_000,
        contact=Contact(email="ada@example.com", **contact),
        custom={"size": 3},
        receipt=ConsentReceipt(
            given_at="2027-01-15T08:00:00.000Z",
            grants=(Grant(channels=("email",), field="yes", statement="Send me news.", version="1"),),
        ),
    )
    return Message(destination=destination, submission=submission, first_failed_at=1_800_000_001_000, queued_at=7)


def test_a_message_comes_back_as_it_was_sent() -> None:
    message = _message(first_name="Ada")
    assert Message.parse(message.body) == message


def test_a_message_of_newer_code_is_told_from_one_that_nobody_can_read() -> None:
    body = json.dumps({**json.loads(_message().body), "version": VERSION + 1, "destination": {"in": "another shape"}})
    with pytest.raises(NewerVersion, match=f"message version {VERSION + 1}"):
        Message.parse(body)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"version": VERSION - 1}, "version"),
        ({"version": None}, "version"),
        ({"submission": None}, "submission"),
        ({"submission": {"id": "x"}}, "submission.contact, submission.form, submission.received_at"),
        ({"destination": 5}, "destination"),
        ({"destination": ""}, "destination"),
        ({"queued_at": "sentinel"}, "queued_at"),
    ],
)
def test_a_message_that_makes_no_sense_is_told_by_its_place_and_never_by_its_content(
    change: dict[str, Any], where: str
) -> None:
    body = json.dumps({**json.loads(_message().body), **change})
    with pytest.raises(UnreadableMessage) as caught:
        Message.parse(body)
    assert str(caught.value) == f"unreadable at {where}"


@pytest.mark.parametrize("body", ["", "not json", "[]", "null", "5", '{"version": 1}', "\x00"])
def test_what_is_no_message_at_all_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableMessage, match="unreadable at "):
        Message.parse(body)


def test_characters_that_sqs_refuses_travel_escaped() -> None:
    message = _message(first_name="A\uffff\u0001\ufffeé😀")
    assert message.body.isascii()
    assert Message.parse(message.body).submission.contact.first_name == "A\uffff\u0001\ufffeé😀"


def test_delays_are_whole_seconds_and_no_longer_than_sqs_allows() -> None:
    sqs = FakeSqs()
    _queues(sqs).retry([(_message(), 0.4), (_message(), 61.6), (_message(), 7200.0)])
    ((url, entries),) = sqs.sent
    assert url == RETRY
    assert [entry["DelaySeconds"] for entry in entries] == [0, 62, 900]


def test_no_call_carries_more_messages_than_sqs_takes() -> None:
    sqs = FakeSqs()
    _queues(sqs).retry([(_message(), 1.0)] * 23)
    assert [len(entries) for _, entries in sqs.sent] == [10, 10, 3]
    assert [entry["Id"] for entry in sqs.sent[2][1]] == ["0", "1", "2"]


def test_no_call_carries_more_bytes_than_sqs_takes() -> None:
    sqs = FakeSqs()
    _queues(sqs).retry([(_message(company="x" * 64_000), 1.0)] * 8)
    sizes = [sum(len(entry["MessageBody"]) for entry in entries) for _, entries in sqs.sent]
    assert max(sizes) <= MAX_BATCH_BYTES
    assert sum(len(entries) for _, entries in sqs.sent) == 8


def test_nothing_to_send_is_no_call() -> None:
    sqs = FakeSqs()
    _queues(sqs).retry([])
    _queues(sqs).send_dead_letters([])
    assert sqs.sent == []


def test_a_dead_letter_says_what_a_person_needs_to_decide() -> None:
    sqs = FakeSqs()
    _queues(sqs).send_dead_letters([DeadLetter.of(_message(), "refused", 3)])
    ((url, (entry,)),) = sqs.sent
    assert url == DEAD
    assert Message.parse(entry["MessageBody"]) == _message()
    assert {name: value["StringValue"] for name, value in entry["MessageAttributes"].items()} == {
        "reason": "refused",
        "destination": "pulse-us",
        "form": "news",
        "submission_id": "s-1",
        "attempts": "3",
        "first_failed_at": "2027-01-15T08:00:01+00:00",
    }


def test_a_dead_letter_has_no_empty_attribute_since_sqs_would_refuse_it() -> None:
    attributes = DeadLetter("{}", "unreadable", form="").attributes
    assert attributes["form"]["StringValue"] == attributes["destination"]["StringValue"] == "unknown"


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (ClientError({"Error": {"Code": "Throttled", "Message": "ada@example.com"}}, "Send"), "SQS answered Throttled"),
        (ReadTimeoutError(endpoint_url="https://sqs.example.com"), "SQS: ReadTimeoutError"),
    ],
)
def test_every_failure_of_sqs_is_one_error_that_quotes_nothing(failure: Exception, text: str) -> None:
    queues = _queues(FakeSqs(failure))
    calls: list[Callable[[], None]] = [
        lambda: queues.retry([(_message(), 1.0)]),
        lambda: queues.send_dead_letters([DeadLetter("{}", "unreadable")]),
        lambda: queues.postpone("handle", 5),
    ]
    for call in calls:
        with pytest.raises(QueueUnavailable) as caught:
            call()
        assert str(caught.value) == text


def test_a_sign_up_that_sqs_did_not_take_at_first_is_sent_once_more_and_no_other() -> None:
    sqs = FakeSqs(refused=[[1]])
    _queues(sqs).retry([(_message("a"), 1.0), (_message("b"), 1.0), (_message("c"), 1.0)])
    sent = [[Message.parse(entry["MessageBody"]).destination for entry in entries] for _, entries in sqs.sent]
    assert sent == [["a", "b", "c"], ["b"]]


def test_messages_that_sqs_did_not_take_twice_are_not_called_sent() -> None:
    sqs = FakeSqs(refused=[[0], [0]])
    with pytest.raises(QueueUnavailable, match="SQS refused 1 of 2 messages"):
        _queues(sqs).retry([(_message(), 1.0)] * 2)
    assert len(sqs.sent) == 2


def test_a_message_is_hidden_for_whole_seconds() -> None:
    sqs = FakeSqs()
    _queues(sqs).postpone("handle", 12.6)
    assert sqs.hidden == [("handle", 13)]
