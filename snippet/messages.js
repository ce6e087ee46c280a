/* Messages after the form and errors at its fields. */

const boxes = new WeakMap(); // form → element for its message
const undo = new WeakMap(); // field → removes its error
let notes = 0;

function say(form, text, role) {
  const box = kept(boxes, form, () => document.getElementById(form.dataset.status) ?? document.createElement("div"));
  if (!box.isConnected) form.after(box);
  const message = document.createElement("p");
  message.className = "signup-relay-message";
  message.setAttribute("role", role);
  message.textContent = text;
  box.replaceChildren(message);
  return message;
}

function unmark(form, name) {
  for (const control of form.elements) {
    if (name && control.name !== name) continue;
    undo.get(control)?.();
    undo.delete(control);
  }
}

function mark(controls, message) {
  if (!controls.length) return;
  const note = document.createElement("span");
  note.id = `signup-relay-error-${(notes += 1)}`;
  note.className = "signup-relay-error";
  note.textContent = message;
  const last = controls[controls.length - 1];
  (last.closest("label") ?? last).after(note);
  for (const control of controls) {
    const before = control.getAttribute("aria-describedby");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", before ? `${note.id} ${before}` : note.id);
    undo.set(control, () => {
      note.remove();
      control.removeAttribute("aria-invalid");
      if (before) control.setAttribute("aria-describedby", before);
      else control.removeAttribute("aria-describedby");
    });
  }
}
