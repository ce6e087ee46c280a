"""What a command gets from the frame: where it prints, and how it reaches the deployment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer import Context, Typer

from cli.frame.console import Console

if TYPE_CHECKING:
    from cli.deployment import Deployment


@dataclass(slots=True)
class Session:
    """One run of `relay`.

    Attributes:
        console: where the command prints.
        connect: builds the deployment, for the commands that need one.
    """

    console: Console
    connect: Callable[[], Deployment]


def session_of(context: Context) -> Session:
    """Return the session that the frame handed to a command."""
    session = context.obj
    assert isinstance(session, Session)
    return session


def commands(text: str) -> Typer:
    """Return an empty set of commands; a module of the frame's list has one as `app`."""
    # Typer's own tracebacks print local variables: secrets and people.
    return Typer(help=text, add_completion=False, pretty_exceptions_enable=False)
