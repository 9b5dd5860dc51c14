// Long texts: their beginning, and the rest for whoever wants it.

import { h } from "../dom.js";

const SHOWN = 400;

/** The beginning of a text, for where a link leads to the whole of it. */
export function beginning(text) {
  const cut = [...text.slice(0, 2 * SHOWN)]; // by characters: half of one would not be text
  return cut.length <= SHOWN ? text : `${cut.slice(0, SHOWN).join("")} …`;
}

/** A text, of which the rest unfolds where it is long. */
export function clipped(text) {
  const begun = beginning(text);
  if (begun === text) return h("bdi", {}, text);
  return h("details.clipped", {}, h("summary", {}, h("bdi", {}, begun)), h("pre", { tabindex: 0 }, text));
}
