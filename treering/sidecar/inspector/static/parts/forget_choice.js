// The form that says what is to be forgotten.

import { fill, h } from "../dom.js";
import { doing } from "./notice.js";

const WAYS = new Map([
  [
    "about",
    {
      label: "What says this",
      hint: "In words, e.g. peanuts: claims and messages that say it, in whatever form.",
      many: false,
    },
  ],
  ["path", { label: "A slot or branch", hint: "e.g. health.diet, or health with all that is below it.", many: false }],
  ["claims", { label: "Claims", hint: "By their ids, one a line.", many: true }],
  [
    "messages",
    { label: "Messages", hint: "By their ids, one a line; with the claims that rest on nothing else.", many: true },
  ],
  ["everything", { label: "Everything", hint: "The whole person. It needs a key with the right admin.", many: false }],
]);
const BY_ADDRESS = new Map([
  ["claim", "claims"],
  ["message", "messages"],
  ["path", "path"],
  ["about", "about"],
]);

/**
 * The form, and what the address names already (null where it names nothing).
 *
 * @param {URLSearchParams} query
 * @param {function(object): Promise} look is given the body for the route, to show what would go
 */
export function choice(query, look) {
  const [asked, way] = [...BY_ADDRESS].find(([name]) => query.has(name)) ?? [null, "about"];
  const given = asked === null ? [] : query.getAll(asked);
  const field = h("textarea", { id: "named", rows: 1, value: given.join("\n"), autocomplete: "off" });
  const hint = h("p.quiet.hint", { id: "named-hint" });
  const ways = radios(way, (chosen) => {
    fill(hint, WAYS.get(chosen).hint);
    field.disabled = chosen === "everything";
    field.required = !field.disabled;
  });
  field.setAttribute("aria-describedby", "named-hint");
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || WAYS.get(form.elements.way.value).many) return;
    event.preventDefault();
    form.requestSubmit();
  });
  const submit = (event) => doing(() => look(named(form.elements.way.value, field.value)))(event);
  const form = h(
    "form.stack",
    { onsubmit: submit },
    ways,
    h("div.field", {}, h("label", { for: "named" }, "Which"), field, h("button.primary", {}, "Look what would go")),
    hint,
  );
  return { element: form, named: given.length ? named(way, given.join("\n")) : null };
}

function radios(way, choose) {
  choose(way);
  const one = ([name, { label }]) =>
    h(
      "label",
      {},
      h("input", { type: "radio", name: "way", value: name, checked: name === way, onchange: () => choose(name) }),
      " ",
      label,
    );
  return h("fieldset.ways", {}, h("legend", {}, "What is to go"), [...WAYS].map(one));
}

function named(way, text) {
  if (way === "everything") return { everything: true };
  const words = text.trim();
  return {
    [way]: WAYS.get(way).many
      ? words
          .split("\n")
          .map((id) => id.trim())
          .filter(Boolean)
      : words,
  };
}
