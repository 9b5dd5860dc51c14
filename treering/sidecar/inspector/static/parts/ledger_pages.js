// The pages of the ledger: a page is read when somebody asks for it, with the words that its operations replace.

import { list, read } from "../api.js";
import { fill, h } from "../dom.js";
import { address } from "../route.js";
import { moment } from "./dates.js";
import { doing } from "./notice.js";
import { operation } from "./operation.js";
import { textsFor } from "./texts.js";
import { version } from "./version.js";

const PAGE = 20;
const MOST_OPERATIONS = 500;
const MOST_TIES = 500;

/** Versions, newest first, from one of them on or from the last. */
export async function versionList(context, from) {
  const { user, signal } = context;
  const ties = tiesOf(await list("/versions", { user }, { most: MOST_TIES, signal }));
  const found = h("div", {});
  const below = h("div.row", {});

  async function page(before) {
    const { items, next } = await read("/versions", { user, before, limit: PAGE }, signal);
    found.append(...(await cards(context, items, ties, from)));
    const last = items.at(-1)?.version;
    const older = doing(() => page(last).then(() => null));
    fill(below, next !== null && h("button", { onclick: older }, "Show older"));
  }

  await page(from === null ? null : from + 1);
  const newer = from !== null && from < context.now;
  if (!found.children.length) fill(found, h("p.quiet", {}, "There is no version so early."));
  return [
    newer &&
      h("p", {}, h("a", { href: address(["person", user, "ledger"]) }, `From version ${from} back. Show the newest`)),
    found,
    below,
  ];
}

/** How a slot or branch came about: every operation on it, oldest first. */
export async function slotHistory({ user, signal }, path) {
  const found = h("ul.operations", { "aria-label": `History of ${path}` });
  const below = h("div.row", {});

  async function page(cursor) {
    const { items, next } = await read("/history", { user, path, limit: 100, cursor }, signal);
    const texts = await textsFor(
      items.map((entry) => entry.operation),
      user,
      signal,
    );
    found.append(...items.map((entry) => dated(entry, user, texts)));
    fill(below, next !== null && h("button", { onclick: doing(() => page(next).then(() => null)) }, "Show later ones"));
  }

  await page(null);
  const none = found.children.length ? null : h("p.quiet", {}, "Nothing was ever learned here.");
  return h(
    "section",
    { "aria-labelledby": "slot" },
    h("h2", { id: "slot" }, "How ", h("code", {}, path), " came about"),
    none,
    found,
    below,
  );
}

async function cards(context, commits, ties, marked) {
  if (!commits.length) return [];
  const { user, signal } = context;
  const asked = { user, first_version: commits.at(-1).version, last_version: commits[0].version };
  const entries = await list("/history", asked, { most: MOST_OPERATIONS, signal });
  const reached = entries.length === MOST_OPERATIONS ? entries.at(-1).version : Infinity;
  const texts = await textsFor(
    entries.map((entry) => entry.operation),
    user,
    signal,
  );
  return commits.map((commit) => {
    const isCut = commit.version >= reached;
    const own = entries.filter((entry) => entry.version === commit.version).map((entry) => entry.operation);
    const tied = { revertedBy: ties.get(commit.version) ?? null, marked: commit.version === marked };
    return version(commit, isCut ? null : own, { ...context, ...tied, texts, more: isCut && rest(context, commit) });
  });
}

/** The operations of a version that are too many for a page: they are read on demand. */
function rest({ user, signal }, { version: number }) {
  const found = h("ul.operations", { "aria-label": `All that version ${number} did` });
  const below = h("div.row", {});
  async function page(cursor) {
    const { items, next } = await read(
      "/history",
      { user, first_version: number, last_version: number, limit: 100, cursor },
      signal,
    );
    const texts = await textsFor(
      items.map((entry) => entry.operation),
      user,
      signal,
    );
    found.append(...items.map((entry) => operation(entry.operation, { user, texts })));
    fill(below, next !== null && h("button", { onclick: doing(() => page(next).then(() => null)) }, "Show more"));
  }
  fill(below, h("button", { onclick: doing(() => page(null).then(() => null)) }, "Show what it did"));
  return h("div", {}, found, below);
}

/** Which version takes back which: one that was taken back itself takes nothing back. */
function tiesOf(commits) {
  const by = new Map();
  for (const { version: number, reverts } of commits) if (reverts !== null && !by.has(number)) by.set(reverts, number);
  return by;
}

function dated(entry, user, texts) {
  const line = operation(entry.operation, { user, texts });
  const link = { href: address(["person", user, "ledger"], { version: entry.version }) };
  line.prepend(
    h(
      "p.facts.quiet",
      {},
      h("a", link, `Version ${entry.version}`),
      moment(entry.recorded_at, { time: true }),
      h("span", {}, entry.author),
    ),
  );
  return line;
}
