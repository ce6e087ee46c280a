"""The SQS event source against real queues, with a handler made for this."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.aws_services import AwsClients, AwsServices
from local.lambdas.functions import Function, QueueSource
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.lambdas.pool import FunctionPool
from local.queues.poller import QueuePoller
from local.queues.sqs_event import failed_messages
from local.resources import create_resources
from local.template import Template
from tests.support.waiting import eventually

pytestmark = pytest.mark.stack

_QUEUES = Template(
    {
        "Resources": {
            "Work": {
                "Type": "AWS::SQS::Queue",
                "Properties": {
                    "VisibilityTimeout": 1,
                    "RedrivePolicy": {
                        "deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]},
                        "maxReceiveCount": 2,
                    },
                },
            },
            "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1209600}},
        }
    }
)


class Work:
    """A polled queue, its dead-letter queue, and what the handler said."""

    def __init__(self, clients: AwsClients, references: dict[str, str], log: Path) -> None:
        self._clients = clients
        self._references = references
        self._log = log

    def send(self, *bodies: str) -> None:
        entries: Any = [
            {
                "Id": str(number),
                "MessageBody": body,
                "MessageAttributes": {"reason": {"DataType": "String", "StringValue": "because"}},
            }
            for number, body in enumerate(bodies)
        ]
        self._clients.sqs.send_message_batch(QueueUrl=self._references["Work"], Entries=entries)

    def waiting(self, queue: str) -> int:
        names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self._clients.sqs.get_queue_attributes(QueueUrl=self._references[queue], AttributeNames=names)[
            "Attributes"
        ]
        return sum(int(attributes[name]) for name in names)

    def consumed(self, body: str) -> list[int]:
        """The receive counts with which a message came."""
        lines = [line.split() for line in self._log.read_text().splitlines()]
        return [int(line[2]) for line in lines if line[:2] == ["consumed", body]]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsClients]:
    lifeline = Lifeline()
    services = AwsServices(lifeline, None, tmp_path_factory.mktemp("services"))
    yield services.clients()
    services.stop()
    lifeline.cut()


@pytest.fixture(scope="module")
def work(clients: AwsClients, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    references = create_resources(_QUEUES, clients)
    path = tmp_path_factory.mktemp("poller") / "log"
    function = Function("Consume", "tests.support.handlers.consume", 5, 128, {})
    source = QueueSource(references["Work.Arn"], reports_item_failures=True)
    lifeline = Lifeline()
    with path.open("ab") as log:
        pool = FunctionPool(function, size=2, variables={}, lifeline=lifeline, output=Output(log))
        poller = QueuePoller(source, pool, clients.sqs, concurrency=2)
        poller.start()
        yield Work(clients, references, path)
        poller.stop()
        pool.stop()
    lifeline.cut()


def test_consumed_messages_leave_the_queue(work: Work) -> None:
    work.send("one", "two", "three")

    eventually(lambda: work.waiting("Work") == 0)
    assert work.consumed("one") == work.consumed("two") == work.consumed("three") == [1]


def test_failed_items_come_back_alone_and_end_in_the_dead_letter_queue(work: Work) -> None:
    dead_before = work.waiting("Dead")
    work.send("fail-this", "good-neighbour")

    # A handler that is still starting when its message appears again tells of it later.
    eventually(lambda: work.waiting("Dead") == dead_before + 1 and work.consumed("fail-this") == [1, 2])
    assert work.consumed("good-neighbour") == [1]


def test_a_crash_of_the_handler_leaves_the_whole_batch_to_reappear(work: Work) -> None:
    dead_before = work.waiting("Dead")
    work.send("crash")

    eventually(lambda: work.waiting("Dead") == dead_before + 1 and work.consumed("crash") == [1, 2])


def test_an_answer_that_names_a_stranger_fails_the_whole_batch(work: Work) -> None:
    dead_before = work.waiting("Dead")
    work.send("nonsense")

    eventually(lambda: work.waiting("Dead") == dead_before + 1 and work.consumed("nonsense") == [1, 2])


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemId": "a"}]}, {"a", "b"}),
        ({"batchItemFailures": ["a"]}, {"a", "b"}),
        ("text", {"a", "b"}),
    ],
)
def test_partial_batch_responses_are_read_as_lambda_documents_them(answer: Any, failed: set[str]) -> None:
    messages: Any = [{"MessageId": "a"}, {"MessageId": "b"}]

    assert failed_messages(answer, messages) == failed
