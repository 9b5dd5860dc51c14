// Makes elements. Text is always text: nothing here, or anywhere else, parses markup.

/**
 * An element with attributes, listeners and children.
 *
 * @param {string} tag e.g. "p", or with classes "p.quiet"
 * @param {object} properties `on<event>` are listeners, `class` adds classes, `data` sets data-*; true and false switch
 *   attributes on and off; null and undefined are left out
 * @param {...(Node|string|number|null|Array)} children text, elements, lists of them; null and false are left out
 */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) set(element, key, value);
  element.append(...flat(children));
  return element;
}

/** Gives an element new children in place of those that it has. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

function set(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key === "class") element.classList.add(...value.split(" ").filter(Boolean));
  else if (key === "data") Object.assign(element.dataset, value);
  else if (key === "value") element.value = value;
  else element.setAttribute(key, value === true ? "" : String(value));
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
