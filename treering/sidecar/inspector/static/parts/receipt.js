// The receipt of a forgetting: what went, where it was searched, and that nothing is left.

import { h } from "../dom.js";
import { counted } from "./counted.js";
import { moment } from "./dates.js";
import { counts } from "./preview.js";

const BY = new Map([
  ["person", "everything"],
  ["path", "a slot or branch"],
  ["claims", "claims"],
  ["messages", "messages"],
  ["about", "what says something"],
]);

/** A receipt to unfold. */
export function receipt(proof, user, { open = false } = {}) {
  const by = proof.selected_by.map((one) => BY.get(one) ?? one).join(", ");
  const gone = `${counted(proof.claims.length, "claim")}, ${counted(proof.messages.length, "message")}`;
  const name = proof.id === null ? "Nothing was there to forget" : `Receipt ${proof.id}`;
  return h(
    "details.receipt.card",
    { open },
    h("summary", {}, h("strong", {}, name), " · ", moment(proof.at, { time: true }), ` · by ${by} · ${gone}`),
    facts(proof),
    stores(proof.stores),
    h("p", {}, download(proof, user)),
  );
}

function facts(proof) {
  const ids = (found) => found.map((id) => h("code", {}, id)).flatMap((one) => [one, " "]);
  const rows = [
    ["Slot or branch", proof.path && h("code", {}, proof.path)],
    ["Claims", proof.claims.length > 0 && ids(proof.claims)],
    ["Claims without their quotation", proof.blanked.length > 0 && ids(proof.blanked)],
    ["Messages", proof.messages.length > 0 && ids(proof.messages)],
    ["Names", proof.names > 0 && `${proof.names} erased`],
    ["Final", proof.final_at !== proof.at && moment(proof.final_at, { time: true })],
    ["Searched again", proof.query],
    ["Ledger before", h("code.digest", {}, proof.digest_before)],
    ["Ledger after", h("code.digest", {}, proof.digest_after)],
  ];
  const shown = rows.filter(([, value]) => value);
  return [
    h("p", {}, counts(proof)),
    h(
      "dl.facts-list",
      {},
      shown.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
  ];
}

function stores(found) {
  const row = ({ store, rows, erased, left }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, store),
      h("td.number", {}, rows),
      h("td.number", {}, erased),
      h("td.number", {}, left),
    );
  const head = ["Store", "searched", "erased", "left"].map((name, place) =>
    h("th", { scope: "col", class: place ? "number" : "" }, name),
  );
  return h(
    "table.stores",
    {},
    h("caption.quiet", {}, "Every store of words, in rows"),
    h("thead", {}, h("tr", {}, head)),
    h("tbody", {}, found.map(row)),
  );
}

/** The receipt as the route gave it, as a file. */
function download(proof, user) {
  const save = () => {
    const where = URL.createObjectURL(new Blob([JSON.stringify(proof, null, 2)], { type: "application/json" }));
    const link = h("a", {
      href: where,
      download: `receipt-${user.replace(/[^\w-]+/g, "_")}-${proof.id ?? "none"}.json`,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(where), 10_000);
  };
  return h("button", { type: "button", onclick: save }, "Download as JSON");
}
