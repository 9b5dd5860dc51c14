// Everybody of whom something is stored, with a search that asks the server.

import { Problem, read } from "../api.js";
import { fill, h } from "../dom.js";
import { doing } from "../parts/notice.js";
import { address, go, note } from "../route.js";

const PAUSE_MS = 200;

export const title = () => "People";

export async function view({ query, signal }) {
  const typed = { value: query.get("search") ?? "", placeholder: "A part of the name", autocomplete: "off" };
  const search = h("input", { id: "search", type: "search", ...typed });
  const found = h("ul.people", { "aria-label": "People" });
  const below = h("div", {});
  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => first().catch(() => {}), PAUSE_MS);
  });

  async function first() {
    note(["people"], { search: search.value }, signal);
    const page = await asked(null);
    fill(found, page.items.map(row));
    more(page.next);
    const nobody = search.value ? "Nobody has this in their name." : "Nothing is stored yet.";
    if (!page.items.length) fill(below, h("p.quiet", {}, nobody));
  }

  function more(next) {
    const button = h("button", { onclick: doing(async () => {
      const page = await asked(next);
      found.append(...page.items.map(row));
      more(page.next);
    }) }, "Show more");
    fill(below, next && button);
  }

  const asked = (cursor) => read("/people", { search: search.value, cursor }, signal);
  try {
    await first();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 403) throw error;
    return h("section", {}, byName("Your key may not list people. Whom do you want to see?"));
  }
  const field = h("div.field", {}, h("label", { for: "search" }, "Search"), search);
  return h("section", {}, h("h1", {}, "People"), field, found, below);
}

function row({ user }) {
  return h("li", {}, h("a", { href: address(["person", user, "tree"]) }, user));
}

function byName(why) {
  const field = h("input", { id: "name", type: "text", required: true, autocomplete: "off" });
  const open = (event) => {
    event.preventDefault();
    if (field.value) go(["person", field.value, "tree"]);
  };
  return h(
    "form.stack.narrow",
    { onsubmit: open },
    h("h1", {}, "People"),
    h("p", {}, why),
    h("label", { for: "name" }, "Person"),
    field,
    h("button.primary", {}, "Open"),
  );
}
