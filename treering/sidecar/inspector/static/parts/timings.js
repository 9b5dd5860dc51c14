// Where the time of a recall went: a bar of its stages, and the same in numbers.

import { h } from "../dom.js";

const STAGES = new Map([
  ["embed", "embedding the question"],
  ["search", "searching"],
  ["rank", "ranking"],
  ["fit", "fitting into the budget"],
]);

/** Milliseconds by stage; nothing where none were measured. */
export function timings(byStage) {
  const laps = Object.entries(byStage);
  if (!laps.length) return null;
  const total = laps.reduce((sum, [, ms]) => sum + ms, 0);
  return h(
    "section",
    { "aria-labelledby": "took" },
    h("h3", { id: "took" }, `It took ${total.toFixed(1)} ms`),
    h(
      "div.stages",
      { "aria-hidden": "true" },
      laps.map(([name, ms], place) => piece(name, ms, place)),
    ),
    h(
      "table",
      {},
      h(
        "tbody",
        {},
        laps.map(([name, ms], place) => row(name, ms, place, total)),
      ),
    ),
  );
}

function piece(name, ms, place) {
  const made = h("span", { class: shade(place), title: `${name}: ${ms.toFixed(1)} ms` });
  made.style.setProperty("--share", String(Math.max(ms, 0)));
  return made;
}

function row(name, ms, place, total) {
  const share = total > 0 ? `${Math.round((100 * ms) / total)} %` : "";
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row" },
      h("span.swatch", { class: shade(place), "aria-hidden": "true" }),
      " ",
      STAGES.get(name) ?? name,
    ),
    h("td.number", {}, `${ms.toFixed(1)} ms`),
    h("td.number", {}, share),
  );
}

function shade(place) {
  return `shade-${place % 5}`;
}
