// The views, by the name that stands in the address, in the order of the navigation.
//
// A view is a module with `title(context)` and `async view(context)`, which returns an element. `context` has `user`
// (null where no person is shown), `name`, `query` (URLSearchParams) and a `signal` that is aborted when another view
// is shown.

/** What there is to see of all people; those without a label are not in the navigation. */
export const GLOBAL = new Map([
  ["people", { label: "People", load: () => import("./views/people.js") }],
  ["jobs", { label: "Jobs", load: () => import("./views/jobs.js") }],
  ["login", { label: null, load: () => import("./views/login.js") }],
]);

/** What there is to see of one person. */
export const OF_PERSON = new Map([
  ["tree", { label: "Tree", load: () => import("./views/tree.js") }],
  ["ledger", { label: "Ledger", load: () => import("./views/ledger.js") }],
  ["ask", { label: "Ask", load: () => import("./views/ask.js") }],
  ["conversations", { label: "Conversations", load: () => import("./views/conversations.js") }],
  ["waiting", { label: "Waiting", load: () => import("./views/waiting.js") }],
  ["forgotten", { label: "Forgotten", load: () => import("./views/forgotten.js") }],
]);
