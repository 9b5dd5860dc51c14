// The persona tree: branches that unfold, their slots, and the claims in them, in the order of the trunk.

import { h } from "../dom.js";
import { address } from "../route.js";
import { claim } from "./claim.js";

/**
 * The tree as an element.
 *
 * @param {object} shown `user`, `trunk`, `tree`, `marks` and `lost` of a comparison, `words` to look for, `empty`:
 *   whether to show slots without claims, `folds`: the branches that are folded, `actions` of claims, `adding`: what to
 *   do when a claim is to be added to a slot, `folding`: told when one is folded, `most`: claims that are drawn
 * @returns {{element: Node, found: number}} the tree, and how many claims are in it
 */
export function persona(shown) {
  const filled = new Map(shown.tree.slots.map((slot) => [slot.path, slot]));
  const strange = shown.tree.slots.filter(({ path }) => !shown.trunk.slots.some((slot) => slot.path === path));
  const slots = [...shown.trunk.slots, ...strange];
  const rows = slots.map((slot) => rowOf(slot, filled.get(slot.path), shown)).filter(Boolean);
  const found = rows.reduce((sum, row) => sum + row.claims.length, 0);
  cut(rows, shown.most);
  return { element: h("div.persona", {}, level("", rows, shown)), found };
}

function rowOf(slot, filled, { lost, words, empty }) {
  const all = [...(filled?.claims ?? []), ...(lost.get(slot.path) ?? [])];
  const claims = all.filter((one) => matches(`${slot.path} ${one.text} ${one.condition ?? ""}`, words));
  const isShown = claims.length > 0 || (empty && !all.length && matches(slot.path, words));
  return isShown ? { slot, claims } : null;
}

/** Leaves out what is too much for one page; what is left out is counted. */
function cut(rows, most) {
  let left = most;
  for (const row of rows) {
    const fits = row.claims.slice(0, Math.max(0, left));
    left -= fits.length;
    row.more = row.claims.length - fits.length;
    row.claims = fits;
  }
}

function matches(text, words) {
  const low = text.toLowerCase();
  return words.every((word) => low.includes(word));
}

function level(prefix, rows, shown) {
  const made = [];
  const done = new Set();
  for (const row of rows) {
    const rest = row.slot.path.slice(prefix.length).split(".");
    const path = prefix + rest[0];
    if (rest.length === 1) made.push(slotOf(row, shown));
    else if (!done.has(path)) {
      const within = rows.filter(({ slot }) => slot.path.startsWith(`${path}.`));
      made.push(branchOf(path, within, shown));
    }
    done.add(path);
  }
  return made;
}

function branchOf(path, rows, shown) {
  const { trunk, folds, words } = shown;
  const number = rows.reduce((sum, row) => sum + row.claims.length + row.more, 0);
  const marks = rows.some(({ claims }) => claims.some(({ id }) => shown.marks.has(id)));
  const isOpen = words.length > 0 || (folds.has(path) ? folds.get(path) : number > 0);
  const said = trunk.branches.find((branch) => branch.path === path)?.description;
  const branch = h(
    "details.branch",
    { open: isOpen, data: { path } },
    h(
      "summary",
      {},
      h("h3", {}, nameOf(path)),
      h("span.tag", { title: "Claims" }, number),
      marks && h("span.tag.changed", {}, "changed"),
      said && h("span.quiet", {}, said),
    ),
    h("div.leaves", {}, level(`${path}.`, rows, shown)),
  );
  branch.querySelector("summary").addEventListener("click", () => {
    folds.set(path, !branch.open); // it is open a moment later
    shown.folding();
  });
  return branch;
}

function slotOf({ slot, claims, more }, { user, tree, marks, actions, adding }) {
  const card = (one) => {
    const change = marks.get(one.id);
    const { sensitivity } = slot;
    const heldBack = one.id in tree.held_back;
    return claim(one, { user, slot: false, change, actions: change === "lost" ? null : actions, sensitivity, heldBack });
  };
  return h(
    "section.leaf",
    { "aria-label": slot.path },
    about(slot, user, adding),
    h(
      "div",
      {},
      claims.map(card),
      !claims.length && !more && h("p.quiet", {}, "–"),
      more > 0 && h("p.quiet", {}, `${more} more claims are here; find them by words.`),
    ),
  );
}

function about(slot, user, adding) {
  const { path, description } = slot;
  const link = { href: address(["person", user, "ledger"], { path }), "aria-label": `History of ${path}` };
  const button = { type: "button", "aria-label": `Add a claim to ${path}`, onclick: () => adding(slot) };
  return h(
    "div.about",
    {},
    h("h4", {}, nameOf(path)),
    h("p.quiet", {}, description),
    h("p.links", {}, h("a", link, "history"), adding && h("button.plain", button, "+ add")),
  );
}

function nameOf(path) {
  return path.split(".").at(-1).replaceAll("_", " ");
}
