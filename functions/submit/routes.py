"""The HTTP side of the submit function: routes, and what every answer has in common."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from functions.submit.answer import answer, openapi, snippet
from functions.submit.refusal import Refusal
from functions.submit.request.request import Request, read_request
from functions.submit.screening.screening import allowed_origin, check_origin
from functions.submit.screening.time_token import TimeTokens
from functions.submit.signup import Reception
from shared.forms import Form, FormBroken, FormNotFound, Forms
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


_METHODS = {
    r"/forms/(?P<form>[^/]+)": "OPTIONS, POST",
    r"/forms/(?P<form>[^/]+)/token": "GET",
    r"/signup-relay\.js|/openapi\.json": "GET",
}
"""Path → methods that are answered there."""

Respond = Callable[[Form, Request], Response[str]]


@dataclass(frozen=True, slots=True)
class Application:
    """Answers HTTP API events; whatever happens inside, never with a 500."""

    forms: Forms
    reception: Reception
    time_tokens: TimeTokens
    wall_clock: Callable[[], float] = time.time

    def handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Route one event."""
        logger.set_correlation_id(None)
        try:
            return self._router(event, context).resolve(event, context)
        except Exception as error:  # noqa: BLE001  the gateway sends no such event; whoever does is answered too
            logger.error("not an HTTP API event", error=type(error).__name__)
            refused = answer.refusal(None, Refusal("unreadable-body"), html=False)
            return {"statusCode": refused.status_code, "headers": refused.headers, "body": refused.body}

    def _router(self, event: Mapping[str, Any], context: LambdaContext) -> APIGatewayHttpResolver:
        # In debug mode, which an environment variable would turn on, Powertools prints whole events.
        resolver = APIGatewayHttpResolver(debug=False)

        @resolver.post("/forms/<form_id>")
        def sign_up(form_id: str) -> Response[str]:
            return self._for_form(form_id, event, partial(self._sign_up, context=context))

        @resolver.route("/forms/<form_id>", method=["OPTIONS"])
        def preflight(form_id: str) -> Response[str]:
            return self._for_form(form_id, event, _preflight)

        @resolver.get("/forms/<form_id>/token")
        def token(form_id: str) -> Response[str]:
            return self._for_form(form_id, event, self._token)

        @resolver.get("/signup-relay.js")
        def script() -> Response[str]:
            return snippet.script(self._read("", event).headers)

        @resolver.get("/openapi.json")
        def describe() -> Response[str]:
            return answer.json_answer(HTTPStatus.OK, openapi.description())

        @resolver.not_found
        def not_found(_: NotFoundError) -> Response[str]:
            return self._not_found(event)

        return resolver

    def _not_found(self, event: Mapping[str, Any]) -> Response[str]:
        path = str(event.get("rawPath"))
        known = ((re.fullmatch(pattern, path), methods) for pattern, methods in _METHODS.items())
        match, allowed = next(((match, methods) for match, methods in known if match), (None, ""))
        html = self._read("", event).wants_html
        if match is None:
            return answer.refusal(None, Refusal("not-found"), html=html)
        form_id = match.groupdict().get("form")
        response = (
            self._for_form(form_id, event, _refuse_method)
            if form_id
            else answer.refusal(None, Refusal("method-not-allowed"), html=html)
        )
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = allowed
        return response

    def _read(self, form_id: str, event: Mapping[str, Any]) -> Request:
        return read_request(form_id, event, self.wall_clock())

    def _for_form(self, form_id: str, event: Mapping[str, Any], respond: Respond) -> Response[str]:
        """Answer a request for one form; a page of an allowed origin can read every answer, refusals too."""
        form: Form | None = None
        request = self._read(form_id, event)
        try:
            form = self._form(form_id)
            response = respond(form, request)
        except Refusal as refused:
            reason = refused.finer or refused.kind
            logger.info("refused", form=form.id if form else "unknown", reason=reason, origin=request.website)
            count("Refused", reason=refused.kind)
            response = answer.refusal(form, refused, html=request.wants_html)
        except Exception as error:  # noqa: BLE001  a defect is ours: nothing was accepted, and the caller may try again
            logger.error("defect", form=form.id if form else "unknown", error=type(error).__name__)
            count("Defect")
            response = answer.refusal(form, Refusal("not-accepted"), html=request.wants_html)
        return answer.allow(response, allowed_origin(form, request) if form else None)

    def _sign_up(self, form: Form, request: Request, *, context: LambdaContext) -> Response[str]:
        return answer.success(form, self.reception.receive(form, request, context), html=request.wants_html)

    def _token(self, form: Form, request: Request) -> Response[str]:
        if request.origin is not None:  # browsers send none when a page of our own origin asks
            check_origin(form, request)
        token = self.time_tokens.issue(form.id)
        return answer.json_answer(HTTPStatus.OK, {"token": token, "minSeconds": form.spam.min_seconds})

    def _form(self, form_id: str) -> Form:
        try:
            return self.forms.get(form_id)
        except FormNotFound:
            raise Refusal("form-not-found") from None
        except FormBroken as broken:
            logger.error("form is broken", file=broken.file, problems=broken.problems)
            count("FormBroken", form=form_id)
            raise Refusal("form-broken") from None


def _refuse_method(form: Form, request: Request) -> Response[str]:
    raise Refusal("method-not-allowed")


def _preflight(form: Form, request: Request) -> Response[str]:
    check_origin(form, request)
    return answer.preflight()
