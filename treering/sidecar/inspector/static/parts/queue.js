// How much slow work waits, by kind, and since when.

import { h } from "../dom.js";
import { ago } from "./ago.js";
import { moment } from "./dates.js";

const KINDS = new Map([
  ["listen", "listen to new turns"],
  ["window", "listen to a parked stretch again"],
  ["index", "bring vectors up to date"],
  ["summarise", "bring summaries up to date"],
  ["consolidate", "compare claims with each other"],
]);

/** The statistics of the queue as a table, with a bar of how long the oldest job of each kind waits. */
export function queue({ at, kinds }) {
  if (!kinds.length)
    return h(
      "p",
      {},
      "No job waits or runs, and none failed. ",
      h("span.quiet", {}, "Counted ", moment(at, { time: true }), "."),
    );
  const waits = kinds.map(({ oldest_at: since }) => (since ? Math.max(0, new Date(at) - new Date(since)) / 1000 : 0));
  const longest = Math.max(...waits, 1);
  const head = ["Kind", "waiting", "running", "dead", "the oldest waits"];
  return h(
    "table.queue",
    {},
    h("caption.quiet", {}, "Counted ", moment(at, { time: true })),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        head.map((name, place) => h("th", { scope: "col", class: [1, 2, 3].includes(place) ? "number" : "" }, name)),
      ),
    ),
    h(
      "tbody",
      {},
      kinds.map((one, place) => row(one, waits[place], longest)),
    ),
  );
}

function row({ kind, queued, running, dead, oldest_at: since }, waited, longest) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, kind, " ", h("span.quiet", {}, KINDS.get(kind))),
    h("td.number", {}, queued),
    h("td.number", {}, running),
    h("td.number", { class: dead ? "lost" : "" }, dead),
    h(
      "td",
      {},
      since && [
        h("meter", { min: 0, max: longest, value: waited, "aria-hidden": "true" }),
        " ",
        h("span", { title: since }, ago(waited)),
      ],
    ),
  );
}
