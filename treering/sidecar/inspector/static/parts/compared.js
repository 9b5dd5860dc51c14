// What differs between two trees of a person.

/**
 * What is new, gone or changed in a tree.
 *
 * @param {object} before the tree that is compared with
 * @param {object} after the tree that is shown
 * @returns {{marks: Map, lost: Map, counts: object}} the change of each claim by its id; the claims that are gone by
 *   their slot; how many there are of each
 */
export function compared(before, after) {
  const then = byId(before);
  const now = byId(after);
  const gone = [...then.values()].filter(({ id }) => !now.has(id));
  const replaced = new Set();
  const marks = new Map();
  for (const one of now.values()) {
    const isFormer = (other) => one.supersedes.includes(other.id) || (isOnly(after, one) && other.path === one.path);
    const former = gone.filter(isFormer);
    if (!then.has(one.id)) marks.set(one.id, former.length ? "changed" : "gained");
    else if (differs(then.get(one.id), one)) marks.set(one.id, "changed");
    if (!then.has(one.id)) for (const other of former) replaced.add(other.id);
  }
  for (const one of gone) marks.set(one.id, "lost");
  const kinds = [...marks.values()];
  const counts = {
    gained: kinds.filter((kind) => kind === "gained").length,
    changed: kinds.filter((kind) => kind === "changed").length,
    lost: gone.length - replaced.size,
  };
  return { marks, lost: grouped(gone), counts };
}

/** Nothing differs. */
export const SAME = { marks: new Map(), lost: new Map(), counts: { gained: 0, changed: 0, lost: 0 } };

/** How many are new, changed and gone, in words. */
export function told({ gained, changed, lost }) {
  const all = [gained && `+ ${gained} new`, changed && `~ ${changed} changed`, lost && `− ${lost} gone`];
  const parts = all.filter(Boolean);
  return parts.length ? parts.join(", ") : "nothing changed";
}

function byId(tree) {
  return new Map(tree.slots.flatMap((slot) => slot.claims).map((one) => [one.id, one]));
}

function isOnly(tree, { path }) {
  return tree.slots.find((slot) => slot.path === path)?.cardinality === "one";
}

function differs(one, other) {
  return one.text !== other.text || one.valid_to !== other.valid_to || one.condition !== other.condition;
}

function grouped(claims) {
  const found = new Map();
  for (const one of claims) found.set(one.path, [...(found.get(one.path) ?? []), one]);
  return found;
}
