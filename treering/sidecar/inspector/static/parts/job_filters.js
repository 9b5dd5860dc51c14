// Which jobs are shown: of whom, in which state, of which kind.

import { h } from "../dom.js";

const STATES = new Map([
  ["queued", "waiting"],
  ["running", "running"],
  ["dead", "dead"],
  ["done", "done"],
  ["cancelled", "cancelled"],
]);
const OPEN = "queued running dead";
const KINDS = ["listen", "window", "index", "summarise", "consolidate"];
const PAUSE_MS = 250;

/** The form; `query()` is what it says for the route, `address()` the same for the address. */
export function filters(query) {
  const asked = query
    .get("state")
    ?.split(",")
    .filter((one) => STATES.has(one));
  const states = asked?.length ? asked : OPEN.split(" ");
  const user = h("input", {
    id: "job-user",
    type: "search",
    value: query.get("user") ?? "",
    autocomplete: "off",
    placeholder: "Everybody",
  });
  const kind = h(
    "select",
    { id: "job-kind" },
    h("option", { value: "" }, "all"),
    KINDS.map((one) => h("option", { selected: one === query.get("kind") }, one)),
  );
  const boxes = [...STATES].map(([name, label]) => [
    name,
    h("input", { type: "checkbox", checked: states.includes(name), value: name }),
    label,
  ]);
  const chosen = () => boxes.filter(([, box]) => box.checked).map(([name]) => name);
  const isUsual = () => !chosen().length || chosen().join(" ") === OPEN;
  return {
    element: h(
      "form.choices",
      { onsubmit: (event) => event.preventDefault() },
      h("span.field", {}, h("label", { for: "job-user" }, "Person"), user),
      h("span.field", {}, h("label", { for: "job-kind" }, "Kind"), kind),
      h(
        "fieldset.ways",
        {},
        h("legend", {}, "State"),
        boxes.map(([, box, label]) => h("label", {}, box, " ", label)),
      ),
    ),
    isNarrow: () => user.value !== "" || kind.value !== "" || !isUsual(),
    address: () => ({ user: user.value, kind: kind.value, state: isUsual() ? null : chosen().join(",") }),
    query: () => ({ user: user.value, kind: kind.value, state: isUsual() ? OPEN.split(" ") : chosen() }),
    changed: (tell) => {
      let timer = 0;
      const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(tell, PAUSE_MS);
      };
      for (const one of [user, kind, ...boxes.map(([, box]) => box)]) one.addEventListener("input", soon);
    },
  };
}
