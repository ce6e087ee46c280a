"""`template.yaml` as the embedded stack reads it: one truth for queues, table, secrets and functions.

Understands the CloudFormation that this project uses: parameters' defaults, pseudo parameters, `Ref`,
`GetAtt`, `Sub`, `Join` and `If`. What else a template may say is refused by name instead of being guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


class TemplateError(Exception):
    """The template says something that the embedded stack cannot follow; the message names it."""


class _CloudFormationLoader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, read as their long forms."""


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
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


_CloudFormationLoader.add_multi_constructor("!", _long_form)


@dataclass(frozen=True)
class Resource:
    """One resource: its logical id, its type and its properties, references not yet resolved."""

    name: str
    type: str
    properties: Mapping[str, Any]


class Template:
    """A parsed template; `resolve` needs the values of what has been created so far."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take a parsed document, tags in their long form."""
        self._conditions: Mapping[str, Any] = document.get("Conditions", {})
        self._defaults = {
            name: str(parameter["Default"])
            for name, parameter in document.get("Parameters", {}).items()
            if "Default" in parameter
        }
        self.globals: Mapping[str, Any] = document.get("Globals", {})
        self.resources = [
            Resource(name, body["Type"], body.get("Properties", {}))
            for name, body in document.get("Resources", {}).items()
        ]

    @classmethod
    def read(cls, path: Path) -> Template:
        """Parse a file."""
        with path.open(encoding="utf-8") as file:
            return cls(yaml.load(file, Loader=_CloudFormationLoader))  # noqa: S506 - a SafeLoader

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Resources of these types, in the template's order."""
        return (resource for resource in self.resources if resource.type in types)

    def resolve(self, value: Any, references: Mapping[str, str]) -> Any:
        """Evaluate every intrinsic function in `value`.

        `references` holds what `Ref X` (key `X`) and `GetAtt X.Arn` (key `X.Arn`) of created resources mean.

        Raises:
            TemplateError: something refers to what does not exist here.
        """
        if isinstance(value, list):
            return [self.resolve(item, references) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(name, argument, references)
        return {key: self.resolve(item, references) for key, item in value.items()}

    def _call(self, name: str, argument: Any, references: Mapping[str, str]) -> Any:
        match name, argument:
            case "Ref", str():
                return self._look_up(argument, references)
            case "Fn::GetAtt", [str() as resource, str() as attribute]:
                return self._look_up(f"{resource}.{attribute}", references)
            case "Fn::Sub", str():
                return self._substitute(argument, references)
            case "Fn::Join", [str() as separator, list() as items]:
                return separator.join(str(self.resolve(item, references)) for item in items)
            case "Fn::If", [str() as condition, then, otherwise]:
                holds = self._holds(self._conditions[condition], references)
                return self.resolve(then if holds else otherwise, references)
        raise TemplateError(f"{name} is not understood by the embedded stack")

    def _holds(self, condition: Any, references: Mapping[str, str]) -> bool:
        match condition:
            case {"Condition": str() as name}:
                return self._holds(self._conditions[name], references)
            case {"Fn::Equals": [left, right]}:
                return bool(self.resolve(left, references) == self.resolve(right, references))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner, references)
        raise TemplateError("a condition other than Equals and Not is not understood by the embedded stack")

    def _substitute(self, text: str, references: Mapping[str, str]) -> str:
        return re.sub(r"\$\{([^!}][^}]*)\}", lambda name: self._look_up(name.group(1), references), text)

    def _look_up(self, name: str, references: Mapping[str, str]) -> str:
        for known in (references, self._defaults, _PSEUDO_PARAMETERS):
            if name in known:
                return known[name]
        raise TemplateError(f"{name} is referred to, but the embedded stack does not create it")
