from __future__ import annotations

from typing import Any, cast

import pytest

from shared.ledger.person_hashing import PersonHasher


class FakeSecrets:
    """Holds the deployment's key, or fails as it is told."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def fetch(self, name: str) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        return {"key": f"the {name} of these tests"}


@pytest.fixture
def secrets() -> FakeSecrets:
    return FakeSecrets()


@pytest.fixture
def people(secrets: FakeSecrets) -> PersonHasher:
    return PersonHasher(cast("Any", secrets))
