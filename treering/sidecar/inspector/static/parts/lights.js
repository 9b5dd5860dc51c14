// Whether what requests need answers: a light each, with its words.

import { h } from "../dom.js";

/** The dependencies of the server, and what runs. */
export async function lights(signal) {
  const [ready, version] = await Promise.all([ask("/health/ready", signal), ask("/version", signal)]);
  return h(
    "ul.lights",
    { "aria-label": "Health" },
    ready.dependencies.map(light),
    h("li.quiet", {}, `Treering ${version.version}`),
  );
}

function light({ name, is_ready: isReady, took_ms: took, why }) {
  const told = isReady ? `answers, ${took.toFixed(1)} ms` : `does not answer: ${why}`;
  return h(
    "li",
    { class: isReady ? "gained" : "lost" },
    h("b", { "aria-hidden": "true" }, isReady ? "●" : "▲"),
    ` ${name} `,
    h("span.quiet", {}, told),
  );
}

/** What stands outside /v1, for whoever operates the server; unready is an answer too. */
async function ask(path, signal) {
  const answer = await fetch(path, { credentials: "omit", signal }).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("The server does not answer. Is it running?");
  });
  return answer.json();
}
