// Lets what was forgotten or rejected be remembered again, when it is said anew.

import { write } from "../api.js";
import { h } from "../dom.js";
import { confirm } from "./confirm.js";
import { counted } from "./counted.js";
import { doing } from "./notice.js";

/** The form. */
export function allowAgain({ user, signal }) {
  const text = h("input", { id: "again", type: "text", autocomplete: "off", required: true });
  const allow = async (body) => {
    const { marks } = await write("/allow-again", { query: { user }, body, signal });
    return marks
      ? `${counted(marks, "mark is", "marks are")} gone: it may be remembered when it is said again.`
      : "No mark is of these words. Give them as they were worded.";
  };
  const one = doing(async () => {
    if (!text.value.trim()) return null;
    const told = await allow({ text: text.value });
    text.value = "";
    return told;
  });
  const all = doing(async () => {
    const said = h(
      "p",
      {},
      "All that was ever forgotten or rejected may be remembered when it is said again. What was erased stays erased.",
    );
    return (await confirm("Allow everything again?", said, { action: "Allow everything", signal }))
      ? allow({ everything: true })
      : null;
  });
  return h(
    "section",
    { "aria-labelledby": "allow-again" },
    h("h2", { id: "allow-again" }, "Allow again"),
    h(
      "p.quiet",
      {},
      "What was forgotten or rejected is not taken in again: it left a mark, from which nobody can read the words. ",
      "Give the message or the statement as it was worded, and its mark goes.",
    ),
    h(
      "form.field",
      { onsubmit: one },
      h("label", { for: "again" }, "Words"),
      text,
      h("button", {}, "Allow these"),
      h("button", { type: "button", onclick: all }, "Allow everything …"),
    ),
  );
}
