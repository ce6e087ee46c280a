// Updates the page in place: replaces changed parts, except the one that has the focus.
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
    if (!now || part.contains(document.activeElement)) continue;
    for (const open of part.querySelectorAll("details[open]")) fresh.getElementById(open.id)?.setAttribute("open", "");
    if (now.innerHTML !== part.innerHTML) part.innerHTML = now.innerHTML;
  }
}, 3000);
