from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from cli.deployment import Deployment
from cli.visible_messages import Sweep
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
    patience: int = 1


def sweep_of(*batches: list[str], hidden_seconds: float = 300) -> tuple[Sweep, FakeSqs]:
    sqs = FakeSqs(iter(batches))
    return Sweep(cast("Deployment", FakeDeployment(sqs)), "https://queue.example.com", hidden_seconds), sqs


def test_a_look_goes_on_until_the_queue_is_empty_and_shows_the_oldest_first() -> None:
    sweep, _ = sweep_of(["c", "b"], ["a"])

    with sweep:
        assert [received.message_id for received in sweep] == ["a", "b", "c"]
        assert len(sweep) == 3
        assert sweep.out_of_sight == 5


def test_a_message_that_comes_twice_counts_once_by_its_newer_handle() -> None:
    sweep, sqs = sweep_of(["a"], ["a", "b"])

    with sweep:
        for received in sweep:
            sweep.delete(received)

    assert sqs.deleted == ["a of answer 2", "b of answer 2"]
    assert sqs.released == []


def test_a_queue_that_repeats_itself_ends_the_look() -> None:
    sweep, sqs = sweep_of(*[["a"]] * 100)

    with sweep:
        assert len(sweep) == 1

    assert len(sqs.asked) == 4


def test_what_was_not_deleted_is_visible_again_at_the_end_ten_a_call() -> None:
    ids = [f"a{number}" for number in range(10)], [f"b{number}" for number in range(10)], ["c"]
    sweep, sqs = sweep_of(*ids)

    with sweep:
        sweep.delete(next(iter(sweep)))

    assert len(sqs.released) == 20


def test_an_interrupted_look_hides_nothing() -> None:
    def interrupted() -> Iterator[list[str]]:
        yield ["a"]
        raise KeyboardInterrupt

    sqs = FakeSqs(interrupted())
    with pytest.raises(KeyboardInterrupt), Sweep(cast("Deployment", FakeDeployment(sqs)), "https://queue.example.com"):
        pass

    assert sqs.released == ["a of answer 1"]


@pytest.mark.parametrize(("wished", "used"), [(300, 300), (59.7, 60), (1e9, MAX_VISIBILITY_SECONDS)])
def test_messages_are_hidden_for_as_long_as_it_takes_within_what_sqs_allows(wished: float, used: int) -> None:
    sweep, sqs = sweep_of([], hidden_seconds=wished)

    with sweep:
        assert sqs.asked[0]["VisibilityTimeout"] == used
