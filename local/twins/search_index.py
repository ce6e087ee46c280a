"""A vendor's search index: copies of the records, possibly some seconds behind the records themselves."""

import copy
import time
from collections.abc import Callable, Hashable

from local.twins.messages import Record


class SearchIndex:
    """Remembers every version of a record, so that a search can be answered as of some seconds ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._versions: dict[Hashable, list[tuple[float, Record | None]]] = {}

    def put(self, key: Hashable, record: Record) -> None:
        """Index a new or changed record."""
        self._versions.setdefault(key, []).append((self._clock(), copy.deepcopy(record)))

    def remove(self, key: Hashable) -> None:
        """Index a record's removal."""
        self._versions.setdefault(key, []).append((self._clock(), None))

    def clear(self) -> None:
        """Forget everything at once, without lag."""
        self._versions.clear()

    def stand_still(self) -> None:
        """Take what is indexed of each record first for old: a lagging search shows that, whatever the lag."""
        for versions in self._versions.values():
            versions[0] = (float("-inf"), versions[0][1])

    def as_of(self, lag: float) -> list[Record]:
        """Return the records as they were `lag` seconds ago, oldest record first."""
        horizon = self._clock() - lag
        found = (_newest(versions, horizon) for versions in self._versions.values())
        return [record for record in found if record is not None]


def _newest(versions: list[tuple[float, Record | None]], horizon: float) -> Record | None:
    return next((record for indexed_at, record in reversed(versions) if indexed_at <= horizon), None)
