"""Start one twin alone: `python -m local.twins pulse --port 9001 --option put=replace`."""

import argparse
import json
import signal
import threading
from collections.abc import Sequence

from local.twins import TWINS
from local.twins.messages import Record


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a twin until it is interrupted or terminated; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local.twins", description="Simulate one vendor over HTTP.")
    parser.add_argument("vendor", choices=sorted(TWINS))
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: any free one)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="a switch, as GET /_twin/options lists them"
    )
    given = parser.parse_args(arguments)
    twin = TWINS[given.vendor]()
    try:
        twin.options.change(_switches(given.option))
    except ValueError as error:
        parser.error(str(error))
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    url = twin.start(given.port)
    print(f"{twin.title}. {twin.summary}\nListening on {url}; look at {url}/_twin")
    print(f"Connection secret: {json.dumps(twin.connection())}", flush=True)
    ended.wait()
    twin.stop()
    return 0


def _switches(pairs: Sequence[str]) -> Record:
    """Read `name=value` pairs; a value is JSON where it can be, else text."""
    return {name: _value(text) for name, _, text in (pair.partition("=") for pair in pairs)}


def _value(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text


if __name__ == "__main__":
    raise SystemExit(main())
