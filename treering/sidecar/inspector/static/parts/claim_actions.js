// What a person may say of a claim: so it is, it should say this, it never was so; and new claims by hand.

import { write } from "../api.js";
import { h } from "../dom.js";
import { address } from "../route.js";
import { confirm } from "./confirm.js";
import { readDay } from "./days.js";
import { formDialog } from "./form_dialog.js";
import { doing, notice } from "./notice.js";

const LONGEST = 2000; // characters, as the route has it
const CONFIRMED = "Nothing that is merely inferred replaces it";
const REJECTED =
  "It never was so: it goes, and is not learned again. Undo brings it back. " +
  "Its words stay in what was said; to erase them, forget it.";
const CORRECTED =
  "It says this from the start then. What was so, and is no longer, is said in a conversation, or added with its day.";

/**
 * Buttons that put a claim right.
 *
 * @param {object} claim the claim
 * @param {object} options `user`; `signal`; `done`: shows the memory anew, told which claim to look at
 */
export function claimActions(claim, { user, signal, done }) {
  const at = (what) => `/claims/${claim.id}/${what}`;
  const asked = { query: { user } };
  const confirming = doing(async () => told(await write(at("confirm"), asked), "Confirmed", { user, done }));
  const rejecting = doing(async () => {
    const said = [h("p", {}, h("q", {}, claim.text)), h("p", {}, REJECTED)];
    if (!(await confirm("Reject this claim?", said, { action: "Reject", signal }))) return null;
    return told(await write(at("reject"), asked), "Rejected", { user, done });
  });
  const correcting = async () => {
    const made = await correction(claim, { user, signal });
    if (made) shown(await told(made, "Corrected", { user, done }));
  };
  return h(
    "details.acts",
    {},
    h("summary", {}, "Put right"),
    h(
      "div.row",
      {},
      h("button", { type: "button", onclick: confirming, title: CONFIRMED }, "Confirm"),
      h("button", { type: "button", onclick: correcting }, "Correct …"),
      h("button", { type: "button", onclick: rejecting }, "Reject …"),
      h("a", { href: address(["person", user, "forgotten"], { claim: claim.id }) }, "Forget …"),
    ),
  );
}

/** Asks for a claim in a slot, and adds it; null where somebody went away. */
export async function addClaim(slot, { user, subject, signal, done }) {
  const text = statement("");
  const since = h("input", { type: "date" });
  const condition = h("input", { type: "text", maxlength: 120, autocomplete: "off", placeholder: "on weekdays" });
  const why = reason();
  const body = () => ({
    path: slot.path,
    text: text.value,
    subject,
    valid_from: startOf(since.value),
    condition: condition.value.trim() || null,
    why: why.field.value.trim() || null,
  });
  const example = slot.examples?.[0] ?? "lives in Braga";
  const only = slot.cardinality === "one" ? " It replaces what is there." : "";
  const made = await formDialog(`Add to ${slot.path}`, {
    said: h("p.quiet", {}, slot.description, only),
    fields: [
      { label: "It says", field: text, hint: `As claims are worded, e.g. “${example}”` },
      { label: "So since (today where it is left empty)", field: since },
      { label: "When it is so, if not always", field: condition },
      why,
    ],
    action: "Add",
    signal,
    work: () => write("/claims", { query: { user }, body: body() }),
  });
  if (made) shown(await told(made, "Added", { user, done }));
}

function correction(claim, { user, signal }) {
  const text = statement(claim.text);
  const why = reason();
  const body = () => ({ text: text.value, why: why.field.value.trim() || null });
  return formDialog("Correct this claim", {
    said: h("p.quiet", {}, CORRECTED),
    fields: [{ label: "It should say", field: text }, why],
    action: "Correct",
    signal,
    work: () => write(`/claims/${claim.id}/correct`, { query: { user }, body: body() }),
  });
}

function statement(value) {
  return h("textarea", { value, rows: 3, required: true, maxlength: LONGEST });
}

function reason() {
  return { label: "Why (shown in history)", field: h("input", { type: "text", maxlength: 1000, autocomplete: "off" }) };
}

function startOf(text) {
  return readDay(text) === null ? null : new Date(`${text}T00:00:00`).toISOString();
}

async function told(feedback, what, { user, done }) {
  await done(feedback.after?.id ?? null);
  if (!feedback.changed) return `${what}: the memory said so already.`;
  return { text: `${what}.`, action: { label: "Undo", work: () => undone(user, feedback.version_after, done) } };
}

async function undone(user, version, done) {
  await write("/undo", { query: { user }, body: { version }, version });
  await done(null);
  return "Taken back.";
}

function shown(what) {
  notice(what.text ?? what, what);
}
