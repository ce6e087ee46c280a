/* Sends a request until there is a final answer. */

const TRIES = 5;
const FIRST_DELAY = 1000; // milliseconds; doubled for each further try
const LONGEST_DELAY = 30000; // no visitor waits longer
const PATIENCE = 35000; // the gateway answers within 30 s

const waiting = new Set(); // requests between two tries

const pause = (delay) => new Promise((resolve) => setTimeout(resolve, delay));

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
