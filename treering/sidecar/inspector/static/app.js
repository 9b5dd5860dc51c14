// Shows the view that the address names, in the frame that all views share.

import { Problem, Unreachable } from "./api.js";
import { fill } from "./dom.js";
import { header } from "./parts/header.js";
import { fault } from "./parts/fault.js";
import { address, here } from "./route.js";
import * as login from "./views/login.js";
import { GLOBAL, OF_PERSON } from "./views.js";

const main = document.getElementById("main");
let leaving = new AbortController();
let isFirst = true;

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const { path, query } = here();
  const isOfPerson = path[0] === "person" && path.length > 1;
  const name = isOfPerson ? (path[2] ?? "tree") : (path[0] ?? "people");
  const chosen = (isOfPerson ? OF_PERSON : GLOBAL).get(name);
  const context = { user: isOfPerson ? path[1] : null, name, query, signal };
  fill(document.getElementById("top"), header(context));
  main.setAttribute("aria-busy", "true");
  try {
    if (!chosen) throw new Error("There is no such view.");
    const { title, view } = await chosen.load().catch(gone);
    const made = await view(context);
    if (signal.aborted) return;
    document.title = `${title(context)} – Treering`;
    fill(main, made);
  } catch (error) {
    if (signal.aborted) return;
    fill(main, needsKey(error) ? await login.view(context) : fault(error, { again: show }));
  }
  main.removeAttribute("aria-busy");
  if (!isFirst) main.focus({ preventScroll: true }); // who has just come begins at the top, as in any page
  isFirst = false;
}

/** The program of a view did not come; some browsers ask for it once only. */
function gone() {
  throw new Unreachable({ reload: true });
}

function skip(event) {
  event.preventDefault(); // what stands behind the # is the view
  main.focus();
}

function needsKey(error) {
  return error instanceof Problem && error.status === 401;
}

document.querySelector(".skip").addEventListener("click", skip);
window.addEventListener("hashchange", show);
window.addEventListener("treering-key", show);
if (!location.hash) history.replaceState(null, "", address(["people"]));
show();
