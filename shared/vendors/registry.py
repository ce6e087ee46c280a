"""The vendors. Each package's `actions.py` says what is registered.

Registering a vendor is its name in `VENDORS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module

from shared.vendors.protocol import ActionSpec

VENDORS = ("pulse", "esputnik", "higherlogic", "which50", "whautomate")


@cache
def actions_of(vendor: str) -> Mapping[str, ActionSpec]:
    """Return what a vendor can do, by action; nothing where there is no such vendor."""
    if vendor not in VENDORS:
        return {}
    specs: tuple[ActionSpec, ...] = import_module(f"shared.vendors.{vendor}.actions").ACTIONS
    return {spec.action: spec for spec in specs}


class _Actions(Mapping[tuple[str, str], ActionSpec]):
    """Every action, by vendor and action."""

    def __getitem__(self, key: tuple[str, str]) -> ActionSpec:
        vendor, action = key
        return actions_of(vendor)[action]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((vendor, action) for vendor in VENDORS for action in actions_of(vendor))

    def __len__(self) -> int:
        return sum(1 for _ in self)


ACTIONS: Mapping[tuple[str, str], ActionSpec] = _Actions()
