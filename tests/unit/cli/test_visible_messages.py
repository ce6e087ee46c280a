from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from cli.deployment import Deployment
from cli.visible_messages import VisibleMessages
from shared.aws.limits import MAX_VISIBILITY_SECONDS


@dataclass
class FakeSqs:
    """Hands out scripted batches of message ids; each receipt handle is new."""

    batches: Iterator[list[str]]
    released: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        suffixes = {"": 1, "Delayed": 2, "NotVisible": 3}
        return {"Attributes": {f"ApproximateNumberOfMessages{name}": str(n) for name, n in suffixes.items()}}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"Messages": [self._message(each) for each in next(self.batches, [])]}

    def _message(self, message_id: str) -> dict[str, Any]:
        handle = f"{message_id} of answer {len(self.asked)}"
        sent = str(ord(message_id[0]) * 1000)
        return {"MessageId": message_id, "ReceiptHandle": handle, "Body": "", "Attributes": {"SentTimestamp": sent}}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:  # noqa: N803
        assert len(Entries) <= 10
        assert len({entry["Id"] for entry in Entries}) == len(Entries)
        self.released += [entry["ReceiptHandle"] for entry in Entries if entry["VisibilityTimeout"] == 0]

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        self.deleted.append(ReceiptHandle)


@dataclass(frozen=True)
class FakeDeployment:
    sqs: FakeSqs
    poll_seconds: int = 1


def messages_of(*batches: list[str], visibility_seconds: float = 300) -> tuple[VisibleMessages, FakeSqs]:
    sqs = FakeSqs(iter(batches))
    deployment = cast("Deployment", FakeDeployment(sqs))
    return VisibleMessages(deployment, "https://queue.example.com", visibility_seconds), sqs


def test_receiving_goes_on_until_the_queue_is_empty_and_the_oldest_comes_first() -> None:
    messages, _ = messages_of(["c", "b"], ["a"])

    with messages:
        assert [received.message_id for received in messages] == ["a", "b", "c"]
        assert len(messages) == 3
        assert messages.depth.hidden == 5


def test_a_message_delivered_twice_counts_once_by_its_newer_handle() -> None:
    messages, sqs = messages_of(["a"], ["a", "b"])

    with messages:
        for received in messages:
            messages.delete(received)

    assert sqs.deleted == ["a of answer 2", "b of answer 2"]
    assert sqs.released == []


def test_a_queue_that_only_repeats_itself_is_read_no_further() -> None:
    messages, sqs = messages_of(*[["a"]] * 100)

    with messages:
        assert len(messages) == 1

    assert len(sqs.asked) == 4


def test_messages_that_were_not_deleted_are_visible_again_at_the_end_ten_a_call() -> None:
    ids = [f"a{number}" for number in range(10)], [f"b{number}" for number in range(10)], ["c"]
    messages, sqs = messages_of(*ids)

    with messages:
        messages.delete(next(iter(messages)))

    assert len(sqs.released) == 20


def test_an_interrupted_command_leaves_no_message_hidden() -> None:
    def interrupted() -> Iterator[list[str]]:
        yield ["a"]
        raise KeyboardInterrupt

    sqs = FakeSqs(interrupted())
    deployment = cast("Deployment", FakeDeployment(sqs))
    with pytest.raises(KeyboardInterrupt), VisibleMessages(deployment, "https://queue.example.com"):
        pass

    assert sqs.released == ["a of answer 1"]


@pytest.mark.parametrize(("wished", "used"), [(300, 300), (59.7, 60), (1e9, MAX_VISIBILITY_SECONDS)])
def test_messages_are_hidden_for_as_long_as_it_takes_within_what_sqs_allows(wished: float, used: int) -> None:
    messages, sqs = messages_of([], visibility_seconds=wished)

    with messages:
        assert sqs.asked[0]["VisibilityTimeout"] == used
