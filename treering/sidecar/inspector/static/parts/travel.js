// Reads the tree at the moment that a slider names, and what changed there.

import { read } from "../api.js";
import { compared, SAME, told } from "./compared.js";
import { moment } from "./dates.js";
import { dayOf, endOf, readDay, written } from "./days.js";
import { fill, h } from "../dom.js";
import { doing, notice } from "./notice.js";
import { Stops } from "./stops.js";
import { Timeline } from "./timeline.js";

const ENTRIES = 5000; // operations that are read for the marks before somebody asks for more

/** The tree through time. After each move it has `tree`, `trunk`, `differs`, `place` (for the address), `isNow`. */
export class Travel {
  differs = SAME;
  place = {};
  isNow = true;
  #shown;
  #drawn;
  #line;
  #stops;
  #head = 0;
  #at = ["was", 0];
  #asking = new AbortController();

  constructor(shown, drawn) {
    this.#shown = shown;
    this.#drawn = drawn;
    this.#line = new Timeline((mode, value) => this.#move(mode, value).catch(failed), shown.signal);
    this.#stops = new Stops(shown.user, shown.signal);
    this.element = this.#line.element;
  }

  /** Shows the moment that an address names. */
  async start(query) {
    const { user, signal } = this.#shown;
    const [trunk, sessions, commits] = await Promise.all([
      read("/trunk", {}, signal),
      read("/sessions", { user, limit: 1 }, signal),
      read("/versions", { user, limit: 1 }, signal),
    ]);
    this.trunk = trunk;
    this.#head = commits.items[0]?.version ?? 0;
    const today = dayOf(null);
    const first = sessions.items[0] ? dayOf(sessions.items[0].started_at) - 1 : today;
    this.#line.bounds("was", Math.min(first, today), today);
    this.#line.bounds("known", 0, this.#head);
    const day = readDay(query.get("as_of"));
    if (day !== null) this.#line.bounds("was", Math.min(first, day, today), today);
    const named = query.get("version") ?? "";
    const version = /^\d+$/.test(named) ? Math.min(this.#head, Number(named)) : null;
    if (version !== null) await this.#move("known", version);
    else await this.#move("was", day === null ? today : Math.min(day, today));
    this.#mark(ENTRIES).catch(failed);
  }

  /** Reads the same moment again, because something was done, or somebody else's tree is wanted; today stays today. */
  async again() {
    const wasNow = this.isNow;
    const { user, signal } = this.#shown;
    const commits = await read("/versions", { user, limit: 1 }, signal);
    this.#head = commits.items[0]?.version ?? 0;
    this.#line.bounds("known", 0, this.#head);
    const [mode, value] = this.#at;
    await this.#move(mode, wasNow && mode === "known" ? this.#head : value);
    this.#line.mark(this.#stops.days(this.#shown.subject));
  }

  async #move(mode, value) {
    this.#asking.abort();
    this.#asking = new AbortController();
    const signal = AbortSignal.any([this.#asking.signal, this.#shown.signal]);
    this.#at = [mode, value];
    const asked = mode === "was" ? this.#onDay(value, signal) : this.#atVersion(value, signal);
    const { where, what, ...rest } = await asked;
    Object.assign(this, rest);
    await this.#trunkOf(this.tree, signal);
    this.#line.at(mode, value);
    this.#line.say(where, what);
    this.#drawn();
  }

  async #onDay(day, signal) {
    const isNow = day >= dayOf(null);
    const change = this.#line.changeAt(day);
    const [tree, before] = await Promise.all([
      this.#tree(isNow ? {} : { as_of: endOf(day) }, signal),
      isNow || change === null ? null : this.#tree({ as_of: endOf(change - 1) }, signal),
    ]);
    if (isNow) this.#stops.noteCurrent(tree);
    const differs = before ? compared(before, tree) : SAME;
    const what = before && `${written(change)}: ${told(differs.counts)}`;
    if (isNow) return { tree, differs, isNow, place: {}, where: "Today", what };
    return { tree, differs, isNow, place: { as_of: written(day) }, where: `On ${written(day)}`, what };
  }

  async #atVersion(version, signal) {
    const isNow = version >= this.#head;
    const { user } = this.#shown;
    const commits = version ? await read("/versions", { user, before: version + 1, limit: 1 }, signal) : { items: [] };
    const at = isNow ? {} : { as_of: commits.items[0]?.recorded_at };
    const [tree, before] = await Promise.all([
      this.#tree({ version, ...at }, signal),
      version ? this.#tree({ version: version - 1, ...at }, signal) : null,
    ]);
    const differs = before ? compared(before, tree) : SAME;
    const [commit] = commits.items;
    const where = `Version ${version} of ${this.#head}`;
    const when = commit && moment(commit.recorded_at, { time: true }).textContent;
    const what = commit && `${when}, by ${commit.author}: ${told(differs.counts)}`;
    return { tree, differs, isNow, place: { version }, where, what };
  }

  #tree(when, signal) {
    const { user, subject } = this.#shown;
    return read("/tree", { user, subject, ...when }, signal);
  }

  async #trunkOf(tree, signal) {
    if (tree.trunk === this.trunk.name && tree.trunk_version === this.trunk.version) return;
    this.trunk = await read("/trunk", { label: `${tree.trunk}/${tree.trunk_version}` }, signal);
  }

  async #mark(count) {
    await this.#stops.more(count);
    this.#line.mark(this.#stops.days(this.#shown.subject));
    const [mode, value] = this.#at;
    this.#line.at(mode, value);
    if (mode === "was" && !this.isNow) await this.#move(mode, value); // which day changed what is known only now
    const more = doing(() => this.#mark(ENTRIES).then(() => null));
    const marked = `Marked are the changes of the first ${this.#stops.read} operations. `;
    const button = h("button", { type: "button", onclick: more }, "Mark more");
    fill(this.#line.more, this.#stops.isOpen && [marked, button]);
  }
}

function failed(error) {
  if (error.name !== "AbortError") notice(error.message, { error: true });
}
