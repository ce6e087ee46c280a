"""`python -m local.stack`: runs the embedded stack until Ctrl-C, and says what to do with it."""

from __future__ import annotations

import argparse
import logging
import shlex
import signal
import sys
import threading
from collections.abc import Mapping

from local.aws_services import PACKAGE, ServicesError
from local.execution import ROOT
from local.stack import Stack, StackOptions
from local.template import TemplateError

DEMO_VARIABLES: Mapping[str, str] = {
    "RETRY_BASE_SECONDS": "5",
    "CIRCUIT_RECOVERY_SECONDS": "5",
}
"""So that what waited is delivered seconds after a twin returns, not minutes."""

OPERATOR_FILE = ROOT / ".local" / "relay.env"
"""What points the `relay` command at this stack."""

_INSTRUCTIONS = """
Signup Relay runs on this machine. Ctrl-C ends it and everything it started.

  Forms       {url}/
              fill one in; each has its curl command, too
  Twins       {url}/twins
              what each vendor's twin holds. Stop one, sign up (202), start it again: delivered once
  Operate     . {operate}
              then .venv/bin/relay status, in a second terminal
  Form files  {forms}
              change one and reload the page (code is read at the start)

Or from a second terminal:

  curl -i {url}/forms/newsletter -H 'Origin: {url}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"email": "ada@example.com", "given_name": "Ada", "news": true}}'

What the functions log follows.
"""


def main() -> None:
    """Start, tell, wait for the end."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("local").setLevel(logging.INFO)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    stack = Stack(StackOptions(port=arguments.port, variables=DEMO_VARIABLES))
    print(f"Starting {PACKAGE} (queues, table, secrets), twins and functions …", flush=True)
    try:
        stack.start()
    except OSError as error:
        sys.exit(f"Port {arguments.port} cannot be used ({error.strerror}). Another one: make run ARGS='--port 8001'")
    except (ServicesError, TemplateError) as error:
        sys.exit(str(error))
    OPERATOR_FILE.parent.mkdir(exist_ok=True)
    OPERATOR_FILE.write_text("".join(f"export {n}={shlex.quote(v)}\n" for n, v in stack.operator_variables.items()))
    operate = OPERATOR_FILE.relative_to(ROOT)
    print(_INSTRUCTIONS.format(url=stack.url, forms=stack.options.forms, operate=operate), flush=True)
    ended.wait()
    print("\nStopping …", flush=True)
    stack.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.stack", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port of the HTTP front on 127.0.0.1 (default 8000)")
    return parser.parse_args()
