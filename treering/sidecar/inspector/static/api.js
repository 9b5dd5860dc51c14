// Talks to the routes under /v1, as anybody could: the page has no door of its own.

const KEY = "treering-key";

/** The key that the person gave; it lives as long as the tab, and goes nowhere but in the header of requests. */
export const key = {
  get: () => sessionStorage.getItem(KEY),
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

/** What a server answered instead of what was asked for; `detail` says what to do. */
export class Problem extends Error {
  constructor(status, told) {
    super(told?.detail || told?.title || `The server answered ${status}.`);
    this.status = status;
    this.requestId = told?.request_id ?? null;
  }
}

/** The server did not answer at all; with `reload`, the page itself has to be loaded before it can go on. */
export class Unreachable extends Error {
  constructor({ reload = false } = {}) {
    super("The server does not answer. Is it running?");
    this.reload = reload;
  }
}

/**
 * Reads a route under /v1.
 *
 * @param {string} path e.g. "/tree"
 * @param {object} query what stands behind the question mark; null, undefined and "" are left
 *   out, of a list each is given
 */
export function read(path, query = {}, signal = undefined) {
  return ask("GET", path, { query, signal });
}

/**
 * Writes by a route under /v1. Sent twice, it is done once.
 *
 * @param {object} options `query`, `body`, and `version`: the version of the memory that the person saw, for routes
 *   that do nothing where somebody wrote since
 */
export function write(path, { query = {}, body = undefined, version = undefined, signal = undefined } = {}) {
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  return ask("POST", path, { query, body, headers, signal });
}

/** Asks by a POST that changes nothing, as recall and search do. */
export function question(path, { query = {}, body, signal = undefined }) {
  return ask("POST", path, { query, body, signal });
}

/** All items of a list, at most so many; a page is fetched when the one before was read. */
export async function* items(path, query = {}, { most = Infinity, signal = undefined } = {}) {
  let cursor = null;
  let count = 0;
  do {
    const page = await read(path, { limit: Math.min(most, 500), ...query, cursor }, signal);
    for (const item of page.items) {
      if (count++ >= most) return;
      yield item;
    }
    cursor = page.next;
  } while (cursor !== null && count < most);
}

/** The same as an array. */
export async function list(path, query = {}, options = {}) {
  const found = [];
  for await (const item of items(path, query, options)) found.push(item);
  return found;
}

async function ask(method, path, { query, body, headers = {}, signal }) {
  const url = new URL(`/v1${path}`, location.origin);
  for (const [name, value] of Object.entries(query)) {
    const given = [value].flat().filter((one) => one !== null && one !== undefined && one !== "");
    for (const one of given) url.searchParams.append(name, one);
  }
  const sent = { Accept: "application/json", ...headers };
  if (key.get()) sent.Authorization = `Bearer ${key.get()}`;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const answer = await fetch(url, {
    method,
    headers: sent,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "omit",
    signal,
  }).catch((error) => {
    throw error.name === "AbortError" ? error : new Unreachable();
  });
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, told);
  return told;
}
