"""The embedded stack: the relay of `template.yaml` on one machine, started and stopped as one thing.

`python -m local` runs it for a person; tests start it as a library.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from local.aws_services import AwsClients, AwsServices
from local.connections import connection_secrets, store_secrets
from local.form_files import FormFiles
from local.gateway.http_answer import Answer
from local.gateway.http_event import Request
from local.gateway.http_server import Api, Front
from local.lambdas.execution import ROOT, InvocationError
from local.lambdas.functions import Function, read_functions
from local.lambdas.lifeline import Lifeline
from local.lambdas.pool import FunctionPool
from local.pages.site import Site
from local.queues.poller import QueuePoller
from local.resources import create_resources
from local.template import REGION, Template
from local.twins import TWINS
from local.twins.server import Twin
from shared.settings import Settings

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StackOptions:
    """What may differ from one stack to another; ports of 0 are any free ones."""

    port: int = 0
    template: Path = ROOT / "template.yaml"
    forms: Path = ROOT / "forms"
    http_workers: int = 4
    """Execution environments of each function that answers HTTP, at most."""
    queue_workers: int = 2
    """Execution environments of each function that consumes a queue, at most."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """On top of the environment that the template gives its functions."""
    log: IO[bytes] | None = None
    """Where everything that children print goes; None is the terminal."""


class Stack:
    """A relay with everything around it. Every process it starts ends with it, even if it is killed."""

    def __init__(self, options: StackOptions) -> None:
        """Start nothing yet."""
        self.options = options
        self.url = ""
        self.references: Mapping[str, str] = {}
        """What `Ref` and `GetAtt` of the template's resources mean: queue URLs, the table's name."""
        self.twins: Mapping[str, Twin] = {}
        self.pools: list[FunctionPool] = []
        self._pollers: list[QueuePoller] = []
        self._exit = ExitStack()

    def start(self) -> Self:
        """Start everything and wait until it can be used.

        Raises:
            OSError: the port is taken.
            ServicesError: the local AWS services could not be installed or started.
            TemplateError: the template says something that cannot be followed here.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything that was started, the last first."""
        self._exit.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        """Stop."""
        self.stop()

    def operator_variables(self) -> dict[str, str]:
        """Return the environment in which `relay` works on this stack: its own variables, AWS clients', the forms."""
        own = {name.upper() for name in Settings.model_fields}
        given = {**self._environment, **self.options.variables}
        return {
            "AWS_ENDPOINT_URL": self._services.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            **{name: value for name, value in given.items() if name in own},
            "FORMS_DIR": str(self.options.forms),
        }

    def worker_pids(self) -> list[int]:
        """Tell the process ids of all living handler workers, busy ones first."""
        return [pid for pool in self.pools for pid in pool.process_ids()]

    def _start(self) -> None:
        front = Front(self.options.port)  # first, so that a port that is taken is told at once
        self._exit.callback(front.stop)
        self.url = front.url
        scratch = Path(tempfile.mkdtemp(prefix="signup-relay-"))
        self._exit.callback(shutil.rmtree, scratch, ignore_errors=True)
        lifeline = Lifeline()
        self._exit.callback(lifeline.cut)
        self._services = AwsServices(lifeline, self.options.log, scratch)
        self._exit.callback(self._services.stop)
        self.clients: AwsClients = self._services.clients()
        self.twins = self._start_twins()
        template = Template.read(self.options.template)
        self.references = create_resources(template, self.clients)
        functions = list(read_functions(template, self.references))
        self._forms = self._copy_forms(scratch)
        self._environment = functions[0].environment
        self._refresh()
        self._exit.callback(self._stop_pollers)
        self.pools = [self._pool(function, lifeline, scratch) for function in functions]
        self._warm()
        self._start_pollers()
        front.answer_with(Api(self.pools, self._page))

    def _start_twins(self) -> dict[str, Twin]:
        twins = {vendor: make() for vendor, make in TWINS.items()}
        for twin in twins.values():
            twin.start()
            self._exit.callback(twin.stop)
        return twins

    def _copy_forms(self, scratch: Path) -> FormFiles:
        (scratch / "forms").mkdir()
        return FormFiles(self.options.forms, scratch / "forms", (self.url, self.url.replace("127.0.0.1", "localhost")))

    def _refresh(self) -> None:
        """Take up what changed in the forms folder, with the secrets that its destinations need."""
        if self._forms.refresh():
            store_secrets(
                connection_secrets(self._forms.forms, self.twins),
                self._environment.get("SECRET_PREFIX", ""),
                self.clients,
            )

    def _pool(self, function: Function, lifeline: Lifeline, scratch: Path) -> FunctionPool:
        pool = FunctionPool(
            function,
            size=self.options.queue_workers if function.queues else self.options.http_workers,
            variables={
                "AWS_ENDPOINT_URL": self._services.url,
                "FORMS_DIR": str(scratch / "forms"),
                **self.options.variables,
            },
            lifeline=lifeline,
            log=self.options.log,
        )
        self._exit.callback(pool.stop)
        return pool

    def _warm(self) -> None:
        with ThreadPoolExecutor() as threads:
            for pool, warmed in [(pool, threads.submit(pool.warm)) for pool in self.pools]:
                try:
                    warmed.result()
                except InvocationError as error:
                    _logger.warning("%s does not start: %s", pool.function.handler, error.reason)

    def _start_pollers(self) -> None:
        for pool in self.pools:
            for source in pool.function.queues:
                poller = QueuePoller(source, pool, self.clients.sqs, self.options.queue_workers)
                poller.start()
                self._pollers.append(poller)

    def _stop_pollers(self) -> None:
        for poller in self._pollers:
            poller.stop()

    def _page(self, request: Request) -> Answer | None:
        self._refresh()
        site = Site(self.url, self._forms.files, self.twins, self.clients.sqs, self.references)
        return site.answer(request)
