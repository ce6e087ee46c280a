"""Routes requests to the stack's own pages; all others are the API's."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from local.aws_services import AwsClients
from local.buttons import Buttons
from local.gateway.http_answer import Answer, gateway_answer
from local.gateway.http_event import Request
from local.pages.destinations import read_destinations
from local.pages.forms import forms_page, thanks_page
from local.pages.html import see_other
from local.pages.next_tries import read_next_tries
from local.pages.timeline import SHOWN, Situation, timeline_page
from local.pages.twins import queue_depths, twins_page
from shared.aws.dynamodb import DynamoDBTable


class Site:
    """The pages at `/`, `/thanks/…`, `/timeline` and `/twins`, and what their buttons post to."""

    def __init__(self, buttons: Buttons, clients: AwsClients, references: Mapping[str, str]) -> None:
        """Take what the pages show."""
        self._buttons = buttons
        self._url = buttons.url
        self._twins = buttons.twins
        self._sqs = clients.sqs
        self._table = DynamoDBTable(references["LedgerTable"], clients.dynamodb)
        self._references = references

    def answer(self, request: Request) -> Answer | None:
        """Answer a request for a page; None for everything else."""
        path = request.path.strip("/").split("/")
        if request.method == "GET":
            return self._page(path, request.query)
        is_button = path[0] in {"twins", "timeline"} and len(path) > 1
        if request.method == "POST" and is_button:
            return self._press(path, request)
        return None

    def _page(self, path: list[str], query: str) -> Answer | None:
        files = self._buttons.files.files
        match path:
            case [""]:
                return forms_page(self._url, files, snippet=query == "snippet")
            case ["thanks", form_id]:
                return thanks_page(form_id, files)
            case ["timeline"]:
                chosen = dict(parse_qsl(query)).get("form", "newsletter")
                return timeline_page(self._situation(), chosen)
            case ["twins"]:
                return twins_page(self._url, self._twins, self._buttons.connections, self._depths())
        return None

    def _situation(self) -> Situation:
        forms, entries = self._buttons.files.forms, self._buttons.story.latest(SHOWN)
        return Situation(
            entries=entries,
            next_tries=read_next_tries(entries, self._table),
            forms=forms,
            twins=self._twins,
            connections=self._buttons.connections,
            destinations=read_destinations(forms, self._table),
            depths=self._depths(),
        )

    def _depths(self) -> dict[str, int]:
        return queue_depths(self._sqs, self._references)

    def _press(self, path: list[str], request: Request) -> Answer:
        if not self._is_own(request.header("origin")):
            # A page of another website must not stop a twin.
            return gateway_answer(HTTPStatus.FORBIDDEN, f"Send the stack's own origin: -H 'Origin: {self._url}'")
        where = self._press_own(path, request)
        return see_other(where) if where else gateway_answer(HTTPStatus.NOT_FOUND)

    def _press_own(self, path: list[str], request: Request) -> str | None:
        """Do what the button says; return where the browser goes next, or None where there is no such button."""
        values = dict(parse_qsl(request.body.decode(errors="replace")))
        match path:
            case ["twins", vendor, action] if vendor in self._twins:
                done = self._buttons.operate_twin(vendor, action)
                return f"/{'timeline' if request.query == 'then=timeline' else 'twins'}#{vendor}" if done else None
            case ["timeline", "sign-up"]:
                done = self._buttons.sign_up(values.get("form", ""), is_double_click=values.get("times") == "2")
                return f"/timeline?form={values['form']}#story" if done else None
            case ["timeline", "replay"]:
                self._buttons.replay(values.get("submission", ""), values.get("destination", ""))
                return "/timeline#story"
        return None

    def _is_own(self, origin: str) -> bool:
        own, given = urlsplit(self._url), urlsplit(origin)
        return given.netloc in {own.netloc, f"localhost:{own.port}"}
