/* Attribution: fills hidden inputs of known names with where the visitor came from. No such input, nothing is stored. */

const FIRST_TOUCH = "signup-relay"; // key in sessionStorage
const CAMPAIGN = /^(utm_\w+|\w*clid|msclkid|[gw]braid|li_fat_id|rdt_cid|epik)$/; // parameters of a page's address

let touch; // what was found first in this session

function firstTouch() {
  touch = { landing_page: withoutQuery(location.href), referrer: withoutQuery(document.referrer) };
  for (const [name, value] of new URLSearchParams(location.search)) if (CAMPAIGN.test(name)) touch[name] = value;
  try {
    touch = JSON.parse(sessionStorage.getItem(FIRST_TOUCH)) || touch;
    sessionStorage.setItem(FIRST_TOUCH, JSON.stringify(touch));
  } catch {
    // Storage is blocked: it lasts as long as the page.
  }
  return touch;
}

function fillAttribution(form) {
  for (const input of form.elements) {
    const { name, type, value } = input;
    if (type !== "hidden" || value || !(CAMPAIGN.test(name) || /^(landing_page|referrer)$/.test(name))) continue;
    input.value = (touch || firstTouch())[name] || "";
  }
}
