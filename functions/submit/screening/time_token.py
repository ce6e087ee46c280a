"""Time tokens: how long a visitor has had the form before sending it. Bots do not wait.

A token is the time it was issued, signed for one form with the deployment's key; nothing is stored. It may serve
several sign-ups, as a page that stays open may: the rate limit bounds those.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable

from shared.ledger.person_hashing import PersonHasher

MAX_AGE_SECONDS = 86_400


class TimeTokens:
    """Issues and checks tokens."""

    def __init__(self, people: PersonHasher, wall_clock: Callable[[], float] = time.time) -> None:
        self._people = people
        self._wall_clock = wall_clock

    def issue(self, form_id: str) -> str:
        """Return a token for a visitor who opens the form now.

        Raises:
            LedgerKeyUnavailable: the key could not be read.
        """
        issued_at = str(int(self._wall_clock() * 1000))
        return f"{issued_at}.{self._seal(form_id, issued_at)}"

    def check(self, form_id: str, token: str, min_seconds: int) -> str | None:
        """Return what is wrong with the token: `token-missing`, `-forged`, `-too-young`, `-too-old`, or None.

        Raises:
            LedgerKeyUnavailable: the key could not be read.
        """
        if not token:
            return "token-missing"
        issued_at, _, seal = token.partition(".")
        genuine = re.fullmatch(r"[0-9]{1,14}", issued_at) and re.fullmatch(r"[0-9a-f]{32}", seal)
        if not genuine or not hmac.compare_digest(seal, self._seal(form_id, issued_at)):
            return "token-forged"
        age = self._wall_clock() - int(issued_at) / 1000
        if age < min_seconds:
            return "token-too-young"
        return "token-too-old" if age > MAX_AGE_SECONDS else None

    def _seal(self, form_id: str, issued_at: str) -> str:
        return self._people.hashed("time-token", form_id, issued_at)
