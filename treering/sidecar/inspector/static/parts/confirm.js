// Asks before what cannot be taken back, or is a lot at once.

import { h } from "../dom.js";

/**
 * Asks in a dialog, and waits for the answer. Escape says no; where it was asked from has the focus afterwards.
 *
 * @param {string} question the heading, e.g. "Forget this claim?"
 * @param {...(Node|string)} said below it, what will happen
 * @param {object} options `action`: what the button says; `danger`: nothing brings it back, so that "No" has the focus;
 *   `typed`: a word that has to be typed before the button can be pressed; `signal`: closes it when the view is left
 * @returns {Promise<boolean>}
 */
export function confirm(question, said, { action = "Yes", danger = false, typed = null, signal = undefined } = {}) {
  const before = document.activeElement;
  const yes = h("button.yes", { value: "yes", class: danger ? "danger" : "primary", disabled: typed !== null }, action);
  const word =
    typed === null
      ? null
      : h("input", { id: "typed", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  word?.addEventListener("input", () => {
    yes.disabled = word.value !== typed;
  });
  const no = h(
    "button",
    { value: "no", type: "button", autofocus: danger && typed === null, onclick: () => dialog.close() },
    "No",
  );
  const dialog = h(
    "dialog.confirm",
    { "aria-labelledby": "confirm-question" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "confirm-question" }, question),
      h("div", {}, said),
      word && h("p.stack", {}, h("label", { for: "typed" }, "To go on, type ", h("strong", {}, typed)), word),
      h("div.row.end", {}, no, yes),
    ),
  );
  return opened(dialog, before, signal);
}

function opened(dialog, before, signal) {
  document.body.append(dialog);
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      answer(dialog.returnValue === "yes");
    });
    signal?.addEventListener("abort", () => dialog.close());
    dialog.showModal();
  });
}
