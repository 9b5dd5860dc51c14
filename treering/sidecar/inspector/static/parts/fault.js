// Says what went wrong, and what to do about it.

import { Unreachable } from "../api.js";
import { h } from "../dom.js";

/** A problem in place of what was asked for; `again` asks anew, where the server may answer then. */
export function fault(error, { again = null } = {}) {
  const hint = error.status === 403 ? "Your key does not go so far; log in with another one." : null;
  const retry = error.reload ? () => location.reload() : () => again();
  return h(
    "section.fault",
    { role: "alert" },
    h("h2", {}, "That did not work"),
    h("p", {}, error.message),
    hint && h("p", {}, hint),
    again && error instanceof Unreachable && h("button", { type: "button", onclick: retry }, "Try again"),
    error.requestId && h("p.quiet", {}, "Request ", h("code", {}, error.requestId), ", as the server's log has it."),
  );
}
