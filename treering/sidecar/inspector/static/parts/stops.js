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
      const former = span.supersedes.map((id) => this.#spans.get(id)).filter((one) => one && !one.to);
      for (const _ of former) count(span.from, "lost");
    }
    return [...found].sort(([one], [other]) => one - other);
  }

  /** Counts claims that are current as well, however much of the ledger was read. */
  noteCurrent(view) {
    const claims = view.slots.flatMap((slot) => slot.claims);
    for (const claim of claims) if (!this.#spans.has(claim.id)) this.#noteClaim(claim);
  }

  #note(operation) {
    const { claim, kind, reason, target, at } = operation;
    if (claim) this.#noteClaim(claim);
    else if (kind === "DELETE" && reason !== "ended") this.#spans.delete(target);
    else if (kind === "DELETE" && this.#spans.has(target)) this.#spans.get(target).to = at;
  }

  #noteClaim({ id, subject, valid_from: from, valid_to: to, supersedes }) {
    this.#spans.set(id, { subject, from, to, supersedes });
  }
}
