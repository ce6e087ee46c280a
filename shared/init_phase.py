"""Lambda's INIT phase: building, before the first event arrives, what its answer needs."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from contextlib import suppress

from shared.forms import Form, FormBroken, Forms
from shared.settings import Settings

GARBAGE_THRESHOLD = 50_000
"""After INIT, Python looks for garbage when so many objects more were made than freed."""

MOST_FORMS = 100
"""A form takes a fifth of a millisecond. Of a thousand, the others are read when they are first used."""


def in_init_phase(prepare: Callable[[Settings], object]) -> None:
    """Prepare, if the environment tells how. Never fails: the first invocation tells what is wrong.

    Opens no connection: without credentials in the environment botocore would look for them over the network, so
    nothing is prepared then. SnapStart is the exception: its INIT has credentials from an agent inside the environment
    only ("Improving startup performance with Lambda SnapStart").
    """
    if "AWS_ACCESS_KEY_ID" in os.environ or os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        with suppress(Exception):
            "localhost".encode("idna")  # loads the codec that every connection's host name goes through
            prepare(Settings.from_environment(os.environ))
        gc.freeze()  # it lives as long as the environment: the garbage collector need not look at it
    gc.set_threshold(GARBAGE_THRESHOLD)  # `functions/__init__.py` put all looks off until here


def load_first(forms: Forms) -> list[Form]:
    """Read the first forms, which imports the vendors that they name; return those that are not broken."""
    loaded = []
    for form_id in forms.ids()[:MOST_FORMS]:
        with suppress(FormBroken):
            loaded.append(forms.get(form_id))
    return loaded
