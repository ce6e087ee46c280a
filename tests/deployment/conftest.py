"""An account on this machine, empty when the tests begin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.aws_services import AwsServices
from local.lambdas.lifeline import Lifeline
from tests.deployment.stand_in import Account, left_out
from tests.support.paths import ROOT


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("account")
    report = ROOT / "test-results" / "deploy-check.txt"
    report.parent.mkdir(exist_ok=True)
    report.write_text(f"The stand-in refuses: {', '.join(left_out())}\n", encoding="utf-8")
    line = Lifeline()
    with (folder / "log").open("ab") as log:
        services = AwsServices(line, log, folder, services="")
        yield Account(services.url, report)
        services.stop()
    line.cut()
