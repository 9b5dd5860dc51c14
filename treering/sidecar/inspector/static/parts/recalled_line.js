// A line of a context, and why it is there: the lists that found it, and what each of them counts.

import { h } from "../dom.js";
import { address } from "../route.js";
import { moment } from "./dates.js";

const LISTS = new Map([
  ["tree", "the slot that the question is about"],
  ["dense", "near in meaning"],
  ["sparse", "shares words"],
  ["dense_context", "what was said around it is near in meaning"],
  ["sparse_context", "what was said around it shares words"],
  ["summary", "in a summary that fits"],
  ["graph", "tied to it by people or things"],
  ["time", "said at the time that is asked about"],
  ["speaker", "said by whom the question names"],
  ["opening", "opens its conversation"],
  ["asking", "asks a question itself"],
  ["reply", "answers a question"],
  ["recency", "said lately"],
  ["reranker", "read again together with the question"],
  ["boundary", "a boundary: always there"],
  ["person", "who the person is: always there"],
  ["recent", "not listened to yet, so it is read out itself"],
]);

/** A line with its reasons; `spent` is what all lines cost together. */
export function line(found, spent, user) {
  return h(
    "li.line.card",
    {},
    h("p.says", {}, h("bdi", {}, found.text)),
    h(
      "p.facts.quiet",
      {},
      h("span", {}, found.kind, ", ", moment(found.at)),
      found.subject !== "self" &&
        h("a", { href: address(["person", user, "tree"], { subject: found.subject }) }, h("bdi", {}, found.subject)),
      found.path &&
        h("a.slot", { href: address(["person", user, "ledger"], { path: found.path }) }, h("code", {}, found.path)),
      found.sensitivity !== "open" && h("span.tag", { class: found.sensitivity }, found.sensitivity),
      h(
        "span",
        {},
        h("meter", { min: 0, max: Math.max(spent, 1), value: found.tokens, "aria-hidden": "true" }),
        ` ${found.tokens} tokens`,
      ),
      sources(found.message_ids, user),
    ),
    why(found),
  );
}

/** The lists that found something, as a table with bars. */
export function lists(foundBy) {
  const most = Math.max(...foundBy.map((one) => Math.abs(one.weight)), 1);
  const bar = ({ weight }) => h("meter", { min: 0, max: most, value: Math.abs(weight), "aria-hidden": "true" });
  const query = (one) => one.query && [" · asked: ", h("bdi", {}, one.query)];
  return h(
    "table.lists",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["Found by", "rank", "score", "counts"].map((name, place) =>
          h("th", { scope: "col", class: place ? "number" : "" }, name),
        ),
      ),
    ),
    h(
      "tbody",
      {},
      foundBy.map((one) =>
        h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            LISTS.get(one.source) ?? one.source,
            " ",
            h("code.quiet", {}, one.source),
            query(one),
          ),
          h("td.number", {}, one.rank),
          h("td.number", {}, one.score.toFixed(2)),
          h("td.number", {}, bar(one), ` ${one.weight.toFixed(2)}`),
        ),
      ),
    ),
  );
}

function why({ found_by: foundBy, score, id }) {
  if (!foundBy.length) return null;
  const names = foundBy.map((one) => LISTS.get(one.source) ?? one.source);
  const told = `Score ${score.toFixed(2)}: ${names.slice(0, 3).join("; ")}${names.length > 3 ? " …" : ""}`;
  return h("details.why", {}, h("summary", { "aria-label": `Why ${id} is there. ${told}` }, told), lists(foundBy));
}

function sources(messages, user) {
  const link = (id) =>
    h(
      "a",
      { href: address(["person", user, "conversations"], { message: id }), title: `Message ${id}` },
      h("bdi", {}, shortened(id)),
    );
  return (
    messages.length > 0 &&
    h(
      "span",
      {},
      "rests on ",
      messages.flatMap((id, place) => [place > 0 && ", ", link(id)]),
    )
  );
}

function shortened(id) {
  return id.length > 24 ? `${id.slice(0, 12)} …` : id;
}
