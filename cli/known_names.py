"""Says when a filter names what does not exist: an empty list would read as "all is well"."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cli.deployment import Deployment
from cli.destinations import destinations_by_name
from cli.frame.console import Console
from shared.problems import near


def warn_of_unknown(
    console: Console,
    deployment: Deployment,
    *,
    form: str | None = None,
    destination: str | None = None,
    seen: Iterable[tuple[str, str]] = (),
) -> bool:
    """Warn of a form or destination that neither the form files nor what was found have; return whether there is one.

    Args:
        console: where to.
        deployment: whose form files.
        form: a filter, None for none.
        destination: the same.
        seen: form and destination of everything that was found; the form files may not have them any more.
    """
    found = list(seen)
    forms = {*deployment.forms.ids(), *(each for each, _ in found)}
    destinations = {*destinations_by_name(deployment.forms), *(each for _, each in found)}
    filters = (("form", form, forms), ("destination", destination, destinations))
    return any(_warn(console, kind, wanted, known) for kind, wanted, known in filters if wanted is not None)


def _warn(console: Console, kind: str, wanted: str, known: Collection[str]) -> bool:
    if wanted in known:
        return False
    console.warn(f"there is no {kind} {wanted} among {', '.join(sorted(known)) or 'none'}{near(wanted, known)}")
    return True
