"""`template.yaml` is what the embedded stack creates and runs."""

import pytest

from local.lambdas.functions import QueueSource, Route, read_functions
from local.template import Template, TemplateError
from local.trial.visitors import PATIENCE_SECONDS
from tests.support.paths import ROOT

_CREATED = {
    "RetryQueue": "http://127.0.0.1/retry",
    "RetryQueue.Arn": "arn:retry",
    "DeadLetterQueue": "http://127.0.0.1/dead",
    "LedgerTable": "ledger",
    "LedgerKeySecret": "arn:key",
}


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.read(ROOT / "template.yaml")


def test_functions_have_the_templates_handler_limits_and_environment(template: Template) -> None:
    functions = {function.name: function for function in read_functions(template, _CREATED)}

    submit, retry = functions["SubmitFunction"], functions["RetryFunction"]
    assert submit.handler == "functions.submit.handler.lambda_handler"
    assert retry.handler == "functions.retry.handler.lambda_handler"
    assert submit.timeout < 30
    assert submit.environment["RETRY_QUEUE_URL"] == _CREATED["RetryQueue"]
    assert submit.environment["LEDGER_TABLE"] == "ledger"
    assert submit.environment["SECRET_PREFIX"] == "signup-relay/"


def test_a_trials_visitor_outwaits_processes_that_are_killed(template: Template) -> None:
    """Whoever sends a killed process's sign-up again is turned away until its invocation would have timed out."""
    functions = {function.name: function for function in read_functions(template, _CREATED)}

    assert 3 * functions["SubmitFunction"].timeout < PATIENCE_SECONDS


def test_routes_and_the_queue_source_are_the_templates(template: Template) -> None:
    functions = {function.name: function for function in read_functions(template, _CREATED)}

    assert Route("POST", "/forms/{formId}") in functions["SubmitFunction"].routes
    assert [route.key for route in functions["SubmitFunction"].routes if not route.path] == ["$default"]
    (source,) = functions["RetryFunction"].queues
    assert source == QueueSource("arn:retry", 10, source.concurrency, reports_item_failures=True)


def test_a_reference_to_a_missing_resource_is_named(template: Template) -> None:
    with pytest.raises(TemplateError, match="RetryQueue"):
        list(read_functions(template, {}))


def test_conditions_and_intrinsic_functions_are_evaluated() -> None:
    template = Template(
        {
            "Parameters": {"Mail": {"Default": ""}, "Prefix": {"Default": "relay/"}},
            "Conditions": {
                "HasMail": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Mail"}, ""]}]},
                "HasEither": {"Fn::Or": [{"Condition": "HasMail"}, {"Fn::Equals": [{"Ref": "Prefix"}, "relay/"]}]},
                "HasBoth": {"Fn::And": [{"Condition": "HasMail"}, {"Condition": "HasEither"}]},
            },
            "Resources": {
                "Always": {"Type": "AWS::SQS::Queue"},
                "Either": {"Type": "AWS::SQS::Queue", "Condition": "HasEither"},
                "Both": {"Type": "AWS::SQS::Queue", "Condition": "HasBoth"},
            },
        }
    )

    def resolved(value: object) -> object:
        return template.resolve(value, {"Queue.Arn": "arn:queue"})

    assert [queue.name for queue in template.of_type("AWS::SQS::Queue")] == ["Always", "Either"]
    assert resolved({"Fn::Sub": "${Prefix}key of ${AWS::StackName}"}) == "relay/key of signup-relay"
    assert resolved({"Fn::Join": ["-", ["a", {"Fn::GetAtt": ["Queue", "Arn"]}]]}) == "a-arn:queue"
    assert resolved({"Fn::If": ["HasMail", "yes", ["no"]]}) == ["no"]
    assert resolved({"A": [{"Ref": "Prefix"}]}) == {"A": ["relay/"]}
    assert resolved({"Fn::Sub": ["${Prefix}${Who}", {"Who": {"Ref": "AWS::Region"}}]}) == "relay/us-east-1"
    assert resolved({"Fn::Join": ["", {"Fn::Split": [",", "a,b"]}]}) == "ab"
    assert resolved({"A": {"Fn::If": ["HasMail", 1, {"Ref": "AWS::NoValue"}]}, "B": [{"Ref": "AWS::NoValue"}]}) == {
        "B": []
    }
    with pytest.raises(TemplateError, match="Fn::Cidr"):
        resolved({"Fn::Cidr": []})
