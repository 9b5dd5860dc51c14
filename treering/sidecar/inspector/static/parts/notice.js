// Says for some seconds what was done, or what went wrong, also to those who listen to the page.

import { h } from "../dom.js";

const SHOWN_MS = 8000;
const ACTION_MS = 30_000; // one has to find the button
const SOMEBODY_WROTE = 412;
const WROTE =
  "Somebody wrote since you looked, so nothing was done. Load the page again, and look before you repeat it.";

/**
 * Says something; with `error`, until it is closed.
 *
 * @param {object} options `action`: {label, work}, e.g. to take back what was done
 */
export function notice(text, { error = false, action = null } = {}) {
  const close = () => shown.remove();
  const act = action && doing(async () => {
    const told = await action.work();
    close();
    return told;
  });
  const shown = h(
    error ? "p.notice.error" : "p.notice",
    {},
    text,
    act && h("button", { type: "button", onclick: act }, action.label),
    h("button.plain", { type: "button", "aria-label": "Close", onclick: close }, "×"),
  );
  document.getElementById("notices").append(shown);
  if (!error) setTimeout(() => shown.matches(":hover, :focus-within") || close(), action ? ACTION_MS : SHOWN_MS);
}

/**
 * Does something when a button is pressed, once at a time, and says what came of it.
 *
 * @param {function(): Promise<string|object|null>} work returns what to say, or {text, action}
 */
export function doing(work) {
  return async (event) => {
    const button = event.currentTarget;
    event.preventDefault();
    button.disabled = true;
    try {
      const told = await work();
      if (told) notice(told.text ?? told, told);
    } catch (error) {
      if (error.name !== "AbortError") notice(error.status === SOMEBODY_WROTE ? WROTE : error.message, { error: true });
    } finally {
      button.disabled = false;
      if (button.isConnected && document.activeElement === document.body) button.focus();
    }
  };
}
