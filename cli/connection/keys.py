"""What a connection's secret holds, by what the forms use it for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.destinations import all_destinations, usable_forms
from shared.errors import ConfigurationError, CredentialsMissing
from shared.forms import Forms
from shared.problems import near
from shared.vendors.protocol import ActionSpec
from shared.vendors.registry import ACTIONS

SIGNING = "signing_secret"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a secret is for: a vendor's connection, or the check of a sender's signatures (`spec` is None)."""

    name: str
    spec: ActionSpec | None

    @property
    def questions(self) -> tuple[str, ...]:
        """The keys to ask for, those that must be given first."""
        if self.spec is None:
            return (SIGNING,)
        fields = self.spec.connection.model_fields
        required = [name for name, field in fields.items() if field.is_required()]
        return (*required, *(name for name in fields if name not in required))

    def is_optional(self, key: str) -> bool:
        """Whether a key may be left out."""
        return self.spec is not None and not self.spec.connection.model_fields[key].is_required()

    def check(self, secret: Mapping[str, Any]) -> None:
        """Refuse a secret that cannot be used.

        Raises:
            ConfigurationError: names each key that is missing or malformed, never a value.
        """
        if self.spec is None:
            if not secret.get(SIGNING):
                raise ConfigurationError(f"secret of connection {self.name}: {SIGNING}: is required")
            return
        try:
            self.spec.connection.of_secret(self.name, secret)
        except CredentialsMissing as error:
            raise ConfigurationError(str(error)) from None


def kind_of(name: str, forms: Forms, vendor: str | None) -> Kind:
    """Return what the secret `name` is for.

    Raises:
        ConfigurationError: no form uses it and no vendor is given, or an unknown one.
    """
    if vendor is not None:
        of_vendor = [spec for (known, _), spec in ACTIONS.items() if known == vendor]
        if not of_vendor:
            raise ConfigurationError(f"unknown vendor {vendor}; known are {', '.join(sorted({v for v, _ in ACTIONS}))}")
        return Kind(name, of_vendor[0])
    specs = {destination.name: destination.spec for destination in all_destinations(forms)}
    signing = {form.signature.secret for form in usable_forms(forms) if form.signature}
    if name in specs or name in signing:
        return Kind(name, specs.get(name))
    alike = near(name, {*specs, *signing})
    raise ConfigurationError(f"no form has a destination named {name}: give --vendor{alike}")
