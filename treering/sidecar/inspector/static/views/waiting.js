// The quarantine: what waits for a yes or no, why, and what would change.

import { read } from "../api.js";
import { fill, h } from "../dom.js";
import { doing } from "../parts/notice.js";
import { decide, decideAll, isErasing } from "../parts/decisions.js";
import { operationOf, proposal, RULES } from "../parts/proposal.js";
import { textsFor } from "../parts/texts.js";

export const title = ({ user }) => `Waiting for ${user}`;

export async function view(context) {
  const found = h("div.waiting", {});
  await show(context, found, null);
  return h("section", {}, h("h2", {}, "Waiting for a yes or no"), h("p.quiet", {}, about()), found);
}

function about() {
  return "What admission did not dare to decide. None of it is in the tree, or before a model, until it is released.";
}

/** Fills the list anew, and leaves the focus where it was: at the place of what was decided. */
async function show(context, found, place) {
  const { user, signal } = context;
  const page = await read("/quarantine", { user, limit: 100 }, signal);
  const texts = await textsFor(page.items.map(operationOf), user, signal);
  const again = (at) => show(context, found, at);
  fill(found, page.items.length ? filled(page, { ...context, texts, again }) : empty());
  if (place === null) return;
  const cards = found.querySelectorAll(".proposal");
  (cards[Math.min(place, cards.length - 1)] ?? found.querySelector("p"))?.focus();
}

function empty() {
  return [
    h("p", { tabindex: -1 }, "Nothing waits."),
    h("p.quiet", {}, "What would come here:"),
    h(
      "ul.quiet",
      {},
      [...RULES.values()].map((meaning) => h("li", {}, meaning)),
    ),
  ];
}

function filled({ items, next }, context) {
  const boxes = new Map();
  const cards = items.map((held, place) => {
    const box = h("input", { type: "checkbox", "aria-label": `Select: ${held.verdict.why}` });
    boxes.set(held, box);
    return proposal(held, { ...context, box, actions: buttons(held, place, context) });
  });
  return [
    selection(boxes, context),
    byRule(items, context),
    h("ul.lines", { "aria-label": "Proposals" }, cards),
    next && more(),
  ];
}

function more() {
  return h("p.quiet", {}, "These are the first hundred; the next come when these are decided.");
}

function buttons(held, place, { user, signal, again }) {
  const act = (what) =>
    doing(async () => {
      const told = await decide(what, [held], { user, signal });
      if (told) await again(place);
      return told;
    });
  return [
    h(
      "button",
      { onclick: act("release"), class: isErasing(held) ? "danger" : "primary" },
      isErasing(held) ? "Forget for good …" : "Release",
    ),
    h("button", { onclick: act("drop") }, "Drop"),
  ];
}

function selection(boxes, { user, signal, again }) {
  const chosen = () => [...boxes].filter(([, box]) => box.checked).map(([held]) => held);
  const all = h("input", { id: "all", type: "checkbox" });
  const act = (what) =>
    doing(async () => {
      const told = await decide(what, chosen(), { user, signal });
      if (told) await again(0);
      return told;
    });
  const buttons = [
    h("button", { onclick: act("release") }, "Release selected"),
    h("button", { onclick: act("drop") }, "Drop selected"),
  ];
  const count = h("span", { role: "status" });
  const tell = () => {
    const many = chosen().length;
    fill(count, many ? `${many} selected` : "None selected");
    for (const button of buttons) button.disabled = !many;
    all.indeterminate = many > 0 && many < boxes.size;
    all.checked = many === boxes.size;
  };
  all.addEventListener("change", () => {
    for (const box of boxes.values()) box.checked = all.checked;
    tell();
  });
  for (const box of boxes.values()) box.addEventListener("change", tell);
  tell();
  return h(
    "div.row.selection",
    { role: "group", "aria-label": "Selection" },
    h("label.row", {}, all, "All of these"),
    count,
    buttons,
  );
}

/** All that a rule holds, in one step: where there are several of it. */
function byRule(items, { user, signal, again }) {
  const counted = Map.groupBy(items, (held) => held.verdict.rule);
  const several = [...counted].filter(([, held]) => held.length > 1);
  const act = (what, rule, held) =>
    doing(async () => {
      const told = await decideAll(what, rule, held, { user, signal });
      if (told) await again(0);
      return told;
    });
  return several.map(([rule, held]) =>
    h(
      "div.row.small",
      {},
      h("span", {}, `${held.length} are held by `, h("code", {}, rule)),
      h("button", { onclick: act("release", rule, held) }, "Release all of this rule …"),
      h("button", { onclick: act("drop", rule, held) }, "Drop all of this rule …"),
    ),
  );
}
