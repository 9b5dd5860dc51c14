// Days as whole numbers, in the time zone of the page: what a slider counts.

const DAY_MS = 86_400_000;

/** The number of the day on which a moment is. */
export function dayOf(iso) {
  const moment = iso ? new Date(iso) : new Date();
  return Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate()) / DAY_MS;
}

/** A day as addresses and fields have it, e.g. "2024-06-01". */
export function written(day) {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The number of a day that was written; null where it is none. */
export function readDay(text) {
  const parsed = /^\d{4}-\d\d-\d\d$/.test(text ?? "") ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return Number.isNaN(parsed) ? null : parsed / DAY_MS;
}

/** The last moment of a day: what is so by then was so on that day. */
export function endOf(day) {
  const date = new Date(day * DAY_MS);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), 23, 59, 59, 999).toISOString();
}
