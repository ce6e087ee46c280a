"""`relay check --live`: tries a connection's credentials, then what form files say of it. Only reads at the vendor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from cli.deployment import Deployment, vendor_http
from cli.frame.console import Console, counted
from shared.contact import Channel
from shared.deadline import Deadline
from shared.errors import ConfigurationError, CredentialsMissing, VendorError
from shared.forms import Destination, Form
from shared.forms.fields import BooleanField, ChoiceField, ConsentField, attribute_of
from shared.forms.form_warnings import asks_for
from shared.http.vendor_http import VendorHttp
from shared.vendors.connection import Connection
from shared.vendors.live_check import CheckedDestination, Finding, Findings, live_check_of
from shared.vendors.protocol import ActionSpec

PROBE_SECONDS = 20
CHECK_SECONDS = 60
"""For all calls of one destination's check."""

_ORDER = ("wrong", "note", "fits", "untried")
"""What needs a person comes first."""


@dataclass(frozen=True, slots=True)
class LiveResult:
    """What was found at one connection. Never holds a credential.

    Attributes:
        connection, vendor, host: what was tried; no host where the secret is not usable.
        accepted: whether the vendor takes the credentials; None where it has no call that only reads.
        result: the same in words.
        findings: what was found of the options, with the forms that it is about.
    """

    connection: str
    vendor: str
    host: str | None
    accepted: bool | None
    result: str
    findings: tuple[tuple[Finding, tuple[str, ...]], ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether deliveries would fail or lose something."""
        return self.accepted is False or any(finding.result == "wrong" for finding, _ in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`."""
        findings = [{"forms": list(forms), **asdict(finding)} for finding, forms in self.findings]
        return {**asdict(self), "findings": findings}


def check_live(connection: str, forms: Iterable[Form], deployment: Deployment) -> list[LiveResult]:
    """Try one connection, and every destination of these forms that delivers to it.

    Raises:
        ConfigurationError: no form delivers to this connection, so its vendor is unknown.
        SecretsUnavailable: Secrets Manager did not answer.
    """
    uses = [(form, each) for form in forms for each in form.destinations if each.name == connection]
    specs = {destination.spec.vendor: destination.spec for _, destination in uses}
    if not specs:
        raise ConfigurationError(f"no form has a destination named {connection}")
    return [
        _check_vendor(connection, spec, [use for use in uses if use[1].spec.vendor == spec.vendor], deployment)
        for spec in specs.values()
    ]


def print_live(results: list[LiveResult], console: Console, *, as_json: bool) -> int:
    """Print what was found. Returns 1 when something is wrong."""
    if as_json:
        console.json({"connections": [result.as_json() for result in results]})
    else:
        for result in results:
            _print(result, console)
    return 1 if any(result.is_wrong for result in results) else 0


def _check_vendor(
    name: str, spec: ActionSpec, uses: list[tuple[Form, Destination]], deployment: Deployment
) -> LiveResult:
    try:
        secret = spec.connection.of_secret(name, deployment.secrets.fetch(name, fresh=True))
    except CredentialsMissing as error:
        return LiveResult(name, spec.vendor, None, accepted=False, result=str(error))
    host = urlsplit(secret.base_url).netloc
    with vendor_http() as http:
        try:
            if spec.probe is not None:
                spec.probe(secret, http, Deadline.after(PROBE_SECONDS))
        except VendorError as error:
            return LiveResult(name, spec.vendor, host, accepted=False, result=f"not accepted: {error}")
        found: dict[Finding, tuple[str, ...]] = {}
        for form, destination in uses:
            for finding in _findings(form, destination, secret, http):
                found[finding] = tuple(dict.fromkeys((*found.get(finding, ()), form.id)))
    findings = tuple(found.items())
    if spec.probe is None:
        text = "the secret is complete, but not tried: this vendor has no read-only call"
        return LiveResult(name, spec.vendor, host, accepted=None, result=text, findings=findings)
    return LiveResult(name, spec.vendor, host, accepted=True, result="credentials accepted", findings=findings)


def _findings(form: Form, destination: Destination, secret: Connection, http: VendorHttp) -> list[Finding]:
    found = Findings()
    check = live_check_of(destination.spec.vendor)
    if check is None:
        found.untried("options", "there is no live check for this vendor's options")
    else:
        values = dict(_possible_values(form, destination))
        custom = tuple(destination.custom_fields.values())
        deadline = Deadline.after(CHECK_SECONDS)
        granted = _granted(form, destination)
        check(CheckedDestination(secret, destination.options, custom, values, http, deadline, granted), found)
    return found.all


def _granted(form: Form, destination: Destination) -> frozenset[Channel]:
    """Return the channels for which nobody arrives without consent: by a required box, or by the destination's own."""
    boxes = {name: field for name, field in form.fields.items() if isinstance(field, ConsentField)}
    sure = [box for name, box in boxes.items() if box.required or asks_for([name], destination.when or {})]
    return frozenset(channel for box in sure for channel in box.grants)


def _possible_values(form: Form, destination: Destination) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield where a field goes, and what it can hold, for the fields that say so."""
    for name, field in form.fields.items():
        custom = destination.custom_fields.get(name)
        place = f"custom.{custom}" if custom is not None else attribute_of(name, field)
        if place is None:
            continue
        if isinstance(field, ChoiceField):
            yield place, field.options
        elif isinstance(field, BooleanField):
            yield place, ("true", "false")


def _print(result: LiveResult, console: Console) -> None:
    where = f"{result.connection}: {result.vendor} at {result.host}: " if result.host else ""
    (console.warn if result.accepted is False else console.say)(f"{where}{result.result}")
    for finding, forms in sorted(result.findings, key=lambda each: _ORDER.index(each[0].result)):
        console.say(f"{', '.join(forms)}: {finding.result}: {finding.about}: {finding.text}")
    if result.findings:
        kinds = [finding.result for finding, _ in result.findings]
        console.say(
            f"{kinds.count('fits')} fit, {kinds.count('wrong')} wrong, {counted(kinds.count('note'), 'note')}, "
            f"{kinds.count('untried')} untried"
        )
