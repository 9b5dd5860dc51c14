// The slow work: whether everything answers, how much waits and since when, and what failed.

import { read } from "../api.js";
import { fill, h } from "../dom.js";
import { filters } from "../parts/job_filters.js";
import { jobCard } from "../parts/job.js";
import { Lag } from "../parts/lag.js";
import { lights } from "../parts/lights.js";
import { doing } from "../parts/notice.js";
import { queue } from "../parts/queue.js";
import { note } from "../route.js";

const EVERY_MS = 4000;
const PAGE = 50;

export const title = () => "Jobs";

export async function view({ query, signal }) {
  const chosen = filters(query);
  const parts = {
    lights: h("div", {}),
    queue: h("div", {}),
    jobs: h("ul.lines", { "aria-label": "Jobs" }),
    below: h("div.row", {}),
  };
  const shown = new Shown(parts, chosen, signal);
  await shown.refresh();
  const live = h("input", { type: "checkbox", checked: true });
  repeat(() => live.checked && shown.refresh().catch((error) => shown.failed(error)), signal);
  chosen.changed(() => {
    note(["jobs"], chosen.address(), signal);
    shown.refresh().catch((error) => shown.failed(error));
  });
  return h(
    "section",
    {},
    h("div.row.between", {}, h("h1", {}, "Jobs"), h("label.row.small", {}, live, "Refresh by itself")),
    parts.lights,
    parts.queue,
    chosen.element,
    parts.jobs,
    parts.below,
  );
}

/** What the view shows now; a list that did not change is left alone, so that nobody loses their place in it. */
class Shown {
  constructor(parts, chosen, signal) {
    Object.assign(this, { parts, chosen, signal, lag: new Lag(), last: "" });
  }

  async refresh() {
    const [up, stats, page] = await Promise.all([
      lights(this.signal).catch(unknown),
      read("/jobs/stats", {}, this.signal),
      this.page(null),
    ]);
    fill(this.parts.lights, up);
    fill(this.parts.queue, queue(stats), this.lag.of(stats));
    const now = JSON.stringify(page);
    if (now === this.last) return;
    this.last = now;
    this.list(page);
  }

  failed(error) {
    if (error.name === "AbortError") return;
    fill(this.parts.lights, h("p.fault", { role: "alert" }, error.message));
  }

  list(page) {
    const focused = document.activeElement?.id;
    fill(
      this.parts.jobs,
      page.items.map((job) => this.card(job)),
    );
    this.more(page.next);
    if (!page.items.length)
      fill(
        this.parts.below,
        h("p.quiet", {}, this.chosen.isNarrow() ? "No such job." : "Nothing waits, and nothing failed."),
      );
    if (focused) document.getElementById(focused)?.focus();
  }

  more(next) {
    const older = doing(async () => {
      const page = await this.page(next);
      this.parts.jobs.append(...page.items.map((job) => this.card(job)));
      this.more(page.next);
      return null;
    });
    fill(this.parts.below, next !== null && h("button", { id: "more-jobs", onclick: older }, "Show more"));
  }

  card(job) {
    return jobCard(job, () => this.refresh());
  }

  page(cursor) {
    return read("/jobs", { ...this.chosen.query(), limit: PAGE, cursor }, this.signal);
  }
}

/** What stands for the lights where something between here and the server lets nobody ask for its health. */
function unknown(error) {
  if (error.name === "AbortError") throw error;
  return h("p.quiet", {}, "The health of the server cannot be read from here.");
}

/** Again and again while the page is seen; not while it is hidden, or when another view is shown. */
function repeat(work, signal) {
  let timer = 0;
  const next = () => {
    clearTimeout(timer);
    if (!signal.aborted && !document.hidden) timer = setTimeout(again, EVERY_MS);
  };
  const again = async () => {
    await work();
    next();
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : again()), { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  next();
}
