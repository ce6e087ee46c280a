"""The HTTP side of the submit function: routes, and what every answer has in common."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from functions.submit import answer, snippet
from functions.submit.reception import Reception
from functions.submit.refusal import Refusal
from functions.submit.request import read_request
from functions.submit.screening import allowed_origin, check_origin
from shared.forms import Form, FormBroken, FormNotFound, Forms
from shared.telemetry import count, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@dataclass(frozen=True, slots=True)
class Application:
    """Answers HTTP API events; whatever happens inside, never with a 500."""

    forms: Forms
    reception: Reception

    def handle(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Route one event."""
        resolver = APIGatewayHttpResolver()

        @resolver.post("/forms/<form_id>")
        def sign_up(form_id: str) -> Response[str]:
            return self._sign_up(form_id, event, context)

        @resolver.route("/forms/<form_id>", method=["OPTIONS"])
        def preflight(form_id: str) -> Response[str]:
            return self._preflight(form_id, event)

        @resolver.get("/signup-relay.js")
        def script() -> Response[str]:
            return snippet.script(read_request("", event, 0).headers)

        @resolver.not_found
        def not_found(_: NotFoundError) -> Response[str]:
            return answer.refusal(None, Refusal("not-found"), html=read_request("", event, 0).wants_html)

        return resolver.resolve(event, context)

    def _sign_up(self, form_id: str, event: Mapping[str, Any], context: LambdaContext) -> Response[str]:
        form: Form | None = None
        origin: str | None = None
        request = read_request(form_id, event, time.time())
        html = request.wants_html
        try:
            form = self._form(form_id)
            origin = allowed_origin(form, request)
            response = answer.success(form, self.reception.receive(form, request, context), html=html)
        except Refusal as refused:
            count("Refused", reason=refused.kind)
            response = answer.refusal(form, refused, html=html)
        except Exception as error:  # noqa: BLE001  a defect is ours: nothing was accepted, and the caller may try again
            logger.error("defect", form=form_id if form else "unknown", error=type(error).__name__)
            count("Defect")
            response = answer.refusal(form, Refusal("not-accepted", retry_after=5), html=html)
        return answer.allow(response, origin)

    def _preflight(self, form_id: str, event: Mapping[str, Any]) -> Response[str]:
        request = read_request(form_id, event, time.time())
        try:
            form = self._form(form_id)
            check_origin(form, request)
        except Refusal as refused:
            return answer.allow(answer.refusal(None, refused, html=False), None)
        return answer.allow(answer.preflight(), allowed_origin(form, request))

    def _form(self, form_id: str) -> Form:
        try:
            return self.forms.get(form_id)
        except FormNotFound:
            raise Refusal("form-not-found") from None
        except FormBroken as broken:
            logger.error("form is broken", file=broken.file, problems=broken.problems)
            count("FormBroken", form=form_id)
            raise Refusal("form-broken", retry_after=300) from None
