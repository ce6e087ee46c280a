"""`relay snippet`: the script tag that loads this version of the snippet, and no other."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Annotated
from urllib.parse import urlsplit

from typer import Argument, BadParameter, Context

from cli.frame.options import Json
from cli.frame.session import commands, session_of
from shared.snippet import current_snippet

app = commands("The script tag that loads this version of the snippet, with its integrity hash.")


def _relay_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise BadParameter("must be the relay's address, or a form's, like https://relay.example.com")
    return text.partition("/forms/")[0].rstrip("/")


@dataclass(frozen=True)
class ScriptTag:
    """What a page needs to load this version of the snippet."""

    src: str
    integrity: str

    @property
    def html(self) -> str:
        """The tag."""
        return f'<script src="{escape(self.src)}" integrity="{self.integrity}" crossorigin="anonymous" defer></script>'


def script_tag(relay_url: str) -> ScriptTag:
    """Return the tag for pages that use the relay at this address."""
    current = current_snippet()
    return ScriptTag(relay_url + current.path, current.integrity)


@app.command()
def snippet(
    context: Context,
    url: Annotated[str, Argument(metavar="URL", parser=_relay_url, help="Address of the relay, or of a form.")],
    as_json: Json = False,
) -> int:
    """The script tag that loads this version of the snippet, with its integrity hash."""
    console = session_of(context).console
    tag = script_tag(url)
    if as_json:
        console.json({**asdict(tag), "tag": tag.html})
    else:
        console.say(tag.html)
    return 0
