// What would go if something were forgotten: in words, before anything is done.

import { h } from "../dom.js";
import { clipped } from "./clipped.js";
import { counted } from "./counted.js";

const SHOWN = 20;

/** The dry run of a forgetting; `erase` is what its button does. */
export function preview(seen, user, erase) {
  const { claims, blanked, turns, names } = seen.preview;
  const isNothing = ![claims, blanked, turns, names].some((one) => one.length) && !seen.held && !seen.entries;
  if (isNothing) return h("p", {}, "Nothing says this, so nothing would go.");
  return h(
    "div.card.preview",
    {},
    h("h3", {}, "What would go"),
    words("Claims", claims, "lost"),
    words("Messages that would be emptied", turns, "lost"),
    words("Claims that stay, without the words they were quoted from", blanked, "changed"),
    words("Names of people of whom nothing else is known", names, "lost"),
    h("p.quiet", {}, counts(seen)),
    h("button.danger", { onclick: erase }, "Forget this for good …"),
  );
}

/** The rest of what goes, in numbers. */
export function counts({ entries, passages, vectors, held, tombstones }) {
  const parts = [
    [entries, "ledger entry", "ledger entries"],
    [passages, "passage"],
    [vectors, "vector"],
    [held, "proposal, reply or error", "proposals, replies and errors"],
  ];
  const told = parts.filter(([count]) => count).map(([count, ...nouns]) => counted(count, ...nouns));
  const marks = tombstones ? ` ${counted(tombstones, "mark")} set, so that the same words are not taken in again.` : "";
  return told.length ? `With it: ${told.join(", ")}.${marks}` : marks || null;
}

function words(name, texts, change) {
  if (!texts.length) return null;
  const line = (text) => h("li", { class: change }, clipped(text));
  const rest = texts.slice(SHOWN);
  return [
    h("h4", {}, `${name} (${texts.length})`),
    h("ul.going", {}, texts.slice(0, SHOWN).map(line)),
    rest.length > 0 && h("details", {}, h("summary", {}, `${rest.length} more`), h("ul.going", {}, rest.map(line))),
  ];
}
