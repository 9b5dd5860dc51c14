// Where the page is: all of it stands behind the # of the address, so that a view can be sent to a colleague.

/**
 * The address of a view.
 *
 * @param {string[]} path e.g. ["person", "ana", "tree"]
 * @param {object} query e.g. {as_of: "2024-06-01"}; null, undefined and "" are left out
 */
export function address(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const asked = kept.length ? `?${new URLSearchParams(kept)}` : "";
  return `#/${path.map(encodeURIComponent).join("/")}${asked}`;
}

/** What the address says: `path` and `query`. */
export function here() {
  const [path, asked = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(asked) };
}

/** Goes to a view. With `replace`, the way back does not lead through this one. */
export function go(path, query = {}, { replace = false } = {}) {
  const target = address(path, query);
  if (!replace) location.hash = target;
  else {
    history.replaceState(null, "", target);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/** Writes what a view shows into the address, without showing it again; a view that was left (its signal) writes none. */
export function note(path, query, signal) {
  if (signal.aborted) return;
  history.replaceState(null, "", address(path, query));
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody typed a lone %
  }
}
