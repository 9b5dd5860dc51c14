// The head of the page: what there is to see of everybody, and of the person at hand.

import { key } from "../api.js";
import { h } from "../dom.js";
import { address } from "../route.js";
import { GLOBAL, OF_PERSON } from "../views.js";

/** The head for a view. */
export function header({ user, name }) {
  const login = h("a", { href: address(["login"]) }, key.get() ? "Key" : "Log in");
  const icon = h("img", { src: "icon.svg", alt: "", width: 24, height: 24 });
  return h(
    "div.head",
    {},
    h("a.brand", { href: address(["people"]) }, icon, "Treering"),
    h("nav", { "aria-label": "Main" }, ...links(GLOBAL, [], user === null ? name : null), login),
    user !== null && h("h1.person", {}, user),
    user !== null &&
      h("nav.tabs", { "aria-label": "Person" }, ...links(OF_PERSON, ["person", user], name)),
  );
}

function links(views, path, shown) {
  const listed = [...views].filter(([, view]) => view.label !== null);
  return listed.map(([to, { label }]) =>
    h("a", { href: address([...path, to]), "aria-current": shown === to ? "page" : null }, label),
  );
}
