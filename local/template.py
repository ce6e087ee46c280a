"""Reads `template.yaml`, so that the embedded stack has the queues, tables, secrets and functions that are deployed.

Understands the part of CloudFormation that these resources use: default parameters, pseudo parameters, conditions and
the functions in `Template.resolve`. Anything else raises `TemplateError` by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = "123456789012"
REGION = "us-east-1"
STACK_NAME = "signup-relay"

_PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": "amazonaws.com",
}

_NO_VALUE = object()
"""The result of `!Ref AWS::NoValue`: the property that has it is left out."""


class TemplateError(Exception):
    """The template uses something that the embedded stack does not support; the message names it."""


class CloudFormationLoader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags, read as their long forms; libyaml is in PyYAML's wheels, and fast."""


def _long_form(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


CloudFormationLoader.add_multi_constructor("!", _long_form)


@dataclass(frozen=True)
class Resource:
    """One resource: logical id, type and unresolved properties."""

    name: str
    type: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """What is written beside the properties, such as `DeletionPolicy`."""


class Template:
    """A parsed template; `resolve` needs the values of the resources created so far."""

    def __init__(self, document: Mapping[str, Any], **parameters: str) -> None:
        """Take a parsed document with its tags in long form; `parameters` replace the defaults."""
        self._conditions: Mapping[str, Any] = document.get("Conditions", {})
        self.parameters: Mapping[str, Mapping[str, Any]] = document.get("Parameters", {})
        self._values = {
            name: str(parameter["Default"]) for name, parameter in self.parameters.items() if "Default" in parameter
        } | parameters
        self.globals: Mapping[str, Any] = document.get("Globals", {})
        self.outputs: Mapping[str, Any] = document.get("Outputs", {})
        self.resources = [
            Resource(name, body["Type"], body.get("Properties", {}), body)
            for name, body in document.get("Resources", {}).items()
            if "Condition" not in body or self._holds({"Condition": body["Condition"]}, {})
        ]

    @classmethod
    def read(cls, path: Path, **parameters: str) -> Template:
        """Parse a file; `parameters` replace the defaults."""
        with path.open(encoding="utf-8") as file:
            return cls(yaml.load(file, Loader=CloudFormationLoader), **parameters)  # noqa: S506 - a SafeLoader

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Return the resources of these types whose conditions hold, in the template's order."""
        return (resource for resource in self.resources if resource.type in types)

    def resolve(self, value: Any, references: Mapping[str, str]) -> Any:
        """Evaluate every intrinsic function in `value`.

        `references` holds the values of `Ref X` (key `X`) and `GetAtt X.Arn` (key `X.Arn`) of created resources.

        Raises:
            TemplateError: a reference to something that does not exist here, or an unsupported function.
        """
        if isinstance(value, list):
            items = (self.resolve(item, references) for item in value)
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument, references)
        resolved = {key: self.resolve(item, references) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def _call(self, name: str, argument: Any, references: Mapping[str, str]) -> Any:
        match name, argument:
            case "Ref", "AWS::NoValue":
                return _NO_VALUE
            case "Ref", str():
                return self._look_up(argument, references)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._look_up(f"{resource}.{attribute}", references)
            case "Fn::Sub", str():
                return self._substitute(argument, references)
            case "Fn::Sub", [str() as text, dict() as variables]:
                return self._substitute(text, {**references, **self.resolve(variables, references)})
        return self._compute(name, argument, references)

    def _compute(self, name: str, argument: Any, references: Mapping[str, str]) -> Any:
        match name, argument:
            case "Fn::Join", [str() as separator, items]:
                return separator.join(map(str, self.resolve(items, references)))
            case "Fn::Split", [str() as separator, text]:
                return str(self.resolve(text, references)).split(separator)
            case "Fn::If", [str() as condition, then, otherwise]:
                holds = self._holds({"Condition": condition}, references)
                return self.resolve(then if holds else otherwise, references)
        raise TemplateError(f"the embedded stack does not support {name}")

    def _holds(self, condition: Any, references: Mapping[str, str]) -> bool:
        holds = partial(self._holds, references=references)
        match condition:
            case {"Condition": str() as name}:
                return holds(self._conditions[name])
            case {"Fn::Equals": [left, right]}:
                return bool(self.resolve(left, references) == self.resolve(right, references))
            case {"Fn::Not": [inner]}:
                return not holds(inner)
            case {"Fn::And": list() as parts}:
                return all(map(holds, parts))
            case {"Fn::Or": list() as parts}:
                return any(map(holds, parts))
        raise TemplateError(f"the embedded stack does not support the condition {condition}")

    def _substitute(self, text: str, references: Mapping[str, str]) -> str:
        text = re.sub(r"\$\{([^!}][^}]*)\}", lambda name: self._look_up(name.group(1), references), text)
        return text.replace("${!", "${")

    def _look_up(self, name: str, references: Mapping[str, str]) -> str:
        for known in (references, self._values, _PSEUDO_PARAMETERS):
            if name in known:
                return known[name]
        raise TemplateError(f"{name} is referred to, but the embedded stack does not create it")
