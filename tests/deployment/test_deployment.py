"""Two stages side by side, driven through their aliases; one is deleted, and a successor goes on with what it left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.twins import TWINS
from local.twins.server import Twin
from tests.deployment.stand_in import Account
from tests.support.paths import ROOT
from tests.support.waiting import eventually

pytestmark = pytest.mark.packaging

Outputs = dict[str, str]


@pytest.fixture(scope="module")
def production(account: Account) -> Outputs:
    return account.deploy("production")


@pytest.fixture(scope="module")
def staging(account: Account) -> Outputs:
    return account.deploy("staging")


@pytest.fixture(scope="module")
def twins(account: Account, production: Outputs) -> Iterator[dict[str, Twin]]:
    """The vendors of `forms/newsletter.toml`, to which the stage's secrets lead."""
    running = {"pulse-us": TWINS["pulse"](), "yespo": TWINS["esputnik"]()}
    secrets = account.client("secretsmanager")
    for name, twin in running.items():
        twin.start()
        secrets.create_secret(Name=production["SecretPrefix"] + name, SecretString=json.dumps(twin.connection()))
    yield running
    for twin in running.values():
        twin.stop()


def invoke(account: Account, function: str, event: Any) -> Any:
    """Let the released version of a function answer an event."""
    answer = account.client("lambda").invoke(FunctionName=function, Qualifier="live", Payload=json.dumps(event))
    result = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, result
    return result


def event(name: str) -> Any:
    return json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))


def names(account: Account) -> set[str]:
    """Whatever holds data: queues, tables and generated keys, by name."""
    queues = account.client("sqs").list_queues().get("QueueUrls", [])
    tables = account.client("dynamodb").list_tables()["TableNames"]
    secrets = [secret["Name"] for secret in account.client("secretsmanager").list_secrets()["SecretList"]]
    return {url.rpartition("/")[2] for url in queues} | set(tables) | {name for name in secrets if "LedgerKey" in name}


def test_two_stages_stand_side_by_side_with_nothing_in_common(production: Outputs, staging: Outputs) -> None:
    shared = {key for key in production if production[key] == staging[key]}
    assert shared <= {"AlarmsGoTo", "ConsentRetentionDays"}
    assert (production["SecretPrefix"], staging["SecretPrefix"]) == ("signup-relay/", "signup-relay-staging/")


def test_a_deployment_without_a_change_is_no_error(account: Account, production: Outputs) -> None:
    assert account.deploy("production") == production


def test_a_sign_up_reaches_its_vendors_through_the_released_version(
    account: Account, production: Outputs, twins: dict[str, Twin]
) -> None:
    answer = invoke(account, production["SubmitFunctionName"], event("submit-json"))

    assert (answer["statusCode"], json.loads(answer["body"])["status"]) == (200, "delivered")
    assert [len(twin.contacts()) for twin in twins.values()] == [1, 1]


def test_an_unknown_form_is_answered(account: Account, production: Outputs) -> None:
    assert invoke(account, production["SubmitFunctionName"], event("submit-unknown-form"))["statusCode"] == 404


def test_what_waits_in_the_deployed_queue_is_delivered_by_the_deployed_retry_function(
    account: Account, production: Outputs, twins: dict[str, Twin]
) -> None:
    """Given a vendor that is down, when somebody signs up and the vendor returns, then the sign-up arrives there."""
    signing_up = event("submit-json")
    signing_up["body"] = signing_up["body"].replace("ada@example.com", "grace@example.com")
    address = twins["pulse-us"].connection()["base_url"]
    twins["pulse-us"].stop()
    answer = invoke(account, production["SubmitFunctionName"], signing_up)
    assert answer["statusCode"] == 202

    port = int(address.rpartition(":")[2].partition("/")[0])
    twins["pulse-us"].start(port)
    retry_everything(account, production)

    assert "grace@example.com" in json.dumps(twins["pulse-us"].contacts())


def retry_everything(account: Account, stack: Outputs) -> None:
    """Hand what is due to the retry function until nothing waits; the stand-in's own event source does not run."""
    sqs = account.client("sqs")

    def nothing_waits() -> bool:
        messages = sqs.receive_message(
            QueueUrl=stack["RetryQueueUrl"], MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        if messages:
            stay = invoke(account, stack["RetryFunctionName"], {"Records": [record(message) for message in messages]})
            kept = {failure["itemIdentifier"] for failure in stay["batchItemFailures"]}
            for message in messages:
                if message["MessageId"] not in kept:
                    sqs.delete_message(QueueUrl=stack["RetryQueueUrl"], ReceiptHandle=message["ReceiptHandle"])
        names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        numbers = sqs.get_queue_attributes(QueueUrl=stack["RetryQueueUrl"], AttributeNames=names)["Attributes"]
        return all(number == "0" for number in numbers.values())

    eventually(nothing_waits, seconds=60)


def record(message: dict[str, Any]) -> dict[str, Any]:
    (example,) = event("retry")["Records"][:1]
    return {
        **example,
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {**example["attributes"], **message["Attributes"]},
    }


def test_a_deleted_stack_leaves_queues_table_and_key_and_its_successor_goes_on_with_them(
    account: Account, production: Outputs, staging: Outputs
) -> None:
    before = names(account)
    account.delete("staging")
    assert names(account) == before

    successor = account.deploy(
        "staging",
        *("--stack-name", "successor"),
        *("--parameter-overrides", f"ExistingRetryQueue={staging['RetryQueueUrl'].rpartition('/')[2]}"),
        f"ExistingDeadLetterQueue={staging['DeadLetterQueueUrl'].rpartition('/')[2]}",
        f"ExistingLedgerTable={staging['LedgerTableName']}",
        "ExistingLedgerKey=arn:aws:secretsmanager:us-east-1:123456789012:secret:" + staging["LedgerKeySecret"],
    )

    assert names(account) == before, "nothing of the kind was created a second time"
    assert successor["LedgerTableName"] == staging["LedgerTableName"]
    variables = account.client("lambda").get_function_configuration(FunctionName=successor["RetryFunctionName"])
    environment = variables["Environment"]["Variables"]
    assert environment["LEDGER_TABLE"] == staging["LedgerTableName"]
    assert environment["RETRY_QUEUE_URL"].rpartition("/")[2] == staging["RetryQueueUrl"].rpartition("/")[2]
