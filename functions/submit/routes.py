"""The HTTP side of the submit function: one table of routes, and what every answer has in common."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from functions.submit.answer import answer, static_files
from functions.submit.refusal import Refusal
from functions.submit.request.request import Request, read_request
from functions.submit.screening.screening import allowed_origin, check_origin
from functions.submit.screening.time_token import TimeTokens
from functions.submit.signup import SignupService
from shared.forms import Form, FormBroken, FormNotFound, Forms
from shared.telemetry import count, gauge_milliseconds, logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_EVENT: ContextVar[dict[str, Any]] = ContextVar("event")
_INVOCATION: ContextVar[LambdaContext] = ContextVar("invocation")

FormResponder = Callable[["Routes", Form, Request], Response[str]]


class Routes:
    """Answers HTTP API events; whatever happens inside, never with a 500."""

    def __init__(
        self,
        forms: Forms,
        signups: SignupService,
        time_tokens: TimeTokens,
        base_path: str = "",
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.forms = forms
        self.signups = signups
        self._time_tokens = time_tokens
        self._base_path = base_path
        self._wall_clock = wall_clock
        self._resolver = self._build_resolver()

    def handle(self, event: dict[str, Any], invocation: LambdaContext) -> dict[str, Any]:
        """Route one event."""
        logger.set_correlation_id(None)
        try:
            _EVENT.set({**event, "rawPath": self._without_base_path(str(event.get("rawPath")))})
            _INVOCATION.set(invocation)
            return self._resolver.resolve(event, invocation)
        except Exception as error:  # noqa: BLE001  the gateway sends no such event, but other callers may
            logger.error("not an HTTP API event", error=type(error).__name__)
            refused = answer.refusal(None, Refusal("unreadable-body"), html=False)
            return {"statusCode": refused.status_code, "headers": refused.headers, "body": refused.body}

    # What the routes of the table below do.

    def sign_up(self, form: Form, request: Request) -> Response[str]:
        """Take a sign-up."""
        started = time.monotonic()
        result = self.signups.receive(form, request, _INVOCATION.get())
        gauge_milliseconds("SignUpMilliseconds", (time.monotonic() - started) * 1000, form=form.id)
        return answer.success(form, result, html=request.wants_html, origin=request.origin)

    def preflight(self, form: Form, request: Request) -> Response[str]:
        """Tell a browser that scripts of an allowed origin may post."""
        check_origin(form, request)
        return answer.preflight()

    def token(self, form: Form, request: Request) -> Response[str]:
        """Issue a time token."""
        if request.origin is not None:  # browsers send none when a page of our own origin asks
            check_origin(form, request)
        token = self._time_tokens.issue(form.id)
        return answer.json_answer(HTTPStatus.OK, {"token": token, "minSeconds": form.spam.min_seconds})

    # What all of them have in common.

    def for_form(self, form_id: str, respond: FormResponder) -> Response[str]:
        """Answer a request for one form; a page of an allowed origin can read every answer, refusals too."""
        form: Form | None = None
        request = self._request(form_id)
        try:
            form = self._form(form_id)
            response = respond(self, form, request)
        except Refusal as refused:
            reason = refused.variant or refused.kind
            logger.info("refused", form=form.id if form else "unknown", reason=reason, origin=request.website)
            count("Refused", reason=refused.kind)
            response = answer.refusal(form, refused, html=request.wants_html)
        except Exception as error:  # noqa: BLE001  a defect is ours: nothing was accepted, and the caller may try again
            logger.error("defect", form=form.id if form else "unknown", error=type(error).__name__)
            count("Defect")
            response = answer.refusal(form, Refusal("not-accepted"), html=request.wants_html)
        return answer.allow(response, allowed_origin(form, request) if form else None)

    def _form(self, form_id: str) -> Form:
        try:
            return self.forms.get(form_id)
        except FormNotFound:
            raise Refusal("form-not-found") from None
        except FormBroken as broken:
            broken.report(form_id)
            raise Refusal("form-broken") from None

    def _request(self, form_id: str = "") -> Request:
        return read_request(form_id, _EVENT.get(), self._wall_clock())

    def _build_resolver(self) -> APIGatewayHttpResolver:
        # In debug mode, which an environment variable would turn on, Powertools prints whole events.
        resolver = _Resolver(debug=False)
        for route in ROUTES:
            resolver.route(route.path, method=[route.method])(self._answering(route))
        resolver.not_found(self._not_found)
        return resolver

    def _answering(self, route: Route) -> Callable[..., Response[str]]:
        respond = route.answer
        if respond is None:
            return lambda file_name="": self._file()
        return lambda form_id: self.for_form(form_id, respond)

    def _file(self) -> Response[str]:
        request = self._request()
        found = static_files.answer(self._resolver.current_event.path, request.headers)
        return found or answer.refusal(None, Refusal("not-found"), html=request.wants_html)

    def _not_found(self, _: NotFoundError) -> Response[str]:
        path, method = self._resolver.current_event.path, self._resolver.current_event.http_method
        matches = {route.method: match for route in ROUTES if (match := route.pattern.fullmatch(path))}
        if not matches:
            return answer.refusal(None, Refusal("not-found"), html=self._request().wants_html)
        form_id = next(iter(matches.values())).groupdict().get("form_id")
        if form_id is None:
            # The resolver takes fewer characters in a file's name than our pattern does: such a file is not there.
            kind = "not-found" if method in matches else "method-not-allowed"
            response = answer.refusal(None, Refusal(kind), html=self._request().wants_html)
        else:
            response = self.for_form(form_id, _refuse_method)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(sorted(matches))
        return response

    def _without_base_path(self, path: str) -> str:
        inside = self._base_path and path.startswith(f"{self._base_path}/")
        return path.removeprefix(self._base_path) if inside else path


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table of routes. `answer` answers for one form; a route without it serves a static file."""

    method: str
    path: str
    answer: FormResponder | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        """What paths of this route look like."""
        return re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", re.escape(self.path)))


ROUTES = (
    Route("POST", "/forms/<form_id>", Routes.sign_up),
    Route("OPTIONS", "/forms/<form_id>", Routes.preflight),
    Route("GET", "/forms/<form_id>/token", Routes.token),
    Route("GET", "/signup-relay.js"),
    Route("GET", "/assets/<file_name>"),
    Route("GET", "/openapi.json"),
)
"""Every route, once. The resolver, the `Allow` of a 405 and the 404 follow; a test compares `template.yaml`."""


class _Resolver(APIGatewayHttpResolver):
    """Powertools' resolver. Its own keeps the event in a class attribute, which concurrent events would share."""

    @property
    def current_event(self) -> APIGatewayProxyEventV2:  # type: ignore[override]
        """The event that this thread answers."""
        return APIGatewayProxyEventV2(_EVENT.get())


def _refuse_method(_: Routes, form: Form, request: Request) -> Response[str]:
    raise Refusal("method-not-allowed")
