"""Tries a connection's credentials with one read-only call, where the vendor has one."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from cli.console import Console
from cli.deployment import Deployment, vendor_http
from shared.deadline import Deadline
from shared.errors import ConfigurationError, CredentialsMissing, VendorError
from shared.forms import Form
from shared.vendors.protocol import ActionSpec

PROBE_SECONDS = 20


def probe(connection: str, forms: Iterable[Form], console: Console, deployment: Deployment) -> int:
    """Print host and result of one connection, never a credential. Returns 1 when the vendor refused.

    Raises:
        ConfigurationError: no form delivers to this connection, so its vendor is unknown.
        CredentialsMissing, SecretsUnavailable: there is no usable secret.
    """
    specs = {d.spec.vendor: d.spec for form in forms for d in form.destinations if d.name == connection}
    if not specs:
        raise ConfigurationError(f"no form has a destination named {connection}")
    return max(_try(connection, spec, console, deployment) for spec in specs.values())


def _try(name: str, spec: ActionSpec, console: Console, deployment: Deployment) -> int:
    try:
        connection = spec.connection.of_secret(name, deployment.secrets.fetch(name, fresh=True))
    except CredentialsMissing as error:
        console.warn(str(error))
        return 1
    host = f"{name}: {spec.vendor} at {urlsplit(connection.base_url).netloc}"
    if spec.probe is None:
        console.say(f"{host}: the secret is complete, but not tried: this vendor has no read-only call")
        return 0
    try:
        with vendor_http() as http:
            spec.probe(connection, http, Deadline.after(PROBE_SECONDS))
    except VendorError as error:
        console.warn(f"{host}: not accepted: {error}")
        return 1
    console.say(f"{host}: credentials accepted")
    return 0
