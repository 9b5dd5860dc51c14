// The ledger: version by version, newest first; how one slot came about; or two versions compared.

import { read, write } from "../api.js";
import { fill, h } from "../dom.js";
import { change, summed } from "../parts/change.js";
import { doing } from "../parts/notice.js";
import { address, go } from "../route.js";
import { fault } from "../parts/fault.js";
import { slotHistory, versionList } from "../parts/ledger_pages.js";

const NOT_FOUND = 404;

export const title = ({ user }) => `Ledger of ${user}`;

export async function view({ user, query, signal }) {
  const [newest, trunk] = await Promise.all([
    read("/versions", { user, limit: 1 }, signal),
    read("/trunk", {}, signal),
  ]);
  const now = newest.items[0]?.version ?? 0;
  const context = { user, now, signal, done: (told) => shownAnew(user, told) };
  const below = h("div.ledger", {});
  fill(below, await chosen(context, query).catch(unlessUnknown));
  return h("section", {}, h("h2", {}, "Ledger"), head(context), choices(context, query, trunk), below);
}

/** A slot or a version that is not there is said in its place: the form to ask for another one stays. */
function unlessUnknown(error) {
  if (error.status !== NOT_FOUND) throw error;
  return fault(error);
}

async function chosen(context, query) {
  const { user, now, signal } = context;
  const path = query.get("path");
  const v1 = numberOf(query, "v1");
  const v2 = numberOf(query, "v2");
  if (v1 !== null) return compared(await read("/diff", { user, v1, v2 }, signal), user);
  if (path) return slotHistory(context, path);
  if (!now)
    return h(
      "p.quiet",
      {},
      "Nothing was learned yet. What is said is listened to a little later; then it stands here.",
    );
  return versionList(context, numberOf(query, "version"));
}

function head({ user, now, done }) {
  const take = (what, told) =>
    doing(async () => {
      const { change: differs, reverted } = await write(`/${what}`, { query: { user }, body: { n: 1 }, version: now });
      return done(`${told} version ${reverted.join(", ")}: ${summed(differs)}.`);
    });
  return h(
    "div.row",
    {},
    h("span", {}, now ? `Version ${now} now.` : "No version yet."),
    now > 0 && h("button", { onclick: take("undo", "Took back") }, "Undo the last change"),
    now > 0 && h("button", { onclick: take("redo", "Brought back what was taken by") }, "Redo"),
  );
}

function choices({ user, now }, query, trunk) {
  const path = h("input", {
    id: "path",
    list: "paths",
    value: query.get("path") ?? "",
    placeholder: "home.city",
    autocomplete: "off",
    spellcheck: "false",
  });
  const paths = [...trunk.branches, ...trunk.slots].map((one) => h("option", { value: one.path }));
  const version = counter("version", query.get("version"), 1, now);
  const v1 = counter("v1", query.get("v1"), 0, now);
  const v2 = counter("v2", query.get("v2"), 0, now);
  const to = (asked) => (event) => {
    event.preventDefault();
    go(["person", user, "ledger"], asked());
  };
  return h(
    "div.choices",
    {},
    h(
      "form.field",
      { onsubmit: to(() => ({ path: path.value.trim() })) },
      h("label", { for: "path" }, "Slot or branch"),
      path,
      h("datalist", { id: "paths" }, paths),
      h("button", {}, "Show"),
    ),
    h(
      "form.field",
      { onsubmit: to(() => ({ version: version.value })) },
      h("label", { for: "version" }, "From version"),
      version,
      h("button", {}, "Go"),
    ),
    h(
      "form.field",
      { onsubmit: to(() => ({ v1: v1.value || 0, v2: v2.value })) },
      h("label", { for: "v1" }, "Compare"),
      v1,
      h("label", { for: "v2" }, "with"),
      v2,
      h("button", {}, "Compare"),
    ),
    [...query.keys()].length > 0 && h("a", { href: address(["person", user, "ledger"]) }, "All of it"),
  );
}

function counter(id, value, min, max) {
  return h("input.number", { id, type: "number", value: value ?? "", min, max: Math.max(max, min) });
}

function compared(found, user) {
  const { from_version: from, to_version: to } = found;
  return h(
    "section",
    { "aria-labelledby": "compared" },
    h("h2", { id: "compared" }, `From version ${from} to version ${to}`),
    h(
      "p.quiet",
      {},
      `${summed(found)}. `,
      h("a", { href: address(["person", user, "ledger"], { v1: to, v2: from }) }, "The other way round"),
    ),
    change(found, { user }),
  );
}

function numberOf(query, name) {
  const found = query.get(name);
  return found !== null && /^\d{1,15}$/.test(found) ? Number(found) : null;
}

function shownAnew(user, told) {
  go(["person", user, "ledger"], {}, { replace: true });
  return told;
}
