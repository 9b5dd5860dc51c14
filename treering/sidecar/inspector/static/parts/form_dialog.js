// A dialog with fields: what was typed stays until it was taken.

import { h } from "../dom.js";

/**
 * Asks for something, and does it. Where that fails, the dialog says why and stays.
 *
 * @param {string} title e.g. "Correct this claim"
 * @param {object} options `said`: what stands above the fields; `fields`: elements with `label` and `field`; `action`:
 *   what the button says; `work`: does it, and returns what to hand on; `signal`: closes it when the view is left
 * @returns {Promise<*>} what `work` returned; null where somebody went away
 */
export function formDialog(title, { said = null, fields, action, work, signal = undefined }) {
  const before = document.activeElement;
  const fault = h("p.wrong", { role: "alert" });
  const send = h("button.primary", {}, action);
  let result = null;
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    fault.textContent = "";
    try {
      result = await work();
      dialog.close();
    } catch (error) {
      fault.textContent = error.message;
    } finally {
      send.disabled = false;
    }
  };
  const cancel = h("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
  const dialog = h(
    "dialog.confirm",
    { "aria-labelledby": "form-title" },
    h(
      "form.stack",
      { onsubmit: submit },
      h("h2", { id: "form-title" }, title),
      said,
      fields.map(row),
      fault,
      h("div.row.end", {}, cancel, send),
    ),
  );
  document.body.append(dialog);
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      answer(result);
    });
    signal?.addEventListener("abort", () => dialog.close(), { once: true });
    dialog.showModal();
  });
}

let fieldsMade = 0;

function row({ label, field, hint }) {
  field.id ||= `field-${++fieldsMade}`;
  const told = hint && h("small.quiet", { id: `${field.id}-hint` }, hint);
  if (told) field.setAttribute("aria-describedby", told.id);
  return h("div.stack.tight", {}, h("label", { for: field.id }, label), field, told);
}
