"""What the functions load of the vendors: every module costs time in a cold start."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.paths import ROOT


def test_the_functions_do_not_load_calls_that_no_delivery_makes() -> None:
    code = "import json, sys; from shared.vendors.registry import ACTIONS; list(ACTIONS)"
    code += "; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)
    loaded = json.loads(run.stdout)
    assert "shared.vendors.which50.client" in loaded
    only_people_call = (".bulk", ".import_job", ".live_check", ".answer_shape")
    assert not [name for name in loaded if name.endswith(only_people_call)]
