"""`python -m local`: runs the embedded stack until Ctrl-C and prints how to use it."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local.aws_services import PACKAGE, ServicesError
from local.env_file import ENV_FILE, write_env_file
from local.queues.depth import depth
from local.stack import Stack, StackOptions
from local.template import TemplateError

DEMO_VARIABLES: Mapping[str, str] = {
    "RETRY_BASE_SECONDS": "5",
    "RETRY_MAX_SECONDS": "15",
    "CIRCUIT_RECOVERY_SECONDS": "5",
    "SEARCH_LAG_SECONDS": "5",
    "DELIVERY_BUDGET_SECONDS": "5",
}
"""Short delays, so that waiting deliveries arrive seconds after a vendor is mended."""

_INSTRUCTIONS = """
Signup Relay runs on this machine. Ctrl-C ends it and everything it started, and forgets what it holds.

  Forms       {url}/
              fill one in; each has its curl command and its HTML, too
  Timeline    {url}/timeline
              what becomes of every sign-up. Break a vendor, sign up, mend it: delivered once
  Twins       {url}/twins
              what each vendor's twin has received
  Form files  {forms}
              a change takes effect at once (code is read at the start)

Or from a second terminal:

  curl -i {url}/forms/newsletter -H 'Origin: {url}' \\
    -H 'Content-Type: application/json' \\
    -d '{{"email": "ada@example.com", "given_name": "Ada", "news": true}}'

To operate it with the `relay` command (docs/operations.md):

  {status_command}

The functions' log follows.
"""


def main() -> None:
    """Start the stack, print how to use it, wait for Ctrl-C."""
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
    write_env_file(arguments.env_file, stack.url, stack.operator_variables())
    print(
        _INSTRUCTIONS.format(
            url=stack.url, forms=stack.options.forms, status_command=_status_command(arguments.env_file)
        ),
        flush=True,
    )
    ended.wait()
    print("\n".join(["", *_forgotten(stack), "Stopping …"]), flush=True)
    arguments.env_file.unlink(missing_ok=True)
    stack.stop()


def _forgotten(stack: Stack) -> list[str]:
    """Return what is told of deliveries that end with the stack, which holds everything in memory."""
    try:
        waiting, dead = (depth(stack.clients.sqs, stack.references[name]) for name in ("RetryQueue", "DeadLetterQueue"))
    except (BotoCoreError, ClientError):
        return []  # the services have ended before
    if not waiting and not dead:
        return []
    return [f"Everything is in memory: deliveries that wait ({waiting}) and dead letters ({dead}) are forgotten."]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=_port, default=8000, help="port on 127.0.0.1 (default 8000)")
    parser.add_argument(
        "--env-file", type=Path, default=ENV_FILE, metavar="FILE", help="where to write how `relay` reaches the stack"
    )
    return parser.parse_args()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 (any free one) to 65535")
    return port


def _status_command(env_file: Path) -> str:
    """Return how `relay` looks at this stack: by `--local` where it finds the file by itself."""
    if env_file == ENV_FILE:
        return ".venv/bin/relay --local status"
    return f". {_short(env_file)} && .venv/bin/relay status"


def _short(path: Path) -> Path:
    """Return the path relative to the working directory, if it is below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    main()
