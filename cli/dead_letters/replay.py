"""Replaying a dead letter: an ordinary message, whose age and attempts start anew, and which passes every guard.

It is sent before the dead letter is deleted. A crash in between leaves both, which is harmless: the second one bears
the stamp of a sign-up that has been delivered, and the late-write guard answers that without a call.
"""

from __future__ import annotations

from cli.deployment import Deployment
from cli.destinations import by_name
from shared.ledger.leases import person_key
from shared.queue.messages import Message


def send_again(message: Message, deployment: Deployment) -> None:
    """Put a dead letter's message into the retry queue, to be tried at once.

    Raises:
        LedgerUnavailable: DynamoDB failed; nothing was sent.
        QueueUnavailable: SQS did not take it.
    """
    _restart_attempts(message, deployment)
    renewed = Message(
        destination=message.destination,
        submission=message.submission,
        first_failed_at=message.first_failed_at,
        queued_at=int(deployment.wall_clock() * 1000),
    )
    deployment.queues.retry([(renewed, 0.0)])


def _restart_attempts(message: Message, deployment: Deployment) -> None:
    """Forget the attempts of retries that were given up, or the next delay would be their longest."""
    destination = by_name(deployment.forms).get(message.destination)
    identity = destination.options.identity(message.submission.contact) if destination else {}
    if identity:
        key = person_key(message.destination, deployment.people.of_identity(identity))
        deployment.ledger.forget_tries(key, message.submission.id)
