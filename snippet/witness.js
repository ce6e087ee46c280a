/* The witness: what stood beside each consent box. It goes into the consent receipt. */

const ROOT = document.documentElement;
const claims = new WeakMap(); // box → what stood beside it when the visitor ticked it

const PICTURES = "img, video, canvas, iframe";

const alphaOf = (colour) => colour.match(/[\d.]+/g)?.[3] ?? 1;
const isOpaque = ({ backgroundColor, content }) => content !== "none" && alphaOf(backgroundColor) > 0.5;
const facesOf = (element) => [undefined, "::before", "::after"].map((part) => getComputedStyle(element, part));
const upFrom = (element) => (element ? [element, ...upFrom(element.parentElement)] : []);
const isFixed = (element) => /fixed|sticky/.test(getComputedStyle(element).position);

/* How far two colours are apart: 0 is the same, 1 black and white. */
function contrastOf(ink, paper) {
  if (!/rgb.*rgb/.test(ink + paper)) return ink === paper ? 0 : 1; // any colour, or a notation that we do not read
  const [from, to] = [ink, paper].map((colour) => colour.match(/[\d.]+/g));
  return (alphaOf(ink) * Math.hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2])) / 441;
}

/* How much of an element its opacity and filters leave, 0 to 1. */
function strengthOf(element) {
  let strength = getComputedStyle(element).visibility === "visible" ? 1 : 0;
  for (const node of upFrom(element)) {
    const { filter, opacity, textDecorationLine } = getComputedStyle(node);
    strength *= /opacity|blur|line-through/.test(filter + textDecorationLine) ? 0 : opacity;
  }
  return strength;
}

/* The colour behind a text, of what is painted there from the front to the back; "" where it can be any. */
function paperOf(painted) {
  for (const node of painted) {
    const [own, ...added] = facesOf(node);
    if (own.backgroundImage !== "none" || node.matches(PICTURES) || added.some(isOpaque)) return "";
    if (isOpaque(own)) return own.backgroundColor;
  }
  return getComputedStyle(ROOT).caretColor; // the canvas: see look()
}

/* Whether `over` hides an element. What is around it does so only where the element is behind it. */
function covers(over, element) {
  const [own, ...added] = facesOf(over);
  const isBehind = (node) => !node.contains(over) && getComputedStyle(node).zIndex < 0;
  const inFront = !over.contains(element) || upFrom(element).some(isBehind);
  return strengthOf(over) > 0.5 && (added.some(isOpaque) || (inFront && (isOpaque(own) || over.matches(PICTURES))));
}

/* Whether the visitor can scroll to a point of an element that is not in sight now, or is below `cover`. */
function canBeReached(x, y, element, form, cover) {
  for (const node of upFrom(element)) {
    if (node === document.body) break;
    const box = node.getBoundingClientRect();
    const { overflow } = getComputedStyle(node);
    if (overflow !== "visible" && (x < box.left || x > box.right || y < box.top || y > box.bottom))
      return /auto|scroll/.test(overflow) && Math.min(box.width, box.height) > 20;
  }
  if (document.elementFromPoint(x, y)) // a header that stays while the page scrolls covers nothing for long
    return ROOT.scrollHeight > innerHeight && upFrom(cover).some((node) => !node.contains(element) && isFixed(node));
  const area = form.getBoundingClientRect();
  const across = getComputedStyle(ROOT).direction === "rtl" ? innerWidth - x - scrollX : x + scrollX;
  return across > 0 && y + scrollY > 0 && Math.abs(x - area.x) < area.width + innerWidth
    && (!area.height || Math.abs(y - area.y) < area.height + innerHeight);
}

/* Whether a part of an element is on the page, neither cut off nor covered, and stands out. */
function isInSight({ left, top, width, height }, element, form, isText) {
  const x = left + width / 2;
  const y = top + height / 2;
  const stack = document.elementsFromPoint(x, y); // from the front to the back; empty outside of the window
  const place = stack.indexOf(upFrom(element).find((node) => getComputedStyle(node).display !== "contents"));
  const cover = stack.slice(0, place < 0 ? undefined : place).find((over) => covers(over, element));
  const shown = place >= 0 && !cover;
  const ink = getComputedStyle(element).webkitTextFillColor;
  const contrast = isText ? contrastOf(ink, paperOf(shown ? stack.slice(place) : upFrom(element))) : 1;
  return width >= 1 && height >= 5 && strengthOf(element) * contrast > 0.1
    && (shown || canBeReached(x, y, element, form, cover));
}

function isSeen(node, element, form, isText) {
  const parts = [...node.getClientRects()].filter((part) => part.width);
  return parts.length > 0 && parts.every((part) => isInSight(part, element, form, isText));
}

function textsIn(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
  return texts;
}

/* A text node's words that people see. */
const readableIn = (node, form) => node.data.replace(/\S+/g, (word, start) => {
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, start + word.length);
  return isSeen(range, node.parentElement, form, true) ? word : "";
});

function labelsOf(box) {
  const ids = box.getAttribute("aria-labelledby")?.split(/\s+/) ?? [];
  const labels = [...box.labels, ...ids.map((id) => document.getElementById(id))].filter(Boolean);
  return labels.length || !box.hasAttribute("aria-label") ? labels : [box.parentElement];
}

/* What stands beside a box: the words that people see, or all words if they see none. */
function claimOf(box) {
  const { form } = box;
  const labels = labelsOf(box);
  const nodes = [...new Set(labels.flatMap(textsIn))];
  const words = nodes.map((node) => node.data);
  const read = nodes.map((node) => readableIn(node, form));
  const readable = read.join("").trim() || !words.length;

  const parts = labels.flatMap((label) => [label, ...label.querySelectorAll("*")]);
  const painted = parts.flatMap(facesOf)
    .filter(({ content, opacity, visibility }) => /^"/.test(content) && opacity > 0.1 && visibility === "visible");
  const added = painted.map(({ content }) => content.slice(1, -1)).filter((text) => /\p{L}/u.test(text));
  // A hidden box may have one that is drawn in its place.
  const isDrawn = (part) => part && part !== box && !part.textContent.trim() && part.getBoundingClientRect().width > 7
    && isSeen(part, part, form);
  const visible = isSeen(box, box, form) || painted.length > added.length || [box.nextElementSibling, ...parts].some(isDrawn);

  return {
    text: [...added, ...(readable ? read : words)].join("").replace(/\s+/g, " ").trim().slice(0, 4000),
    preTicked: box.defaultChecked,
    visible: !!readable && visible,
  };
}

/* What stands beside a box now. While we look, the pointer meets all that is painted. */
function look(box) {
  const sheets = document.adoptedStyleSheets;
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*{pointer-events:auto!important}:root{caret-color:canvas!important}");
    document.adoptedStyleSheets = [...sheets, sheet];
    return claimOf(box);
  } catch {
    return undefined; // an old browser; no sign-up is lost for it
  } finally {
    document.adoptedStyleSheets = sheets;
  }
}

/* What the page says of one control; undefined where it asks for no consent. */
function claimBy(control) {
  if (control.type === "checkbox" && control.checked) return claims.get(control) ?? look(control);
  // A hidden input that says yes, in place of a box: nobody saw it.
  const says = control.type === "hidden" && /^(true|on|yes|1)$/i.test(control.value);
  return says ? { text: "", preTicked: true, visible: false } : undefined;
}

/* What stood beside each ticked box, by name. */
function witnessOf(form) {
  const witness = {};
  for (const box of form.elements) {
    const claim = box.name && claimBy(box);
    if (!claim) continue;
    const before = witness[box.name]; // boxes of one name: all that they say
    witness[box.name] = {
      text: `${before?.text ?? ""} ${claim.text}`.trim(),
      preTicked: claim.preTicked || !!before?.preTicked,
      visible: claim.visible && before?.visible !== false,
    };
  }
  return witness;
}
