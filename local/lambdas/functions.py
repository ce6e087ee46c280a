"""Reads the functions of a template: handler, limits, routes and event queues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.template import Resource, Template


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API, such as `POST /forms/{form_id}`; an empty path is `$default`."""

    method: str
    path: str

    @property
    def key(self) -> str:
        """The `routeKey` of events."""
        return f"{self.method} {self.path}" if self.path else "$default"


@dataclass(frozen=True)
class QueueSource:
    """An SQS event source; defaults are Lambda's ("Using Lambda with Amazon SQS")."""

    queue_arn: str
    batch_size: int = 10
    concurrency: int = 2
    reports_item_failures: bool = False


@dataclass(frozen=True)
class Function:
    """One Lambda function. `timeout` is in seconds, `memory` in MiB."""

    name: str
    handler: str
    timeout: float
    memory: int
    environment: Mapping[str, str]
    routes: tuple[Route, ...] = ()
    queues: tuple[QueueSource, ...] = ()


def read_functions(template: Template, references: Mapping[str, str]) -> Iterator[Function]:
    """Return every function of the template, its references resolved."""
    shared = template.globals.get("Function", {})
    for resource in template.of_type("AWS::Serverless::Function"):
        yield _function(template, resource, {**shared, **resource.properties}, references)


def _function(
    template: Template, resource: Resource, properties: Mapping[str, Any], references: Mapping[str, str]
) -> Function:
    # SAM merges maps of Globals with those of the function; only this one is read here.
    variables = {
        **template.globals.get("Function", {}).get("Environment", {}).get("Variables", {}),
        **resource.properties.get("Environment", {}).get("Variables", {}),
    }
    events = [(event["Type"], event["Properties"]) for event in properties.get("Events", {}).values()]
    queues = [template.resolve(source, references) for kind, source in events if kind == "SQS"]
    return Function(
        name=resource.name,
        handler=properties["Handler"],
        timeout=float(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        environment={name: str(value) for name, value in template.resolve(variables, references).items()},
        routes=tuple(_route(route) for kind, route in events if kind == "HttpApi"),
        queues=tuple(_queue_source(source) for source in queues),
    )


def _route(properties: Mapping[str, Any]) -> Route:
    return Route(properties.get("Method", "ANY").upper(), properties.get("Path", ""))


def _queue_source(properties: Mapping[str, Any]) -> QueueSource:
    return QueueSource(
        queue_arn=properties["Queue"],
        batch_size=int(properties.get("BatchSize", QueueSource.batch_size)),
        concurrency=int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", QueueSource.concurrency)),
        reports_item_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
    )
