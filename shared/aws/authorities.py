"""The certificate authorities that boto3 trusts, read once and not again for every new connection (docs/adr/0019)."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore import httpsession

MAKER = "create_urllib3_context"
"""The function by which botocore makes a client's TLS context."""


def read_authorities_once() -> None:
    """Let the clients that are made from now on share one TLS context, which reads a list of authorities once.

    Where a later botocore has no function of that name, every connection reads the list, and nothing else changes.
    """
    make = getattr(httpsession, MAKER, None)
    if make is None:
        return

    @cache
    def shared_context(*args: Any, **kwargs: Any) -> Any:
        context = make(*args, **kwargs)
        context.load_verify_locations = cache(context.load_verify_locations)
        return context

    setattr(httpsession, MAKER, shared_context)
