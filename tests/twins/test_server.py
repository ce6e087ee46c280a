import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from local.twins import TWINS
from local.twins.pulse.twin import PulseTwin
from tests.support.waiting import eventually

ANN: dict[str, Any] = {"source": 7, "emails": [{"emailAddress": "ann@example.com"}]}


@pytest.fixture
def twin() -> Iterator[PulseTwin]:
    with PulseTwin() as pulse:
        yield pulse


@pytest.fixture
def pulse(twin: PulseTwin) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"API-TOKEN {twin.api_token}", "X-Account": twin.account_id}
    with httpx.Client(base_url=twin.url, headers=headers, timeout=60) as client:
        yield client


def create(pulse: httpx.Client, **settings: Any) -> httpx.Response:
    return pulse.post("/contacts", json=ANN, **settings)


def script(pulse: httpx.Client, **fault: Any) -> None:
    pulse.post("/_twin/faults", json=fault).raise_for_status()


def test_a_scripted_status_comes_with_its_headers_and_commits_nothing(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="status", status=429, retry_after=7, body={"error": "slow down"}, path="/contacts$")
    assert pulse.get("/forms").status_code == 200
    answer = create(pulse)
    assert (answer.status_code, answer.headers["Retry-After"], answer.json()) == (429, "7", {"error": "slow down"})
    assert (create(pulse).status_code, len(twin.contacts())) == (201, 1)


def test_retry_after_may_be_a_date(pulse: httpx.Client) -> None:
    script(pulse, fault="status", status=503, retry_after_date=60)
    away = parsedate_to_datetime(create(pulse).headers["Retry-After"]).timestamp() - time.time()
    assert 50 < away < 61


def test_a_fault_strikes_count_times_after_those_it_skips(pulse: httpx.Client) -> None:
    script(pulse, fault="status", status=500, method="POST", skip=1, count=2)
    assert [create(pulse).status_code for _ in range(4)] == [201, 500, 500, 201]


def test_a_fault_may_last_until_it_is_removed(pulse: httpx.Client) -> None:
    script(pulse, fault="status", count=None)
    assert [create(pulse).status_code for _ in range(3)] == [503] * 3
    pulse.delete("/_twin/faults")
    assert create(pulse).status_code == 201


def test_a_firewall_page_is_403_in_html(pulse: httpx.Client) -> None:
    script(pulse, fault="html")
    answer = create(pulse)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (403, "text/html")


def test_a_redirect_ends_at_html_that_answers_200(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="redirect", count=2)
    assert create(pulse).status_code == 302
    assert create(pulse, follow_redirects=True).status_code == 200
    assert twin.contacts() == []


def test_dropped_before_commits_nothing(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        create(pulse)
    assert (twin.contacts(), twin.requests[0].committed, twin.requests[0].status) == ([], False, None)


def test_dropped_after_commits_without_an_answer(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="drop_after")
    with pytest.raises(httpx.RemoteProtocolError):
        create(pulse)
    assert (len(twin.contacts()), twin.requests[0].committed, twin.requests[0].status) == (1, True, None)


def test_a_late_commit_is_made_when_the_test_says_so(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="late_commit")
    with pytest.raises(httpx.RemoteProtocolError):
        create(pulse)
    assert (twin.contacts(), twin.requests[0].committed, twin.requests[0].status) == ([], False, None)
    twin.work_off()
    assert (len(twin.contacts()), twin.requests[0].committed) == (1, True)
    twin.work_off()
    assert len(twin.contacts()) == 1


def test_an_error_may_hide_a_write(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="status_after", status=504)
    assert create(pulse).status_code == 504
    assert (len(twin.contacts()), twin.requests[0].committed, twin.requests[0].status) == (1, True, 504)


def test_an_answer_may_break_off_in_the_middle_of_its_body(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="close_mid_body")
    with pytest.raises(httpx.RemoteProtocolError):
        create(pulse)
    assert len(twin.contacts()) == 1


def test_a_hang_may_commit_before_its_silence(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="hang", seconds=60, commit="before")
    with pytest.raises(httpx.ReadTimeout):
        create(pulse, timeout=0.1)
    eventually(lambda: len(twin.contacts()) == 1)


def test_a_hang_may_commit_after_its_silence_though_the_caller_is_gone(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="hang", seconds=0.8, commit="after")
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        create(pulse, timeout=0.1)
    eventually(lambda: len(twin.contacts()) == 1)
    assert time.monotonic() - started >= 0.8


def test_a_hang_may_end_without_having_committed(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="hang", seconds=0.2, commit="never")
    with pytest.raises(httpx.RemoteProtocolError):
        create(pulse)
    assert (twin.contacts(), twin.requests[0].committed) == ([], False)


def test_a_trickle_pauses_before_every_byte(pulse: httpx.Client) -> None:
    script(pulse, fault="trickle", seconds=0.003)
    started = time.monotonic()
    answer = create(pulse)
    assert answer.status_code == 201
    assert time.monotonic() - started >= 0.003 * len(answer.content)


def test_an_answer_may_be_far_too_large(pulse: httpx.Client) -> None:
    script(pulse, fault="oversize", size=2_000_000)
    assert len(create(pulse).content) > 2_000_000


def test_latency_delays_and_changes_nothing_else(twin: PulseTwin, pulse: httpx.Client) -> None:
    script(pulse, fault="latency", seconds=0.1)
    started = time.monotonic()
    assert create(pulse).status_code == 201
    twin.options.latency = 0.1
    assert create(pulse).status_code == 201
    assert time.monotonic() - started > 0.2


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "explode"},
        {"fault": "status", "often": 3},
        {"fault": "hang", "commit": "x"},
        {"fault": "html", "path": "("},
    ],
)
def test_a_fault_that_cannot_be_meant_is_refused(fault: Any, pulse: httpx.Client) -> None:
    assert pulse.post("/_twin/faults", json=fault).status_code == 400


def test_random_faults_repeat_with_their_seed(twin: PulseTwin, pulse: httpx.Client) -> None:
    def statuses() -> list[int]:
        rates = {"503": 0.3, "429": 0.2}
        pulse.post("/_twin/faults", json={"seed": 1, "rates": rates, "members": {"429": {"retry_after": 1}}})
        return [pulse.get("/forms").status_code for _ in range(30)]

    first = statuses()
    assert first == statuses()
    assert set(first) == {200, 429, 503}
    pulse.post("/_twin/reset")
    assert twin.faults.pending() == {"scripted": [], "rates": {}}


def test_down_refuses_everything_until_it_is_up_again(twin: PulseTwin, pulse: httpx.Client) -> None:
    pulse.put("/_twin/options", json={"down": True})
    assert create(pulse).status_code == 503
    pulse.put("/_twin/options", json={"down": False})
    assert (create(pulse).status_code, len(twin.contacts())) == (201, 1)


@pytest.mark.parametrize("change", [{"colour": "red"}, {"put": "sometimes"}, {"down": 1}, {"search_lag": -1}])
def test_an_unknown_option_or_value_changes_nothing(change: Any, twin: PulseTwin, pulse: httpx.Client) -> None:
    before = twin.options.as_record()
    assert pulse.put("/_twin/options", json={"page_size": 3, **change}).status_code == 400
    assert pulse.get("/_twin/options").json() == before


def test_the_journal_shows_requests_and_which_were_committed(pulse: httpx.Client) -> None:
    pulse.get("/contacts/search", params={"groups[]": "contact_display_email", "simpleSearch": "a+b@example.com"})
    create(pulse)
    pulse.post("/contacts", json={})
    searched, created, refused = pulse.get("/_twin/requests").json()
    assert searched["query"]["simpleSearch"] == ["a+b@example.com"]
    assert (json.loads(created["body"]), created["headers"]["content-type"]) == (ANN, "application/json")
    assert [each["committed"] for each in (searched, created, refused)] == [False, True, False]
    assert [each["status"] for each in (searched, created, refused)] == [200, 201, 422]
    assert len(pulse.get("/_twin/requests", params={"committed": "true"}).json()) == 1
    assert len(pulse.get("/_twin/requests", params={"method": "GET", "path": "^/contacts"}).json()) == 1


@pytest.mark.parametrize("vendor", sorted(TWINS))
def test_every_twin_tells_about_itself(vendor: str) -> None:
    with TWINS[vendor]() as twin:
        told = httpx.get(f"{twin.url}/_twin").json()
        assert (told["vendor"], told["contacts"]) == (vendor, 0)
        assert told["connection"]["base_url"].startswith(twin.url)
        assert httpx.get(f"{twin.url}/_twin/events").json() == []
        assert httpx.get(f"{twin.url}/_twin/nothing").status_code == 404
        assert httpx.post(f"{twin.url}/_twin/reset").json() == {"reset": True}


def test_contacts_are_seeded_and_shown(pulse: httpx.Client) -> None:
    assert pulse.post("/_twin/contacts", json=[ANN, ANN]).json()[1]["id"] == 70002
    assert [each["id"] for each in pulse.get("/_twin/contacts").json()] == [70001, 70002]


def test_a_body_of_an_unforeseen_shape_is_500_as_at_a_vendor(
    pulse: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    assert pulse.post("/contacts", json={"source": 1, "emails": ["ann@example.com"]}).status_code == 500
    assert "AttributeError" in capfd.readouterr().err


def test_connections_are_kept_alive(twin: PulseTwin) -> None:
    with (
        socket.create_connection(("127.0.0.1", twin.port), timeout=60) as connection,
        connection.makefile("rb") as file,
    ):
        for _ in range(2):
            connection.sendall(b"GET /docs HTTP/1.1\r\nHost: twin\r\n\r\n")
            head = b"".join(iter(file.readline, b"\r\n"))
            assert b" 200 " in head
            file.read(int(head.lower().partition(b"content-length: ")[2].split()[0]))


def test_a_body_that_never_arrives_whole_commits_nothing(twin: PulseTwin) -> None:
    with socket.create_connection(("127.0.0.1", twin.port), timeout=60) as connection:
        connection.sendall(b"POST /contacts HTTP/1.1\r\nHost: twin\r\nContent-Length: 50\r\n\r\n{")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(10) == b""
    assert twin.requests == []


def test_a_stopped_twin_cuts_its_connections_and_remembers_its_contacts(twin: PulseTwin, pulse: httpx.Client) -> None:
    create(pulse)
    twin.stop()
    with pytest.raises(httpx.TransportError):
        create(pulse)
    twin.start()
    assert create(pulse).status_code == 201
    assert len(twin.contacts()) == 2


def test_many_callers_at_once_are_all_served(twin: PulseTwin, pulse: httpx.Client) -> None:
    def work() -> None:
        for _ in range(5):
            create(pulse)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each["id"] for each in twin.contacts()}) == 80


def test_one_twin_can_be_started_alone() -> None:
    command = [sys.executable, "-m", "local.twins", "pulse", "--option", "wrapper=bare", "--option", "search_lag=2.5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            lines = [process.stdout.readline() for _ in range(3)]
            secret = json.loads(lines[2].partition(": ")[2])
            options = httpx.get(f"{secret['base_url']}/_twin/options").json()
        finally:
            os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 0
    assert (options["wrapper"], options["search_lag"]) == ("bare", 2.5)


def test_a_wrong_switch_on_the_command_line_is_named() -> None:
    command = [sys.executable, "-m", "local.twins", "pulse", "--option", "colour=red"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "unknown option colour" in ended.stderr
