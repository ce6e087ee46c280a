"""The base of every twin: routes, journal, faults, events and switches around what one vendor does."""

import copy
import re
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, Self, TypeVar

from local.twins.faults import HTML_PAGE, Fault, Faults
from local.twins.messages import Answer, Record, RefusedError, Request, html_answer, json_answer
from local.twins.options import TwinOptions
from local.twins.search_index import SearchIndex
from local.twins.wire import Reply, TwinServer

F = TypeVar("F", bound=Callable[..., Answer])


def route(method: str, path: str) -> Callable[[F], F]:
    """Let a method answer a path; `{name}` matches one path segment, the rest is a regular expression."""

    def mark(handler: F) -> F:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "/?", re.IGNORECASE)
        routes = getattr(handler, "routes", [])
        handler.routes = [*routes, (method, pattern)]  # type: ignore[attr-defined]
        return handler

    return mark


@dataclass
class JournalEntry:
    """One request as it came, and what became of it."""

    number: int
    time: float
    method: str
    path: str
    query: Record
    headers: Record
    body: str
    status: int | None = None
    """None while it is worked on, and where no answer was sent."""
    committed: bool = False
    fault: str = ""


@dataclass
class Event:
    """Something that the vendor does to people because of a call: a workflow starts, a message goes out."""

    name: str
    contact: Any
    time: float
    params: Record = field(default_factory=dict)


class Twin:
    """One vendor, simulated over HTTP on loopback: a context manager, or `start` and `stop`."""

    pages: ClassVar[Callable[[Any, Request], Answer]]
    """What answers below `/_twin`; `admin` registers itself here."""
    vendor: ClassVar[str]
    title: ClassVar[str]
    """The vendor's name as it is written for people."""
    summary: ClassVar[str]
    _routes: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def __init_subclass__(cls) -> None:
        members = [member for base in reversed(cls.__mro__) for member in vars(base).items()]
        cls._routes = [
            (method, pattern, name) for name, member in members for method, pattern in getattr(member, "routes", [])
        ]

    def __init__(self, options: TwinOptions) -> None:
        self.options: TwinOptions = options
        self.faults: Faults = Faults()
        self.requests: list[JournalEntry] = []
        self.events: list[Event] = []
        self.index: SearchIndex = SearchIndex()
        """What a search looks into, `search_lag` seconds behind."""
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self._late: list[tuple[Request, JournalEntry]] = []
        self._server: TwinServer | None = None
        self.port = 0
        self.clear()

    # What each vendor says for itself.

    def clear(self) -> None:
        """Hold nothing any more."""
        raise NotImplementedError

    def all_contacts(self) -> list[Record]:
        """Return all contacts as the vendor holds them; called under the lock."""
        raise NotImplementedError

    def seed(self, contact: Record) -> Record:
        """Put a contact there without a call, unchecked; answers it as it is held."""
        raise NotImplementedError

    def connection(self) -> Record:
        """Return the connection secret with which the relay reaches this twin."""
        raise NotImplementedError

    def authenticate(self, request: Request) -> None:
        """Raise RefusedError where the credentials are wrong."""
        raise NotImplementedError

    def take_key(self, key: str) -> None:
        """Accept this key from now on, and no longer the former one."""
        raise NotImplementedError

    def refusal(self, status: int, message: str) -> Answer:
        """Put an error in the vendor's own format."""
        return json_answer({"message": message}, status)

    def unknown_path(self, request: Request) -> Answer:
        """Answer where the vendor has nothing."""
        return self.refusal(404, "Not found")

    # Life.

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, port: int = 0) -> str:
        """Listen on a port (0: any free one; the former one on a restart) and answer the URL."""
        self.stopping.clear()
        self._server = TwinServer(port or self.port, self.respond, self.stopping)
        self.port = self._server.server_port
        self._server.start()
        return self.url

    def stop(self) -> None:
        """Stop listening and cut all connections; what the vendor holds stays for another `start`."""
        self.stopping.set()
        if self._server:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget contacts, requests, events and faults; switches stay."""
        with self.lock:
            self.index.clear()
            self.clear()
            self.requests.clear()
            self.events.clear()
            self.faults.clear()
            self._late.clear()

    # For tests and pages.

    def contacts(self) -> list[Record]:
        """Return copies of all contacts as the vendor holds them."""
        with self.lock:
            return copy.deepcopy(self.all_contacts())

    def fail(self, fault: Any, **members: Any) -> None:
        """Script one fault: `twin.fail("status", status=429, retry_after=5)`."""
        self.faults.script(Fault(fault, **members))

    def change_key(self) -> None:
        """Let somebody renew the key at the vendor, so that the stored one is wrong."""
        with self.lock:
            self.take_key(str(uuid.uuid4()))

    def age_index(self) -> None:
        """Let a search that lags show each contact as it was first, however much time passes."""
        with self.lock:
            self.index.stand_still()

    def work_off(self) -> None:
        """Do what callers asked for who were hung up on by `late_commit`; nobody hears the answers."""
        with self.lock:
            late, self._late = self._late, []
            for request, entry in late:
                self._answered(request, entry)

    def fire(self, name: str, contact: Any, **params: Any) -> None:
        """Note an event."""
        self.events.append(Event(name, contact, time.time(), params))

    def writes(self) -> Sequence[JournalEntry]:
        """Return the requests that changed what the vendor holds, in their order."""
        return [entry for entry in list(self.requests) if entry.committed]

    def met(self, fault: str) -> Sequence[JournalEntry]:
        """Return the requests that met a fault of a kind, answered or not, in their order."""
        return [entry for entry in list(self.requests) if entry.fault == fault]

    def events_of(self, name: str) -> Sequence[Event]:
        """Return the events of one name, in their order."""
        return [event for event in list(self.events) if event.name == name]

    # The way of a request.

    def respond(self, request: Request) -> Reply:
        """Work on one request, and meet its fault, if it has one."""
        if request.path == HTML_PAGE:
            return Reply(html_answer("Welcome"))
        if request.path.startswith("/_twin"):
            return Reply(type(self).pages(self, request))
        entry = self._note(request)
        fault = None if self.options.down else self.faults.draw(request)
        self.stopping.wait(self.options.latency)
        answer = self._with_fault(request, entry, fault) if fault else self._answered(request, entry)
        if not fault or not fault.hangs_up:
            entry.status = answer.status
        return Reply(answer, fault)

    def _note(self, request: Request) -> JournalEntry:
        with self.lock:
            seen = asdict(replace(request, body=b""))
            entry = JournalEntry(
                number=len(self.requests) + 1,
                time=time.time(),
                method=request.method,
                path=request.path,
                query=seen["query"],
                headers=seen["headers"],
                body=request.body.decode(errors="replace"),
            )
            self.requests.append(entry)
            return entry

    def _with_fault(self, request: Request, entry: JournalEntry, fault: Fault) -> Answer:
        entry.fault = fault.fault
        if fault.fault == "latency" or (fault.fault == "hang" and fault.commit != "before"):
            self.stopping.wait(fault.seconds)
        if fault.fault == "late_commit":
            with self.lock:
                self._late.append((request, entry))
        if not fault.commits:
            return fault.instead()
        answer = self._answered(request, entry)
        if fault.is_hang("before"):
            self.stopping.wait(fault.seconds)
        if fault.fault == "status_after":
            return replace(fault.instead(), committed=answer.committed)
        if fault.fault == "oversize":
            return replace(answer, status=200, body=b'{"padding": "' + b"x" * fault.size + b'"}')
        return answer

    def _answered(self, request: Request, entry: JournalEntry) -> Answer:
        with self.lock:
            try:
                answer = self._dispatched(request)
            except RefusedError as error:
                answer = self.refusal(error.status, error.message)
            except (AttributeError, KeyError, TypeError, ValueError):  # a body of a shape that nobody foresaw
                traceback.print_exc()
                answer = self.refusal(500, "Internal Server Error")
            entry.committed = answer.committed
            return answer

    def _dispatched(self, request: Request) -> Answer:
        if self.options.down:
            raise RefusedError(503, "Service Unavailable")
        allowed = set()
        for method, pattern, name in self._routes:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                self.authenticate(request)
                answer: Answer = getattr(self, name)(replace(request, args=found.groupdict()))
                return answer
            if found:
                allowed.add(method)
        if allowed:
            return replace(self.refusal(405, "Method not allowed"), headers={"Allow": ", ".join(sorted(allowed))})
        return self.unknown_path(request)
