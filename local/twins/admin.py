"""The pages under `/_twin` with which people and tests look at a twin and upset it."""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from local.twins.faults import Fault
from local.twins.messages import Answer, RefusedError, Request, json_answer
from local.twins.server import Twin


def respond(twin: Twin, request: Request) -> Answer:
    """Answer one request to `/_twin…`; these meet no fault and are not in the journal."""
    handler = _HANDLERS.get((request.method, request.path.rstrip("/")))
    if handler is None:
        return json_answer({"message": "unknown", "known": [f"{m} {p}" for m, p in _HANDLERS]}, 404)
    try:
        return json_answer(handler(twin, request))
    except RefusedError as error:
        return json_answer({"message": error.message}, error.status)
    except (TypeError, ValueError, KeyError) as error:
        return json_answer({"message": str(error)}, 400)


def _summary(twin: Twin, _: Request) -> Any:
    return {
        "vendor": twin.vendor,
        "summary": twin.summary,
        "connection": twin.connection(),
        "contacts": len(twin.contacts()),
        "requests": len(twin.requests),
        "writes": len(twin.writes()),
        "events": len(twin.events),
        "options": twin.options.as_record(),
        "faults": twin.faults.pending(),
    }


def _contacts(twin: Twin, _: Request) -> Any:
    return twin.contacts()


def _seed(twin: Twin, request: Request) -> Any:
    given = request.json()
    with twin.lock:
        return [twin.seed(contact) for contact in (given if isinstance(given, list) else [given])]


def _requests(twin: Twin, request: Request) -> Any:
    """Show the journal, narrowed by `?path=` and `?method=` (regular expressions), `?committed=true`."""
    method, path = re.compile(request.first("method")), re.compile(request.first("path"))
    entries = twin.writes() if request.first("committed") == "true" else list(twin.requests)
    return [asdict(each) for each in entries if method.search(each.method) and path.search(each.path)]


def _events(twin: Twin, _: Request) -> Any:
    return [asdict(event) for event in list(twin.events)]


def _script(twin: Twin, request: Request) -> Any:
    """Take one fault, a list of faults, or `{"seed", "rates", "members"}` for random ones."""
    given = request.json()
    if isinstance(given, dict) and "rates" in given:
        twin.faults.randomise(given["rates"], given.get("seed", 0), given.get("members"))
    else:
        twin.faults.script(*map(Fault.from_record, given if isinstance(given, list) else [given]))
    return twin.faults.pending()


def _unscript(twin: Twin, _: Request) -> Any:
    twin.faults.clear()
    return twin.faults.pending()


def _reset(twin: Twin, _: Request) -> Any:
    twin.reset()
    return {"reset": True}


def _change(twin: Twin, request: Request) -> Any:
    twin.options.change(request.record())
    return twin.options.as_record()


_HANDLERS: dict[tuple[str, str], Callable[[Twin, Request], Any]] = {
    ("GET", "/_twin"): _summary,
    ("GET", "/_twin/contacts"): _contacts,
    ("POST", "/_twin/contacts"): _seed,
    ("GET", "/_twin/requests"): _requests,
    ("GET", "/_twin/events"): _events,
    ("GET", "/_twin/faults"): lambda twin, _: twin.faults.pending(),
    ("POST", "/_twin/faults"): _script,
    ("DELETE", "/_twin/faults"): _unscript,
    ("POST", "/_twin/reset"): _reset,
    ("GET", "/_twin/options"): lambda twin, _: twin.options.as_record(),
    ("PUT", "/_twin/options"): _change,
}

Twin.pages = respond
