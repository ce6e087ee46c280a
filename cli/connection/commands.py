"""`relay connection`: a vendor's credentials in Secrets Manager, without another tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from typer import Argument, Context, Option

from cli.connection import store
from cli.connection.ask import ask
from cli.connection.keys import Kind, kind_of
from cli.deployment import vendor_http
from cli.destinations import usable_forms
from cli.frame.console import Console
from cli.frame.options import Json
from cli.frame.session import commands, session_of
from cli.live import check_live, print_live
from shared.deadline import Deadline
from shared.errors import ConfigurationError, RelayError, VendorError

PROBE_SECONDS = 20

app = commands("Add, rotate or test a vendor's credentials in Secrets Manager.")

Name = Annotated[str, Argument(metavar="CONNECTION", help="The destination's name.")]
Vendor = Annotated[str | None, Option(metavar="VENDOR", help="Whose it is, where no form says so yet.")]
Untried = Annotated[bool, Option("--untried", help="Store it without trying it at the vendor.")]


@app.command()
def add(context: Context, name: Name, vendor: Vendor = None, untried: Untried = False, as_json: Json = False) -> int:
    """Store the secret of a connection that has none: asked for, or a JSON object from stdin."""
    session = session_of(context)
    deployment = session.connect()
    kind = kind_of(name, deployment.forms, vendor)
    if store.known_secret(deployment, name) is not None:
        raise ConfigurationError(f"connection {name} has a secret: `relay connection rotate {name}`")
    secret = ask(kind, {})
    kind.check(secret)
    if not untried and not _is_accepted(kind, secret, session.console):
        return 1
    return _stored(store.create(deployment, name, secret), session.console, as_json=as_json)


@app.command()
def rotate(context: Context, name: Name, vendor: Vendor = None, untried: Untried = False, as_json: Json = False) -> int:
    """Replace a connection's credentials; what is not given stays. Refused ones are not stored."""
    session = session_of(context)
    deployment = session.connect()
    kind = kind_of(name, deployment.forms, vendor)
    known = store.known_secret(deployment, name)
    if known is None:
        raise ConfigurationError(f"connection {name} has no secret: `relay connection add {name}`")
    secret = _same_account(kind, known, ask(kind, known))
    kind.check(secret)
    if not untried and not _is_accepted(kind, secret, session.console):
        return 1
    return _stored(store.replace(deployment, name, secret), session.console, as_json=as_json)


@app.command("test")
def try_it(context: Context, name: Name, as_json: Json = False) -> int:
    """Try a connection's credentials and options with calls that only read, as `relay check --live` does."""
    session = session_of(context)
    deployment = session.connect()
    results = check_live(name, usable_forms(deployment.forms), deployment)
    return print_live(results, session.console, as_json=as_json)


def _same_account(kind: Kind, known: Mapping[str, Any], secret: dict[str, Any]) -> dict[str, Any]:
    """Keep the account's name: without one the old credential is it, and the ledger would know nobody of it."""
    if kind.spec is None or "account" in secret or known.get("base_url") != secret.get("base_url"):
        return secret
    try:
        before = kind.spec.connection.of_secret(kind.name, known).account_key
        after = kind.spec.connection.of_secret(kind.name, secret).account_key
    except RelayError:
        return secret  # what is wrong with it is told by the check
    # Several headers make no name of an account.
    is_same = before == after or "\n" in before[-1]
    return secret if is_same else {**secret, "account": before[-1]}


def _is_accepted(kind: Kind, secret: Mapping[str, Any], console: Console) -> bool:
    if kind.spec is None or kind.spec.probe is None:
        return True
    try:
        with vendor_http() as http:
            kind.spec.probe(kind.spec.connection.of_secret(kind.name, secret), http, Deadline.after(PROBE_SECONDS))
    except VendorError as error:
        console.warn(f"{kind.name}: not accepted, and not stored: {error}")
        return False
    return True


def _stored(full_name: str, console: Console, *, as_json: bool) -> int:
    if as_json:
        console.json({"stored": full_name})
    else:
        console.say(
            f"stored {full_name}; held deliveries follow within seconds, everything else uses it within 5 minutes"
        )
    return 0
