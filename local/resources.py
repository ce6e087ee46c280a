"""Creates the template's queues, tables and secrets in the local AWS services, as CloudFormation would."""

from __future__ import annotations

import json
import secrets
import string
from typing import Any

from local.aws_services import AwsClients
from local.template import STACK_NAME, Resource, Template

_OTHER_PROPERTIES = {"QueueName", "Tags", "FifoQueue"}


def create_resources(template: Template, clients: AwsClients) -> dict[str, str]:
    """Create queues, tables and secrets; return the values of `Ref` and `GetAtt` of them."""
    references: dict[str, str] = {}
    for queue in template.of_type("AWS::SQS::Queue"):
        references |= _create_queue(queue, clients)
    for queue in template.of_type("AWS::SQS::Queue"):  # redrive policies name other queues
        attributes = _queue_attributes(template.resolve(queue.properties, references))
        clients.sqs.set_queue_attributes(QueueUrl=references[queue.name], Attributes=attributes)
    for table in template.of_type("AWS::DynamoDB::Table"):
        references |= _create_table(table, clients)
    for secret in template.of_type("AWS::SecretsManager::Secret"):
        references |= _create_secret(secret, template.resolve(secret.properties, references), clients)
    return references


def _physical_name(resource: Resource) -> str:
    return f"{STACK_NAME}-{resource.name}"


def _create_queue(queue: Resource, clients: AwsClients) -> dict[str, str]:
    name = _physical_name(queue)
    url = clients.sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    return {queue.name: url, f"{queue.name}.Arn": attributes["QueueArn"], f"{queue.name}.QueueName": name}


def _queue_attributes(properties: dict[str, Any]) -> Any:
    """Return properties as SQS attributes: strings, structures as JSON."""
    return {
        name: json.dumps(value) if isinstance(value, dict | bool) else str(value)
        for name, value in properties.items()
        if name not in _OTHER_PROPERTIES
    }


def _create_table(table: Resource, clients: AwsClients) -> dict[str, str]:
    name = _physical_name(table)
    description = clients.dynamodb.create_table(
        TableName=name,
        KeySchema=table.properties["KeySchema"],
        AttributeDefinitions=table.properties["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]
    if time_to_live := table.properties.get("TimeToLiveSpecification"):
        clients.dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
    return {table.name: name, f"{table.name}.Arn": description["TableArn"]}


def _create_secret(secret: Resource, properties: dict[str, Any], clients: AwsClients) -> dict[str, str]:
    value = properties.get("SecretString") or _generated(properties["GenerateSecretString"])
    created = clients.secrets.create_secret(Name=properties.get("Name", _physical_name(secret)), SecretString=value)
    return {secret.name: created["ARN"], f"{secret.name}.Id": created["ARN"]}


def _generated(specification: dict[str, Any]) -> str:
    """Generate a password of letters and digits as `GenerateSecretString` describes."""
    alphabet = string.ascii_letters + string.digits
    password = "".join(secrets.choice(alphabet) for _ in range(specification.get("PasswordLength", 32)))
    key = specification.get("GenerateStringKey")
    if key is None:
        return password
    return json.dumps({**json.loads(specification["SecretStringTemplate"]), key: password})
