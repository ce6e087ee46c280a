"""`relay`: the list of commands, and how errors become exit codes: 0 done, 1 found a problem, 2 could not run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from typer import Abort, Context, Option, Typer, TyperException

from cli.frame.aws_error import explained
from cli.frame.console import Console
from cli.frame.loading import LazyGroup, add_lazily
from cli.frame.session import Session, session_of
from cli.frame.target import Target
from shared.errors import RelayError

if TYPE_CHECKING:
    from cli.deployment import Deployment

PROBLEM_FOUND, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130

COMMANDS = (
    ("check", "cli.check", "Find mistakes in form files, or try them at a vendor."),
    ("snippet", "cli.snippet", "The script tag that loads this version of the snippet, with its integrity hash."),
    ("status", "cli.status", "Queues, circuits, holds and what waits, by destination."),
    ("holds", "cli.holds", "Destinations whose deliveries wait for working credentials."),
    ("send", "cli.send.command", "Send a test sign-up, made from the form's own fields."),
    ("new", "cli.new.command", "Write a new form, asking what it needs."),
    ("connection", "cli.connection.commands", "Add, rotate or test a vendor's credentials in Secrets Manager."),
    ("trace", "cli.trace.command", "What became of one sign-up, at each destination."),
    ("waiting", "cli.waiting.commands", "List what is undelivered, by destination and reason; hurry one."),
    ("dead-letters", "cli.dead_letters.commands", "List, show, replay or drop deliveries that no retry can mend."),
    ("quarantine", "cli.quarantine", "List, show, release or drop suspected spam."),
    ("consents", "cli.consents", "Export consent receipts and verify their seals."),
    ("erase", "cli.erase.command", "Remove one person's data and print a certificate."),
)
"""Name, module and line in `relay --help`."""

app = Typer(name="relay", cls=LazyGroup, pretty_exceptions_enable=False)
for _name, _module, _text in COMMANDS:
    add_lazily(app, _name, _module, _text)


@app.callback()
def relay(
    context: Context,
    stack: Annotated[
        str | None, Option(metavar="NAME", help="CloudFormation stack to work on, instead of exported variables.")
    ] = None,
    local: Annotated[bool, Option("--local", help="Work on the stack that `make run` runs on this machine.")] = False,
    profile: Annotated[str | None, Option(metavar="NAME", help="AWS profile, instead of AWS_PROFILE.")] = None,
    region: Annotated[str | None, Option(metavar="NAME", help="AWS region, instead of AWS_REGION.")] = None,
) -> None:
    """Operate a deployed Signup Relay. The runbook is docs/operations.md."""
    session = session_of(context)
    session.target = Target(stack, local, profile, region)
    session.target.name_account()


def main(argv: Sequence[str] | None = None, connect: Callable[[], Deployment] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the command's arguments; `sys.argv` when None.
        connect: builds the deployment, for the commands that need one; as the environment says when None.
    """
    console = Console(sys.stdout, sys.stderr)
    session = Session(console, connect or _connect)
    try:
        with _own_environment():
            code = app(argv, prog_name="relay", standalone_mode=False, obj=session)
        console.out.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  what is not explained is raised again
        return _explain(error, console)
    return int(code or 0)


def _explain(error: Exception | KeyboardInterrupt, console: Console) -> int:
    """Say what went wrong, and return the exit code; raises a fault of ours again."""
    match error:
        case TyperException():
            console.warn(f"relay: {error.format_message()}")
            _hint(console, error)
            return error.exit_code
        case BrokenPipeError():
            # The reader has closed the pipe, as `head` does. Python would raise again when it flushes stdout at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PROBLEM_FOUND
        case KeyboardInterrupt():
            return INTERRUPTED
        case Abort():  # Ctrl-C at a question, or nobody there to answer it
            if sys.stdin.isatty():
                return INTERRUPTED
            console.warn("relay: the input ended before every question was answered; nothing was changed")
            return COULD_NOT_RUN
    text = str(error) if isinstance(error, RelayError) else explained(error)
    if text is None:
        raise error
    console.warn(f"relay: {text}")
    return COULD_NOT_RUN


@contextmanager
def _own_environment() -> Generator[None]:
    """Take back at the end what the words before the command have set."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _connect() -> Deployment:
    from cli.deployment import connect

    return connect()


def _hint(console: Console, mistake: TyperException) -> None:
    context = getattr(mistake, "ctx", None)
    if context is not None:
        console.warn(f"Try '{context.command_path} --help'.")
