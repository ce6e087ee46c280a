"""Matrices of faults: `make test` runs a few combinations that name every value once, `make check` all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from _pytest.mark import ParameterSet


def matrix(*axes: Sequence[Any]) -> list[ParameterSet]:
    """Return every combination; those that are not needed to name each value of each axis are marked `matrix`."""
    longest = max(len(axis) for axis in axes)
    few = [tuple(axis[index % len(axis)] for axis in axes) for index in range(longest)]
    return [_parameters(values, is_needed=values in few) for values in itertools.product(*axes)]


def first_and_others(values: Iterable[Any]) -> list[ParameterSet]:
    """Return every value; those after the first are marked `matrix`: they show the same of another case, slowly."""
    return [_parameters((value,), is_needed=index == 0) for index, value in enumerate(values)]


def _parameters(values: tuple[Any, ...], *, is_needed: bool) -> ParameterSet:
    marks = [] if is_needed else [pytest.mark.matrix]
    return pytest.param(*values, marks=marks, id="-".join(_name(value) for value in values))


def _name(value: Any) -> str:
    return "-".join(value) if isinstance(value, tuple) else str(value)
