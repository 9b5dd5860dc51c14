// A question: the context that would be put before a model, why each line is there, and what it costs.

import { question } from "../api.js";
import { h } from "../dom.js";
import { context, decided, heldBack, spent } from "../parts/recalled.js";
import { line } from "../parts/recalled_line.js";
import { timings } from "../parts/timings.js";
import { turnsFound } from "../parts/turns_found.js";
import { go } from "../route.js";

const MODES = new Map([
  ["auto", "decided by rule"],
  ["tree", "tree: claims only"],
  ["hybrid", "hybrid: claims and turns"],
  ["agentic", "agentic: several searches"],
]);
const BUDGET_TOKENS = 1500;

export const title = ({ user }) => `Ask about ${user}`;

export async function view({ user, query, signal }) {
  const asked = query.get("q") ?? "";
  const form = asking(user, query);
  if (!asked.trim()) return h("section", {}, h("h2", {}, "Ask"), form, h("p.quiet", {}, hint()));
  const [recalled, found] = await Promise.all([recall(user, query, signal), search(user, asked, signal)]);
  return h(
    "section",
    {},
    h("h2", {}, "Ask"),
    form,
    h("div.beside", {}, answer(recalled, user), turnsFound(found.items, user)),
  );
}

function hint() {
  return [
    "Ask what a person could ask, or write the message that a model is to answer. ",
    "You see what would be put before the model; no model answers here.",
  ];
}

function recall(user, query, signal) {
  const body = {
    query: query.get("q"),
    mode: MODES.has(query.get("mode")) ? query.get("mode") : "auto",
    budget_tokens: budget(query),
    as_of: moment(query),
    explain: true,
  };
  return question("/recall", { query: { user }, body, signal });
}

function search(user, asked, signal) {
  return question("/search", { query: { user }, body: { query: asked, limit: 10, explain: true }, signal });
}

function answer(recalled, user) {
  const { lines } = recalled;
  return h(
    "div.answer",
    {},
    decided(recalled, user),
    spent(recalled),
    context(recalled),
    heldBack(recalled, user),
    h("h3", {}, lines.length ? "Why each line is there" : "Why nothing is there"),
    lines.length
      ? h(
          "ol.lines",
          { "aria-label": "Lines" },
          lines.map((one) => line(one, recalled.tokens, user)),
        )
      : h(
          "p.quiet",
          {},
          "Nothing that is known is near enough to the question, or no line of it fits. So the prompt stays as it is.",
        ),
    timings(recalled.timings_ms),
  );
}

function asking(user, query) {
  const words = h("textarea", { id: "q", rows: 2, required: true, maxlength: 32000, value: query.get("q") ?? "" });
  const mode = h(
    "select",
    { id: "mode" },
    [...MODES].map(([name, label]) => h("option", { value: name, selected: name === query.get("mode") }, label)),
  );
  const tokens = h("input.number", { id: "budget", type: "number", min: 0, max: 1000000, value: budget(query) });
  const day = h("input", { id: "as_of", type: "date", value: query.get("as_of") ?? "" });
  const submit = (event) => {
    event.preventDefault();
    const budget_tokens = Number(tokens.value) === BUDGET_TOKENS ? null : tokens.value;
    const shown = mode.value === "auto" ? null : mode.value;
    const before = location.hash;
    go(["person", user, "ask"], { q: words.value, mode: shown, budget: budget_tokens, as_of: day.value });
    if (location.hash === before) window.dispatchEvent(new HashChangeEvent("hashchange")); // asked once more
  };
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) words.form.requestSubmit();
  });
  return h(
    "form.asking.stack",
    { onsubmit: submit },
    h("label", { for: "q" }, "Question"),
    words,
    h(
      "div.row",
      {},
      h("button.primary", { title: "Control and Enter does the same" }, "Ask"),
      h("span.field", {}, h("label", { for: "mode" }, "Mode"), mode),
      h("span.field", {}, h("label", { for: "budget" }, "Tokens at most"), tokens),
      h("span.field", {}, h("label", { for: "as_of" }, "As of"), day),
    ),
  );
}

function budget(query) {
  const given = Number(query.get("budget") ?? BUDGET_TOKENS);
  return Number.isInteger(given) && given >= 0 && given <= 1e6 ? given : BUDGET_TOKENS;
}

/** The end of the day that was chosen, as the page's time zone has it; none for now. */
function moment(query) {
  const day = query.get("as_of");
  if (!day) return null;
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}
