// A message as it was said, with the words that claims cite, and what was learned from it.

import { write } from "../api.js";
import { h } from "../dom.js";
import { claim } from "./claim.js";
import { confirm } from "./confirm.js";
import { moment } from "./dates.js";
import { formDialog } from "./form_dialog.js";
import { doing, notice } from "./notice.js";

/**
 * A turn of a conversation.
 *
 * @param {object} turn as the routes give it
 * @param {object} options `user`; `learned`: the claims that cite it; `isMeant`: whether the address names it; `signal`;
 *   `done`: shows the conversation anew
 */
export function said(turn, { user, learned, isMeant, signal, done }) {
  const context = { user, signal, done };
  return h(
    "li.turn.card",
    { class: `${turn.role} ${isMeant ? "meant" : ""}`, tabindex: isMeant ? -1 : null, "aria-current": isMeant ? "true" : null },
    h("p.facts.quiet", {}, h("strong", {}, turn.speaker ?? turn.role), moment(turn.at, { time: true }), h("code", {}, turn.message_id)),
    turn.content ? h("p.words", {}, marked(turn, learned)) : h("p.words.quiet", {}, "Taken back or forgotten: no words are left."),
    learned.length > 0 && h("details", { open: isMeant }, h("summary", {}, `Learned from this: ${learned.length}`), learned.map((one) => claim(one, { user }))),
    h(
      "div.row.acts",
      {},
      turn.content && h("button.plain", { type: "button", onclick: taking(turn, learned, context) }, "Take back …"),
      h("button.plain", { type: "button", onclick: () => amending(turn, context) }, "Amend …"),
    ),
  );
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
    const goes = learned.length ? `${learned.length} claims cite it; those that rest on it alone go.` : "No current claim cites it.";
    const told = h("p", {}, `It is then as if it had never been said. ${goes} To erase its words everywhere, forget it.`);
    if (!(await confirm("Take this message back?", [h("p", {}, h("q", {}, turn.content.slice(0, 500))), told], { action: "Take back", signal }))) return null;
    const came = await write("/messages/retract", { query: { user }, body: { message_id: turn.message_id } });
    await done();
    return `Taken back: ${came.retracted.length} claims went, ${came.restored.length} hold again.`;
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
  notice(`Amended: ${came.retracted.length} claims went.`);
  await done();
}
