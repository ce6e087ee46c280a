"""Whether each consent box can be seen, is empty, and stands beside the statement that the receipt will keep."""

from __future__ import annotations

from cli.web_page.document import Control
from cli.web_page.scene import Scene
from cli.web_page.visibility import is_hidden_from_people
from shared.forms.fields import ConsentField
from shared.forms.single_values import Invalid
from shared.forms.values import parse
from shared.forms.witness import shown_beside


def check_consents(scene: Scene) -> None:
    """Check the box of each consent field; that a required one is there is checked with the other fields."""
    for name, field in scene.form.fields.items():
        if not isinstance(field, ConsentField):
            continue
        controls = [control for control in scene.on_page.named(name) if _says_yes(field, control)]
        key = f"fields.{name}"
        if scene.on_page.named(name) and not controls:
            scene.found.problem(key, 'ticking it says no; give the box value="true"')
        elif not controls and not field.required:
            scene.found.warning(key, f'the page has no box with name="{name}", so nobody can consent')
        for control in controls:
            _check_box(scene, key, field, control)


def _says_yes(field: ConsentField, control: Control) -> bool:
    try:
        # What is typed or chosen may be yes; a hidden "no" beside a box is a framework's.
        return any(parse(field, [value]) is True for value in control.fixed_values) or not control.fixed_values
    except Invalid:
        return True  # told with the fields


def _check_box(scene: Scene, key: str, field: ConsentField, control: Control) -> None:
    found = scene.found
    if control.kind == "hidden":
        found.problem(key, "consent is a hidden input: nobody is asked")
        return
    if control.kind != "checkbox":
        found.warning(key, f"is no tick box but {control.kind}: what it says is not compared with the statement")
        return
    if control.is_ticked:
        found.problem(key, "the box is ticked before anybody has agreed")
    labels = scene.document.labels_of(control)
    if any(is_hidden_from_people(node, scene.styles) for node in (control.node, *labels)):
        found.problem(key, "box or text cannot be seen")
    text = scene.document.text_beside(control)
    if not text:
        found.problem(key, "nothing stands beside the box: it needs a label with the statement")
    elif shown_beside(field.statement, {"text": text})["shown"] != "same":
        found.problem(key, f'the text beside the box is "{text[:300]}", the form\'s statement "{field.statement}"')
