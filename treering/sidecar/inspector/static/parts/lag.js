// A picture of the lag since the page was opened: a bar for each time that it was counted.

import { h } from "../dom.js";
import { counted } from "./counted.js";

const KEPT = 60;

/** Remembers what was counted. */
export class Lag {
  #counts = [];

  /** The picture with these statistics added. */
  of({ kinds }) {
    const waiting = kinds.reduce((sum, { queued, running }) => sum + queued + running, 0);
    this.#counts = [...this.#counts, waiting].slice(-KEPT);
    const most = Math.max(...this.#counts);
    const told = `${counted(waiting, "job")} to be done; at most ${most.toLocaleString()} since the page was opened`;
    return h(
      "figure.lag",
      {},
      h(
        "div.bars",
        { "aria-hidden": "true" },
        this.#counts.map((count) => bar(count / Math.max(most, 1))),
      ),
      h("figcaption.quiet", {}, told),
    );
  }
}

function bar(share) {
  const made = h("span", {});
  made.style.setProperty("--share", String(share));
  return made;
}
