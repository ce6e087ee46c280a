"""Shell commands of the documentation, and the test that runs each.

Not here: `relay` commands, which `tests/functional/cli/test_documented_commands.py` runs as they stand on the pages.
"""

from __future__ import annotations

from collections.abc import Mapping

_START = "tests/stack/test_start_guide.py::test_the_ten_minute_start_works_as_it_is_written"
_SIGN_UP = (
    "curl -i http://127.0.0.1:8000/forms/practice"
    " -H 'Origin: http://127.0.0.1:8000' -H 'Content-Type: application/json'"
)
_STACK = "tests/functional/cli/test_target.py::test_a_stack_is_named_instead_of_variables"
_PAGES = "tests/docs/test_every_page.py"

TRIED: Mapping[str, str] = {
    "make run": "tests/functional/local/test_main.py::test_an_operator_reaches_it_and_nothing_of_it_outlives_it",
    "make demo": "tests/stack/test_demo.py::test_the_demo_keeps_every_promise_and_exits_zero",
    # `make check`, which is what CI runs, runs it.
    "make test": "tests/docs/test_every_page.py::test_the_gate_runs_the_tests",
    f"""{_SIGN_UP} -d '{{"email": "ada@example.com", "mobile": "202 555 0123", "news": true}}'""": _START,
    f"""{_SIGN_UP} -d '{{"email": "grace@example.com", "mobile": "202 555 0124", "news": true}}'""": _START,
    f"""{_SIGN_UP} -d '{{"email": "mary@example.com", "mobile": "202 555 0125", "news": true}}'""": _START,
    "python3 -m http.server 8080 --bind 127.0.0.1 --directory page": _PAGES + "::test_python_serves_a_folder",
    ".venv/bin/relay --stack signup-relay status": _STACK,
    ".venv/bin/relay --install-completion": "tests/docs/test_every_page.py::test_the_shell_can_complete_the_command",
    "relay --stack signup-relay status": _STACK,
    "relay --profile work --region eu-central-1 --stack signup-relay-staging status": _STACK,
}
