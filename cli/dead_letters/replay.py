"""Replays a dead letter as an ordinary message, with a new age and no failed attempts.

The caller sends it before it deletes the dead letter. A crash in between leaves both, which is harmless: the late-write
guard sees that the second one's sign-up has been delivered and makes no call.
"""

from __future__ import annotations

from cli.deployment import Deployment
from cli.destinations import destinations_by_name
from shared.delivery.account import person_at
from shared.errors import CredentialsMissing
from shared.ledger.leases import forget_failed_attempts
from shared.queue.messages import Message


def replay(message: Message, deployment: Deployment) -> None:
    """Put a dead letter's message into the retry queue without delay.

    Raises:
        LedgerUnavailable: DynamoDB failed; nothing was sent.
        QueueUnavailable: SQS did not take it.
    """
    _forget_failed_attempts(message, deployment)
    renewed = Message(
        destination=message.destination,
        submission=message.submission,
        first_failed_at=message.first_failed_at,
        queued_at=int(deployment.wall_clock() * 1000),
        receipt_kept=message.receipt_kept,
    )
    deployment.queues.retry([(renewed, 0.0)])


def person_key_of(message: Message, deployment: Deployment) -> str | None:
    """Return the key of the ledger's item of this person at this destination; None where that cannot be known.

    Raises:
        SecretsUnavailable: Secrets Manager failed.
    """
    destination = destinations_by_name(deployment.forms).get(message.destination)
    identity = destination.options.identity(message.submission.contact) if destination else {}
    if destination is None or not identity:
        return None
    try:
        secret = deployment.secrets.fetch(destination.name)
        connection = destination.spec.connection.of_secret(destination.name, secret)
    except CredentialsMissing:
        return None
    return person_at(deployment.hasher, destination, connection, identity)


def _forget_failed_attempts(message: Message, deployment: Deployment) -> None:
    """Otherwise the next failure would wait for the longest delay. Without a secret there is no count to forget."""
    key = person_key_of(message, deployment)
    if key is not None:
        forget_failed_attempts(deployment.table, key, message.submission.id)
