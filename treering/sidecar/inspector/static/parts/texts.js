// What claims say that operations only name: looked up in the history of these claims.

import { list } from "../api.js";

const IDS_AT_ONCE = 50;

/** What claims say that these operations replace or end, and what they bring. */
export async function textsFor(operations, user, signal) {
  const texts = textsOf(operations);
  const missing = unsaid(operations);
  for (let begin = 0; begin < missing.length; begin += IDS_AT_ONCE) {
    const entries = await list(
      "/history",
      { user, claim: missing.slice(begin, begin + IDS_AT_ONCE) },
      { most: 500, signal },
    );
    for (const [id, text] of textsOf(entries.map((entry) => entry.operation))) texts.set(id, text);
  }
  return texts;
}

/** Ids of claims of which operations do not say the words: those that they replace, end or only name. */
function unsaid(operations) {
  const said = new Set(operations.map((one) => one.claim?.id));
  const named = operations.flatMap((one) => [one.target, ...(one.claim?.supersedes ?? [])]);
  return [...new Set(named)].filter((id) => id && !said.has(id));
}

/** What the claims of operations say, by their ids. */
function textsOf(operations) {
  return new Map(operations.filter((one) => one.claim).map((one) => [one.claim.id, one.claim.text]));
}
