"""One Lambda environment: the relay's own objects, wired to the simulated world. It works until it dies."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

from functions.retry.consumer import Consumer
from functions.retry.waiting import Waiting
from functions.submit.deliver_all import DeliverToAll
from shared.aws.secrets import Secrets
from shared.deadline import Deadline
from shared.delivery.circuit import Circuits
from shared.delivery.deliver import Delivery, EnsureReceipt, receipt_is_kept
from shared.delivery.gatekeeper import Gatekeeper
from shared.delivery.outcome import Attempt
from shared.delivery.outcome_for import health_of
from shared.forms import Destination
from shared.ledger.consents import Consents
from shared.ledger.gates import Gates
from shared.ledger.leases import Leases
from shared.ledger.person_hashing import PersonHasher
from shared.ledger.rate_limit import RateLimit
from shared.queue.queues import Queues
from shared.queue.retry_policy import RetryPolicy
from shared.submission import Submission
from tests.simulate.breaker import Process
from tests.simulate.faults import Point
from tests.simulate.http import SimulatedHttp
from tests.simulate.plan import Fault
from tests.simulate.queue import DEAD, RETRY, SqsView
from tests.simulate.table import TableView
from tests.simulate.vendor import Work

if TYPE_CHECKING:
    from tests.simulate.world import World

SEARCH_LAG = 60.0
"""What the relay assumes of vendors; they keep to less."""
POLICY = RetryPolicy(base=60, longest=21_600, max_age=259_200, retention=864_000)
SUBMIT_SECONDS, RETRY_SECONDS = 8.0, 20.0
FAILURES, RECOVERY_SECONDS = 3, 30
"""After so many failures in a row a circuit opens; so long afterwards it is probed."""


class Crash(BaseException):
    """The process is dead: nothing of it runs any more, and nothing that it still tries has an effect."""


class Environment:
    """The relay's objects of one process, and the delivery that it is working on."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.number = number
        self.is_dead = False
        self.works: list[Work] = []
        skew = world.plan.skews[number]
        clock, true_time = (lambda: world.clock.now + skew), world.clock
        self.process = Process(str(next(world.numbers)), clock)
        table, http = TableView(world.table, self), SimulatedHttp(self)
        secrets = Secrets(_Provider(self), "", true_time)  # type: ignore[arg-type]
        hasher, rate_limit = PersonHasher(secrets), RateLimit(table, clock)
        gates = Gates(table, hasher, clock)
        leases = Leases(table, SEARCH_LAG, clock, world.sleep, lambda: 0.5)
        circuits = Circuits(gates, FAILURES, RECOVERY_SECONDS, health_of, clock)
        delivery = WatchedDelivery(
            Gatekeeper(gates, secrets, clock), leases, hasher, circuits, rate_limit, http, SEARCH_LAG, environment=self
        )
        consents = Consents(table, hasher, kept_days=1825)
        queues = Queues(SqsView(world.queues, self), RETRY, DEAD, true_time)  # type: ignore[arg-type]
        self.hasher = hasher
        self.submit = DeliverToAll(delivery, consents, queues, POLICY, clock, lambda: 0.5, AtOnce())
        self.consumer = Consumer(
            world.forms,
            delivery,
            consents,
            hasher,
            gates,
            table,
            queues,
            POLICY,
            RETRY_SECONDS,
            Waiting(),
            clock,
            lambda: 0.5,
            true_time,
        )

    @property
    def work(self) -> Work:
        """The delivery that is under way."""
        return self.works[-1]

    def point(self, point: Point, seconds: float) -> Fault | None:
        """A call is made: the world may go on meanwhile, and tells what goes wrong with the call."""
        if self.is_dead:
            raise Crash
        fault = self.world.interrupt(self, point)
        if fault is not None and fault.kind == "crash":
            self.die()
        if self.is_dead:
            raise Crash
        self.world.clock.advance(seconds)
        return fault

    def die(self) -> NoReturn:
        self.is_dead = True
        raise Crash


@dataclass(frozen=True, slots=True)
class WatchedDelivery(Delivery):
    """The relay's delivery; the world is told what it works on and how it ends."""

    environment: Environment = field(kw_only=True)

    def deliver(
        self,
        destination: Destination,
        submission: Submission,
        deadline: Deadline,
        ensure_receipt: EnsureReceipt = receipt_is_kept,
    ) -> Attempt:
        environment = self.environment
        environment.works.append(environment.world.work_of(submission, destination.name))
        try:
            with environment.process.running():
                attempt = Delivery.deliver(self, destination, submission, deadline, ensure_receipt)
            environment.world.on_attempt(environment, attempt)
        finally:
            environment.works.pop()
        return attempt


class AtOnce(ThreadPoolExecutor):
    """Runs every job at once, in the caller's thread: schedules are interleaved by the simulator alone."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  as an executor does
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class _Provider:
    """Secrets Manager, as Powertools Parameters shows it."""

    environment: Environment

    def get(self, name: str, *, transform: str, force_fetch: bool) -> dict[str, Any]:
        if name != "ledger-key":
            fault = self.environment.point("secret", 0.01)
            if fault is not None:
                raise GetParameterError("no answer")
        secret: dict[str, Any] = json.loads(self.environment.world.secrets[name])
        return secret
