from __future__ import annotations

import json
import logging

import pytest

from shared.telemetry import NAMESPACE, count


def test_a_count_is_one_line_of_embedded_metric_format_with_its_dimensions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "my-stack")
    count("Delivered", 2, destination="pulse-us")
    (line,) = capsys.readouterr().out.splitlines()
    metric = json.loads(line)
    assert metric["Delivered"] == [2.0]
    assert metric["destination"] == "pulse-us"
    assert metric["service"] == "my-stack"
    directive = metric["_aws"]["CloudWatchMetrics"][0]
    assert directive["Namespace"] == NAMESPACE
    assert sorted(directive["Dimensions"][0]) == ["destination", "service"]


@pytest.mark.parametrize("library", ["httpx", "httpcore", "botocore", "boto3", "urllib3", "aws_lambda_powertools"])
def test_libraries_that_print_urls_or_bodies_say_nothing_below_a_warning(library: str) -> None:
    assert not logging.getLogger(library).isEnabledFor(logging.INFO)


def test_lines_of_many_threads_are_never_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    class Stdout:
        def write(self, text: str) -> None:
            written.append(text)

    monkeypatch.setattr("sys.stdout", Stdout())
    count("Delivered", destination="pulse-us")
    count("Queued", destination="pulse-us")
    assert len(written) == 2
    assert all(text.endswith("}\n") and json.loads(text) for text in written)
