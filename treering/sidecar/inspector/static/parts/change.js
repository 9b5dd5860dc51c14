// What differs between two versions of a memory: what became current, and what ceased to be, by whom it is about.

import { h } from "../dom.js";
import { claim } from "./claim.js";

/** A `Change`; `empty` is said where nothing differs. */
export function change(found, { user, empty = "Nothing that is current differs." }) {
  if (!found.subjects.length) return h("p.quiet", {}, empty);
  return h(
    "div.change",
    {},
    found.subjects.map((one) => ofSubject(one, user)),
  );
}

/** The same in a few words, e.g. "2 gained, 1 lost". */
export function summed(found) {
  const count = (which) => found.subjects.reduce((sum, one) => sum + one[which].length, 0);
  return `${count("gained")} gained, ${count("lost")} lost`;
}

function ofSubject({ subject, gained, lost }, user) {
  return h(
    "section",
    { "aria-label": subject },
    h("h3", {}, subject === "self" ? "About the person" : h("bdi", {}, subject)),
    lost.map((one) => claim(one, { user, change: "lost" })),
    gained.map((one) => claim(one, { user, change: "gained" })),
  );
}
