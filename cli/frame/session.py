"""What a command gets from the frame: where it prints, and how it reaches the deployment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from typer import Context, Typer

from cli.frame.console import Console
from cli.frame.target import Target
from shared.errors import ConfigurationError

if TYPE_CHECKING:
    from cli.deployment import Deployment


@dataclass(slots=True)
class Session:
    """One run of `relay`.

    Attributes:
        console: where the command prints.
        build: builds the deployment that the environment names.
        target: what the words before the command say of it.
    """

    console: Console
    build: Callable[[], Deployment]
    target: Target = field(default_factory=Target)

    def address(self) -> str:
        """Return the address of the deployment's API.

        Raises:
            ConfigurationError: nothing names it.
        """
        self.target.name_deployment()
        url = os.environ.get("RELAY_URL")
        if not url:
            raise ConfigurationError("say where the relay is: relay --stack NAME …, relay --local …, or RELAY_URL")
        return url

    def connect(self) -> Deployment:
        """Build the deployment, for the commands that need one.

        Raises:
            ConfigurationError: it cannot be found, or a variable is missing or malformed.
        """
        self.target.name_deployment()
        return self.build()


def session_of(context: Context) -> Session:
    """Return the session that the frame handed to a command."""
    session = context.obj
    assert isinstance(session, Session)
    return session


def commands(text: str) -> Typer:
    """Return an empty set of commands; a module of the frame's list has one as `app`."""
    # Typer's own tracebacks print local variables: secrets and people.
    return Typer(help=text, add_completion=False, pretty_exceptions_enable=False)
