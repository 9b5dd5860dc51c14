// A claim: what it says, since when, how sure, and the words it rests on.

import { h } from "../dom.js";
import { address } from "../route.js";
import { moment, span } from "./dates.js";

const SIGNS = new Map([
  ["gained", ["+", "new"]],
  ["lost", ["−", "gone"]],
  ["changed", ["~", "changed"]],
]);
const ORIGINS = new Map([
  ["inferred", "inferred"],
  ["imported", "imported"],
  ["manual", "told by hand"],
]);
const FORGOTTEN = "[forgotten]";
const SPECIAL = "Enters a prompt only when the question concerns it";
const HELD_BACK = "Enters no prompt until the request to forget it is confirmed or dropped";

/**
 * A claim as a card.
 *
 * @param {object} claim as the routes give it
 * @param {object} options `user`, to link to; `change`: "gained", "lost" or "changed"; `slot`: whether to name the
 *   slot; `actions`: what makes of the claim an element with buttons; `sensitivity` of its slot; `heldBack`: whether
 *   somebody asked to have it forgotten, and that waits
 */
export function claim(claim, options = {}) {
  const { user, change = null, slot = true, actions = null, sensitivity = null, heldBack = false } = options;
  const gone = change === "lost";
  return h(
    "article.claim.card",
    { class: change ?? "", id: `claim-${claim.id}`, "aria-label": claim.text },
    h(
      "p.says",
      {},
      signOf(change),
      h(gone ? "del" : "span", { class: claim.text === FORGOTTEN ? "quiet" : "" }, claim.text),
      tags(claim, sensitivity),
      heldBack && h("a.tag", { href: address(["person", user, "waiting"]), title: HELD_BACK }, "asked to be forgotten"),
    ),
    h(
      "p.facts.quiet",
      {},
      slot && slotLink(claim, user),
      h("span", {}, span(claim.valid_from, claim.valid_to)),
      confidence(claim),
      h("span", {}, "learned ", moment(claim.recorded_at)),
    ),
    evidence(claim.evidence, user),
    actions && actions(claim),
  );
}

/** The sign of a change, which says in words too what it means; none where nothing changed. */
export function signOf(change) {
  const [sign, meaning] = SIGNS.get(change) ?? [];
  if (!sign) return null;
  const seen = h("span", { "aria-hidden": "true" }, sign);
  return h("b.sign", { title: meaning }, seen, h("span.unseen", {}, `${meaning}: `));
}

/** The words that something rests on; each leads to the message in its conversation. */
export function evidence(cited, user) {
  if (!cited.length) return null;
  return h("ul.evidence", { "aria-label": "Evidence" }, cited.map((one) => h("li", {}, quoted(one, user))));
}

function quoted({ message_id: message, quote }, user) {
  const href = address(["person", user, "conversations"], { message });
  return h("a", { href, title: `Message ${message}` }, h("q", {}, quote));
}

function slotLink({ path }, user) {
  const link = { href: address(["person", user, "ledger"], { path }), title: "The history of this slot" };
  return h("a.slot", link, h("code", {}, path));
}

function confidence({ confidence: sure }) {
  const percent = `${Math.round(sure * 100)} %`;
  const meter = h("meter", { min: 0, max: 1, value: sure, "aria-label": "Confidence" });
  return h("span.sure", { title: "How sure the listener was" }, meter, ` ${percent}`);
}

function tags({ condition, origin, valid_to: ended }, sensitivity) {
  return [
    condition && h("span.tag", { title: "When it is so" }, condition),
    ORIGINS.has(origin) && h("span.tag", { title: "How it came about" }, ORIGINS.get(origin)),
    ended && h("span.tag", {}, "ended"),
    sensitivity === "special" && h("span.tag.special", { title: SPECIAL }, "special"),
    sensitivity === "personal" && h("span.tag", {}, "personal"),
  ];
}
