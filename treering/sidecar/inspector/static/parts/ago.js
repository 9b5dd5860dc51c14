// How long something takes or waits, in words.

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Seconds in the largest unit that fits, e.g. "3 minutes". */
export function ago(seconds) {
  const [name, length] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
  const format = new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: name,
    unitDisplay: "long",
    maximumFractionDigits: length > 60 ? 1 : 0,
  });
  return format.format(seconds / length);
}
