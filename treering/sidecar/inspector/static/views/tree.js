// The persona tree: now, as it was on any day, or as it was known at any version.

import { list } from "../api.js";
import { fill, h } from "../dom.js";
import { addClaim, claimActions } from "../parts/claim_actions.js";
import { folded, keep } from "../parts/folds.js";
import { notice } from "../parts/notice.js";
import { persona } from "../parts/persona.js";
import { Travel } from "../parts/travel.js";
import { note } from "../route.js";

const SUBJECTS = 500;
const MANY = 1500; // claims that are drawn at once; a filter leads to the others

export const title = ({ user }) => `Tree of ${user}`;

export async function view({ user, query, signal }) {
  const asked = { subject: query.get("subject") ?? "self", words: query.get("words") ?? "" };
  const subjects = await list("/subjects", { user }, { most: SUBJECTS, signal });
  const parts = { box: h("div", {}), count: h("span.quiet", { role: "status" }) };
  const shown = { user, signal, ...asked, empty: false, folds: folded(user), ...parts };
  const travel = new Travel(shown, () => draw(shown, travel));
  await travel.start(query);
  return h("section", {}, h("h2.unseen", {}, "Tree"), travel.element, tools(shown, travel, subjects), shown.box);
}

function tools(shown, travel, subjects) {
  const typed = { value: shown.words, placeholder: "Words or a slot", autocomplete: "off" };
  const words = h("input", { id: "words", type: "search", ...typed });
  words.addEventListener("input", () => {
    shown.words = words.value;
    draw(shown, travel);
  });
  const empty = h("input", { type: "checkbox", onchange: () => {
    shown.empty = empty.checked;
    draw(shown, travel);
  } });
  const folding = (open) => () => {
    for (const branch of shown.box.querySelectorAll("details.branch")) {
      branch.open = open;
      shown.folds.set(branch.dataset.path, open);
    }
    keep(shown.user, shown.folds);
  };
  return h(
    "div.tools.row",
    {},
    h("label", { for: "subject" }, "Whose"),
    subjectChoice(shown, travel, subjects),
    h("label", { for: "words" }, "Find"),
    words,
    h("label", {}, empty, " empty slots"),
    h("button", { type: "button", onclick: folding(true) }, "Unfold all"),
    h("button", { type: "button", onclick: folding(false) }, "Fold all"),
    shown.count,
  );
}

function subjectChoice(shown, travel, subjects) {
  const known = subjects.map(({ subject, claims }) => [subject, `${nameOf(subject, shown.user)} · ${claims}`]);
  const isKnown = subjects.some(({ subject }) => subject === shown.subject);
  if (!isKnown) known.unshift([shown.subject, nameOf(shown.subject, shown.user)]);
  const choice = h("select", { id: "subject", onchange: () => {
    shown.subject = choice.value;
    travel.again().catch((error) => notice(error.message, { error: true }));
  } }, known.map(([value, text]) => h("option", { value }, text)));
  choice.value = shown.subject;
  return choice;
}

function nameOf(subject, user) {
  if (subject === "self") return `${user} (self)`;
  const [kind, name] = [subject.slice(0, subject.indexOf(":")), subject.slice(subject.indexOf(":") + 1)];
  return kind === "agent" ? `${name} (assistant)` : name;
}

function draw(shown, travel) {
  const { user, subject, signal, box, count, folds } = shown;
  const { trunk, tree, differs, isNow } = travel;
  const place = { subject: subject === "self" ? null : subject, words: shown.words, ...travel.place };
  note(["person", user, "tree"], place, signal);
  const done = (claimId) => shownAnew(shown, travel, claimId);
  const { element, found } = persona({
    user, trunk, tree, folds, ...differs,
    most: MANY,
    words: shown.words.toLowerCase().split(/\s+/).filter(Boolean),
    empty: shown.empty,
    folding: () => keep(user, folds),
    actions: isNow ? (claim) => claimActions(claim, { user, signal, done }) : null,
    adding: isNow ? (slot) => addClaim(slot, { user, subject, signal, done }) : null,
  });
  const all = tree.slots.reduce((sum, slot) => sum + slot.claims.length, 0);
  count.textContent = shown.words ? `${found} of ${all} claims` : `${all} claims`;
  fill(
    box,
    element,
    !found && h("p.quiet", {}, nothing(shown, isNow)),
    !isNow && h("p.quiet", {}, "This is the past. Claims are put right in the tree of today."),
  );
}

function nothing({ words, user }, isNow) {
  if (words) return "No claim has these words.";
  if (!isNow) return "Nothing was known by then.";
  return `Nothing is known of ${user} yet. What is said is listened to a little later.`;
}

async function shownAnew(shown, travel, claimId) {
  await travel.again();
  const card = claimId && document.getElementById(`claim-${claimId}`);
  if (!card) return;
  card.tabIndex = -1;
  card.focus();
  card.scrollIntoView({ block: "nearest" });
}
