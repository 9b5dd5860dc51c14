// Says what went wrong, and what to do about it.

import { h } from "../dom.js";

/** A problem in place of what was asked for. */
export function fault(error) {
  const hint = error.status === 403 ? "Your key does not go so far; log in with another one." : null;
  return h(
    "section.fault",
    { role: "alert" },
    h("h2", {}, "That did not work"),
    h("p", {}, error.message),
    hint && h("p", {}, hint),
    error.requestId && h("p.quiet", {}, "Request ", h("code", {}, error.requestId), ", as the server's log has it."),
  );
}
