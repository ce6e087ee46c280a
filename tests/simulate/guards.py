"""Guards of the production code, each as the patch that takes it away, and the promise that must then break."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerPersistenceLayer
from boto3.dynamodb.conditions import Attr

from functions.retry import batch
from functions.retry.consumer import Consumer
from functions.submit.deliver_all import DeliverToAll
from shared import telemetry
from shared.delivery import account, deliver, late_write
from shared.delivery.circuit import CircuitOpen, Circuits
from shared.delivery.deliver import Delivery
from shared.delivery.late_write import Recency, Targets
from shared.errors import QueueUnavailable, Unauthorized, Unavailable
from shared.http import answer_error
from shared.ledger import erasures, leases, person_item
from shared.ledger.gates import Gates
from shared.ledger.leases import person_key
from shared.ledger.person_hashing import PersonHasher
from shared.person_record import IN_PROGRESS, UNFINISHED, PersonRecord, UnconfirmedWrite
from shared.queue.retry_policy import RetryPolicy
from shared.vendors import flows
from shared.vendors.esputnik import subscribe
from shared.vendors.pulse import submit_form, update
from shared.vendors.pulse.search import ContactSearch
from shared.vendors.whautomate import upsert as whautomate_upsert
from shared.vendors.whautomate.contact import WhautomateContact
from tests.simulate import guard_seeds


@dataclass(frozen=True)
class Guard:
    """One guard. `owner` and `name` say what is replaced, `removed` by what, `breaks` which promises show it."""

    text: str
    owner: Any
    name: str
    removed: Any
    breaks: tuple[str, ...]

    @contextmanager
    def taken_away(self) -> Generator[None]:
        with ExitStack() as stack:
            stack.enter_context(patch.object(self.owner, self.name, self.removed))
            yield

    @property
    def seed(self) -> int:
        """A seed that finds it."""
        return guard_seeds.SEEDS[self.text]


def _returns(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _plain_stamps(record: PersonRecord, names: Any, stamp: str | None = None) -> None:
    record.fields.update(dict.fromkeys(names, record.stamp if stamp is None else stamp))


def _unrecorded(record: PersonRecord, kind: str, digest: str = "") -> UnconfirmedWrite:
    return UnconfirmedWrite(kind, digest, record.stamp, record.now, record.ends_at)


def _no_scope(hasher: Any, destination: Any, connection: Any, identity: Any) -> str:
    return person_key("everywhere", hasher.of_identity(identity))


def _holds_at_once(delivery: Any, job: Any, connection: Any, error: Any) -> Any:
    return error.restated(Unauthorized)


_deliver = Delivery.deliver


def _without_receipt(
    delivery: Any, destination: Any, submission: Any, deadline: Any, ensure_receipt: Any = None
) -> Any:
    return _deliver(delivery, destination, submission, deadline)


def _never_same(stamp: str, newest: str) -> Recency:
    return Recency.OLDER if newest > stamp else Recency.NEWER


_request_for = late_write.request_for


def _no_lag(*arguments: Any) -> Any:
    request, names = _request_for(*arguments)
    return replace(request, search_lag=0.0), names


def _never_late(*arguments: Any) -> Any:
    request, names = _request_for(*arguments)
    return replace(request, is_late=False), names


def _only_sends(memory: Any, operation: str, digest: str, send: Callable[[], Any]) -> Any:
    return send()


_enqueue = DeliverToAll.enqueue


def _believes_the_queue(to_all: Any, *arguments: Any, **options: Any) -> None:
    try:
        _enqueue(to_all, *arguments, **options)
    except QueueUnavailable:
        return


def _clears_everybody(record: PersonRecord, kind: str, digest: str = "") -> None:
    record.unconfirmed = [replace(w, kind=IN_PROGRESS) if w.kind == UNFINISHED else w for w in record.unconfirmed]
    record.unconfirmed = [w for w in record.unconfirmed if (w.kind, w.digest) != (kind, digest)]


def _forgets(record: PersonRecord, kind: str, digest: str, before: UnconfirmedWrite | None) -> None:
    record.unconfirmed = [w for w in record.unconfirmed if (w.kind, w.digest) != (kind, digest)]


_answer_of = process_partial_response


def _names_nobody(*arguments: Any, **options: Any) -> Any:
    _answer_of(*arguments, **options)
    return {"batchItemFailures": []}


def _names_all(event: Any, *arguments: Any, **options: Any) -> Any:
    answer = _answer_of(event, *arguments, **options)
    every = [{"itemIdentifier": record["messageId"]} for record in event["Records"]]
    return {"batchItemFailures": every} if answer["batchItemFailures"] else answer


def _reports_the_person(destination: Any, submission: Any, attempt: Any) -> None:
    telemetry.logger.info("delivery", email=submission.contact.email)


_call = Circuits.call


def _calls_all_the_same(circuits: Circuits, destination: str, person: str, attempt: Callable[[], Any]) -> Any:
    try:
        return _call(circuits, destination, person, attempt)
    except CircuitOpen:
        return attempt()


_carried = WhautomateContact.carried
_lambda_nobody: dict[str, str] = dict.fromkeys(("email", "sms", "call", "whatsapp"), "nobody")

GUARDS = (
    Guard(
        "a lease that is taken keeps others out",
        leases,
        "absent",
        _returns(Attr("x").not_exists()),
        ("P2a", "P3b", "P2b", "P4c"),
    ),
    Guard("the late-write filter", late_write, "stale", _returns(frozenset()), ("P3b", "P3a")),
    Guard("stamps of fields never go back", PersonRecord, "stamp_fields", _plain_stamps, ("P3b", "P3a")),
    Guard("a delivered sign-up is stamped", deliver, "stamp_delivered", _returns(None), ("P2b", "P3d")),
    Guard("a delivered sign-up is not delivered again", late_write, "compare_with_newest", _never_same, ("P2b",)),
    Guard("a write is on record before it is sent", PersonRecord, "record", _unrecorded, ("P2a", "P3b", "P2b")),
    Guard(
        "an unreleased lease may have written", person_item, "take_over", _returns(None), ("P2a", "P3b", "P2b", "P3d")
    ),
    Guard("a newer sign-up waits for an older one's slow write", PersonRecord, "busy_until", _returns(0.0), ("P3b",)),
    Guard(
        "what one account remembers is not used in another",
        account,
        "person_at",
        _no_scope,
        ("P5a", "P1b", "P1a", "P3a"),
    ),
    Guard("what was erased is not delivered", erasures, "covers", _returns(False), ("P5b",)),
    Guard("Retry-After pauses the destination", Gates, "pause", _returns(None), ("P7c",)),
    Guard("refused credentials hold the destination", Gates, "hold", _returns(None), ("P7d",)),
    Guard("held credentials are tried once a minute", Gates, "may_try", _returns(True), ("P7d",)),
    Guard("a 403 is probed before it holds", Delivery, "what_is_forbidden", _holds_at_once, ("P6b",)),
    Guard("the receipt comes before the vendor", Delivery, "deliver", _without_receipt, ("P1c",)),
    Guard("consent goes with its number", late_write, "ADDRESS_OF", _lambda_nobody, ("P4d",)),
    Guard("a create waits until the search can show a lost one", deliver, "request_for", _no_lag, ("P2a", "P4c")),
    Guard("a create is on record", flows, "send_unrepeatable", _only_sends, ("P2a",)),
    Guard("what was left out is not stamped", Targets, "fields_of", _returns(frozenset()), ("P1b", "P3a")),
    Guard("what is given up is a dead letter", Consumer, "give_up", _returns(None), ("P1a",)),
    Guard("what waits is put off, not deleted", Consumer, "postpone", _returns(None), ("P1a", "P1b", "P3a")),
    Guard("what is left is queued before the answer", DeliverToAll, "enqueue", _returns(None), ("P1a", "P1b", "P3a")),
    Guard("no acknowledgement without the queue", DeliverToAll, "enqueue", _believes_the_queue, ("P1a", "P1b", "P3a")),
    Guard("a failed delivery stamps what it may have written", deliver, "note_failure", _returns(None), ("P3b",)),
    Guard("a late sign-up fires no event", deliver, "request_for", _never_late, ("P3d",)),
    Guard("arrays of a stale search are not sent back", update, "is_recent", _returns(False), ("P4c", "P4b")),
    Guard("a form submission may have created the contact", submit_form, "note_contact", _returns(None), ("P2a",)),
    Guard("another's unfinished delivery stays on record", PersonRecord, "clear", _clears_everybody, ("P2b", "P2a")),
    Guard(
        "a PUT that replaces repeats what is held",
        WhautomateContact,
        "carried",
        lambda self, held: _carried(self, {}),
        ("P4c",),
    ),
    Guard("a contact is looked for before it is created", ContactSearch, "find", _returns(None), ("P2a",)),
    Guard("a 5xx may have been written", answer_error, "unanswered", _returns(Unavailable), ("P2a", "P3b", "P2b")),
    Guard(
        "only its owner releases a lease",
        leases,
        "is_owned_by",
        _returns(Attr("id").exists()),
        ("P2a", "P2b", "P3b", "P3d", "P4c"),
    ),
    Guard("what a refused try restores: an earlier one's loss", PersonRecord, "restore", _forgets, ("P2b",)),
    Guard(
        "a remembered contact is compared before it is written to",
        whautomate_upsert,
        "has_number",
        _returns(True),
        ("P5a",),
    ),
    Guard("a form is submitted three times at most without an answer", submit_form, "MAX_SUBMITS", 1000, ("P2b",)),
    Guard(
        "a 409 that another sign-up caused proves nothing",
        subscribe,
        "may_mean_another",
        _returns(False),
        ("P1a", "P1b", "P3a", "P3c"),
    ),
    Guard("a held message ends before the queue drops it", RetryPolicy, "about_to_vanish", _returns(False), ("P1a",)),
    Guard("an open circuit leaves the vendor alone", Circuits, "call", _calls_all_the_same, ("P6c",)),
    Guard(
        "a circuit that opened is probed",
        CircuitBreakerPersistenceLayer,
        "try_acquire_half_open",
        _returns(False),
        ("P6d", "P7a", "P7b"),
    ),
    Guard("a batch's answer names what stays", batch, "process_partial_response", _names_nobody, ("P7e", "P1a")),
    Guard("a batch's answer names nothing else", batch, "process_partial_response", _names_all, ("P7e",)),
    Guard("a report names the sign-up, not the person", deliver, "report", _reports_the_person, ("P9a",)),
    Guard("people are hashed", PersonHasher, "hashed", lambda self, *parts: "#".join(parts), ("P9b",)),
    Guard("nothing transient is given up before three days", RetryPolicy, "given_up", _returns(True), ("P7b",)),
)
