// One version of the ledger: who made it, when and from what, what it did, and taking it back.

import { read, write } from "../api.js";
import { h } from "../dom.js";
import { address } from "../route.js";
import { change, summed } from "./change.js";
import { confirm } from "./confirm.js";
import { moment } from "./dates.js";
import { doing } from "./notice.js";
import { operation } from "./operation.js";

const AUTHORS = new Map([
  ["manual", "forgotten on request"],
  ["undo", "undo"],
  ["redo", "redo"],
  ["rewind", "rewind"],
  ["feedback", "said by hand"],
  ["release", "released from quarantine"],
  ["consolidation/1", "consolidation"],
  ["migrate", "the trunk was changed"],
  ["rollback", "the trunk was changed back"],
  ["retract", "a message taken back"],
  ["amend", "a message amended"],
]);

/**
 * A card of a version.
 *
 * @param {object} commit as the routes give it
 * @param {object[]|null} operations what it did; null where `more` shows it
 * @param {object} options `user`; `texts` as `operation` takes them; `now`: the version of the memory that is seen;
 *   `revertedBy`: the version that takes it back, if one is known; `marked`: whether it was asked for; `done`: is
 *   called with what is to be said after it was changed
 */
export function version(
  commit,
  operations,
  { user, texts, now, revertedBy = null, more = null, marked = false, done, signal },
) {
  return h(
    "article.version.card",
    {
      id: `version-${commit.version}`,
      "aria-labelledby": `name-${commit.version}`,
      class: marked ? "marked" : revertedBy ? "reverted" : "",
    },
    h(
      "div.row",
      {},
      h("h3", { id: `name-${commit.version}` }, `Version ${commit.version}`),
      h(
        "div.row.small",
        {},
        actions(commit, { user, now, canUndo: revertedBy === null && canUndo(commit, operations), done, signal }),
      ),
    ),
    h("p.facts.quiet", {}, made(commit), ties(commit, revertedBy, user)),
    more || effects(commit, operations, { user, texts }),
  );
}

function effects({ version: number }, operations, { user, texts }) {
  if (!operations.length) return h("p.quiet", {}, "It changed no claim: what was heard held nothing to keep.");
  return h(
    "ul.operations",
    { "aria-label": `What version ${number} did` },
    operations.map((one) => operation(one, { user, texts })),
  );
}

function made({ author, recorded_at, model, tokens_in, tokens_out, cost }) {
  return [
    moment(recorded_at, { time: true }),
    h("span", { title: author }, AUTHORS.get(author) ?? `by ${author}`),
    model &&
      h(
        "span",
        {},
        h("bdi", {}, model),
        `, ${tokens_in} + ${tokens_out} tokens`,
        cost !== null && `, $${cost.toFixed(4)}`,
      ),
  ];
}

function ties({ reverts }, revertedBy, user) {
  const link = (number) =>
    h("a", { href: address(["person", user, "ledger"], { version: number }) }, `version ${number}`);
  return [
    reverts !== null && h("span.tag", {}, "takes back ", link(reverts)),
    revertedBy !== null && h("span.tag", {}, "taken back by ", link(revertedBy)),
  ];
}

/** Not what took something back itself, what changed nothing, and what forgot. */
function canUndo({ reverts }, operations) {
  if (operations === null) return reverts === null;
  const isForgetting = operations.some((one) => one.reason === "forgotten");
  return reverts === null && !isForgetting && operations.some((one) => one.kind !== "NO_OP");
}

function actions(commit, { user, now, canUndo, done, signal }) {
  const number = commit.version;
  const links = [
    h("a", { href: address(["person", user, "tree"], { version: number }) }, "The tree then"),
    h("a", { href: address(["person", user, "ledger"], { v1: number - 1, v2: number }) }, "What it changed"),
    number < now && h("a", { href: address(["person", user, "ledger"], { v1: number, v2: now }) }, "Changed since"),
  ];
  const undo = async () => {
    const { subjects } = await read("/diff", { user, v1: number - 1, v2: number }, signal);
    const back = { subjects: subjects.map((one) => ({ ...one, gained: one.lost, lost: one.gained })) };
    const said = [h("p", {}, "A new version takes it back; redo brings it back again."), change(back, { user })];
    if (!(await confirm(`Undo version ${number}?`, said, { action: "Undo", signal }))) return null;
    const what = await write("/undo", { query: { user }, body: { version: number }, version: now });
    return done(`Version ${number} is taken back: ${summed(what.change)}.`);
  };
  const rewind = async () => {
    const differs = await read("/diff", { user, v1: now, v2: number }, signal);
    const said = [
      h("p", {}, "The tree becomes what it was then, by one new version. Undo takes that back."),
      change(differs, { user }),
    ];
    if (!(await confirm(`Go back to version ${number}?`, said, { action: "Rewind", signal }))) return null;
    const what = await write("/rewind", { query: { user }, body: { version: number }, version: now });
    return done(`The tree is that of version ${number}: ${summed(what.change)}.`);
  };
  return [
    canUndo && h("button", { onclick: doing(undo), "aria-label": `Undo version ${number}` }, "Undo this …"),
    number < now &&
      h("button", { onclick: doing(rewind), "aria-label": `Rewind to version ${number}` }, "Rewind to here …"),
    links,
  ];
}
