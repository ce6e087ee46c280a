"""Tries a connection's credentials with one read-only call, where the vendor has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from cli.deployment import Deployment, vendor_http
from cli.frame.console import Console
from shared.deadline import Deadline
from shared.errors import ConfigurationError, CredentialsMissing, VendorError
from shared.forms import Form
from shared.vendors.protocol import ActionSpec

PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try. `result` never holds a credential."""

    connection: str
    vendor: str
    host: str | None
    accepted: bool | None
    """None where the vendor has no call that only reads."""
    result: str


def probe(
    connection: str, forms: Iterable[Form], console: Console, deployment: Deployment, *, as_json: bool = False
) -> int:
    """Print host and result of one connection. Returns 1 when the vendor refused, or the secret is incomplete.

    Raises:
        ConfigurationError: no form delivers to this connection, so its vendor is unknown.
        SecretsUnavailable: Secrets Manager failed.
    """
    specs = {d.spec.vendor: d.spec for form in forms for d in form.destinations if d.name == connection}
    if not specs:
        raise ConfigurationError(f"no form has a destination named {connection}")
    tried = [_try(connection, spec, deployment) for spec in specs.values()]
    if as_json:
        console.json({"connections": [asdict(each) for each in tried]})
    else:
        for each in tried:
            _print(each, console)
    return 1 if any(each.accepted is False for each in tried) else 0


def _print(tried: Tried, console: Console) -> None:
    where = f"{tried.connection}: {tried.vendor} at {tried.host}: " if tried.host else ""
    (console.warn if tried.accepted is False else console.say)(f"{where}{tried.result}")


def _try(name: str, spec: ActionSpec, deployment: Deployment) -> Tried:
    try:
        connection = spec.connection.of_secret(name, deployment.secrets.fetch(name, fresh=True))
    except CredentialsMissing as error:
        return Tried(name, spec.vendor, None, accepted=False, result=str(error))
    host = urlsplit(connection.base_url).netloc
    if spec.probe is None:
        text = "the secret is complete, but not tried: this vendor has no read-only call"
        return Tried(name, spec.vendor, host, accepted=None, result=text)
    try:
        with vendor_http() as http:
            spec.probe(connection, http, Deadline.after(PROBE_SECONDS))
    except VendorError as error:
        return Tried(name, spec.vendor, host, accepted=False, result=f"not accepted: {error}")
    return Tried(name, spec.vendor, host, accepted=True, result="credentials accepted")
