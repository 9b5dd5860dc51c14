// Dates for people: days as they write them, in the time zone of the page.

import { h } from "../dom.js";

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A moment as an element; hovering shows it exactly. */
export function moment(iso, { time = false } = {}) {
  if (!iso) return null;
  return h("time", { datetime: iso, title: iso }, (time ? MOMENT : DAY).format(new Date(iso)));
}

/** From and to in words, e.g. "since 14 Jan 2024". */
export function span(from, to) {
  if (from && to) return [moment(from), " – ", moment(to)];
  if (from) return ["since ", moment(from)];
  return to ? ["until ", moment(to)] : null;
}
