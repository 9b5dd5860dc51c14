// Forgetting: what is to go, a look at all that would go with it, the proof, and letting it be remembered again.

import { list, question, write } from "../api.js";
import { fill, h } from "../dom.js";
import { allowAgain } from "../parts/allow_again.js";
import { choice } from "../parts/forget_choice.js";
import { fault } from "../parts/fault.js";
import { confirm } from "../parts/confirm.js";
import { counted } from "../parts/counted.js";
import { doing } from "../parts/notice.js";
import { preview } from "../parts/preview.js";
import { receipt } from "../parts/receipt.js";

const PAGE = 20;

export const title = ({ user }) => `Forgotten by ${user}`;

export async function view(context) {
  const { user, signal } = context;
  const proofs = h("div", {});
  const refresh = async () => fill(proofs, receipts(await list("/receipts", { user }, { signal }), user));
  await refresh();
  return h("section", {}, await forgetting(context, refresh), h("h2", {}, "Receipts"), proofs, allowAgain(context));
}

async function forgetting(context, refresh) {
  const { user, query, signal } = context;
  const below = h("div", { role: "region", "aria-label": "What would go", tabindex: -1 });
  const look = async (named) => {
    const seen = await question("/forget", { query: { user }, body: { ...named, dry_run: true }, signal });
    const erase = doing(async () => {
      if (!(await isMeant(named, seen, user, signal))) return null;
      const proof = await write("/forget", { query: { user }, body: named, signal });
      fill(below, h("h3", {}, "Forgotten"), receipt(proof, user, { open: true }));
      await refresh();
      below.focus();
      return "It is forgotten; the receipt proves it.";
    });
    fill(below, preview(seen, user, !seen.preview ? null : erase));
  };
  const form = choice(query, async (named) => {
    await look(named);
    below.focus();
    return null;
  });
  if (form.named) {
    fill(below, h("p.quiet", { role: "status" }, "Looking what would go …"));
    look(form.named).catch((error) => signal.aborted || fill(below, fault(error))); // a long memory takes long
  }
  return h(
    "section",
    { "aria-labelledby": "forget" },
    h("h2", { id: "forget" }, "Forget"),
    h("p.quiet", {}, about()),
    form.element,
    below,
  );
}

function about() {
  return [
    "Look first: nothing goes before you say so. What is forgotten goes for good, from turns, claims, history and ",
    "vectors, and a receipt without words proves it.",
  ];
}

/** Everything is asked for by typing the name: it is the one thing that leaves nothing. */
function isMeant(named, seen, user, signal) {
  const typed = named.everything ? user : null;
  const question = named.everything ? `Forget everything about ${user}?` : "Forget this for good?";
  const { claims, turns } = seen.preview;
  const said = h(
    "p",
    {},
    `${counted(claims.length, "claim")} and ${counted(turns.length, "message")} lose their words. `,
    "Nothing brings them back: neither undo nor rewind.",
  );
  return confirm(question, said, { action: "Forget for good", danger: true, typed, signal });
}

/** The newest first; older ones when they are asked for. */
function receipts(found, user) {
  if (!found.length)
    return [h("p.quiet", {}, "Nothing was ever forgotten. Each time something is, its receipt is kept here.")];
  const newest = found.reverse();
  const shown = h("div", {});
  const below = h("div.row", {});
  const page = (from) => {
    shown.append(...newest.slice(from, from + PAGE).map((one) => receipt(one, user)));
    fill(below, from + PAGE < newest.length && h("button", { onclick: () => page(from + PAGE) }, "Show older"));
  };
  page(0);
  return [shown, below];
}
