"""The switches of a twin: which of a vendor's possible behaviours it shows. They may change while it runs."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

from local.twins.messages import Record


@dataclass
class TwinOptions:
    """The switches that every twin has."""

    down: bool = False
    """Answer everything with 503, as in an outage."""
    latency: float = 0.0
    """Seconds that each request takes before it is worked on."""
    search_lag: float = 0.0
    """Seconds by which the search index is behind creations and updates."""

    def as_record(self) -> Record:
        """Return all switches with their present values."""
        return asdict(self)

    def change(self, changes: Record) -> None:
        """Set some switches, all of them or none.

        Raises:
            ValueError: a name is unknown or a value is not one the switch can take.
        """
        kinds = get_type_hints(type(self))
        for name, value in changes.items():
            if name not in kinds:
                raise ValueError(f"unknown option {name}; there are {', '.join(kinds)}")
            if not _fits(value, kinds[name]):
                raise ValueError(f"option {name} cannot be {value!r}")
        for name, value in changes.items():
            setattr(self, name, value)


def _fits(value: object, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, kind)
