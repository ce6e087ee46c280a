"""Routes requests to the stack's own pages; all others are the API's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from local.form_files import FormFile
from local.gateway.http_answer import Answer, gateway_answer
from local.gateway.http_event import Request
from local.pages.forms import forms_page, thanks_page
from local.pages.html import see_other
from local.pages.twins import queue_depths, twins_page
from local.twins.server import Twin

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Site:
    """The pages at `/`, `/thanks/…` and `/twins…`."""

    def __init__(
        self,
        url: str,
        files: Sequence[FormFile],
        twins: Mapping[str, Twin],
        sqs: SQSClient,
        references: Mapping[str, str],
    ) -> None:
        """Take what the pages show."""
        self._url = url
        self._files = files
        self._twins = twins
        self._sqs = sqs
        self._references = references

    def answer(self, request: Request) -> Answer | None:
        """Answer a request for a page; None for everything else."""
        match request.method, request.path.strip("/").split("/"):
            case "GET", [""]:
                return forms_page(self._url, self._files, snippet=request.query == "snippet")
            case "GET", ["thanks", form_id]:
                return thanks_page(form_id, self._files)
            case "GET", ["twins"]:
                return twins_page(self._url, self._twins, queue_depths(self._sqs, self._references))
            case "POST", ["twins", vendor, action] if vendor in self._twins:
                return self._operate_twin(vendor, action, request.header("origin"))
        return None

    def _operate_twin(self, vendor: str, action: str, origin: str) -> Answer:
        if origin.rpartition("/")[2] not in {self._url.rpartition("/")[2], f"localhost:{self._port}"}:
            # A page of another website must not stop a twin.
            return gateway_answer(HTTPStatus.FORBIDDEN, f"Send the stack's own origin: -H 'Origin: {self._url}'")
        twin = self._twins[vendor]
        match action:
            case "stop":
                twin.stop()
            case "start":
                twin.stop()  # a second click must not bind the port twice
                twin.start()
            case "reset":
                twin.reset()
            case _:
                return gateway_answer(HTTPStatus.NOT_FOUND)
        return see_other(f"/twins#{vendor}")

    @property
    def _port(self) -> str:
        return self._url.rpartition(":")[2]
