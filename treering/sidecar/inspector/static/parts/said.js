// A message as it was said, with the words that claims cite, and what was learned from it.

import { write } from "../api.js";
import { h } from "../dom.js";
import { claim } from "./claim.js";
import { confirm } from "./confirm.js";
import { counted } from "./counted.js";
import { moment } from "./dates.js";
import { formDialog } from "./form_dialog.js";
import { doing, notice } from "./notice.js";

/**
 * A turn of a conversation.
 *
 * @param {object} turn as the routes give it
 * @param {object} options `user`; `learned`: the claims that cite it; `isMeant`: whether the address names it;
 *   `signal`; `done`: shows the conversation anew, told which message to look at
 */
export function said(turn, { user, learned, isMeant, signal, done }) {
  const context = { user, signal, done };
  const meant = isMeant ? { tabindex: -1, "aria-current": "true" } : {};
  const gone = h("p.words.quiet", {}, "Taken back or forgotten: no words are left.");
  const take = { type: "button", onclick: taking(turn, learned, context) };
  const amend = { type: "button", onclick: () => amending(turn, context) };
  return h(
    "li.turn.card",
    { class: `${turn.role} ${isMeant ? "meant" : ""}`, ...meant },
    spoken(turn),
    turn.content ? h("p.words", {}, marked(turn, learned)) : gone,
    learned.length > 0 && taught(learned, user, isMeant),
    h(
      "div.row.acts",
      {},
      turn.content && h("button.plain.link", take, "Take back …"),
      h("button.plain.link", amend, "Amend …"),
    ),
  );
}

/** Who spoke, and when. */
function spoken({ speaker, role, at, message_id: id }) {
  return h("p.facts.quiet", {}, h("strong", {}, speaker ?? role), moment(at, { time: true }), h("code", {}, id));
}

function taught(learned, user, open) {
  const cards = learned.map((one) => claim(one, { user }));
  return h("details", { open }, h("summary", {}, `Learned from this: ${learned.length}`), cards);
}

/** The words, with those that are cited marked; places count characters, not UTF-16 units. */
function marked({ message_id: id, content }, learned) {
  const characters = [...content];
  const cited = learned.flatMap((one) => one.evidence).filter((one) => one.message_id === id);
  const isCited = characters.map(() => false);
  for (const { quote, start } of cited) isCited.fill(true, start, start + [...quote].length);
  const parts = [];
  for (let begin = 0, end = 0; begin < characters.length; begin = end) {
    while (end < characters.length && isCited[end] === isCited[begin]) end++;
    const text = characters.slice(begin, end).join("");
    parts.push(isCited[begin] ? h("mark", {}, text) : text);
  }
  return parts;
}

function taking(turn, learned, { user, signal, done }) {
  return doing(async () => {
    const cited = `${counted(learned.length, "claim cites", "claims cite")} it; what rests on it alone goes.`;
    const goes = learned.length ? cited : "No current claim cites it.";
    const told = `It is then as if it had never been said. ${goes} To erase its words everywhere, forget it.`;
    const shown = [h("p", {}, h("q", {}, turn.content.slice(0, 500))), h("p", {}, told)];
    if (!(await confirm("Take this message back?", shown, { action: "Take back", signal }))) return null;
    const came = await write("/messages/retract", { query: { user }, body: { message_id: turn.message_id } });
    await done(turn.message_id);
    return `Taken back: ${went(came)}.`;
  });
}

async function amending(turn, { user, signal, done }) {
  const text = h("textarea", { value: turn.content, rows: 5, required: true });
  const came = await formDialog("Amend this message", {
    said: h("p.quiet", {}, "What rests on the former words goes; the new ones are listened to a little later."),
    fields: [{ label: "It should say", field: text }],
    action: "Amend",
    signal,
    work: () => write("/messages/amend", { query: { user }, body: { message_id: turn.message_id, text: text.value } }),
  });
  if (!came) return;
  notice(`Amended: ${went(came)}.`);
  await done(turn.message_id);
}

function went({ retracted, restored }) {
  const again = restored.length ? `, ${counted(restored.length, "claim holds", "claims hold")} again` : "";
  return `${counted(retracted.length, "claim")} went${again}`;
}
