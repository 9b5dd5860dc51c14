// What was said: the conversations, the turns of one, and a message that a claim cites among its neighbours.

import { items, read } from "../api.js";
import { fill, h } from "../dom.js";
import { moment } from "../parts/dates.js";
import { doing } from "../parts/notice.js";
import { said } from "../parts/said.js";
import { address, go } from "../route.js";

const SUBJECTS = 50; // whose trees are looked at for claims that cite a message

export const title = ({ user }) => `Conversations of ${user}`;

export async function view(context) {
  const { query } = context;
  return query.get("message") || query.get("session") ? conversation(context) : sessions(context);
}

async function sessions({ user, signal }) {
  const rows = h("tbody", {});
  const below = h("div", {});
  const next = async (cursor) => {
    const page = await read("/sessions", { user, cursor }, signal);
    rows.append(...page.items.map((one) => row(user, one)));
    fill(below, page.next && h("button", { onclick: doing(() => next(page.next)) }, "Show more"));
  };
  await next(null);
  const heads = [["", "Conversation"], ["began", "Began"], ["", "Last"], ["number", "Messages"]].map(([kind, text]) =>
    h("th", { scope: "col", class: kind }, text),
  );
  const table = h("table.sessions", {}, h("thead", {}, h("tr", {}, heads)), rows);
  const found = rows.childElementCount ? table : h("p.quiet", {}, "Nothing was said yet.");
  return h("section", {}, h("h2", {}, "Conversations"), found, below);
}

function row(user, { id, started_at: began, last_at: last, turns }) {
  const link = h("a", { href: address(["person", user, "conversations"], { session: id }) }, id);
  return h(
    "tr",
    {},
    h("td", {}, link),
    h("td.began", {}, moment(began)),
    h("td", {}, moment(last, { time: true })),
    h("td.number", {}, turns),
  );
}

async function conversation({ user, query, signal }) {
  const message = query.get("message");
  const asked = message ? { user, around: message, limit: 40 } : { user, session: query.get("session"), limit: 100 };
  const [page, learned] = await Promise.all([read("/messages", asked, signal), citing(user, signal)]);
  const session = page.items[0]?.session ?? query.get("session");
  const done = async (id) => go(["person", user, "conversations"], { message: id }, { replace: true });
  const shown = (turn) => {
    const id = turn.message_id;
    return said(turn, { user, signal, done, learned: learned.get(id) ?? [], isMeant: id === message });
  };
  const turns = h("ol.turns", { "aria-label": "Messages" }, page.items.map(shown));
  const below = h("div", {});
  const more = (cursor) => fill(below, cursor && h("button", { onclick: doing(async () => {
    const following = await read("/messages", { ...asked, cursor }, signal);
    turns.append(...following.items.map(shown));
    more(following.next);
  }) }, "Show more"));
  more(page.next);
  const meant = turns.querySelector(".meant");
  if (meant) setTimeout(() => {
    meant.scrollIntoView({ block: "center" });
    meant.focus({ preventScroll: true });
  });
  const to = (query) => address(["person", user, "conversations"], query);
  const whole = message && h("a", { href: to({ session }) }, "From its beginning");
  const all = h("a", { href: to({}) }, "All conversations");
  return h("section", {}, h("h2", {}, session), h("p.row", {}, all, whole), turns, below);
}

/** The current claims that cite each message. */
async function citing(user, signal) {
  const found = new Map();
  const subjects = items("/subjects", { user }, { most: SUBJECTS, signal });
  for await (const { subject } of subjects) {
    const tree = await read("/tree", { user, subject }, signal);
    for (const one of tree.slots.flatMap((slot) => slot.claims)) {
      const cited = new Set(one.evidence.map(({ message_id: id }) => id));
      for (const id of cited) found.set(id, [...(found.get(id) ?? []), one]);
    }
  }
  return found;
}
