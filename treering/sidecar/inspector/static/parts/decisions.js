// Says yes or no to what waits in quarantine, and tells what came of it.

import { write } from "../api.js";
import { h } from "../dom.js";
import { confirm } from "./confirm.js";
import { counted } from "./counted.js";
import { notice } from "./notice.js";

const DONE = new Map([
  ["release", "released"],
  ["drop", "dropped"],
]);

/** Whether releasing a proposal erases for good. */
export function isErasing({ verdict }) {
  return verdict.draft.kind === "DELETE" && verdict.draft.reason === "forgotten";
}

/**
 * Releases or drops proposals one by one, so that one that is refused does not keep the others.
 *
 * @param {"release"|"drop"} what
 * @returns {Promise<string|null>} what to say; null where the person thought better of it
 */
export async function decide(what, held, { user, signal }) {
  if (!(await isMeant(what, held, signal))) return null;
  const receipts = [];
  let done = 0;
  for (const one of held) {
    try {
      const came = await write(`/quarantine/${one.id}/${what}`, { query: { user }, signal });
      done += 1;
      if (came.receipt) receipts.push(came.receipt.id);
    } catch (error) {
      if (held.length === 1 || error.name === "AbortError") throw error;
      notice(`${one.verdict.rule}: ${error.message}`, { error: true });
    }
  }
  return told(what, done, receipts);
}

/** Releases or drops all that a rule holds, in one step: all of it or nothing. */
export async function decideAll(what, rule, held, { user, signal }) {
  const said = h(
    "p",
    {},
    `All that ${rule} holds, also what is not shown: all of it, or where one cannot be, nothing.`,
  );
  const question = `${what === "release" ? "Release" : "Drop"} all that this rule holds?`;
  const danger = what === "release" && held.some(isErasing);
  if (!(await confirm(question, said, { action: what === "release" ? "Release all" : "Drop all", danger, signal })))
    return null;
  const came = await write(`/quarantine/${what}`, { query: { user }, body: { rule }, signal });
  const done = (came.held ?? came.items).length;
  return told(what, done, came.receipt ? [came.receipt.id] : []);
}

function isMeant(what, held, signal) {
  const erasing = held.filter(isErasing).length;
  if (what === "drop" && held.length > 1) {
    return confirm(`Drop ${held.length} proposals?`, h("p", {}, "They are not asked again."), {
      action: "Drop",
      signal,
    });
  }
  if (what === "drop" || !erasing) return true;
  const which = erasing === 1 ? "One request to forget is" : `${erasing} requests to forget are`;
  const said = h(
    "p",
    {},
    `${which} carried out: the words go for good, and nothing brings them back. A receipt proves it.`,
  );
  return confirm("Forget for good?", said, { action: "Forget for good", danger: true, signal });
}

function told(what, done, receipts) {
  const proofs = receipts.filter(Boolean);
  const many = `${counted(done, "proposal was", "proposals were")} ${DONE.get(what)}.`;
  return proofs.length ? `${many} Receipt ${proofs.join(", ")} proves what was erased.` : many;
}
