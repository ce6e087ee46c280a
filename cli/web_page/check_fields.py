"""Whether the page has an input for each field of the form, and sends values that the fields take."""

from __future__ import annotations

from cli.web_page.document import Control
from cli.web_page.scene import Scene
from shared.forms.fields import BooleanField, ChoiceField, ChoicesField, ConsentField, FormField
from shared.forms.reserved_names import RESERVED
from shared.forms.single_values import Invalid
from shared.forms.values import parse
from shared.problems import near

_SEVERAL = BooleanField | ChoiceField | ChoicesField | ConsentField


def check_fields(scene: Scene) -> None:
    """Check the inputs by their names."""
    form, found = scene.form, scene.found
    if any(field.source for field in form.fields.values()):
        found.problem("fields", "this form reads webhooks (source), not a page's inputs")
        return
    for name, field in form.fields.items():
        controls = scene.on_page.named(name)
        if controls:
            _check_controls(scene, name, field, controls)
        elif field.required:
            found.problem(f"fields.{name}", f'the page has no input with name="{name}", which the form requires')
        elif not isinstance(field, ConsentField):
            found.warning(f"fields.{name}", f'the page has no input with name="{name}"')
    known = {*form.fields, *RESERVED, form.spam.honeypot}
    for name in dict.fromkeys(control.name for control in scene.on_page.controls if control.name not in known):
        found.warning(f"input {name}", f"is no field of the form: its value is dropped{near(name, form.fields)}")


def _check_controls(scene: Scene, name: str, field: FormField, controls: list[Control]) -> None:
    key, found = f"fields.{name}", scene.found
    if any(control.kind == "file" for control in controls):
        found.problem(key, "is a file input, and files are refused")
    if len(controls) > 1 and not isinstance(field, _SEVERAL):
        found.warning(key, f"{len(controls)} inputs have this name; only the last one counts")
    values = [value for control in controls for value in control.fixed_values]
    refused = [value for value in dict.fromkeys(values) if not _is_taken(field, value)]
    for value in refused:
        found.problem(key, f'the page offers "{value[:100]}", which the form refuses{_meant(field, value)}')


def _is_taken(field: FormField, value: str) -> bool:
    try:
        parse(field, [value])
    except Invalid:
        return False
    return True


def _meant(field: FormField, value: str) -> str:
    return near(value, field.options) if isinstance(field, ChoiceField | ChoicesField) else ""
