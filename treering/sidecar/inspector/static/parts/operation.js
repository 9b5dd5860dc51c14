// One operation of the ledger, or of a proposal, as a line of a diff.

import { h } from "../dom.js";
import { address } from "../route.js";
import { evidence, signOf } from "./claim.js";
import { moment, span } from "./dates.js";

const ENDINGS = new Map([
  ["ended", "is no longer so"],
  ["retracted", "withdrawn"],
  ["forgotten", "forgotten"],
]);
const CHANGES = new Map([
  ["ADD", "gained"],
  ["UPDATE", "changed"],
  ["DELETE", "lost"],
]);

/**
 * A line of a diff: the slot, what stood there, what stands there now, and the words it rests on.
 *
 * @param {object} operation as the routes give it
 * @param {object} options `user`, to link to; `texts`: a Map of what claims say by id, where it replaces or ends some
 */
export function operation(operation, { user, texts = new Map() }) {
  const change = CHANGES.get(operation.kind) ?? null;
  return h(
    "li.operation",
    { class: change ?? "unchanged" },
    h(
      "p.says",
      {},
      signOf(change) ?? h("b.sign", { "aria-hidden": "true" }, "·"),
      where(operation, user),
      words(operation, texts),
    ),
    h("p.facts.quiet", {}, facts(operation)),
    evidence(operation.claim?.evidence ?? operation.evidence ?? [], user),
  );
}

function where({ claim, subject, path }, user) {
  const about = claim?.subject ?? subject;
  const slot = claim?.path ?? path;
  return [
    about &&
      about !== "self" &&
      h("a.about", { href: address(["person", user, "tree"], { subject: about }) }, h("bdi", {}, about)),
    slot &&
      h(
        "a.slot",
        { href: address(["person", user, "ledger"], { path: slot }), title: "The history of this slot" },
        h("code", {}, slot),
      ),
  ];
}

function words({ kind, claim, target, why }, texts) {
  const old = (claim ? claim.supersedes : [target].filter(Boolean)).map(
    (id) => texts.get(id) ?? `claim ${id.slice(0, 6)}`,
  );
  if (kind === "NO_OP") return h("span.quiet", {}, h("bdi", {}, why), old.length > 0 && [": ", h("bdi", {}, old[0])]);
  const struck = old.map((text) => h("del", {}, h("bdi", {}, text)));
  if (kind === "DELETE") return struck;
  return [
    struck,
    struck.length > 0 && h("span", { "aria-label": "became" }, "→"),
    h("ins", {}, h("bdi", {}, claim.text)),
  ];
}

function facts({ kind, claim, reason, at, why }) {
  return [
    claim && h("span", {}, span(claim.valid_from, claim.valid_to)),
    claim && h("span", {}, `${Math.round(claim.confidence * 100)} % sure`),
    claim?.condition && h("span.tag", {}, h("bdi", {}, claim.condition)),
    claim && claim.origin !== "stated" && h("span.tag", {}, claim.origin),
    reason && h("span", {}, ENDINGS.get(reason) ?? reason, at && [", ", moment(at)]),
    kind !== "NO_OP" && why && h("span", {}, "because: ", h("bdi", {}, why)),
  ];
}
