"""AWS and the vendors as a process of their own that always says yes, after as many milliseconds as it is told to.

`python -m benchmarks.stand_ins PORT`. It remembers nobody, so every sign-up creates a contact. It costs the measured
process nothing but the calls themselves. `GET /bench/calls` returns and forgets how often each call was made,
`GET /bench/messages` the bodies that were queued, `POST /bench/latency` sets `{"aws": ms, "vendor": ms}`, and
`POST /bench/vendor` `{"status": 503}` lets every vendor fail with that status.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

SECRET = {"account_id": "1", "api_token": "token", "api_key": "key", "username": "user", "password": "word"}
CREATED: dict[str, Any] = {"id": "77"}


@dataclass
class StandIns:
    """The answers, and what was asked."""

    port: int
    calls: Counter[str] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)
    latency: dict[str, float] = field(default_factory=lambda: {"aws": 0.0, "vendor": 0.0})
    vendor_status: int = 200

    async def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Return status and JSON."""
        if path.startswith("/bench/"):
            return 200, self._control(path.removeprefix("/bench/"), json.loads(body or b"{}"))
        if "x-amz-target" in headers:
            service, _, operation = headers["x-amz-target"].partition(".")
            self.calls[f"{service.partition('_')[0]}.{operation}"] += 1
            await self._wait("aws")
            return 200, self._aws(operation, json.loads(body))
        vendor = path.split("/")[1]
        self.calls[f"vendor.{vendor}"] += 1
        await self._wait("vendor")
        return self._vendor(vendor, method, path)

    async def _wait(self, who: str) -> None:
        until = time.perf_counter() + self.latency[who] / 1000
        while (left := until - time.perf_counter()) > 0:  # noqa: ASYNC110  what is waited for is a time
            # A pause of asyncio's may end a millisecond late, and a sign-up would meet seven of those.
            await asyncio.sleep(max(0.0, left - 0.0015))

    def _control(self, what: str, given: dict[str, Any]) -> Any:
        match what:
            case "calls":
                counted, self.calls = dict(self.calls), Counter()
                return counted
            case "messages":
                queued, self.messages = self.messages, []
                return queued
            case "latency":
                self.latency = {"aws": given["aws"], "vendor": given["vendor"]}
            case "vendor":
                self.vendor_status = given["status"]
        return {}

    def _aws(self, operation: str, asked: dict[str, Any]) -> Any:
        match operation:
            case "GetSecretValue":
                name = asked["SecretId"].rpartition("/")[2]
                secret = {**SECRET, "key": "k" * 64, "base_url": f"http://127.0.0.1:{self.port}/{name}"}
                return {"Name": name, "VersionId": "v" * 32, "SecretString": json.dumps(secret)}
            case "UpdateItem":
                return {"Attributes": asked["Key"]}
            case "BatchGetItem":
                return {"Responses": {}, "UnprocessedKeys": {}}
            case "SendMessageBatch":
                self.messages += [entry["MessageBody"] for entry in asked["Entries"]]
                sent = [{"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""} for entry in asked["Entries"]]
                return {"Successful": sent, "Failed": []}
            case "GetQueueAttributes":
                return {"Attributes": {"ApproximateNumberOfMessagesNotVisible": "0"}}
        return {}

    def _vendor(self, vendor: str, method: str, path: str) -> tuple[int, Any]:
        if self.vendor_status != 200:
            return self.vendor_status, {}
        if path.endswith("/fields"):
            return 200, [{"Name": "Email"}, {"Name": "FirstName"}]
        if method == "GET":
            return 200, []
        return 201 if vendor == "pulse" else 200, CREATED

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while line := await reader.readline():
                method, path, _ = line.decode().split(" ", 2)
                headers = {}
                while (header := (await reader.readline()).decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, content = await self.answer(method, path, headers, body)
                text = json.dumps(content).encode()
                head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
                writer.write(head.encode() + text)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def main(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(StandIns(port).serve, "127.0.0.1", port, limit=1 << 24)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
