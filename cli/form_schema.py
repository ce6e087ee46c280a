"""The form file as JSON Schema, with which editors complete and check it: `docs/form.schema.json`.

`python -m cli.form_schema > docs/form.schema.json` writes it. A form file names it in its first line:
`#:schema ../docs/form.schema.json` (Taplo, and "Even Better TOML" for Visual Studio Code).
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from typing import Any

from pydantic import BaseModel, TypeAdapter

from shared.forms import definition, destination, fields
from shared.forms.definition import FormSettings
from shared.forms.destination import DestinationTerms
from shared.forms.fields import FormField
from shared.forms.key_types import ID_PATTERN
from shared.forms.texts import CODES
from shared.vendors.protocol import ActionSpec
from shared.vendors.registry import ACTIONS

Schema = dict[str, Any]


def form_schema() -> Schema:
    """Return the schema of a whole form file."""
    adapters: dict[Any, TypeAdapter[Any]] = {
        "settings": TypeAdapter(FormSettings),
        "field": TypeAdapter(FormField),
        "terms": TypeAdapter(DestinationTerms),
    }
    adapters |= {key: TypeAdapter(spec.options) for key, spec in ACTIONS.items()}
    schemas, shared = TypeAdapter.json_schemas([(key, "validation", adapter) for key, adapter in adapters.items()])
    parts: dict[Any, Schema] = {key: schema for (key, _), schema in schemas.items()}
    definitions: dict[str, Schema] = shared["$defs"]
    _describe(definitions, {parts[key]["$ref"].rpartition("/")[2]: spec.options for key, spec in ACTIONS.items()})
    settings = definitions.pop("FormSettings")
    settings["properties"]["messages"]["propertyNames"] = {"enum": sorted(CODES)}
    settings["properties"] |= {
        "fields": {
            "description": "Field name → what it takes. Fields that are not defined are dropped.",
            "type": "object",
            "minProperties": 1,
            "additionalProperties": parts["field"],
        },
        "destinations": {
            "description": "Where sign-ups are delivered.",
            "type": "array",
            "minItems": 1,
            "items": {"oneOf": [destination_schema(spec, parts[key]) for key, spec in sorted(ACTIONS.items())]},
        },
    }
    return {
        **settings,
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Form of Signup Relay",
        "required": [*settings["required"], "fields", "destinations"],
        "$defs": definitions,
    }


def destination_schema(spec: ActionSpec, options: Schema) -> Schema:
    """Return the schema of a destination of one action, whose options have a schema of their own."""
    custom: Schema | bool = {"type": "integer" if spec.custom_field is int else "string"}
    if spec.custom_field_names is not None:
        # An empty `enum` is no schema: where a vendor has no custom fields, none is allowed.
        names = sorted(spec.custom_field_names)
        custom = {"type": "string", "enum": names} if names else False
    terms: Schema = {
        key: {"$ref": f"#/$defs/DestinationTerms/properties/{key}"} for key in DestinationTerms.model_fields
    }
    if not spec.reads_contact:
        terms["write"] = {"description": "What the sign-up says replaces what the contact holds.", "const": "overwrite"}
    needs_options = any(field.is_required() for field in spec.options.model_fields.values())
    return {
        "title": f"{spec.vendor} {spec.action}",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {
                "description": "The connection: names its secret, its circuit and its metrics.",
                "type": "string",
                "pattern": f"^{ID_PATTERN.pattern}$",
            },
            "vendor": {"const": spec.vendor},
            "action": {"const": spec.action},
            "options": options,
            "custom_fields": {
                "description": "Form field → the vendor's custom field.",
                "type": "object",
                "additionalProperties": custom,
            },
            **terms,
        },
        "required": ["name", "vendor", "action", *(["options"] if needs_options else [])],
    }


def _describe(definitions: dict[str, Schema], options: dict[str, type[BaseModel]]) -> None:
    """Take each key's description from the docstring below it, where a reader of the code finds it too."""
    modules = [definition, destination, fields, *(sys.modules[model.__module__] for model in options.values())]
    known = {name: value for module in modules for name, value in vars(module).items()}
    for name, schema in definitions.items():
        model = options.get(name) or known.get(name)
        if isinstance(model, type) and issubclass(model, BaseModel):
            for key, text in _attribute_docstrings(model).items():
                if key in schema.get("properties", {}):
                    schema["properties"][key].setdefault("description", text)


def _attribute_docstrings(model: type[BaseModel]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if cls in (object, BaseModel) or not issubclass(cls, BaseModel):
            continue
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
        assert isinstance(tree, ast.ClassDef)
        for line, next_line in zip(tree.body, tree.body[1:], strict=False):
            match line, next_line:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    texts[name] = " ".join(text.split())
    return texts


if __name__ == "__main__":
    sys.stdout.write(json.dumps(form_schema(), indent=2, ensure_ascii=False) + "\n")
