// Takes a key. It stays in this tab, and is gone when the tab is closed.

import { key, read } from "../api.js";
import { h } from "../dom.js";
import { doing } from "../parts/notice.js";
import { go, here } from "../route.js";

export const title = () => "Log in";

export async function view() {
  const field = h("input", { id: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const enter = doing(async () => {
    const before = key.get();
    key.set(field.value.trim());
    try {
      await read("/trunk"); // what every key may read
    } catch (error) {
      key.set(before);
      throw error;
    }
    leave();
    return "Logged in.";
  });
  const forget = () => {
    key.set(null);
    leave();
  };
  return h(
    "section.narrow",
    {},
    h("h1", {}, "Log in"),
    h("p", {}, "This server asks for a key. ", h("code", {}, "treering keys create"), " makes one."),
    h(
      "form.stack",
      { onsubmit: (event) => event.preventDefault() },
      h("label", { for: "key" }, "Key"),
      field,
      h(
        "div.row",
        {},
        h("button.primary", { onclick: enter }, "Log in"),
        key.get() && h("button", { type: "button", onclick: forget }, "Log out"),
      ),
    ),
    h("p.quiet", {}, "The key stays in this tab, and is gone when it is closed."),
  );
}

function leave() {
  if (here().path[0] === "login") go(["people"]);
  else window.dispatchEvent(new Event("treering-key"));
}
