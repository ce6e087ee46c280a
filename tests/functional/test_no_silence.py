"""No silence: every alarm of the template, with the failures that ring it, driven through the handlers.

What AWS itself measures is taken from where AWS takes it: an answer with a 5xx, a handler that raises, a queue's depth.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.retry.handler import lambda_handler as retry_handler
from functions.submit.handler import lambda_handler as submit_handler
from local.template import STACK_NAME, Template
from shared.aws.limits import CROWDED_IN_FLIGHT
from tests.functional.submit.form_texts import EMAIL, newsletter
from tests.functional.submit.verifier import Verifier
from tests.support.alarms import Measured, alarms, metrics_in, rings
from tests.support.cloudwatch import CloudWatch
from tests.support.outages import gone
from tests.support.paths import ROOT
from tests.support.relay import Answer, Relay, event
from tests.support.template_facts import CREATED, properties
from tests.support.waiting import eventually

ALARMS = alarms()
MINUTE, DAY = 60, 86_400
QUEUES = {"retry": CREATED["RetryQueue.QueueName"], "dead-letters": CREATED["DeadLetterQueue.QueueName"]}


@dataclass
class Scene:
    """A relay, and what CloudWatch has measured of it."""

    relay: Relay
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    measured: list[Measured] = field(default_factory=list)
    people: Iterator[str] = field(default_factory=lambda: (f"ada{n}@example.com" for n in range(1000)))

    def sign_up(self, form: str = "newsletter", **values: Any) -> Answer:
        """Let somebody new sign up."""
        answer = self.relay.post(form, {"email": next(self.people), **values})
        if answer.status >= 500:
            self.measured.append(Measured("AWS/ApiGateway", "5xx", 1, {"ApiId": "Api"}))
        return answer

    def invoke(self, function: str, handler: Callable[[dict[str, Any], LambdaContext], Any], of: str) -> None:
        """Invoke a handler as Lambda does, which counts what it raises."""
        try:
            handler(event(of), cast("LambdaContext", self.relay.clock))
        except Exception:  # noqa: BLE001 - Lambda counts any
            self.measured.append(Measured("AWS/Lambda", "Errors", 1, {"FunctionName": function}))

    def rung(self, seconds: float) -> set[str]:
        """Return the alarms that ring when it goes on like this for so long."""
        measured = [*self.measured, *metrics_in(self.capsys.readouterr().out), *self.depths()]
        return {name for name, alarm in ALARMS.items() if rings(alarm, measured, seconds)}

    def depths(self) -> Iterator[Measured]:
        """What SQS tells CloudWatch of both queues."""
        for url in (self.relay.retry_queue, self.relay.dead_letters):
            told = self.relay.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            dimensions = {"QueueName": QUEUES[url.rpartition("/")[2]]}
            visible, hidden = told["ApproximateNumberOfMessages"], told["ApproximateNumberOfMessagesNotVisible"]
            yield Measured("AWS/SQS", "ApproximateNumberOfMessagesVisible", float(visible), dimensions)
            yield Measured("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", float(hidden), dimensions)


@pytest.fixture
def scene(relay: Relay, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", STACK_NAME)
    relay.form("newsletter", newsletter())
    relay.twin("pulse", "pulse-us")
    return Scene(relay, capsys, monkeypatch)


def _record(form: str = "newsletter", destination: str = "pulse-us", age_seconds: float = 0) -> dict[str, Any]:
    """A record of the retry queue."""
    record: dict[str, Any] = json.loads(json.dumps(event("retry")["Records"][0]))
    body = json.loads(record["body"])
    moment = int((time.time() - age_seconds) * 1000)
    body |= {"destination": destination, "first_failed_at": moment, "queued_at": moment, "not_before": moment}
    body["submission"] |= {"form": form, "received_at": moment}
    record["body"] = json.dumps(body)
    record["attributes"]["SentTimestamp"] = str(moment)
    return record


# The failures. Each makes something go wrong once.


def sqs_is_gone_while_the_vendor_is_down(scene: Scene) -> None:
    scene.relay.twins["pulse"].options.down = True
    with gone("sqs"):
        assert scene.sign_up().status == 503


def a_form_file_is_broken(scene: Scene) -> None:
    scene.relay.form("newsletter", "title = ")
    assert scene.sign_up().status == 503


def the_form_of_a_waiting_delivery_is_broken(scene: Scene) -> None:
    scene.relay.form("newsletter", "title = ")
    assert scene.relay.retry({"Records": [_record()]})


def the_vendor_refuses_the_data(scene: Scene) -> None:
    scene.relay.twins["pulse"].fail("status", status=422)
    assert scene.sign_up().status == 202


def a_waiting_delivery_is_given_up(scene: Scene) -> None:
    scene.relay.twins["pulse"].options.down = True
    assert not scene.relay.retry({"Records": [_record(age_seconds=4 * DAY)]})


def the_vendor_refuses_the_credentials(scene: Scene) -> None:
    scene.relay.twins["pulse"].fail("status", status=401, count=None)
    assert scene.sign_up().status == 202


def a_connection_has_no_secret(scene: Scene) -> None:
    scene.relay.secrets.delete_secret(SecretId="signup-relay/pulse-us", ForceDeleteWithoutRecovery=True)
    assert scene.sign_up().status == 202


def the_secret_of_a_connection_is_no_json(scene: Scene) -> None:
    scene.relay.secrets.put_secret_value(SecretId="signup-relay/pulse-us", SecretString="api_token: x")
    assert scene.sign_up().status == 202


def the_vendor_is_down(scene: Scene) -> None:
    scene.relay.twins["pulse"].options.down = True
    assert [scene.sign_up().status for _ in range(3)] == [202] * 3


def a_vendor_has_refused_one_sign_up_for_twenty_minutes(scene: Scene) -> None:
    scene.relay.twins["pulse"].fail("status", status=403, count=None)
    assert scene.relay.retry({"Records": [_record(age_seconds=20 * MINUTE)]})


def dynamodb_is_gone(scene: Scene) -> None:
    with gone("dynamodb"):
        assert scene.sign_up().status == 202
        assert scene.relay.retry_waiting()


def the_ledgers_table_is_not_there(scene: Scene) -> None:
    scene.patch.setenv("LEDGER_TABLE", "no-such-table")
    assert scene.sign_up().status == 202
    assert scene.relay.retry_waiting()


def the_ledgers_key_is_missing(scene: Scene) -> None:
    scene.relay.secrets.delete_secret(SecretId="signup-relay/ledger-key", ForceDeleteWithoutRecovery=True)
    assert scene.sign_up().status == 202
    assert scene.relay.retry_waiting()


def secrets_manager_is_gone(scene: Scene) -> None:
    """Both environments have read the ledger's key, not yet the connection's secret."""
    scene.relay.form("other", newsletter().replace("pulse-us", "pulse-eu"))
    scene.relay.twin("pulse", "pulse-eu")
    assert scene.sign_up("other").status == 200
    assert not scene.relay.retry({"Records": [_record("other", "pulse-eu")]})
    with gone("secrets-manager"):
        assert scene.sign_up().status == 202
        assert scene.relay.retry_waiting()


def half_of_what_sqs_lets_be_in_flight_waits(scene: Scene) -> None:
    """One delivery that waits is in flight, as SQS counts; so are 60,001."""
    scene.relay.twins["pulse"].options.down = True
    scene.sign_up()
    assert scene.relay.retry_waiting()
    (one,) = (each for each in scene.depths() if each.name.endswith("NotVisible") and each.value)
    scene.measured.append(Measured(one.namespace, one.name, one.value * (CROWDED_IN_FLIGHT + 1), one.dimensions))


def the_submit_function_lacks_a_setting(scene: Scene) -> None:
    with scene.patch.context() as broken:
        broken.delenv("LEDGER_TABLE")
        scene.invoke("SubmitFunction", submit_handler, "submit-json")


def the_retry_function_lacks_a_setting(scene: Scene) -> None:
    with scene.patch.context() as broken:
        broken.delenv("LEDGER_TABLE")
        scene.invoke("RetryFunction", retry_handler, "retry")


def nobody_works_the_retry_queue_off(scene: Scene) -> None:
    """Its event source is switched off, say: then no metric of ours is emitted, either."""
    scene.relay.twins["pulse"].options.down = True
    assert scene.sign_up().status == 202
    eventually(lambda: any(each.value for each in scene.depths() if each.name.endswith("MessagesVisible")))


def cloudwatch_does_not_say_whether_a_form_is_silent(scene: Scene) -> None:
    scene.relay.form("quiet", newsletter('expect_every = "1d"'))
    with gone("cloudwatch"):
        scene.invoke("SilenceFunction", lambda *_: scene.relay.look_for_silence(), "silence")


def a_form_that_expects_sign_ups_gets_none(scene: Scene) -> None:
    scene.relay.form("quiet", newsletter('expect_every = "1d"'))
    scene.relay.look_for_silence()
    CloudWatch(scene.capsys).take(hours_ago=25)
    scene.relay.look_for_silence()


def lambda_turns_an_invocation_away(scene: Scene) -> None:
    """Before any code of ours runs, so Lambda's word is all there is."""
    scene.measured.append(Measured("AWS/Lambda", "Throttles", 1, {"FunctionName": "RetryFunction"}))


def the_gateway_turns_a_request_away(scene: Scene) -> None:
    """No function was asked, so no integration has a status ("Customizing HTTP API access logs")."""
    scene.measured += _filtered({"status": "429", "integrationStatus": "-", "responseType": "THROTTLED"})


def the_captcha_service_does_not_answer(scene: Scene) -> None:
    scene.relay.form("newsletter", newsletter(more='[spam]\ncaptcha = "turnstile"'))
    with Verifier() as verifier:
        verifier.status = 500
        scene.relay.secret("captcha", {"secret": "captcha-secret", "url": verifier.url})
        assert scene.sign_up(**{"cf-turnstile-response": "a-response"}).status == 202


def bots_come_in_masses(scene: Scene) -> None:
    spam = '[spam]\nhoneypot = "website"'
    scene.relay.form("newsletter", newsletter('rate_limit = "off"', EMAIL, spam))
    for _ in range(int(ALARMS["QuarantineSurgeAlarm"]["Threshold"]) + 1):
        assert scene.sign_up(website="spam.example").status == 200


def a_page_shows_another_consent_text(scene: Scene) -> None:
    witness = {"news": {"text": "Sell my address to anybody.", "preTicked": False, "visible": True}}
    assert scene.sign_up(news=True, _witness=witness).status == 200


def our_code_fails_in_a_delivery(scene: Scene) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    scene.patch.setattr("shared.vendors.pulse.upsert.PulseUpsert.deliver", broken)
    assert scene.sign_up().status == 202


def our_code_fails_before_a_delivery(scene: Scene) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    scene.patch.setattr("functions.submit.signup.build_submission", broken)
    assert scene.sign_up().status == 503


def _filtered(line: Mapping[str, str]) -> list[Measured]:
    """What the metric filter makes of a line of the access log."""
    template = Template.read(ROOT / "template.yaml")
    found = template.resolve(properties(template, "ThrottledRequests"), {"AccessLogGroup": "access"})
    terms = re.findall(r'\(\$\.(\w+) = "([^"]*)"\)', found["FilterPattern"])
    assert found["FilterPattern"] == "{ " + " && ".join(f'($.{name} = "{value}")' for name, value in terms) + " }"
    assert set(line) <= set(json.loads(properties(template, "Api")["AccessLogSettings"]["Format"]))
    if any(line.get(name) != value for name, value in terms):
        return []
    return [
        Measured(made["MetricNamespace"], made["MetricName"], float(made["MetricValue"]))
        for made in found["MetricTransformations"]
    ]


Failure = Callable[[Scene], None]

FAILURES: dict[str, list[Failure]] = {
    "CaptchaUnavailableAlarm": [the_captcha_service_does_not_answer],
    "CircuitOpenAlarm": [the_vendor_is_down],
    "ConsentWitnessAlarm": [a_page_shows_another_consent_text],
    "CredentialsHeldAlarm": [
        the_vendor_refuses_the_credentials,
        a_connection_has_no_secret,
        the_secret_of_a_connection_is_no_json,
    ],
    "DeadLettersAlarm": [the_vendor_refuses_the_data, a_waiting_delivery_is_given_up],
    "DeadLettersForgottenAlarm": [the_vendor_refuses_the_data],
    "DeadLettersGrowAlarm": [the_vendor_refuses_the_data, a_waiting_delivery_is_given_up],
    "DefectAlarm": [our_code_fails_in_a_delivery, our_code_fails_before_a_delivery],
    "FormBrokenAlarm": [a_form_file_is_broken, the_form_of_a_waiting_delivery_is_broken],
    "GatewayThrottledAlarm": [the_gateway_turns_a_request_away],
    "LedgerUnavailableAlarm": [dynamodb_is_gone, the_ledgers_table_is_not_there, the_ledgers_key_is_missing],
    "MessagesInFlightAlarm": [half_of_what_sqs_lets_be_in_flight_waits],
    "NotAcceptedAlarm": [sqs_is_gone_while_the_vendor_is_down],
    "QuarantineSurgeAlarm": [bots_come_in_masses],
    "RetryErrorsAlarm": [the_retry_function_lacks_a_setting],
    "RetryStoppedAlarm": [nobody_works_the_retry_queue_off],
    "SecretsUnavailableAlarm": [secrets_manager_is_gone],
    "ServerErrorsAlarm": [sqs_is_gone_while_the_vendor_is_down, a_form_file_is_broken],
    "SilenceErrorsAlarm": [cloudwatch_does_not_say_whether_a_form_is_silent],
    "SilentAlarm": [a_form_that_expects_sign_ups_gets_none],
    "SubmitErrorsAlarm": [the_submit_function_lacks_a_setting],
    "ThrottledFunctionsAlarm": [lambda_turns_an_invocation_away],
    "WaitingAlarm": [a_vendor_has_refused_one_sign_up_for_twenty_minutes],
}
"""Alarm → the failures that ring it."""

LASTS_SECONDS = {
    "ServerErrorsAlarm": 2 * MINUTE,
    "RetryStoppedAlarm": 10 * MINUTE,
    "DeadLettersForgottenAlarm": 3 * DAY,
}
"""How long a failure must last to ring; of the others one period suffices, an hour at most."""


@pytest.mark.parametrize(
    ("alarm", "failure"),
    [pytest.param(alarm, each, id=f"{alarm}-{each.__name__}") for alarm, row in FAILURES.items() for each in row],
)
def test_a_failure_rings_its_alarm(scene: Scene, alarm: str, failure: Failure) -> None:
    failure(scene)

    assert alarm in scene.rung(LASTS_SECONDS.get(alarm, 1))


RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
LOGGED = {
    found[1]: found[2] or found[3]
    for found in re.finditer(
        r"^### `(\w+Alarm)`\n(?:(?!##).*\n)*?.*--filter-pattern (?:'([^']+)'|(\w+))$", RUNBOOK, re.MULTILINE
    )
    if found[1] not in {"SubmitErrorsAlarm", "RetryErrorsAlarm", "GatewayThrottledAlarm"}
}
"""Alarm → what the runbook searches the functions' log for. Lambda logs what crashed, AWS what it throttled."""


@pytest.mark.parametrize(
    ("alarm", "failure"),
    [pytest.param(alarm, each, id=f"{alarm}-{each.__name__}") for alarm in LOGGED for each in FAILURES[alarm]],
)
def test_the_runbooks_first_command_finds_the_failure_in_the_log(
    scene: Scene, caplog: pytest.LogCaptureFixture, alarm: str, failure: Failure
) -> None:
    failure(scene)

    lines = [json.dumps({"level": record.levelname, **vars(record)}, default=str) for record in caplog.records]
    assert [line for line in lines if LOGGED[alarm].strip('"') in line]


def test_every_alarm_has_a_failure_that_rings_it() -> None:
    assert set(FAILURES) == set(ALARMS)
    assert all(FAILURES.values())


def test_where_nothing_fails_nothing_rings(scene: Scene) -> None:
    """Given a healthy relay, when people sign up for three days, also again and wrongly, then all is quiet."""
    assert scene.sign_up(news=True).status == 200
    assert scene.relay.post("newsletter", {"email": "nonsense"}).status == 422
    assert scene.relay.post("nobodys-form", {"email": "ada@example.com"}).status == 404
    assert not scene.relay.retry({"Records": [_record()]})
    scene.relay.look_for_silence()
    scene.measured += _filtered({"status": "429", "integrationStatus": "200"})

    assert scene.rung(3 * DAY) == set()


def test_a_backlog_that_is_worked_off_does_not_ring_as_one_that_nobody_works_off(scene: Scene) -> None:
    nobody_works_the_retry_queue_off(scene)
    scene.measured.append(Measured("AWS/Lambda", "Invocations", 1, {"FunctionName": "RetryFunction"}))

    assert "RetryStoppedAlarm" not in scene.rung(DAY)


@pytest.mark.parametrize("alarm", sorted(LASTS_SECONDS))
def test_an_alarm_on_what_lasts_does_not_ring_at_once(scene: Scene, alarm: str) -> None:
    FAILURES[alarm][0](scene)

    assert alarm not in scene.rung(LASTS_SECONDS[alarm] / 2)
