// The turns that a plain search finds, beside the context: what was said, whether or not it is still so.

import { h } from "../dom.js";
import { address } from "../route.js";
import { beginning } from "./clipped.js";
import { moment } from "./dates.js";
import { lists } from "./recalled_line.js";

/** Turns, best first. */
export function turnsFound(hits, user) {
  return h(
    "aside.turns-found",
    { "aria-labelledby": "turns-found" },
    h("h3", { id: "turns-found" }, "Turns that were found"),
    hits.length
      ? h(
          "ol.lines",
          {},
          hits.map((hit) => turn(hit, user)),
        )
      : h("p.quiet", {}, "No turn says something like it."),
  );
}

function turn(hit, user) {
  const link = {
    href: address(["person", user, "conversations"], { message: hit.message_id }),
    title: `Message ${hit.message_id}`,
  };
  return h(
    "li.line.card",
    {},
    h("p.says", {}, h("a", link, h("bdi", {}, beginning(hit.text)))),
    h(
      "p.facts.quiet",
      {},
      h("span", {}, h("bdi", {}, hit.speaker ?? hit.role), ", ", moment(hit.at)),
      h("span", {}, `score ${hit.score.toFixed(2)}`),
    ),
    hit.found_by.length > 0 &&
      h(
        "details.why",
        {},
        h("summary", { "aria-label": `Why message ${hit.message_id} was found` }, "Why"),
        lists(hit.found_by),
      ),
  );
}
