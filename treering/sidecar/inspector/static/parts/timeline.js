// A slider through time: from change to change, to any day, or to any version of what was known.

import { fill, h } from "../dom.js";
import { readDay, written } from "./days.js";
import { bars } from "./timeline_bars.js";

const PAUSE_MS = 150; // until a slider that is dragged has come to rest
const PLAY_MS = 1400;
const CALM_MS = 3000; // between two steps, for those who want little motion
const BACK = new Set(["ArrowLeft", "ArrowDown"]);
const FORTH = new Set(["ArrowRight", "ArrowUp"]);

/** A slider with its buttons. It knows two modes, "was" (days) and "known" (versions); their last value is now. */
export class Timeline {
  #mode = "was";
  #ranges = { was: { min: 0, max: 0 }, known: { min: 0, max: 0 } };
  #days = [];
  #timer = 0;
  #playing = 0;
  #moved;

  /**
   * @param {function(string, number): Promise<void>} moved shows the tree at a value of a mode
   * @param {AbortSignal} signal ends what is going on
   */
  constructor(moved, signal) {
    this.#moved = moved;
    const heard = { onkeydown: (event) => this.#key(event), oninput: () => this.#dragged() };
    this.range = h("input", { type: "range", step: 1, "aria-label": "Time", ...heard });
    this.day = h("input", { id: "day", type: "date", onchange: () => this.#typed() });
    this.label = h("output", { for: "time", "aria-live": "polite" });
    this.drawn = h("div", {});
    this.more = h("p.quiet", {});
    this.play = h("button", { type: "button", onclick: () => this.#toggle() }, "▶ Play");
    this.before = h("button", { type: "button", onclick: () => this.#step(-1) }, "‹ Change before");
    this.after = h("button", { type: "button", onclick: () => this.#step(1) }, "Next change ›");
    this.now = h("button", { type: "button", onclick: () => this.#go(this.#ranges[this.#mode].max) }, "Today");
    this.dayField = h("span.row", {}, h("label", { for: "day" }, "Day"), this.day);
    this.element = this.#laidOut();
    signal.addEventListener("abort", () => this.#stop());
  }

  /** Says from when to when a mode goes. */
  bounds(mode, min, max) {
    this.#ranges[mode] = { min, max };
  }

  /** Marks the days on which something changed: pairs of a day and {gained, lost}. */
  mark(days) {
    this.#days = days.filter(([day]) => day <= this.#ranges.was.max);
    if (this.#days.length) this.#ranges.was.min = Math.min(this.#ranges.was.min, this.#days[0][0] - 1);
    this.#draw();
  }

  /** Shows where it stands, without moving there. */
  at(mode, value) {
    this.#mode = mode;
    this.#draw();
    this.range.value = value;
    this.day.value = mode === "was" ? written(value) : "";
    this.dayField.hidden = mode !== "was";
    const { min, max } = this.#ranges[mode];
    this.before.disabled = value <= min;
    this.after.disabled = this.now.disabled = value >= max;
  }

  /** Says what is shown. */
  say(where, what) {
    fill(this.label, h("strong", {}, where), what ? ` · ${what}` : "");
    this.range.setAttribute("aria-valuetext", where);
  }

  /** The days before and at which the last change is, seen from a day; null where there is none. */
  changeAt(day) {
    return this.#days.findLast(([one]) => one <= day)?.[0] ?? null;
  }

  #laidOut() {
    const choice = (mode, text, title) => {
      const onchange = () => this.#switched(mode);
      return h("label", { title }, h("input", { type: "radio", name: "mode", value: mode, onchange }), ` ${text}`);
    };
    this.choices = [
      choice("was", "as it was", "What was so on a day, as far as is known now"),
      choice("known", "as it was known", "What had been learned by a version"),
    ];
    this.range.id = "time";
    return h(
      "section.timeline.card",
      { "aria-label": "Time" },
      h("div.row", {}, h("span", {}, "The tree "), this.choices, this.dayField, this.now),
      this.drawn,
      this.range,
      h("div.row", {}, this.before, this.play, this.after, this.label),
      this.more,
    );
  }

  #draw() {
    const { min, max } = this.#ranges[this.#mode];
    this.range.min = min;
    this.range.max = max;
    for (const one of this.choices) one.firstChild.checked = one.firstChild.value === this.#mode;
    this.day.min = written(this.#ranges.was.min);
    this.day.max = written(this.#ranges.was.max);
    // Drawn without marks too: nothing may move below when they come.
    fill(this.drawn, this.#mode === "was" && bars(this.#days, min, max));
  }

  #key(event) {
    const by = BACK.has(event.key) ? -1 : FORTH.has(event.key) ? 1 : 0;
    if (!by || event.shiftKey) return; // with Shift it moves by a day
    event.preventDefault();
    this.#stop();
    this.#step(by);
  }

  #dragged() {
    this.#stop();
    const value = Number(this.range.value);
    this.say(this.#mode === "was" ? written(value) : `Version ${value}`, "");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#go(value), PAUSE_MS);
  }

  #typed() {
    const day = readDay(this.day.value);
    if (day === null) return;
    this.#stop();
    this.#go(Math.min(this.#ranges.was.max, Math.max(this.#ranges.was.min, day)));
  }

  #switched(mode) {
    this.#stop();
    this.#mode = mode;
    this.#go(this.#ranges[mode].max);
  }

  /** The value of the change before or after; the ends count as changes. */
  #next(by) {
    const value = Number(this.range.value);
    const { min, max } = this.#ranges[this.#mode];
    if (this.#mode === "known") return Math.min(max, Math.max(min, value + by));
    const days = this.#days.map(([day]) => day);
    return (by < 0 ? days.findLast((day) => day < value) : days.find((day) => day > value)) ?? (by < 0 ? min : max);
  }

  #step(by) {
    return this.#go(this.#next(by));
  }

  async #go(value) {
    clearTimeout(this.#timer);
    this.at(this.#mode, value);
    await this.#moved(this.#mode, value);
  }

  async #toggle() {
    if (this.#playing) return this.#stop();
    const mine = (this.#playing = Math.random());
    this.play.textContent = "⏸ Pause";
    const { min, max } = this.#ranges[this.#mode];
    if (Number(this.range.value) >= max) await this.#go(min);
    while (this.#playing === mine && Number(this.range.value) < max) {
      const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      await new Promise((done) => setTimeout(done, isCalm ? CALM_MS : PLAY_MS));
      if (this.#playing === mine) await this.#step(1);
    }
    if (this.#playing === mine) this.#stop();
  }

  #stop() {
    this.#playing = 0;
    this.play.textContent = "▶ Play";
  }
}
