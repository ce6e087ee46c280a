/*! Signup Relay, Apache-2.0: sends a plain <form data-signup-relay> without leaving its page. See docs/website.md */
(() => {
  "use strict";

  const FORMS = "form[data-signup-relay]";
  const TRIES = 5;
  const FIRST_DELAY = 1000; // milliseconds; doubled for each further try
  const LONGEST_DELAY = 30000; // no visitor waits longer
  const PATIENCE = 35000; // the gateway's ends after 30 s
  const CAPTCHAS = { "cf-turnstile": "turnstile", "h-captcha": "hcaptcha", "g-recaptcha": "grecaptcha" };

  const keys = new WeakMap(); // form → Idempotency-Key of what it holds now
  const tokens = new WeakMap(); // form → promise of a time token
  const boxes = new WeakMap(); // form → element for its message
  const undo = new WeakMap(); // field → takes its error away
  const waiting = new Set(); // requests between two tries
  let notes = 0;

  const formOf = ({ target }) => [target, target.form].find((node) => node?.matches?.(FORMS));
  const named = (form, name) => [...form.elements].filter((control) => control.name === name);
  const urlOf = (form) => form.getAttribute("action"); // form.action may be a field of that name

  const pause = (delay) => new Promise((resolve) => setTimeout(resolve, delay));
  const kept = (map, form, make) => map.get(form) ?? map.set(form, make()).get(form);

  const newKey = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-"); // without https

  function post({ url, body, key, page }) {
    return fetch(url, {
      method: "POST",
      headers: { Accept: "application/json", "Idempotency-Key": key },
      body,
      keepalive: `${body}`.length < 60000, // goes on when the tab is closed; browsers limit it
      referrer: page, // for the consent receipt
      referrerPolicy: "no-referrer-when-downgrade",
      signal: AbortSignal.timeout?.(PATIENCE),
    });
  }

  /* Time until the next try; undefined when the answer is final. */
  function delayAfter(answer, tries) {
    if (tries === TRIES || (answer && answer.status !== 429 && answer.status < 500)) return undefined;
    const asked = answer?.headers.get("Retry-After");
    const backoff = FIRST_DELAY * 2 ** (tries - 1) * (0.5 + Math.random() / 2);
    const delay = Math.max(backoff, Number(asked) * 1000 || Date.parse(asked) - Date.now() || 0);
    return delay > LONGEST_DELAY ? undefined : delay;
  }

  async function deliver(request) {
    for (let tries = 1; ; tries += 1) {
      const answer = await post(request).catch(() => undefined);
      const delay = delayAfter(answer, tries);
      if (delay === undefined) return answer;
      waiting.add(request);
      await pause(delay);
      waiting.delete(request);
    }
  }

  /* A time token, once it is old enough. */
  const tokenOf = (form) => kept(tokens, form, async () => {
    try {
      const answer = await fetch(`${urlOf(form)}/token`);
      if (!answer.ok) throw answer;
      const { token, minSeconds } = await answer.json();
      await pause(minSeconds * 1000);
      return token;
    } catch {
      tokens.delete(form);
      return "";
    }
  });

  /* Whether people can see a box or a text. */
  function seen(node) {
    const range = document.createRange();
    range.selectNode(node);
    const { width, height, right, bottom } = range.getBoundingClientRect();
    let element = node.tagName ? node : node.parentElement;
    let visible = getComputedStyle(element).visibility === "visible"
      && Math.min(width, height) > 1 && right + scrollX > 0 && bottom + scrollY > 0;
    for (let opacity = 1; visible && element; element = element.parentElement) {
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      opacity *= style.opacity;
      visible = opacity > 0.1 && (style.overflow === "visible" || Math.min(box.width, box.height) > 1);
    }
    return visible;
  }

  function textsIn(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
    return texts;
  }

  /* What stood beside each ticked box, for the consent receipt. */
  function witnessOf(form) {
    const witness = {};
    for (const box of form.elements) {
      if (box.type !== "checkbox" || !box.checked || !box.name) continue;
      const ids = box.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
      const labels = [...box.labels, ...ids.map((id) => document.getElementById(id))];
      const nodes = [...new Set(labels.flatMap((label) => (label ? textsIn(label) : [])))];
      const before = witness[box.name]; // boxes of one name: all that they say
      witness[box.name] = {
        text: `${before?.text ?? ""} ${nodes.map((node) => node.data).join("")}`.replace(/\s+/g, " ").trim().slice(0, 4000),
        preTicked: box.defaultChecked || !!before?.preTicked,
        visible: [box, ...nodes].every(seen) && before?.visible !== false,
      };
    }
    return JSON.stringify(witness);
  }

  /* What the browser itself would send, in the form's own encoding, and the witness. */
  async function requestOf(form, submitter) {
    const data = new FormData(form, submitter);
    const witness = witnessOf(form);
    if (witness !== "{}") data.set("_witness", witness);
    if ("token" in form.dataset) data.set("_token", await tokenOf(form));
    const body = form.getAttribute("enctype") === "multipart/form-data" ? data : new URLSearchParams(data);
    return { url: urlOf(form), body, key: kept(keys, form, newKey), page: location.href.split(/[?#]/)[0] };
  }

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

  function accepted(form, result) {
    const event = new CustomEvent("signup-relay:success", { bubbles: true, cancelable: true, detail: result });
    if (!form.dispatchEvent(event)) return boxes.get(form).replaceChildren();
    form.style.display = "none";
    const message = say(form, form.dataset.success ?? "Thank you. We have received your sign-up.", "status");
    message.tabIndex = -1;
    return message.focus();
  }

  function refused(form, problem) {
    for (const { field, message } of problem.errors ?? []) mark(named(form, field), message);
    say(form, problem.detail ?? form.dataset.failure ?? "We could not reach the server. Please try again.", "alert");
    [...form.elements].find((control) => undo.has(control))?.focus();
    form.dispatchEvent(new CustomEvent("signup-relay:refusal", { bubbles: true, detail: problem }));
    if (problem.status !== 403) return;
    tokens.delete(form); // neither it nor the captcha is good for another try
    for (const kind in CAPTCHAS) if (named(form, `${kind}-response`).length) window[CAPTCHAS[kind]]?.reset();
  }

  async function submit(form, submitter) {
    form.setAttribute("aria-busy", "true");
    unmark(form);
    say(form, form.dataset.sending ?? "Sending …", "status");
    const request = await requestOf(form, submitter);
    let answer = await deliver(request);
    if (answer?.status === 409) { // a script changed a value
      keys.delete(form);
      answer = await deliver({ ...request, key: kept(keys, form, newKey) });
    }
    const content = (await answer?.json().catch(() => undefined)) ?? {};
    form.removeAttribute("aria-busy");
    if (answer?.ok) accepted(form, content);
    else refused(form, content);
  }

  document.addEventListener("submit", (event) => {
    const form = formOf(event);
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    if (!form.hasAttribute("aria-busy")) submit(form, event.submitter);
  });

  for (const kind of ["input", "reset"]) {
    document.addEventListener(kind, (event) => {
      const form = formOf(event);
      if (!form) return;
      keys.delete(form); // another fill, another sign-up
      unmark(form, event.target !== form && event.target.name);
    });
  }

  document.addEventListener("focusin", (event) => {
    const form = formOf(event);
    if (form && "token" in form.dataset) tokenOf(form);
  });

  /* The tab may be closing: send now. A beacon has no key; the relay knows the sign-up by its content. */
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    for (const { url, body } of waiting) navigator.sendBeacon(url, body);
  });
})();
