// Updates the page in place: replaces changed parts, and keeps what is open and what has the focus.
setInterval(async () => {
  if (document.hidden) return;
  let text;
  try {
    text = await (await fetch(location.pathname)).text();
  } catch {
    return; // the stack has stopped
  }
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
    if (!now || (focused !== null && !fresh.getElementById(focused))) continue;
    for (const open of part.querySelectorAll("details[open]")) fresh.getElementById(open.id)?.setAttribute("open", "");
    if (now.innerHTML === part.innerHTML) continue;
    part.innerHTML = now.innerHTML;
    if (focused) document.getElementById(focused).focus({ preventScroll: true });
  }
}, 2000);
