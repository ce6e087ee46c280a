"""`relay send`: a test sign-up to a deployed form, made from the form's own fields."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from typer import Argument, BadParameter, Context, Option

from cli.frame.options import Json, form_ids
from cli.frame.session import Session, commands, session_of
from cli.send.body import body_in, body_of
from cli.send.post import Sent, form_url, post
from shared.errors import ConfigurationError
from shared.forms import Form, FormNotFound, Forms
from shared.settings import Settings

app = commands("Send a test sign-up, made from the form's own fields.")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise BadParameter("must be like email=you@example.com")
    return name, value


@app.command()
def send(
    context: Context,
    form_id: Annotated[str, Argument(metavar="FORM", autocompletion=form_ids, help="The form's id.")],
    settings: Annotated[
        list[Any] | None,
        Option("--set", parser=_setting, metavar="FIELD=VALUE", help="What a field says; can be repeated."),
    ] = None,
    body_file: Annotated[
        Path | None, Option("--body", metavar="FILE", help="JSON to send, as the form's sender writes it.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Send a test sign-up, made from the form's own fields. Exit code 1 when it is not accepted.

    Each field says an example: every box is ticked, those of optional consents too, and of choices the first is taken.
    So a destination with a condition may be skipped. --set FIELD=false unticks a box. Without --set the e-mail address
    is nobody's, at example.com: vendors that send mail may refuse it.
    """
    session = session_of(context)
    form = _form(form_id)
    url = form_url(session.address(), form.id)
    body = body_in(body_file) if body_file else body_of(form, dict(settings or ()))

    def read_secret(name: str) -> dict[str, Any]:  # only signed forms need a deployment
        return session.connect().secrets.fetch(name)

    with session.console.progress(f"Sending to {url}"):
        sent = post(form, url, body, read_secret, uuid4().hex)
    _print(sent, form, url, session, as_json=as_json)
    return 0 if sent.is_accepted else 1


def _form(form_id: str) -> Form:
    folder = Path(os.environ.get("FORMS_DIR") or Settings.model_fields["forms_dir"].default)
    try:
        return Forms(folder).get(form_id)
    except FormNotFound:
        raise ConfigurationError(f"there is no form {form_id} in {folder}") from None


def _print(sent: Sent, form: Form, url: str, session: Session, *, as_json: bool) -> None:
    console = session.console
    if as_json:
        console.json({"form": form.id, "url": url, "status": sent.status, "answer": dict(sent.body)})
        return
    if sent.is_accepted:
        submission_id = sent.body.get("submissionId")
        console.say(f"{sent.status} {sent.body.get('status')}: {submission_id}")
        console.warn(f"what becomes of it: {session.target.as_typed()} trace {submission_id}")
        return
    console.warn(f"{sent.status} {sent.body.get('title', 'not accepted')}: {sent.body.get('detail', '')}".rstrip(": "))
    for error in sent.body.get("errors", ()):
        console.warn(f"  {error.get('field')}: {error.get('code')}")
    if form.spam.captcha:
        console.warn("the form asks for a captcha, which only a person can solve")
