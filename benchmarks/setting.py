"""What every measurement needs: the code, compiled as it is deployed, the stand-ins, and events."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.sandbox import Sandbox

HERE = Path(__file__).parent
ROOT = HERE.parent
BASELINE_COMMIT = "49c9f7b"
"""The commit that the drain's processor time is compared with."""
SUBMIT = "functions.submit.handler.lambda_handler"
RETRY = "functions.retry.handler.lambda_handler"
BARE = "bare.handler"
DESTINATION_SECRETS = "signup-relay/"


@dataclass
class Setting:
    """One run's surroundings. `python` has the packages of Lambda and of the peer."""

    python: Path
    folder: Path
    port: int

    def compiled(self, name: str, *sources: Path) -> Path:
        """Return a folder with copies of `sources` and their byte code, as `build.mk` makes it."""
        target = self.folder / name
        for source in sources:
            if source.is_dir():
                shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.mkdir(exist_ok=True)
                shutil.copy(source, target)
        return self._with_byte_code(target)

    def commit(self, commit: str) -> Path | None:
        """Return the functions' code as it was at a commit; None where this copy of the project does not hold it."""
        archive = _git("archive", commit, "functions", "shared")
        if archive is None:
            return None
        target = self.folder / commit
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(target, filter="data")
        return self._with_byte_code(target)

    def sandbox(self, handler: str, code: Path, forms: Path | str = "one", **variables: str) -> Sandbox:
        """Return an execution environment that reaches the stand-ins."""
        address = f"http://127.0.0.1:{self.port}"
        return Sandbox(
            self.python,
            handler,
            code,
            {
                "AWS_ENDPOINT_URL": address,
                "RETRY_QUEUE_URL": f"{address}/123456789012/retry",
                "DEAD_LETTER_QUEUE_URL": f"{address}/123456789012/dead",
                "FORMS_DIR": str(HERE / "forms" / forms),
                **variables,
            },
        )

    def control(self, what: str, **given: float) -> Any:
        """Tell the stand-ins something, or ask them."""
        body = json.dumps(given).encode() if given else None
        address = f"http://127.0.0.1:{self.port}/bench/{what}"
        with urllib.request.urlopen(address, body, timeout=10) as answer:
            return json.load(answer)

    def _with_byte_code(self, folder: Path) -> Path:
        command = [str(self.python), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
        subprocess.run(command, check=True)  # noqa: S603
        return folder


@contextlib.contextmanager
def setting(python: Path, folder: Path) -> Generator[Setting]:
    """Start the stand-ins."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.stand_ins", str(port)], cwd=ROOT)  # noqa: S603
    made = Setting(python, folder, port)
    try:
        _wait_for(made)
        yield made
    finally:
        process.kill()
        process.wait()


def sign_up(number: int, form: str = "one") -> dict[str, Any]:
    """Return the HTTP API's event of a person's sign-up; each number is another person."""
    person = {"email": f"person{number}@example.com", "given_name": "Ada", "news": True}
    if form == "five":
        person["phone"] = f"+1 516 555 {number % 10_000:04}"
    event: dict[str, Any] = json.loads((ROOT / "events" / "submit-unknown-form.json").read_text(encoding="utf-8"))
    event.update(rawPath=f"/forms/{form}", body=json.dumps(person), isBase64Encoded=False)
    event["headers"] = {
        "content-type": "application/json",
        "origin": "https://www.example.com",
        "host": "api.example.com",
        "user-agent": "bench",
    }
    event["requestContext"]["http"].update(path=f"/forms/{form}", method="POST")
    event["requestContext"]["timeEpoch"] = int(time.time() * 1000)
    return event


def batch(messages: Iterable[str]) -> dict[str, Any]:
    """Return the event of a batch of the retry queue."""
    now = str(int(time.time() * 1000))
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": now,
        "SenderId": "bench",
        "ApproximateFirstReceiveTimestamp": now,
    }
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": body,
                "attributes": attributes,
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:retry",
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(messages)
        ]
    }


def median_ms(seconds: Iterable[float]) -> float:
    """Return the median in milliseconds."""
    return statistics.median(seconds) * 1000


def _wait_for(made: Setting) -> None:
    for _ in range(200):
        try:
            made.control("calls")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the stand-ins do not answer")


def _git(*arguments: str) -> bytes | None:
    """Return what git says; None where it fails, or is not there."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None
