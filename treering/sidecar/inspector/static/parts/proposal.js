// A proposal that waits in quarantine: what it would change, which rule held it, and why.

import { h } from "../dom.js";
import { moment } from "./dates.js";
import { operation } from "./operation.js";

/** What each rule holds, for people. */
export const RULES = new Map([
  ["asked-to-forget", "A request to forget, since erasing cannot be undone."],
  ["ask-first", "What the trunk or the policy asks about before it is kept."],
  ["personal-data", "What holds a phone number, an address or the like."],
  ["mass-change", "Changes and endings of one stretch of talk that has very many of them."],
  ["too-many", "More statements in one stretch of talk than are believable."],
  ["too-many-today", "More statements in one day than the policy lets in."],
  ["contradicts-confirmed", "What was only concluded, and would change what the person confirmed."],
  ["awaits-support", "What was concluded from one statement alone."],
  ["no-slot-near", "A statement of an import that fits no slot."],
  ["changed-there", "A statement of an import that the other memory changed."],
]);

/** The operation of a proposal; where it is tied to no claim yet, one made of its draft. */
export function operationOf({ verdict }) {
  if (verdict.operation) return verdict.operation;
  const { draft } = verdict;
  const cited = draft.quote ? [{ message_id: draft.message_id, quote: draft.quote, start: 0 }] : [];
  const wanted = { kind: draft.kind, subject: draft.subject, path: draft.path, target: draft.target, evidence: cited };
  if (draft.kind === "DELETE" || draft.kind === "NO_OP")
    return { ...wanted, reason: draft.reason, at: null, why: verdict.why };
  const dates = { valid_from: draft.valid_from, valid_to: draft.valid_to };
  const claim = {
    ...wanted,
    ...dates,
    id: null,
    text: draft.text ?? draft.quote ?? "",
    supersedes: draft.target ? [draft.target] : [],
  };
  return {
    kind: draft.kind,
    claim: { ...claim, origin: draft.origin, confidence: draft.confidence, condition: draft.condition },
  };
}

/**
 * A proposal as a card.
 *
 * @param {object} held as the routes give it
 * @param {object} options `user`, `texts` as `operation` takes them; `box`: what selects it; `actions`: its buttons
 */
export function proposal(held, { user, texts, box, actions }) {
  const { verdict, recorded_at: at } = held;
  return h(
    "li.proposal.card",
    { tabindex: -1, "aria-label": `Held by ${verdict.rule}` },
    h(
      "div.row",
      {},
      h("label.row", {}, box, h("strong", {}, verdict.rule)),
      h("span.quiet", {}, moment(at, { time: true })),
    ),
    h("p", {}, h("bdi", {}, verdict.why)),
    h("ul.operations", { "aria-label": "What would change" }, operation(operationOf(held), { user, texts })),
    h("div.row", {}, actions),
  );
}
