"""The API's address and what stands before it: a domain of one's own, CloudFront, AWS WAF, limits."""

from __future__ import annotations

import re
from typing import Any

import pytest

from functions.submit.deliver_all import GRACE_SECONDS
from local.lambdas.functions import read_functions
from local.template import Template
from shared.aws.fail_fast import LONGEST_CALL_SECONDS
from tests.support.paths import ROOT
from tests.support.template_facts import CREATED, STACK_NAME, properties

REFERENCES = {**CREATED, "Api": "api-id", "ProxySecret": "arn:proxy", "WebAccessRules.Arn": "arn:made"} | {
    "ViewerAddress.FunctionARN": "arn:function",
    "Api.ApiEndpoint": "https://api-id.execute-api.us-east-1.amazonaws.com",
    "Distribution.DomainName": "d1.cloudfront.net",
    "ApiDomain.RegionalDomainName": "d-1.execute-api.us-east-1.amazonaws.com",
}
EDGE = {"Distribution", "ViewerAddress", "ProxySecret", "WebAccessRules", "ApiDomain", "ApiMapping"}
DOMAIN = {"DomainName": "forms.example.com", "CertificateArn": "arn:certificate"}


def deployed(**parameters: str) -> Template:
    return Template.read(ROOT / "template.yaml", **parameters)


def edge(template: Template) -> set[str]:
    return {resource.name for resource in template.resources} & EDGE


def value(template: Template, output: str) -> str:
    return str(template.resolve(template.outputs[output]["Value"], REFERENCES))


def variables(template: Template) -> dict[str, str]:
    return dict(next(read_functions(template, REFERENCES)).environment)


def distribution(template: Template) -> Any:
    return template.resolve(properties(template, "Distribution")["DistributionConfig"], REFERENCES)


def test_by_default_nothing_stands_before_the_api() -> None:
    template = deployed()
    assert edge(template) == set()
    assert value(template, "ApiUrl") == REFERENCES["Api.ApiEndpoint"]
    assert variables(template)["TRUSTED_PROXY"] == ""
    assert variables(template)["BASE_PATH"] == ""


def test_behind_a_domain_the_api_no_longer_answers_under_awss_name() -> None:
    template = deployed(**DOMAIN, BasePath="relay")

    assert edge(template) == {"ApiDomain", "ApiMapping"}
    assert template.resolve(properties(template, "Api")["DisableExecuteApiEndpoint"], {}) is True
    assert properties(template, "ApiMapping")["ApiMappingKey"]["Fn::If"][1] == {"Ref": "BasePath"}
    assert value(template, "ApiUrl") == "https://forms.example.com/relay"
    assert value(template, "DomainTarget") == REFERENCES["ApiDomain.RegionalDomainName"]


def test_the_functions_know_the_path_that_a_domain_puts_before_theirs() -> None:
    assert variables(deployed(**DOMAIN, BasePath="relay"))["BASE_PATH"] == "/relay"


def test_behind_cloudfront_the_functions_believe_the_header_that_it_writes() -> None:
    template = deployed(CloudFront="true")
    header = variables(template)["TRUSTED_PROXY"]

    code = properties(template, "ViewerAddress")["FunctionCode"]
    assert f"headers['{header}'] = {{ value: event.viewer.ip }}" in code
    (association,) = distribution(template)["DefaultCacheBehavior"]["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"


def test_cloudfront_shows_the_relay_the_secret_that_the_relay_looks_up() -> None:
    template = deployed(CloudFront="true")
    (origin,) = distribution(template)["Origins"]

    assert origin["OriginCustomHeaders"] == [
        {"HeaderName": "x-relay-proxy", "HeaderValue": "{{resolve:secretsmanager:arn:proxy:SecretString:value}}"}
    ]
    assert template.resolve(properties(template, "ProxySecret")["Name"], {}) == f"{STACK_NAME}/proxy"
    assert properties(template, "ProxySecret")["GenerateSecretString"]["GenerateStringKey"] == "value"


def test_cloudfront_keeps_no_answer_and_lets_sign_ups_through() -> None:
    behaviour = distribution(deployed(CloudFront="true"))["DefaultCacheBehavior"]
    assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled"
    assert "POST" in behaviour["AllowedMethods"]
    assert behaviour["ViewerProtocolPolicy"] == "https-only"


def test_cloudfront_still_reaches_the_api_that_has_a_domain() -> None:
    template = deployed(**DOMAIN, CloudFront="true")

    assert edge(template) == {"Distribution", "ViewerAddress", "ProxySecret"}
    assert template.resolve(properties(template, "Api")["DisableExecuteApiEndpoint"], {}) is False
    assert distribution(template)["Aliases"] == ["forms.example.com"]
    assert value(template, "ApiUrl") == "https://forms.example.com"


@pytest.mark.parametrize(
    ("given", "attached"), [("create", "arn:made"), ("arn:aws:wafv2:us-east-1:1:x", "arn:aws:wafv2:us-east-1:1:x")]
)
def test_a_web_acl_is_made_or_taken_as_it_was_asked(given: str, attached: str) -> None:
    template = deployed(CloudFront="true", WebAcl=given)
    assert distribution(template)["WebACLId"] == attached
    assert ("WebAccessRules" in edge(template)) is (given == "create")


def test_a_vendor_budget_leaves_time_to_queue_and_to_remember_even_when_storage_hangs() -> None:
    template = deployed()
    longest = template.parameters["DeliveryBudgetSeconds"]["MaxValue"]
    storage = 2 * LONGEST_CALL_SECONDS  # the queue, then the idempotency record

    assert longest + GRACE_SECONDS + storage < properties(template, "SubmitFunction")["Timeout"]


@pytest.mark.parametrize("function", ["Submit", "Retry"])
def test_a_function_has_as_much_of_the_account_as_it_is_given(function: str) -> None:
    template = deployed()

    def reserved(**parameters: str) -> object:
        value = properties(template, f"{function}Function")["ReservedConcurrentExecutions"]
        return template.resolve({"limit": value}, parameters)

    assert reserved() == {}
    assert reserved(**{f"{function}ReservedConcurrency": "50"}) == {"limit": "50"}


def test_a_parameter_takes_an_arn_or_nothing() -> None:
    template = deployed()
    for name in ("AlarmTopicArn", "ExistingLedgerKey", "WebAcl"):
        pattern = template.parameters[name]["AllowedPattern"]
        assert re.fullmatch(pattern, "")
        assert not re.fullmatch(pattern, "somewhere")
