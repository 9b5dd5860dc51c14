// What a recall came to: how it was decided, what it spends, and the context as a model would get it.

import { h } from "../dom.js";
import { address } from "../route.js";
import { counted } from "./counted.js";
import { moment } from "./dates.js";
import { doing } from "./notice.js";

const RULES = new Map([
  ["asked-for", "because it was asked for"],
  ["strong-match-in-tree", "because a claim of the tree matches strongly"],
  ["no-strong-match-in-tree", "because no claim of the tree matches strongly, so turns are searched too"],
  ["not-all-is-heard-yet", "because some turns are not listened to yet, so turns are searched too"],
  ["asks-for-several-things", "because the question asks for several things"],
]);

/** How it was recalled, at which version, and what could not be asked. */
export function decided({ decision, version, as_of, degraded, steps }, user) {
  const link = { href: address(["person", user, "ledger"], { version }) };
  return h(
    "div",
    {},
    h(
      "p",
      {},
      h("strong", {}, decision.mode),
      ", ",
      RULES.get(decision.rule) ?? "by the rule",
      " ",
      h("code.quiet", {}, decision.rule),
      ".",
    ),
    h(
      "p.quiet",
      {},
      "As of ",
      moment(as_of, { time: true }),
      version > 0 && [", at ", h("a", link, `version ${version}`)],
      ".",
    ),
    degraded.length > 0 &&
      h(
        "div.fault",
        { role: "status" },
        h("p", {}, "Not everything could be asked:"),
        h(
          "ul",
          {},
          degraded.map((one) => h("li", {}, one)),
        ),
      ),
    steps && searched(steps),
  );
}

/** How many lines stay out because somebody asked to have them forgotten; null where none does. */
export function heldBack({ held_back: lines }, user) {
  if (!lines.length) return null;
  const waiting = h("a", { href: address(["person", user, "waiting"]) }, "waits to be confirmed");
  const [are, them] = lines.length === 1 ? ["is", "it"] : ["are", "them"];
  return h("p.quiet", {}, `${counted(lines.length, "line")} ${are} held back: a wish to forget ${them} `, waiting, ".");
}

/** What the context costs, of what it may cost. */
export function spent({ tokens, budget_tokens: budget }) {
  const said = `${tokens} of ${budget} tokens`;
  return h(
    "p.spent",
    {},
    h("meter", { min: 0, max: Math.max(budget, 1), value: tokens, "aria-label": "Tokens spent" }),
    " ",
    said,
  );
}

/** The text that would be put before a model. */
export function context({ context: text }) {
  if (!text) return null;
  const copy = doing(async () => {
    await navigator.clipboard.writeText(text);
    return "Copied.";
  });
  return h(
    "div",
    {},
    h(
      "div.row",
      {},
      h("h3", { id: "injected" }, "What would be injected"),
      navigator.clipboard && h("button", { type: "button", onclick: copy }, "Copy"),
    ),
    h("pre.context", { tabindex: 0, role: "region", "aria-labelledby": "injected" }, text),
  );
}

function searched({ rewrites, rounds, stopped, model_tokens: tokens }) {
  return h(
    "details",
    {},
    h("summary", {}, `${rounds} further rounds of search; stopped: ${stopped}; ${tokens} tokens of a chat model`),
    h(
      "ul",
      {},
      rewrites.map((one) => h("li", {}, h("bdi", {}, one))),
    ),
  );
}
