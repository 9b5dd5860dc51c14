// On which days a tree changed: read from the ledger, page by page, and no further than is said.

import { items } from "../api.js";
import { dayOf } from "./days.js";

const PAGE = 500;

/** The days on which claims of a person's memory began and ceased to be so. */
export class Stops {
  #spans = new Map();
  #entries = null;
  #read = 0;

  constructor(user, signal) {
    this.#entries = items("/history", { user, limit: PAGE }, { signal });
  }

  /** Whether the ledger has more than was read. */
  isOpen = true;

  /** Reads so many operations more. */
  async more(count) {
    for (let left = count; left > 0; left--) {
      const { value, done } = await this.#entries.next();
      if (done) {
        this.isOpen = false;
        return;
      }
      this.#read++;
      this.#note(value.operation);
    }
  }

  /** How many operations were read. */
  get read() {
    return this.#read;
  }

  /** What began and ceased on each day in the tree of a subject: pairs of a day and {gained, lost}, in order. */
  days(subject) {
    const found = new Map();
    const count = (iso, what) => {
      const day = dayOf(iso);
      if (!found.has(day)) found.set(day, { gained: 0, lost: 0 });
      found.get(day)[what]++;
    };
    for (const span of this.#spans.values()) {
      if (span.subject !== subject) continue;
      count(span.from, "gained");
      if (span.to) count(span.to, "lost");
      for (const former of span.supersedes) if (this.#spans.has(former) && !this.#spans.get(former).to) count(span.from, "lost");
    }
    return [...found].sort(([one], [other]) => one - other);
  }

  /** Counts claims that are current as well, however much of the ledger was read. */
  noteCurrent(view) {
    for (const slot of view.slots) for (const claim of slot.claims) if (!this.#spans.has(claim.id)) this.#noteClaim(claim);
  }

  #note(operation) {
    if (operation.claim) this.#noteClaim(operation.claim);
    else if (operation.kind === "DELETE" && operation.reason !== "ended") this.#spans.delete(operation.target);
    else if (operation.kind === "DELETE" && this.#spans.has(operation.target)) this.#spans.get(operation.target).to = operation.at;
  }

  #noteClaim({ id, subject, valid_from: from, valid_to: to, supersedes }) {
    this.#spans.set(id, { subject, from, to, supersedes });
  }
}
