/* The forms of a page: when they are sent, and what becomes of the answer. */

const FORMS = "form[data-signup-relay]";
const CAPTCHAS = { "cf-turnstile": "turnstile", "h-captcha": "hcaptcha", "g-recaptcha": "grecaptcha" };

const keys = new WeakMap(); // form → Idempotency-Key of its current entries
const tokens = new WeakMap(); // form → promise of a time token

const formOf = ({ target }) => [target, target.form].find((node) => node?.matches?.(FORMS));
const named = (form, name) => [...form.elements].filter((control) => control.name === name);
const urlOf = (form) => form.getAttribute("action"); // form.action may be a field of that name
const withoutQuery = (url) => url.split(/[?#]/)[0];

const kept = (map, form, make) => map.get(form) ?? map.set(form, make()).get(form);

const newKey = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-"); // without https

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

/* What the browser itself would send, in the form's own encoding, and the witness. */
async function requestOf(form, submitter) {
  fillAttribution(form);
  const data = new FormData(form, submitter);
  const witness = JSON.stringify(witnessOf(form));
  if (witness !== "{}") data.set("_witness", witness);
  if ("token" in form.dataset) data.set("_token", await tokenOf(form));
  const body = form.getAttribute("enctype") === "multipart/form-data" ? data : new URLSearchParams(data);
  return { url: urlOf(form), body, key: kept(keys, form, newKey), page: withoutQuery(location.href) };
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
    keys.delete(form); // other entries, another sign-up
    unmark(form, event.target !== form && event.target.name);
    if (event.target.type === "checkbox") claims.set(event.target, look(event.target));
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

document.querySelectorAll(FORMS).forEach(fillAttribution);
