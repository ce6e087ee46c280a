"""The embedded stack: the relay of `template.yaml` and everything around it, on one machine.

`python -m local` runs it on the command line; tests use it as a library.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from local.aws_services import AwsClients, AwsServices
from local.buttons import Buttons
from local.connections import Connections
from local.form_files import FormFiles
from local.gateway.http_answer import Answer
from local.gateway.http_event import Request
from local.gateway.http_server import Api, HttpServer
from local.lambdas.execution import ROOT
from local.lambdas.functions import Function, read_functions
from local.lambdas.lifeline import Lifeline
from local.lambdas.output import Output
from local.lambdas.pool import FunctionPool
from local.pages.origin_help import explain_origin
from local.pages.site import Site
from local.resources import create_resources
from local.running_functions import RunningFunctions
from local.story.story import Story
from local.template import REGION, Template
from local.twins import TWINS
from local.twins.server import Twin
from local.watcher import Watcher
from shared.settings import Settings

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class StackOptions:
    """Options of a stack; port 0 is any free one."""

    port: int = 0
    template: Path = ROOT / "template.yaml"
    forms: Path = ROOT / "forms"
    http_workers: int = 4
    """Most execution environments of each function that answers HTTP."""
    queue_workers: int = 2
    """Most execution environments of each function that consumes a queue."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Override the environment variables of the template's functions."""
    log: IO[bytes] | None = None
    """Where child processes print; None is the terminal."""


class Stack:
    """A running relay. Every process that it starts ends with it, even if it is killed."""

    def __init__(self, options: StackOptions) -> None:
        """Start nothing yet."""
        self.options = options
        self.url = ""
        self.references: Mapping[str, str] = {}
        """Values of `Ref` and `GetAtt` of the template's resources: queue URLs, the table's name."""
        self.twins: Mapping[str, Twin] = {}
        self.pools: list[FunctionPool] = []
        self.story = Story()
        self._refreshing = threading.Lock()
        self._exit = ExitStack()

    def start(self) -> Self:
        """Start everything and wait until it is ready.

        Raises:
            OSError: the port is taken.
            ServicesError: the local AWS services cannot be installed or started.
            TemplateError: the template uses something that the embedded stack does not support.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything in reverse order."""
        self._exit.close()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        """Stop."""
        self.stop()

    def operator_variables(self) -> dict[str, str]:
        """Return the environment variables that point `relay` at this stack."""
        own = {name.upper() for name in Settings.model_fields}
        given = {**self._environment, **self.options.variables}
        return {
            "RELAY_URL": self.url,
            "AWS_ENDPOINT_URL": self._services.url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": REGION,
            **{name: value for name, value in given.items() if name in own},
            "FORMS_DIR": str(self.options.forms),
        }

    def store_secrets(self) -> None:
        """Let every secret open its twin as the twin is now."""
        self._connections.store_right(self._forms.forms)

    def worker_pids(self) -> list[int]:
        """Return the process ids of all living workers, busy ones first."""
        return [pid for pool in self.pools for pid in pool.process_ids()]

    def _start(self) -> None:
        server = HttpServer(self.options.port)  # first, to fail at once if the port is taken
        self._exit.callback(server.stop)
        self.url = server.url
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
        # Nothing here reads metrics out of logs, so what a schedule would look at does not exist: it does not run.
        functions = [each for each in read_functions(template, self.references) if each.routes or each.queues]
        self._forms = self._form_files(scratch)
        self._environment = functions[0].environment
        self._connections = Connections(self.clients, self._environment.get("SECRET_PREFIX", ""), self.twins)
        self._refresh_forms()
        running = self._running(functions, lifeline, scratch)
        self._exit.callback(running.stop)
        self.pools = running.pools
        running.start(self.clients.sqs, self._refresh_forms)
        # `relay --local` needs the secrets of a form that no page and no delivery has looked at yet.
        watcher = Watcher(self._refresh_forms)
        self._exit.callback(watcher.stop)
        watcher.start()
        api = Api(self.pools, self._page, self._finish)
        self._site = Site(self._buttons(api), self.clients, self.references)
        server.serve_api(api)

    def _start_twins(self) -> dict[str, Twin]:
        twins = {vendor: make() for vendor, make in TWINS.items()}
        for twin in twins.values():
            twin.start()
            self._exit.callback(twin.stop)
        return twins

    def _form_files(self, scratch: Path) -> FormFiles:
        (scratch / "forms").mkdir()
        return FormFiles(self.options.forms, scratch / "forms", self._origins)

    def _refresh_forms(self) -> None:
        """Copy changed forms, and create the secrets that their destinations need."""
        with self._refreshing:
            try:
                changed = self._forms.refresh()
            except OSError as error:  # an editor may replace a file at this very moment
                _logger.warning("the forms folder cannot be read, the last copies are used: %s", error.strerror)
                return
            if changed:
                self._connections.store_missing(self._forms.forms)

    def _running(self, functions: Sequence[Function], lifeline: Lifeline, scratch: Path) -> RunningFunctions:
        options = self.options
        return RunningFunctions(
            functions,
            sizes={each.name: options.queue_workers if each.queues else options.http_workers for each in functions},
            variables={
                "AWS_ENDPOINT_URL": self._services.url,
                "FORMS_DIR": str(scratch / "forms"),
                **options.variables,
            },
            lifeline=lifeline,
            output=Output(options.log, self.story.take),
        )

    @property
    def _origins(self) -> tuple[str, str]:
        return (self.url, self.url.replace("127.0.0.1", "localhost"))

    def _buttons(self, api: Api) -> Buttons:
        return Buttons(
            url=self.url,
            story=self.story,
            twins=self.twins,
            connections=self._connections,
            files=self._forms,
            call_api=api.answer,
            operator_variables=self.operator_variables,
        )

    def _finish(self, request: Request, answer: Answer) -> Answer:
        """Tell the story of an answer of the API, and explain it to developers where it refuses their page."""
        self.story.answered(request.path, answer.status, answer.body, request.received_at.timestamp())
        return explain_origin(request, answer, self._forms.files, self._origins)

    def _page(self, request: Request) -> Answer | None:
        self._refresh_forms()
        return self._site.answer(request)
