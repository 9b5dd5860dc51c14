// One job: whose, what, since when, why it failed, and having it done again or not at all.

import { write } from "../api.js";
import { h } from "../dom.js";
import { address } from "../route.js";
import { confirm } from "./confirm.js";
import { counted } from "./counted.js";
import { moment } from "./dates.js";
import { doing } from "./notice.js";

const STATES = new Map([
  ["queued", ["waits", ""]],
  ["running", ["runs", "changed"]],
  ["dead", ["dead: it waits for somebody", "lost"]],
  ["done", ["done", "gained"]],
  ["cancelled", ["cancelled", ""]],
]);

/** A job as a card; `after` shows the list anew. */
export function jobCard(job, after) {
  const [meaning, colour] = STATES.get(job.state);
  return h(
    "li.job.card",
    {},
    h("div.row.between", {}, h("h2", {}, `${job.kind} ${job.id}`), h("span.tag", { class: colour }, meaning)),
    h(
      "p.facts.quiet",
      {},
      h("span", {}, "of ", h("a", { href: address(["person", job.scope.user, "tree"]) }, h("bdi", {}, job.scope.user))),
      h("span", {}, "queued ", moment(job.queued_at, { time: true })),
      job.attempts > 0 && h("span", {}, counted(job.attempts, "attempt")),
      job.state === "queued" &&
        new Date(job.run_after) > new Date() &&
        h("span", {}, "not before ", moment(job.run_after, { time: true })),
      Object.keys(job.payload).length > 0 && h("code", {}, JSON.stringify(job.payload)),
    ),
    failed(job),
    h("div.row.small", {}, actions(job, after)),
  );
}

function failed({ error, raw_reply: reply, unreadable }) {
  return [
    unreadable && h("p", {}, "It cannot be read: ", h("bdi", {}, unreadable)),
    error && h("p.error", {}, h("bdi", {}, error)),
    reply !== null &&
      h("details", {}, h("summary", {}, "The model's reply, as it came"), h("pre.context", { tabindex: 0 }, reply)),
  ];
}

function actions(job, after) {
  const act = (what, told, otherwise) => async () => {
    const { changed } = await write(`/jobs/${job.id}/${what}`);
    await after();
    return changed ? told : otherwise;
  };
  const retry = doing(act("retry", `Job ${job.id} is queued again.`, `Job ${job.id} is dead no more.`));
  const cancel = doing(async () => {
    const said = h(
      "p",
      {},
      "What it was to do is not done until something else asks for it. Nothing that was said is lost.",
    );
    if (!(await confirm(`Cancel job ${job.id}?`, said, { action: "Cancel the job" }))) return null;
    return act("cancel", `Job ${job.id} is cancelled.`, `Job ${job.id} is over.`)();
  });
  return [
    job.state === "dead" &&
      h("button", { id: `retry-${job.id}`, onclick: retry, "aria-label": `Retry job ${job.id}` }, "Retry"),
    ["queued", "running", "dead"].includes(job.state) &&
      h("button", { id: `cancel-${job.id}`, onclick: cancel, "aria-label": `Cancel job ${job.id}` }, "Cancel …"),
  ];
}
