// Bars over a time slider: how much began and ceased, binned where days are many. The slider says the same in words.

const SVG = "http://www.w3.org/2000/svg";
const BINS = 160;
const HALF = 20;

/**
 * A drawing of what changed when.
 *
 * @param {Array} days pairs of a day and {gained, lost}
 * @param {number} min first day of the slider
 * @param {number} max last day of it
 */
export function bars(days, min, max) {
  const view = { viewBox: `0 0 ${BINS} ${HALF * 2}`, preserveAspectRatio: "none" };
  const svg = made("svg", { ...view, class: "bars", "aria-hidden": "true" });
  svg.append(made("line", { x1: 0, x2: BINS, y1: HALF, y2: HALF, class: "axis" }));
  const bins = binned(days, min, max);
  const most = Math.max(1, ...bins.map(({ gained, lost }) => Math.max(gained, lost)));
  bins.forEach((bin, place) => svg.append(...barsOf(bin, place, most)));
  return svg;
}

function binned(days, min, max) {
  const bins = Array.from({ length: BINS }, () => ({ gained: 0, lost: 0 }));
  for (const [day, { gained, lost }] of days) {
    if (day < min || day > max) continue;
    const bin = bins[Math.round(((day - min) / Math.max(1, max - min)) * (BINS - 1))];
    bin.gained += gained;
    bin.lost += lost;
  }
  return bins;
}

function barsOf({ gained, lost }, place, most) {
  const high = (number) => 3 + (number / most) * (HALF - 4); // a single change can be seen
  return [
    gained && made("rect", { x: place, width: 1, y: HALF - high(gained), height: high(gained), class: "bar gain" }),
    lost && made("rect", { x: place, width: 1, y: HALF, height: high(lost), class: "bar loss" }),
  ].filter(Boolean);
}

function made(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
