"""Everything that the relay still knows of one sign-up, from the ledger and both queues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from cli import ledger_items
from cli.dead_letters.letters import Letter
from cli.deployment import Deployment
from cli.destinations import destinations_by_name
from cli.frame.console import Console
from cli.trace.in_sight import InSight
from cli.trace.stamps import id_of, stamped_ids, stamps, time_of
from cli.visible_messages import ReceivedMessage
from shared.aws.dynamodb import Item
from shared.ledger import retries
from shared.ledger.answers import Told, destinations_in
from shared.ledger.consents import PREFIX as CONSENT
from shared.ledger.consents import receipt_in
from shared.ledger.leases import PERSON
from shared.ledger.quarantine import PREFIX as QUARANTINE
from shared.ledger.quarantine import RELEASED
from shared.ledger.retries import Retry
from shared.queue.messages import Message, UnreadableMessage
from shared.submission import Submission


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found. Values that a visitor sent are in it, and never printed.

    Attributes:
        receipt: the consent receipt's item.
        suspect: the item in quarantine.
        released: what remains of it after its release.
        answers: idempotency records of the answer that its visitor got.
        people: items of people at vendor accounts that speak of it.
        retries: what the retry function noted, by destination.
        letters: its dead letters, by destination.
        queued: its messages that the retry queue shows, by destination.
        hidden: how many messages of the retry queue and of the dead-letter queue could not be looked at.
    """

    submission_id: str
    receipt: Item | None = field(repr=False)
    suspect: Item | None = field(repr=False)
    released: Item | None = field(repr=False)
    answers: list[Item] = field(repr=False)
    people: list[Item] = field(repr=False)
    retries: dict[str, Retry] = field(repr=False)
    letters: dict[str, Letter] = field(repr=False)
    queued: dict[str, Message] = field(repr=False)
    hidden: tuple[int, int]

    @property
    def submission(self) -> Submission | None:
        """The sign-up itself, where a message of it could be read."""
        messages = [*self.queued.values(), *(letter.message for letter in self.letters.values())]
        return next((message.submission for message in messages if message), None)

    @property
    def form(self) -> str | None:
        """The form's id."""
        named = [self.receipt, self.suspect, self.released]
        found = [str(item["form"]) for item in named if item]
        found += [retry.form for retry in self.retries.values()]
        found += [self.submission.form] if self.submission else []
        # The record of an answer is `payload#<form>#<hash>` or `key#<form>#<hash>`.
        found += [str(item["id"]).split("#")[1] for item in self.answers]
        return next(iter(found), None) or next(_forms_of(self.people, self.submission_id), None)

    @property
    def received_at(self) -> int | None:
        """When it was sent, milliseconds since the epoch."""
        if self.submission:
            return self.submission.received_at
        kept = self.suspect or self.released
        times = [self.receipt and self.receipt["given_at"], kept and kept["received_at"]]
        times += [retry.received_at for retry in self.retries.values()]
        sent = (time_of(stamp) for item in self.people for stamp in stamps(item) if id_of(stamp) == self.submission_id)
        return next((int(time) for time in times if time), None) or next(sent, None)

    @property
    def told(self) -> dict[str, Told]:
        """How its deliveries had ended when it was answered, or released; empty where no record says so."""
        records = [*self.answers, *([self.released] if self.released else [])]
        return {name: told for item in records for name, told in destinations_in(item).items()}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of such a sign-up."""
        ledger = (self.receipt, self.suspect, self.released, self.answers, self.people, self.retries)
        return not any((*ledger, self.letters, self.queued))


def gather(submission_id: str, in_sight: InSight, deployment: Deployment, console: Console) -> Evidence:
    """Look for a sign-up, by its whole id, in the ledger and in what the queues show.

    Raises:
        LedgerUnavailable: DynamoDB failed.
    """
    queued, letters = (
        [each for each in messages if Letter.of(each).submission_id == submission_id]
        for messages in (in_sight.queued, in_sight.letters)
    )
    receipt = ledger_items.read(deployment, CONSENT + submission_id)
    released = ledger_items.read(deployment, RELEASED + submission_id)
    hashes = receipt_in(receipt).get("people", []) if receipt else sorted((released or {}).get("people", ()))
    found = _scan(submission_id, hashes, deployment, console)
    # Beside those of the forms, what the sign-up names itself: a destination may have been renamed since.
    named = {str(item["destination"]) for item in found if "destination" in item}
    names = {*destinations_by_name(deployment.forms), *map(_destination_of, (*queued, *letters)), *named}
    return Evidence(
        submission_id=submission_id,
        receipt=receipt,
        suspect=ledger_items.read(deployment, QUARANTINE + submission_id),
        released=released,
        answers=[item for item in found if not item["id"].startswith(PERSON)],
        people=[item for item in found if item["id"].startswith(PERSON)],
        retries={retry.destination: retry for retry in retries.read(deployment.table, submission_id, names)},
        letters={letter.destination: letter for letter in map(Letter.of, letters)},
        queued={message.destination: message for message in map(_parsed, queued) if message},
        hidden=in_sight.hidden,
    )


def _scan(submission_id: str, hashes: list[str], deployment: Deployment, console: Console) -> list[Item]:
    """Return the people's items that speak of the sign-up, or of these people, and the records of its answer."""
    about: ConditionBase = Attr("id").begins_with(PERSON)
    if hashes:
        named = [Attr("people").contains(hashed) for hashed in hashes]
        about = about & (named[0] | named[-1])
    found = []
    with console.progress("Reading the ledger") as advance:
        for item in deployment.table.scan(about | Attr("data").contains(submission_id)):
            advance()
            if not item["id"].startswith(PERSON) or hashes or _speaks_of(item, submission_id):
                found.append(item)
    return found


def _speaks_of(item: Item, submission_id: str) -> bool:
    return submission_id in item.get("failed_attempts", {}) or submission_id in stamped_ids(item)


def _forms_of(people: list[Item], submission_id: str) -> Any:
    """Return the forms in the keys `<destination>#<form>#…` of what was delivered last."""
    delivered = (pair for item in people for pair in item.get("forms", {}).items())
    return (key.split("#")[1] for key, stamp in delivered if id_of(stamp) == submission_id)


def _destination_of(received: ReceivedMessage) -> str:
    return Letter.of(received).destination


def _parsed(received: ReceivedMessage) -> Message | None:
    try:
        return Message.parse(received.body)
    except UnreadableMessage:
        return None
